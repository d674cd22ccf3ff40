"""Recording a visit or a lesson at home, mending it, verifying it or sending it back.

A visit that was verified stands. Every edit says which revision it was based on; what stood before stays, sealed.
"""

import json
from collections.abc import Callable, Sequence

from aidtracker.attendance.ladder import steps_done_by
from aidtracker.attendance.warnings import fulfil
from aidtracker.audit.actions import record
from aidtracker.db import lock, new_uid, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with as may_with_student
from aidtracker.students.spells import Spells
from aidtracker.terms.years import refuse_closed_year
from aidtracker.visits.actions_papers import use_paper
from aidtracker.visits.actions_reminding import look_at_lesson
from aidtracker.visits.actions_year import look_at_year
from aidtracker.visits.evidence import Ready
from aidtracker.visits.files import attach
from aidtracker.visits.models import STATES, TUTORING, Visit, VisitStudent, VisitVersion
from aidtracker.visits.queries import is_own, may_edit, may_with, name_of
from aidtracker.visits.records import cleaned, content_of, refuse_values

# Listeners of upper rooms, filled by create_app and cli: called with the Visit, inside its transaction.
when_visit_recorded: list[Callable] = []


def record_visit(
    *, students: list[Student], values: dict, by, receipt: str = "", files: Sequence[Ready] = (), uid: str = "", paper: str = ""
) -> Visit:
    """One home visit, of one pupil or of several who live together. `values` by records.VISIT; on a day up to today.

    `paper`: the code of the sheet that it was typed in from.
    """
    form = values.get("form") or ""
    if form == TUTORING:
        raise Refused("送教上门请用「记送教」。")
    refuse_students(students, by)
    refuse_values(form, values)
    with transaction():
        return written("record_visit", students, form, values, by, receipt, files, uid, paper)


def record_tutoring(
    *, student: Student, values: dict, by, receipt: str = "", files: Sequence[Ready] = (), uid: str = "", paper: str = ""
) -> Visit:
    """One coming to teach at home, with its lessons (课时). Refused for a pupil who was not taught at home on that day."""
    refuse_students([student], by)
    refuse_values(TUTORING, values)
    if not Spells([student.id]).on(student.id, values["on"]).is_home_taught:
        raise Refused("%(name)s这一天不是送教上门的学生。请核对日期，或先变更就读方式。", name=student.name)
    with transaction():
        return written("record_tutoring", [student], TUTORING, values, by, receipt, files, uid, paper)


def refuse_students(students: list[Student], by) -> None:
    if not students:
        raise Refused("请选择学生。")
    if len({student.county_id for student in students}) > 1:
        raise Refused("一次家访里的学生要在同一个县。")
    if not all(may_with_student(by, Permission.VISIT_RECORD, student) for student in students):
        raise Forbidden("你没有记录这名学生家访的权限。")


def written(action: str, students: list[Student], form: str, values: dict, by, receipt: str, files: Sequence[Ready], uid: str, paper: str) -> Visit:
    refuse_closed_year(students[0].county_id, values["on"])
    lock("visits", students[0].county_id)  # of one county, in workbooks too: they are numbered one after the other
    visit = Visit(county=students[0].county_id, uid=uid or new_uid(), receipt=receipt, recorded_by=by, **cleaned(form, values))
    visit.ordinal = same_visits(students, visit) + 1
    visit.save(force_insert=True)
    spells = Spells([student.id for student in students])
    for student in {student.id: student for student in students}.values():
        place = spells.on(student.id, visit.on)
        VisitStudent.create(student=student, visit=visit, class_org=place.class_id, school=place.school_id, force_insert=True)
    fields = [name for name, value in content_of(visit).items() if value and name not in ("state", "form")]
    if paper:
        use_paper(paper, visit, [student.id for student in students])
        fields.append("paper")
    told(action, visit, by, dict.fromkeys((*fields, *attach(visit, files))))
    fulfil([student.id for student in students], steps_done_by(form), visit.on, "visit", by)
    if form == TUTORING:
        look_at_lesson([student.id for student in students], by)
        look_at_year([student.id for student in students], by)
    for listen in when_visit_recorded:
        listen(visit)
    return visit


def same_visits(students: list[Student], visit: Visit) -> int:
    """How many visits there are already of one of the pupils on that day, of that form, by the same people."""
    same = (Visit.on == visit.on) & (Visit.form == visit.form) & (Visit.teachers == visit.teachers)
    return Visit.select().join(VisitStudent).where(same & VisitStudent.student.in_([s.id for s in students])).distinct().count()


def edit_visit(*, visit: Visit, revision: int, values: dict, by) -> list[str]:
    """Returns the names of the fields that changed. One that was sent back waits for verification again.

    Refused: a visit that was verified, somebody else's without an office's right. Conflict (409) when it changed
    since `revision` was shown.
    """
    if not may_edit(by, visit):
        raise Forbidden("只有记录人、学校管理员或上级能修改这条家访。")
    if visit.state == "verified":
        raise Refused("这条家访已核实，不能再改。如有错误，请联系核实的人。")
    if (visit.form == TUTORING) != (values.get("form", visit.form) == TUTORING):
        raise Refused("家访和送教上门不能互相改。请另记一条。")
    form = values.get("form") or visit.form
    refuse_values(form, values)
    if revision != visit.revision:
        raise stale(visit)
    fields = cleaned(form, values)
    changed = [name for name, value in fields.items() if value != getattr(visit, name)]
    if not changed and visit.state == "recorded":
        return []
    if form == TUTORING and "on" in changed:
        refuse_not_taught(visit, fields["on"])
    refuse_closed_year(visit.county_id, visit.on)
    refuse_closed_year(visit.county_id, fields.get("on") or visit.on)
    former = version_of(visit, by)
    with transaction():
        fields |= {"state": "recorded", "checked_by": None, "checked_at": None}
        if not moved_on(visit, fields):
            raise stale(Visit.get_by_id(visit.id))
        former.save(force_insert=True)
        if "on" in changed:
            place_anew(visit)
        if form == TUTORING:
            look_at_lesson([row.student_id for row in visit.pupils], by)
            look_at_year([row.student_id for row in visit.pupils], by)
        told("edit_visit", visit, by, changed)
    return changed


def refuse_not_taught(visit: Visit, on) -> None:
    pupils = [student_id for (student_id,) in VisitStudent.select(VisitStudent.student).where(VisitStudent.visit == visit).tuples()]
    spells = Spells(pupils)
    if not all(spells.on(student_id, on).is_home_taught for student_id in pupils):
        raise Refused("这名学生这一天不是送教上门的学生。请核对日期。")


def place_anew(visit: Visit) -> None:
    """Class and school are those of the visit's own day."""
    rows = list(VisitStudent.select().where(VisitStudent.visit == visit))
    spells = Spells([row.student_id for row in rows])
    for row in rows:
        place = spells.on(row.student_id, visit.on)
        mine = (VisitStudent.visit == visit) & (VisitStudent.student == row.student_id)
        VisitStudent.update(class_org=place.class_id, school=place.school_id).where(mine).execute()


def verify_visit(*, visit: Visit, revision: int, by) -> None:
    """核实无误. Nobody verifies what he recorded or mended himself, or what changed since it was shown."""
    check(visit, by)
    with transaction():
        decided(visit, revision, {"state": "verified", "checked_by": by.id, "checked_at": utcnow()})
        told("verify_visit", visit, by, ("state",))


def send_back_visit(*, visit: Visit, revision: int, reason: str, by) -> None:
    """退回补充, with words on what is missing."""
    check(visit, by)
    if not reason.strip():
        raise Refused("请写明要补充什么，例如：没有写家长的意见。")
    with transaction():
        decided(visit, revision, {"state": "sent_back", "checked_by": by.id, "checked_at": utcnow(), "remark": reason.strip()})
        told("send_back_visit", visit, by, ("state", "remark"))


def check(visit: Visit, by) -> None:
    if not may_with(by, Permission.VISIT_VERIFY, visit):
        raise Forbidden("家访由乡镇专干或教育局核实。")
    if is_own(by, visit):
        raise Forbidden("自己记的家访要由别人核实。" if visit.recorded_by_id == by.id else "自己改过的家访要由别人核实。")
    if visit.is_imported:
        raise Refused("表格导入的家访是历史记录，不用核实。")
    refuse_closed_year(visit.county_id, visit.on)


def decided(visit: Visit, revision: int, fields: dict) -> None:
    """Compare and set: of two who decide at once one does; and nobody decides on what he has not seen."""
    if visit.state != "recorded":
        raise Conflict("这条家访刚才已有人处理：%(state)s。", state=Phrase(STATES[visit.state]), theirs=content_of(visit))
    if revision != visit.revision:
        raise stale(visit)
    if not moved_on(visit, fields, visit.revision):
        raise stale(Visit.get_by_id(visit.id))


def moved_on(visit: Visit, fields: dict, revision: int | None = None) -> bool:
    """Writes the fields if nobody wrote since the visit was read; an edit raises the revision, a decision does not."""
    stood = (Visit.id == visit.id) & (Visit.revision == visit.revision) & (Visit.state == visit.state)
    visit.revision = visit.revision + 1 if revision is None else revision
    for name, value in fields.items():
        setattr(visit, name, value)
    columns = [Visit._meta.fields[name] for name in (*fields, "revision")]
    return bool(Visit.update({column: visit.__data__[column.name] for column in columns}).where(stood).execute())


def stale(visit: Visit) -> Conflict:
    return Conflict(
        "这条家访刚被别人改过，你的内容没有保存。请核对两份内容后再决定。",
        theirs=content_of(visit) | {"revision": visit.revision},
    )


def version_of(visit: Visit, by) -> VisitVersion:
    """What stands, whole, before it is written over; not yet saved."""
    content = json.dumps(content_of(visit) | {"checked_by": name_of(visit.checked_by_id)}, ensure_ascii=False)
    return VisitVersion(visit=visit.id, revision=visit.revision, content=content, replaced_by=by.id, replaced_at=utcnow())


def told(action: str, visit: Visit, by, fields) -> None:
    record(
        action=f"visits.{action}",
        by=by,
        object_kind="visit",
        object_id=visit.uid,
        fields=tuple(fields),
        county_id=visit.county_id,
    )
