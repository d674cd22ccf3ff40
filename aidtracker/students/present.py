"""What the database holds of many pupils at once, to compare a roster with."""

import datetime
from dataclasses import dataclass, field

from aidtracker.crypto.field import unsealed_column
from aidtracker.db import chunks_of
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.extra_fields import fields_of, values_of_many
from aidtracker.students.models import Enrollment, Guardian, Student, Tag, guardian_uid
from aidtracker.students.sheets import NOT_DISABLED

SEALED = ("id_number", "student_number", "phone", "address")
PLAIN = ("name", "sex", "born_on", "ethnicity", "id_kind", "entered_on", "home_code")
YES_NO_TAGS = ("left_behind", "migrant", "orphan", "martyr", "applies_for_aid")
MEMBERS = ("name", "relation", "phone", "is_guardian")


@dataclass(slots=True)
class Spell:
    id: int
    class_code: str
    mode: str
    seat: int | None
    starts_on: datetime.date
    ends_on: datetime.date | None
    stage: str = ""


@dataclass(slots=True)
class Present:
    """One pupil's record: plain values, guardians by position, open tags, spells by date."""

    id: int
    uid: str
    county_id: int
    values: dict
    revision: int = 1
    school_path: str | None = None  # of the class of the open spell
    guardians: dict = field(default_factory=dict)
    of_the_record: dict = field(default_factory=dict)  # of guardians, by position: custody, same roof, bank card
    tags: dict = field(default_factory=dict)  # of open tags: {kind: (id, detail, starts_on)}
    spells: list[Spell] = field(default_factory=list)
    extra: dict[int, str] = field(default_factory=dict)  # of the county's own fields

    @property
    def student_number(self) -> str | None:
        return self.values["student_number"]

    def changes(self, row, starts_on: datetime.date) -> dict:
        """What a roster row changes: {'fields': {...}, 'members': [...], 'tags': {...}, 'spell': ...}; {} for nothing."""
        wanted = row.values
        fields = {k: wanted[k] for k in (*PLAIN, *SEALED) if wanted.get(k) and wanted[k] != self.values[k]}
        found = {
            "fields": fields,
            "members": [position for position in (1, 2) if self.member_changed(position, wanted)],
            "tags": self.tag_changes(wanted),
            "extra": {id_: said for id_, said in wanted.get("extra", {}).items() if said != self.extra.get(id_, "")},
            "spell": self.spell_change(row, starts_on),
        }
        return {kind: change for kind, change in found.items() if change}

    def member_changed(self, position: int, wanted: dict) -> bool:
        named = wanted.get(f"member{position}_name")
        return bool(named) and self.guardians.get(position) != self.member(position, wanted)

    def member(self, position: int, wanted: dict) -> tuple:
        """The guardian as the row says; where it is blank, as it was, unless it is somebody else."""
        told, before = member_of(wanted, position), self.guardians.get(position)
        if before is None or before[0] != told[0]:
            return told
        is_guardian = told[3] if wanted.get(f"member{position}_is_guardian") is not None else before[3]
        return (told[0], told[1] or before[1], told[2] or before[2], is_guardian)

    def tag_changes(self, wanted: dict) -> dict:
        """{kind: detail} of a tag to open, {kind: None} of one to end."""
        changes = {}
        for kind in YES_NO_TAGS:
            if wanted.get(kind) is not None and wanted[kind] != (kind in self.tags):
                changes[kind] = "" if wanted[kind] else None
        disabled = wanted.get("disabled")
        if disabled:
            is_disabled = disabled not in NOT_DISABLED
            before = self.tags.get("disabled")
            if is_disabled and (before is None or before[1] != disabled):
                changes["disabled"] = disabled
            elif not is_disabled and before:
                changes["disabled"] = None
        return changes

    def spell_change(self, row, starts_on: datetime.date) -> str:
        """What becomes of the spells: '' nothing, or extend, correct, follow, precede.

        correct: the spell of this same school year was wrong. follow: a new year, a new class. precede:
        a roster of an earlier year arrives late.
        """
        covering = next((s for s in self.spells if s.starts_on <= starts_on and not (s.ends_on and s.ends_on < starts_on)), None)
        mode = row.values.get("mode") or (covering.mode if covering else "day")
        if covering is None:
            later = [s for s in self.spells if s.starts_on > starts_on]
            if not later:
                return "follow"
            return "extend" if (later[0].class_code, later[0].mode) == (row.class_code, mode) else "precede"
        seat = row.values.get("seat") or covering.seat
        if (covering.class_code, covering.mode, covering.seat) == (row.class_code, mode, seat):
            return ""
        if covering.starts_on == starts_on:
            return "correct"
        return "follow" if covering.ends_on is None else ""


def member_of(wanted: dict, position: int) -> tuple:
    name, relation, phone, is_guardian = (wanted.get(f"member{position}_{part}") for part in MEMBERS)
    return (name, relation or "", phone or None, bool(is_guardian))


def present_records(ids) -> dict[int, Present]:
    """{student id: Present}, read in chunks."""
    found: dict[int, Present] = {}
    opened = {name: unsealed_column(getattr(Student, name)) for name in SEALED} if ids else {}
    open_phone = unsealed_column(Guardian.phone) if ids else None
    fields = fields_of(Org.select(Org.id).where(Org.kind == "county")) if ids else []
    for chunk in chunks_of(sorted(ids)):
        read_students(found, chunk, opened)
        read_guardians(found, chunk, open_phone)
        read_tags(found, chunk)
        read_spells(found, chunk)
        read_extra(found, chunk, fields)
    return found


def read_students(found, chunk, opened) -> None:
    columns = [getattr(Student, name) for name in (*PLAIN, *SEALED)]
    asked = Student.select(Student.id, Student.uid, Student.county_id, Student.revision, Org.path, *columns)
    asked = asked.left_outer_join(Org, on=Student.class_org == Org.id)
    for id_, uid, county_id, revision, path, *values in asked.where(Student.id.in_(chunk)).tuples():
        row = dict(zip((*PLAIN, *SEALED), values, strict=True))
        for name in SEALED:
            row[name] = opened[name](uid, row[name])
        found[id_] = Present(id_, uid, county_id, row, revision, path)


def read_guardians(found, chunk, open_phone) -> None:
    columns = (Guardian.student_id, Guardian.position, Guardian.name, Guardian.relation, Guardian.phone)
    more = (Guardian.has_custody, Guardian.lives_with, Guardian.holds_card)
    asked = Guardian.select(*columns, Guardian.is_guardian, *more).where(Guardian.student.in_(chunk))
    for student_id, position, name, relation, phone, is_guardian, *rest in asked.tuples():
        opened = open_phone(guardian_uid(student_id, position), phone)
        found[student_id].of_the_record[position] = tuple(rest)
        found[student_id].guardians[position] = (name, relation, opened, bool(is_guardian))


def read_tags(found, chunk) -> None:
    asked = Tag.select(Tag.student_id, Tag.kind, Tag.id, Tag.detail, Tag.starts_on)
    for student_id, kind, *rest in asked.where(Tag.student.in_(chunk) & Tag.ends_on.is_null()).tuples():
        found[student_id].tags[kind] = tuple(rest)


def read_extra(found, chunk, fields) -> None:
    for student_id, said in values_of_many(chunk, fields).items():
        found[student_id].extra = said


def read_spells(found, chunk) -> None:
    columns = (Enrollment.id, Org.code, Enrollment.mode, Enrollment.seat, Enrollment.starts_on, Enrollment.ends_on, SchoolClass.stage)
    asked = Enrollment.select(Enrollment.student_id, *columns).join(Org, on=Enrollment.class_org)
    asked = asked.join(SchoolClass, on=SchoolClass.org == Enrollment.class_org)
    for student_id, *spell in asked.where(Enrollment.student.in_(chunk)).order_by(Enrollment.starts_on).tuples():
        found[student_id].spells.append(Spell(*spell))
