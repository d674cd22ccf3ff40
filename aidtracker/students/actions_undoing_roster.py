"""Undoing a whole import of a roster: new pupils go, changed ones are as they were; only while nothing depends on it."""

import datetime
import json

from aidtracker.audit.actions import record
from aidtracker.db import chunks_of, run_many, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.hooks import hanging_on
from aidtracker.students.keeping_extra import put_values
from aidtracker.students.models import Enrollment, Guardian, Student, Tag
from aidtracker.students.models_extra import ExtraValue
from aidtracker.students.models_history import FormerName, FormerNumber, StudentVersion
from aidtracker.students.models_moves import Move
from aidtracker.students.models_quality import QualityFinding
from aidtracker.students.pinyin import readings
from aidtracker.students.queries import lock_pupils
from aidtracker.students.roster_parts import OF_THE_RECORD, SOURCE, Parts, keep_in_step
from aidtracker.students.roster_steps import ids_of
from aidtracker.terms.years import refuse_closed_year

OWN = (Guardian, Enrollment, Tag, Move, FormerNumber, FormerName, StudentVersion, QualityFinding, ExtraValue)  # parts of the record itself
SHOWN = 5  # names in a refusal
EVER = datetime.date(1990, 1, 1)
FORGET = "DELETE FROM name_reading WHERE county_id = ? AND reading = ? AND student_id = ?"


def undo_roster(*, import_uid: str, since: datetime.datetime, by) -> dict[str, int]:
    """In one transaction; `since` is when the import was committed (UTC). Returns how many pupils went and how many are as they were.

    Refused, with what stands in the way: a later change of one of the pupils, a visit, a payment, a case, a roll taken with them.
    """
    with transaction():
        created, changed = ids_of(import_uid, "insert"), ids_of(import_uid, "update")
        lock_pupils([*created, *changed])
        refuse_changed_since(created, versions_of(import_uid))
        refuse_hanging(created, [*created, *changed], since)
        refuse_year_of_new(created)
        put_back(import_uid, by)
        remove_pupils(created)
        remove_empty_classes(ids_of(import_uid, "make_classes"))
        done = {"removed": len(created), "restored": len(changed)}
        record(action="students.undo_roster", by=by, object_kind="import", object_id=import_uid, count=len(created) + len(changed))
    return done


def versions_of(import_uid: str) -> dict[int, int]:
    """{pupil: revision that the import left}."""
    rows = StudentVersion.select(StudentVersion.student, StudentVersion.revision).where(StudentVersion.cause_uid == import_uid)
    return {student_id: revision + 1 for student_id, revision in rows.tuples()}


def refuse_changed_since(created: list[int], changed: dict[int, int]) -> None:
    left = dict.fromkeys(created, 1) | changed
    later = []
    for some in chunks_of(list(left)):
        rows = Student.select(Student.id, Student.name, Student.revision).where(Student.id.in_(some)).tuples()
        later += [name for id_, name, revision in rows if revision != left[id_]]
    if later:
        names = "、".join(later[:SHOWN])
        raise Refused("这次导入的 %(count)s 名学生后来又改过（%(names)s 等），不能整体撤销。请逐个更正，或先撤销后来的修改。", count=len(later), names=names)


def refuse_hanging(created: list[int], touched: list[int], since: datetime.datetime) -> None:
    for foreign, model in Student._meta.backrefs.items():
        if model in OWN:
            continue
        for some in chunks_of(created):
            if found := model.select(foreign).where(foreign.in_(some)).limit(1).scalar():
                raise Refused("%(name)s已经有后来的记录（家访、缺勤、个案或资助），这次导入不能整体撤销。", name=Student.get_by_id(found).name)
    for some in chunks_of(touched):
        rooms = Enrollment.select(Enrollment.class_org).where(Enrollment.student.in_(some) & Enrollment.ends_on.is_null()).distinct().tuples()
        if words := hanging_on(some, [room for (room,) in rooms], EVER, since):
            raise Refused("这次导入不能整体撤销：%(why)s。", why=words[0])


def refuse_year_of_new(created: list[int]) -> None:
    for some in chunks_of(created):
        begun = Enrollment.select(Student.county, Enrollment.starts_on).join(Student, on=Enrollment.student == Student.id).where(Student.id.in_(some))
        for county_id, day in begun.distinct().tuples():
            refuse_closed_year(county_id, day)


def put_back(import_uid: str, by) -> None:
    """Every changed pupil as the version says, with one revision more."""
    parts, now = Parts(None, {}, by), utcnow()
    for version in StudentVersion.select(StudentVersion, Student).join(Student).where(StudentVersion.cause_uid == import_uid).iterator():
        student, before = version.student, json.loads(version.content)
        put_back_fields(parts, student, before["fields"], version.replaced_at)
        for position, member in before.get("members", {}).items():
            put_back_member(parts, student.id, int(position), member)
        for kind, tag_id in before.get("tags", {}).items():
            put_back_tag(student.id, kind, tag_id)
        put_values([(student.id, int(field), said) for field, said in before.get("extra", {}).items()], by.id)
        if "spells" in before:
            refuse_year_of_changed(student, before["spells"])
            put_back_spells(student.id, before["spells"])
        mine = (Move.student == student.id) & (Move.document == SOURCE) & (Move.recorded_at >= version.replaced_at)
        Move.delete().where(mine).execute()  # like the spell that it explained
        Student.update(revision=Student.revision + 1, updated_at=now).where(Student.id == student.id).execute()


def put_back_fields(parts: Parts, student: Student, fields: dict, since) -> None:
    if not fields:
        return
    forget_former(student, fields, since)
    Student.update(parts.columns_of(student.uid, student.county_id, fields)).where(Student.id == student.id).execute()


def forget_former(student: Student, fields: dict, since) -> None:
    """What stands again is no former number or name; readings that only the name of the import had go."""
    kinds = [kind for kind in ("id_number", "student_number") if kind in fields]
    mine = (FormerNumber.student == student.id) & FormerNumber.kind.in_(kinds)
    FormerNumber.delete().where(mine & (FormerNumber.replaced_at >= since)).execute()
    if "name" in fields:
        FormerName.delete().where((FormerName.student == student.id) & (FormerName.recorded_at >= since)).execute()
        names = [fields["name"], *(name for (name,) in FormerName.select(FormerName.name).where(FormerName.student == student.id).tuples())]
        stay = {reading for name in names for reading in (*readings(name), *([name.lower()] if name != fields["name"] else []))}
        gone = {*readings(student.name), fields["name"].lower()} - stay
        run_many(FORGET, [(student.county_id, reading, student.id) for reading in gone])


def put_back_member(parts: Parts, student_id: int, position: int, member) -> None:
    if member is None:
        Guardian.delete().where((Guardian.student == student_id) & (Guardian.position == position)).execute()
    else:
        parts.put_member(student_id, position, tuple(member[:4]), is_known=True, **dict(zip(OF_THE_RECORD, member[4:], strict=True)))


def put_back_tag(student_id: int, kind: str, tag_id: int | None) -> None:
    """The one that the import opened goes; the one that it ended is open again."""
    opened = (Tag.student == student_id) & (Tag.kind == kind) & Tag.ends_on.is_null()
    Tag.delete().where(opened if tag_id is None else opened & (Tag.id != tag_id)).execute()
    if tag_id is not None:
        Tag.update(ends_on=None, end_reason="", end_recorded_by=None, end_recorded_at=None).where(Tag.id == tag_id).execute()


def refuse_year_of_changed(student: Student, spells: list) -> None:
    """A spell that is only open again changes what comes after its last day."""
    found = Enrollment.select(Enrollment.id, Org.code, Enrollment.mode, Enrollment.seat, Enrollment.starts_on)
    now = [(*row[:4], str(row[4])) for row in found.join(Org, on=Enrollment.class_org == Org.id).where(Enrollment.student == student).tuples()]
    for row in set(now) ^ {(*spell[:4], spell[4]) for spell in spells}:
        refuse_closed_year(student.county_id, datetime.date.fromisoformat(row[4]))


def put_back_spells(student_id: int, spells: list) -> None:
    Enrollment.delete().where((Enrollment.student == student_id) & Enrollment.id.not_in([spell[0] for spell in spells])).execute()
    for id_, code, mode, seat, starts_on, ends_on in spells:
        room = Org.select(Org.id).where(Org.code == code).scalar()
        values = {"class_org": room, "mode": mode, "seat": seat, "starts_on": starts_on, "ends_on": ends_on}
        Enrollment.update(values).where(Enrollment.id == id_).execute()
    keep_in_step(student_id)


def remove_pupils(ids: list[int]) -> None:
    for some in chunks_of(ids):
        rows = Student.select(Student.county, Student.name, Student.id).where(Student.id.in_(some)).tuples()
        run_many(FORGET, [(county_id, reading, id_) for county_id, name, id_ in rows for reading in readings(name)])
        Student.delete().where(Student.id.in_(some)).execute()


def remove_empty_classes(ids: list[int]) -> None:
    """Those that nobody has used since: no spell, no teacher, no roll names them."""
    used = {used for foreign, model in Org._meta.backrefs.items() if model is not SchoolClass for some in chunks_of(ids) for (used,) in used_of(model, foreign, some)}
    for some in chunks_of([id_ for id_ in ids if id_ not in used]):
        SchoolClass.delete().where(SchoolClass.org.in_(some)).execute()
        Org.delete().where(Org.id.in_(some)).execute()


def used_of(model, foreign, ids: list[int]):
    return model.select(foreign).where(foreign.in_(ids)).distinct().tuples()
