"""Two records of one child become one, field by field, in one transaction; and are parted again while nobody wrote since."""

import json

from aidtracker.db import new_uid, today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Refused
from aidtracker.orgs.models import Org
from aidtracker.students.actions import prepared, write_readings
from aidtracker.students.actions_placing import refuse_outsider_to_any, told
from aidtracker.students.hooks import refuse_where_kept
from aidtracker.students.keeping import keep_former, keep_version
from aidtracker.students.merge_journal import days_of_gone, restore, snapshot_of, take_guardians, take_readings, take_spells
from aidtracker.students.merging import FIELDS, has_two_ids, may_merge_two_ids, overlapping
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_history import FormerName, FormerNumber, StudentVersion
from aidtracker.students.models_merging import NotSame, StudentMerge
from aidtracker.students.models_moves import Move
from aidtracker.students.move_rows import note_move
from aidtracker.students.moves import KINDS
from aidtracker.students.moving_rows import Stuck, move_all
from aidtracker.students.queries import lock_pupils
from aidtracker.terms.days import ONE_DAY
from aidtracker.terms.years import refuse_closed_years

WHY = "合并档案"  # why a number or a name became a former one
EMPTY = ("id_number", "student_number", "phone", "address")


def merge_students(*, kept: Student, dropped: Student, take: set[str], revisions: tuple[int, int], reason: str, by) -> StudentMerge:
    """`take`: fields of which the dropped record's value counts. Conflict when either changed since the revisions were shown."""
    refuse_outsider_to_any([kept, dropped], by)
    refuse_where_kept([kept, dropped], by)
    if not reason.strip():
        raise Refused("请写明为什么是同一个孩子。")
    with transaction():
        kept, dropped = locked(kept, dropped, revisions)
        refuse_merger(kept, dropped, by)
        merge, stuck = merge_now(kept, dropped, take & set(FIELDS), reason.strip(), by)
        if any(row.is_open for row in stuck):
            raise Refused("两份档案各有一个没有办结的个案或转学，请先办结其中一个再合并。")
        told("merge_students", kept, by, ["merged", *sorted(take & set(FIELDS))], reason.strip())
    return merge


def locked(kept: Student, dropped: Student, revisions: tuple[int, int]) -> tuple[Student, Student]:
    lock_pupils([kept.id, dropped.id])
    now = {student.id: student for student in Student.select().where(Student.id.in_([kept.id, dropped.id]) & Student.merged_into.is_null())}
    if {kept.id, dropped.id} - set(now) or tuple(now[each.id].revision for each in (kept, dropped)) != revisions:
        raise Conflict("这两份档案刚被别人改过或合并过，没有合并。请重新打开核对。")
    return now[kept.id], now[dropped.id]


def refuse_merger(kept: Student, dropped: Student, by) -> None:
    if kept.id == dropped.id or kept.county_id != dropped.county_id:
        raise Refused("只能合并同一个县里的两份档案。")
    if has_two_ids(kept, dropped) and not may_merge_two_ids(by, Org.get_by_id(kept.county_id)):
        raise Refused("两份档案的身份证号不同，而且都是有效号码，很可能是两个孩子。只有县教育局可以在写明理由后合并。")
    refuse_dead_in_class([kept.id, dropped.id])
    refuse_other_sums(kept.county_id, [(spell.starts_on, spell.ends_on) for spell in overlapping(kept, dropped)[1]])


def refuse_dead_in_class(ids: list[int]) -> None:
    died = Move.select().where(Move.student.in_(ids) & (Move.kind == "die") & Move.withdrawn_at.is_null())
    if died.exists() and Enrollment.select().where(Enrollment.student.in_(ids) & Enrollment.ends_on.is_null()).exists():
        raise Refused("一份档案已登记死亡，另一份还在班级里。请先办理离班，或者撤销死亡登记，再合并。")


def refuse_other_sums(county_id: int, spells: list[tuple]) -> None:
    """Spells by their days, which a merger drops or its withdrawal brings back: the sums of a closed year stay what they were.
    Spells that only change hands alter none: as many sat in each class on each day."""
    for starts_on, ends_on in spells:
        refuse_closed_years(county_id, starts_on, ends_on or today_in_china())


def merge_now(kept: Student, dropped: Student, take: set[str], reason: str, by) -> tuple[StudentMerge, list[Stuck]]:
    uid = new_uid()
    journal = {"kept": snapshot_of(kept), "dropped": snapshot_of(dropped), "readings": take_readings(kept.id, dropped.id)}
    before = {"numbers": ids_of(FormerNumber, kept), "names": ids_of(FormerName, kept)}
    journal["moved"], stuck = move_all(dropped.id, kept.id)
    journal["spells"] = take_spells(kept, dropped)
    journal["explained"] = explain_ends(kept, journal["spells"]["moved"], {first for first, _last in days_of_gone(journal)}, by)
    journal["guardians"] = take_guardians(kept.id, dropped.id)
    write_records(kept, dropped, take, uid, by)
    arrived = {name: set(keys) for name, keys in (("numbers", moved_ids(journal, "former_number")), ("names", moved_ids(journal, "former_name")))}
    journal["made"] = {
        "numbers": sorted(set(ids_of(FormerNumber, kept)) - set(before["numbers"]) - arrived["numbers"]),
        "names": sorted(set(ids_of(FormerName, kept)) - set(before["names"]) - arrived["names"]),
    }
    revisions = {"kept_revision": kept.revision, "dropped_revision": dropped.revision}
    text = json.dumps(journal, ensure_ascii=False, default=str)
    about = {"county": kept.county_id, "kept": kept, "dropped": dropped, "reason": reason[:200], "merged_by": by}
    return StudentMerge.create(uid=uid, journal=text, **about, **revisions), stuck


def explain_ends(kept: Student, moved: list[int], begun: set, by) -> list[int]:
    """A spell that ended where one began that was dropped now (`begun`): a move says why it ends. Returns the ids of such moves."""
    made = []
    for spell in Enrollment.select().where(Enrollment.id.in_(moved) & Enrollment.ends_on.is_null(False)):
        day = spell.ends_on + ONE_DAY
        here = (Move.student == kept.id) & (Move.on_day == day) & Move.withdrawn_at.is_null()
        goes_on = Enrollment.select().where((Enrollment.student == kept.id) & (Enrollment.starts_on == day)).exists()
        if day not in begun or goes_on or any(KINDS[kind].leaves for (kind,) in Move.select(Move.kind).where(here).tuples()):
            continue
        note_move("correct", kept, day, by, from_class=spell.class_org_id, reason=WHY)
        made.append(Move.select(Move.id).where(here & (Move.kind == "correct")).order_by(Move.id.desc()).scalar())
    return made


def ids_of(model, student: Student) -> list[int]:
    return [id_ for (id_,) in model.select(model.id).where(model.student == student.id).tuples()]


def moved_ids(journal: dict, table: str) -> list[int]:
    return [key for (key,) in journal["moved"].get(f"{table}.student_id", [])]


def write_records(kept: Student, dropped: Student, take: set[str], uid: str, by) -> None:
    """The dropped record first: a number has one bearer at a time."""
    theirs, household = {name: getattr(dropped, name) for name in FIELDS}, kept.household_id or dropped.household_id
    mine = {name: getattr(kept, name) for name in FIELDS}
    chosen = {name: theirs[name] if name in take else mine[name] for name in FIELDS}
    for student, values in ((kept, mine), (dropped, theirs)):
        keep_version(student, values, by=by, cause="merge", cause_uid=uid)
    save(dropped, prepared(dict.fromkeys(EMPTY, ""), dropped.county_id) | {"home": None, "class_org": None, "mode": "day", "household": None, "merged_into": kept.id})
    fields = prepared({name: chosen[name] or "" for name in FIELDS if chosen[name] != mine[name]}, kept.county_id)
    save(kept, fields | {"household": household})
    write_readings(kept)
    for values in (mine, theirs):
        replaced = {name: values[name] for name in ("name", "id_number", "student_number") if values[name] != chosen[name]}
        keep_former(student_id=kept.id, county_id=kept.county_id, before=replaced, reason=WHY, by_id=by.id)


def save(student: Student, fields: dict) -> None:
    for name, value in fields.items():
        setattr(student, name, value)
    student.revision, student.updated_at = student.revision + 1, utcnow()
    columns = [Student._meta.fields[name] for name in (*fields, "revision", "updated_at")]
    Student.update({column: student.__data__[column.name] for column in columns}).where(Student.id == student.id).execute()


def withdraw_merge(*, merge: StudentMerge, by) -> None:
    """Both records as they were; refused when either was changed since."""
    kept = Student.get_by_id(merge.kept_id)
    refuse_outsider_to_any([kept], by)
    refuse_where_kept([kept, merge.dropped], by)
    with transaction():
        lock_pupils([merge.kept_id, merge.dropped_id])
        kept, dropped, merge = Student.get_by_id(merge.kept_id), Student.get_by_id(merge.dropped_id), StudentMerge.get_by_id(merge.id)
        if merge.undone_at is not None:
            raise Refused("这次合并已经撤销过了。")
        if (kept.revision, dropped.revision, dropped.merged_into_id) != (merge.kept_revision, merge.dropped_revision, kept.id):
            raise Refused("合并以后档案又改过，不能直接撤销。请先核对变更记录，或者新建档案后人工更正。")
        StudentMerge.update(undone_at=utcnow(), undone_by=by).where(StudentMerge.id == merge.id).execute()
        journal = json.loads(merge.journal)
        refuse_other_sums(kept.county_id, days_of_gone(journal))
        StudentVersion.delete().where(StudentVersion.cause_uid == merge.uid).execute()
        restore(kept, dropped, journal, save)
        told("withdraw_merge", kept, by, ("merged",))


def set_not_same(*, student: Student, other: Student, reason: str, by) -> None:
    """The pair is asked about no more."""
    refuse_outsider_to_any([student, other], by)
    if student.id == other.id or student.county_id != other.county_id:
        raise Refused("只能比较同一个县里的两份档案。")
    if not reason.strip():
        raise Refused("请写明为什么不是同一人。")
    first, second = sorted((student.id, other.id))
    with transaction():
        lock_pupils([first, second])
        NotSame.delete().where((NotSame.first == first) & (NotSame.second == second)).execute()
        NotSame.create(county=student.county_id, first=first, second=second, reason=reason.strip()[:200], decided_by=by)
        told("set_not_same", student, by, ("not_same",), reason.strip())
