"""Where a pupil sits: into a class, out of it, in another mode. One spell is open at most; a new one ends the old."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import chunks_of, lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import MODES, Enrollment, Student
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.move_rows import add_moves, move_row, note_move
from aidtracker.students.moves import ENTERING, KINDS, LEAVING, OF_LAW
from aidtracker.students.queries import in_scope, lock_pupils, may_with
from aidtracker.terms.days import ONE_DAY


def enroll_student(
    *, student: Student, class_org: Org, mode: str, seat: int | None, starts_on: datetime.date, by, reason: str = "", kind: str = "", **about
) -> Enrollment:
    """A new spell from this day; the open one ends the day before. kind: one of ENTERING for who sits in no class, which says
    with `about` (place, document) where the child comes from; '' is told from the moves before."""
    refuse_outsider(student, by)
    check_class(class_org, by)
    if class_org.county_id != student.county_id:
        raise Refused("这个班不在学生学籍所在的县，请先办理转学。")
    with transaction():
        lock_pupils([student.id])
        refuse_dead(student)
        refuse_during_transfer([student], class_org)
        before = student_place(student)
        kind = entry_of(kind, student, before)
        refuse_unsaid(kind, about)
        spell = open_new_spell(student, class_org, mode, seat, starts_on)
        note_move(kind, student, starts_on, by, from_class=before, to_class=class_org.id, reason=reason, **about)
        told("enroll_student", student, by, ("class_org", "mode", "seat", "starts_on"), KINDS[kind].label)
    return spell


def entry_of(kind: str, student: Student, before: int | None) -> str:
    """The kind of move that brings a child into a class: whoever sits in one changes it, whatever was asked for."""
    if before:
        return "change_class"
    if kind and kind not in ENTERING:
        raise Refused("请选择进班的类型。")
    return kind or kind_of_entry(student)


def change_mode(*, student: Student, mode: str, starts_on: datetime.date, by) -> Enrollment:
    """走读, 住校, 送教上门: in the same class, from this day."""
    refuse_outsider(student, by)
    with transaction():
        lock_pupils([student.id])
        refuse_dead(student)
        spell = spell_or_refused(student)
        if spell.mode == mode:
            raise Refused("%(name)s现在已经是%(mode)s。", name=student.name, mode=Phrase(MODES[mode]))
        spell = open_new_spell(student, spell.class_org, mode, spell.seat, starts_on)
        note_move("change_mode", student, starts_on, by, from_class=spell.class_org_id, to_class=spell.class_org_id)
        told("change_mode", student, by, ("mode", "starts_on"))
    return spell


def leave_class(*, student: Student, left_on: datetime.date, reason: str, by, kind: str = "leave", **about) -> None:
    """Withdraws: `left_on` is the last day in the class. about: place, document, until_on, as the kind of move asks."""
    leave_classes(students=[student], left_on=left_on, reason=reason, by=by, kind=kind, **about)
    student.class_org, student.mode = None, "day"


def leave_classes(*, students: list[Student], left_on: datetime.date, reason: str, by, kind: str = "leave", **about) -> None:
    """Many of one county at once, as when 九年级 ends; refused for all when it is refused for one."""
    if kind not in LEAVING:
        raise Refused("请选择离班的类型。")
    refuse_mover(kind, students, by)
    if not reason.strip():
        raise Refused("请写明离班的原因和去向。")
    if left_on > today_in_china():
        raise Refused("离班日期不能晚于今天。")
    refuse_unsaid(kind, about, left_on + ONE_DAY)
    with transaction():
        lock_pupils([student.id for student in students])
        refuse_during_transfer(students)
        for some in chunks_of(students):
            places = {student.id: student_place(student) for student in some}
            close_spells(some, left_on)
            moves = [move_row(kind, student, left_on + ONE_DAY, by, from_class=places[student.id], reason=reason.strip(), **about) for student in some]
            add_moves(moves)
        fields = ("class_org", "ends_on")
        if len(students) == 1:
            told("leave_class", students[0], by, fields, KINDS[kind].label)
        elif students:
            counted = {"object_kind": "student", "fields": fields, "count": len(students), "reason": KINDS[kind].label}
            record(action="students.leave_classes", by=by, **counted, county_id=students[0].county_id)


def refuse_mover(kind: str, students: list[Student], by) -> None:
    """休学 and 延缓入学 are approved by the township or the bureau; the school records all else."""
    if kind not in OF_LAW:
        refuse_outsider_to_any(students, by)
    elif not all(may_with(by, Permission.MOVE_APPROVE, student) for student in students):
        raise Forbidden("休学和延缓入学由乡镇政府或教育局批准。请联系乡镇专干或教育局办理。")


def refuse_unsaid(kind: str, about: dict, first_on: datetime.date | None = None) -> None:
    """What this kind of move needs and nobody said; `first_on`: from when on it holds, when it holds for a time."""
    asked = KINDS[kind]
    if asked.place and not about.get("place"):
        raise Refused("请填写%(what)s；不知道就写「不详」。", what=Phrase(asked.place))
    if kind in OF_LAW and not about.get("document"):
        raise Refused("请填写批准文件的文号，或者是哪份文件。")
    if asked.asks_until and (not about.get("until_on") or (first_on and about["until_on"] < first_on)):
        raise Refused("请填写批准到哪一天为止，不能早于开始的那天。")


def refuse_dead(student: Student) -> None:
    died = Move.select().where((Move.student == student) & (Move.kind == "die") & Move.withdrawn_at.is_null())
    if died.exists():
        raise Refused("%(name)s已登记死亡，不能再办理异动。如果登记错了，请先在就读经历里撤销。", name=student.name)


def refuse_during_transfer(students: list[Student], class_org: Org | None = None) -> None:
    """While two schools arrange a transfer the child stays where it is; another class of the same school is no matter."""
    here = Transfer.student.in_([student.id for student in students]) & Transfer.ended_at.is_null()
    if class_org is not None:
        here &= Transfer.from_school != class_org.parent_id
    found = Student.select(Student.name).join(Transfer, on=Transfer.student == Student.id).where(here).first()
    if found is not None:
        raise Refused("%(name)s有一件转学还没有办完。请先在「转学」里登记报到，或者撤回。", name=found.name)


def close_spells(students: list[Student], left_on: datetime.date) -> None:
    mine = Enrollment.student.in_([student.id for student in students]) & Enrollment.ends_on.is_null()
    starts = dict(Enrollment.select(Enrollment.student, Enrollment.starts_on).where(mine).tuples())
    for student in students:
        if student.id not in starts:
            raise not_in_class(student)
        if left_on < starts[student.id]:
            raise Refused("离班日期不能早于进班日期 %(day)s。", day=starts[student.id].isoformat())
    Enrollment.update(ends_on=left_on).where(mine).execute()
    place({"class_org": None, "mode": "day"}, [student.id for student in students])


def open_new_spell(student: Student, class_org: Org, mode: str, seat: int | None, starts_on: datetime.date) -> Enrollment:
    """Ends the open spell and opens this one; a spell that began the same day is corrected. In the caller's transaction."""
    if mode not in MODES:
        raise Refused("请选择就读方式。")
    if starts_on > today_in_china():
        raise Refused("开始日期不能晚于今天。")
    refuse_closed(class_org)
    before = last_spell(student)
    if before and before.ends_on is None and before.starts_on == starts_on:
        Enrollment.update(class_org=class_org, mode=mode, seat=seat).where(Enrollment.id == before.id).execute()
        spell = Enrollment.get(Enrollment.id == before.id)
    else:
        if before and starts_on <= (before.ends_on or before.starts_on):
            raise Refused("开始日期要晚于 %(day)s，那天之前已有就读记录。", day=(before.ends_on or before.starts_on).isoformat())
        if before and before.ends_on is None:
            Enrollment.update(ends_on=starts_on - ONE_DAY).where(Enrollment.id == before.id).execute()
        spell = Enrollment.create(student=student, class_org=class_org, mode=mode, seat=seat, starts_on=starts_on)
    keep_in_step(student, class_org, mode)
    return spell


def keep_in_step(student: Student, class_org: Org | None, mode: str) -> None:
    """The pupil's own class and mode are those of the open spell."""
    place({"class_org": class_org, "mode": mode}, [student.id])
    student.class_org, student.mode = class_org, mode


def place(values: dict, ids: list[int]) -> None:
    Student.update(values | {"revision": Student.revision + 1, "updated_at": utcnow()}).where(Student.id.in_(ids)).execute()


def kind_of_entry(student: Student) -> str:
    """What it is when a child who sits in no class gets one: 复学 after 休学, else 入学."""
    known = Move.select(Move.kind).where((Move.student == student) & Move.withdrawn_at.is_null()).order_by(Move.id.desc()).scalar()
    return "return" if known in LEAVING else "enroll"


def student_place(student: Student) -> int | None:
    """The class of the open spell, as the database knows it now."""
    return Enrollment.select(Enrollment.class_org).where((Enrollment.student == student) & Enrollment.ends_on.is_null()).scalar()


def last_spell(student: Student) -> Enrollment | None:
    return Enrollment.select().where(Enrollment.student == student).order_by(Enrollment.starts_on.desc()).first()


def spell_or_refused(student: Student) -> Enrollment:
    spell = Enrollment.get_or_none((Enrollment.student == student) & Enrollment.ends_on.is_null())
    if spell is None:
        raise not_in_class(student)
    return spell


def not_in_class(student: Student) -> Refused:
    return Refused("%(name)s现在不在任何班级里。", name=student.name)


def check_class(class_org: Org, by) -> None:
    if class_org.kind != "class":
        raise Refused("请选择班级。")
    if not by.may(Permission.STUDENT_EDIT, class_org):
        raise Forbidden("你没有把学生编入这个班的权限。")


def refuse_closed(class_org: Org) -> None:
    """Nor is it closed while the child comes in: orgs.close_org takes the same lock."""
    lock("school", class_org.parent_id)
    if Org.select().where(Org.id.in_([class_org.id, class_org.parent_id]) & Org.closed_on.is_null(False)).exists():
        raise Refused("这个班已经停办。")


def refuse_outsider(student: Student, by) -> None:
    refuse_outsider_to_any([student], by)


def refuse_outsider_to_any(students: list[Student], by) -> None:
    seen = in_scope(by.scopes(Permission.STUDENT_EDIT))
    for some in chunks_of([student.id for student in students]):
        if Student.select().where(Student.id.in_(some) & seen).count() < len(set(some)):
            raise Forbidden("你没有修改这名学生资料的权限。")


def told(action: str, student: Student, by, fields, reason: str = "") -> None:
    record(
        action=f"students.{action}",
        by=by,
        object_kind="student",
        object_id=student.uid,
        fields=tuple(fields),
        reason=reason,
        county_id=student.county_id,
    )
