"""Writing what a planned roster changes of pupils that are known, and keeping what stood there before."""

import json

from aidtracker.crypto.field import sealed_column
from aidtracker.db import chunks_of, insert_rows, new_uid, run_many, utcnow
from aidtracker.orgs.models import Org
from aidtracker.students.keeping import READING, keep_former
from aidtracker.students.keeping_extra import put_values
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.models_history import StudentVersion
from aidtracker.students.models_moves import Move
from aidtracker.students.move_rows import add_moves
from aidtracker.students.pinyin import readings
from aidtracker.students.roster import Row
from aidtracker.students.roster_parts import OF_THE_RECORD, SOURCE, Parts, keep_in_step, mode_of
from aidtracker.terms.days import ONE_DAY

WHY = "名册导入时更改"  # why a name or a number was replaced
ENDED = "名册导入时改"  # why a tag ended
VERSION = ("uid", "student_id", "revision", "cause", "cause_uid", "content", "replaced_by_id", "replaced_at")


class Changer(Parts):
    """Row by row; `cause_uid` is that of the import, '' when nobody can ask for it back."""

    def __init__(self, starts_on, classes, by, cause_uid: str = ""):
        super().__init__(starts_on, classes, by)
        self.cause_uid = cause_uid
        self.spells = {"correct": self.correct_spell, "follow": self.follow_spell, "precede": self.precede_spell}

    def update(self, rows: list[Row]) -> list[int]:
        """Returns the ids of the pupils, each of whom has one revision more."""
        self.keep_versions(rows)
        for row in rows:
            self.update_fields(row)
            self.update_members(row)
            self.update_tags(row)
            if change := self.spells.get(row.changes.get("spell", "")):
                change(row)
        put_values([(row.known.id, field, said) for row in rows for field, said in row.changes.get("extra", {}).items()], self.by_id)
        self.extend_spells([row for row in rows if row.changes.get("spell") == "extend"])
        changed = [row.known.id for row in rows]
        for chunk in chunks_of(changed):  # an edit form that was opened before meets a conflict
            values = {"revision": Student.revision + 1, "updated_at": utcnow()}
            Student.update(values).where(Student.id.in_(chunk)).execute()
        return changed

    def keep_versions(self, rows: list[Row]) -> None:
        """What stands there before, sealed: from what to what, and what an undo puts back."""
        sealed, now = sealed_column(StudentVersion.content), str(utcnow())
        found = []
        for row in rows:
            uid, content = new_uid(), json.dumps(before_of(row), default=str, ensure_ascii=False)
            found.append((uid, row.known.id, row.known.revision, "import", self.cause_uid, sealed(uid, content), self.by_id, now))
        insert_rows(StudentVersion, VERSION, found)

    def update_fields(self, row: Row) -> None:
        fields, known = row.changes.get("fields", {}), row.known
        if not fields:
            return
        former = {name: known.values[name] for name in ("name", "id_number", "student_number") if name in fields}
        keep_former(student_id=known.id, county_id=known.county_id, before=former, reason=WHY, by_id=self.by_id)
        if "name" in fields:  # the readings of the former name stay: the child is still found by it
            run_many(READING, [(known.county_id, reading, known.id) for reading in readings(fields["name"])])
        Student.update(self.columns_of(known.uid, known.county_id, fields)).where(Student.id == known.id).execute()

    def update_members(self, row: Row) -> None:
        for position in row.changes.get("members", []):
            told, before = row.known.member(position, row.values), row.known.guardians.get(position)
            is_another = before is not None and before[0] != told[0]
            rest = dict.fromkeys(OF_THE_RECORD, False) if is_another else {}
            self.put_member(row.known.id, position, told, is_known=before is not None, **rest)

    def update_tags(self, row: Row) -> None:
        for kind, detail in row.changes.get("tags", {}).items():
            before = row.known.tags.get(kind)
            if before:
                last = max(before[2], self.starts_on - ONE_DAY)
                Tag.update(ends_on=last, end_reason=ENDED, end_recorded_by=self.by_id, end_recorded_at=utcnow()).where(Tag.id == before[0]).execute()
            if detail is not None:
                start, now = self.starts_on.isoformat(), str(utcnow())
                self.insert_tags([(row.known.id, kind, detail, start, SOURCE, self.by_id, now)])

    def correct_spell(self, row: Row) -> None:
        """The spell of this school year was wrong from its first day."""
        wrong = next(spell for spell in row.known.spells if spell.starts_on == self.starts_on)
        seat = wrong.seat if wrong.class_code == row.class_code else None  # in another class the number is another child's
        values = {"class_org": self.class_id(row), "mode": row.values.get("mode") or wrong.mode, "seat": row.values.get("seat") or seat}
        here = (Enrollment.student == row.known.id) & (Enrollment.starts_on == self.starts_on)
        Enrollment.update(values).where(here).execute()
        keep_in_step(row.known.id)
        self.note("correct", row, wrong.class_code)

    def note(self, kind: str, row: Row, before: str | None) -> None:
        """The move that explains the spell; `before` is the code of the class that it comes from."""
        known = row.known
        former = self.class_of(before) if before else None
        values = {"kind": kind, "student": known.id, "county": known.county_id, "on_day": self.starts_on, "document": SOURCE}
        add_moves([Move(**values, from_class=former, to_class=self.class_id(row), recorded_by=self.by_id)])

    def class_of(self, code: str) -> int:
        return self.classes[code].id if code in self.classes else Org.get(Org.code == code).id

    def follow_spell(self, row: Row) -> None:
        """A new spell from 1 September; the open one ends the day before."""
        before = row.known.spells[-1] if row.known.spells else None
        ended = before is None or before.ends_on is not None
        still_open = (Enrollment.student == row.known.id) & Enrollment.ends_on.is_null()
        Enrollment.update(ends_on=self.starts_on - ONE_DAY).where(still_open).execute()
        self.add_spell(row, None)
        keep_in_step(row.known.id)
        kind = "return" if ended else "promote" if before.stage != row.stage else "change_class"
        self.note("enroll" if before is None else kind, row, None if ended else before.class_code)

    def precede_spell(self, row: Row) -> None:
        """A roster of an earlier year: the spell ends where the next one begins."""
        later = min(spell.starts_on for spell in row.known.spells if spell.starts_on > self.starts_on)
        self.add_spell(row, later - ONE_DAY)

    def extend_spells(self, rows: list[Row]) -> None:
        """The same class, one year earlier than we knew."""
        later = [[spell for spell in row.known.spells if spell.starts_on > self.starts_on] for row in rows]
        for chunk in chunks_of([min(spells, key=lambda spell: spell.starts_on).id for spells in later]):
            Enrollment.update(starts_on=self.starts_on).where(Enrollment.id.in_(chunk)).execute()

    def add_spell(self, row: Row, ends_on) -> None:
        Enrollment.create(
            student=row.known.id,
            class_org=self.class_id(row),
            mode=mode_of(row),
            seat=row.values.get("seat"),
            starts_on=self.starts_on,
            ends_on=ends_on,
        )


def before_of(row: Row) -> dict:
    """Of what the row changes, what stands there now; guardians by position, tags by id, spells all of them."""
    known, changes = row.known, row.changes
    found: dict = {"fields": {name: known.values[name] for name in changes.get("fields", ())}}
    if "members" in changes:
        found["members"] = {n: [*known.guardians[n], *known.of_the_record[n]] if n in known.guardians else None for n in changes["members"]}
    if "tags" in changes:
        found["tags"] = {kind: known.tags[kind][0] if kind in known.tags else None for kind in changes["tags"]}
    if "extra" in changes:
        found["extra"] = {id_: known.extra.get(id_, "") for id_ in changes["extra"]}
    if "spell" in changes:
        found["spells"] = [[s.id, s.class_code, s.mode, s.seat, s.starts_on, s.ends_on] for s in known.spells]
    return found
