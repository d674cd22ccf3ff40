"""Writing a planned roster: new pupils by prepared statements in transactions of 5,000, changed ones one by one."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.crypto.field import seal_values, sealed_column
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import chunks_of, insert_rows, new_uid, reserve_ids, run_many, transaction, utcnow
from aidtracker.excel.plans import Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.places import add_orgs
from aidtracker.students.keeping import READING, keep_former
from aidtracker.students.models import RESIDENT, Enrollment, Guardian, NameReading, Student, Tag, guardian_uid, last_six, phone_digits
from aidtracker.students.pinyin import first_pinyin, readings
from aidtracker.students.present import SEALED, YES_NO_TAGS, member_of
from aidtracker.students.roster import Roster, Row, disability

CHUNK = 5000
SOURCE = "学籍名册"
WHY = "名册导入时更改"  # why a name or a number was replaced
ONE_DAY = datetime.timedelta(days=1)
STUDENT = tuple(
    "id uid county_id name pinyin sex born_on ethnicity id_kind id_number id_index student_number student_number_index "
    "last_six_index phone phone_index address entered_on home_code home_id class_org_id mode revision created_at updated_at".split()
)
GUARDIAN = ("student_id", "position", "name", "relation", "phone", "phone_index", "is_guardian")


def save_roster(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    """Each transaction is one action with one audit entry; a killed import is finished by running it again."""
    roster: Roster = plan.payload
    if not roster.new and not roster.changed:
        return
    total, done = len(roster.new) + len(roster.changed), 0
    classes = find_or_make_classes(roster, by)
    writer = Writer(roster, classes, by)
    for rows, save in ((roster.new, writer.insert), (roster.changed, writer.update)):
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            with transaction():
                save(chunk)
                record(
                    action=f"students.{save.__name__}_roster",
                    by=by,
                    object_kind="student",
                    count=len(chunk),
                    county_id=chunk[0].school.county_id,
                )
            done += len(chunk)
            progress(done, total)


def find_or_make_classes(roster: Roster, by) -> dict[str, Org]:
    """{class code: Org} of every class that the roster names."""
    wanted = {row.class_code: row for row in (*roster.new, *roster.changed)}
    schools = {row.school.id for row in wanted.values()}
    found = {org.code: org for org in Org.select().where((Org.kind == "class") & Org.parent.in_(schools))}
    missing = [row for code, row in wanted.items() if code not in found]
    if missing:
        with transaction():
            found |= make_classes(missing, roster.school_year)
            record(
                action="orgs.make_classes",
                by=by,
                object_kind="org",
                count=len(missing),
                county_id=missing[0].school.county_id,
            )
    return found


def make_classes(rows: list[Row], school_year: int) -> dict[str, Org]:
    """New classes, all at once; inside the caller's transaction."""
    labels = [grades.class_label(r.stage, r.entry_year, r.values["class_number"], school_year) for r in rows]
    orgs = add_orgs("class", [(row.class_code, label, row.school) for row, label in zip(rows, labels, strict=True)])
    insert_rows(
        SchoolClass,
        ("org_id", "school_id", "stage", "entry_year", "number"),
        [(orgs[r.class_code].id, r.school.id, r.stage, r.entry_year, r.values["class_number"]) for r in rows],
    )
    return orgs


class Writer:
    """The seals, the keyed indexes and the homes that every row of one import shares."""

    def __init__(self, roster: Roster, classes: dict[str, Org], by):
        self.starts_on, self.classes, self.by_id = roster.starts_on, classes, by.id if by else None
        self.seals = {name: sealed_column(getattr(Student, name)) for name in SEALED}
        self.seal_phone = sealed_column(Guardian.phone)
        self.index_id, self.index_number = keyer("index_id"), keyer("index_student_number")
        self.index_six, self.index_phone = keyer("index_last_six"), keyer("index_phone")
        self.found_homes: dict = {}
        self.spells = {
            "correct": self.correct_spell,
            "follow": self.follow_spell,
            "precede": self.precede_spell,
        }
        self.homes = {(org.county_id, org.code): org.id for org in Org.select().where(Org.kind.in_(("county", "township", "village")))}

    def insert(self, rows: list[Row]) -> None:
        """New pupils, column by column: the cost of a roster is the cost of its cells."""
        ids, now, start = list(reserve_ids(Student, len(rows))), str(utcnow()), self.starts_on.isoformat()
        insert_rows(Student, STUDENT, self.students(ids, rows, now))
        found = [(r.school.county_id, reading, i) for i, r in zip(ids, rows, strict=True) for reading in readings(r.values["name"])]
        insert_rows(NameReading, ("county_id", "reading", "student_id"), sorted(found))
        insert_rows(Guardian, GUARDIAN, self.guardians(ids, rows))
        classes = [self.classes[row.class_code].id for row in rows]
        spells = zip(ids, classes, map(mode_of, rows), self.cells(rows, "seat"), strict=True)
        columns = ("student_id", "class_org_id", "mode", "seat", "starts_on", "created_at")
        insert_rows(Enrollment, columns, [(*spell, start, now) for spell in spells])
        tags = [(i, k, d, start, SOURCE, self.by_id, now) for i, r in zip(ids, rows, strict=True) for k, d in tags_of(r.values)]
        self.insert_tags(tags)

    def cells(self, rows: list[Row], key: str, default=None) -> list:
        return [row.values.get(key) or default for row in rows]

    def students(self, ids: list[int], rows: list[Row], now: str) -> list[tuple]:
        """In the order of STUDENT."""
        uids, count = [new_uid() for _ in rows], len(rows)
        sealed = {name: seal_values(getattr(Student, name), uids, self.cells(rows, name)) for name in SEALED}
        counties, homes = [row.school.county_id for row in rows], self.cells(rows, "home_code", "")
        columns = (
            ids,
            uids,
            counties,
            self.cells(rows, "name"),
            [first_pinyin(row.values["name"])[:200] for row in rows],
            self.cells(rows, "sex"),
            [row.values["born_on"].isoformat() for row in rows],
            self.cells(rows, "ethnicity", ""),
            self.cells(rows, "id_kind", RESIDENT),
            sealed["id_number"],
            [row.id_index for row in rows],
            sealed["student_number"],
            [row.number_index for row in rows],
            [n and self.index_six(last_six(n)) for n in self.cells(rows, "id_number")],
            sealed["phone"],
            [phone and self.phone_index(phone) for phone in self.cells(rows, "phone")],
            sealed["address"],
            self.cells(rows, "entered_on", ""),
            homes,
            [self.home_id(*place) for place in zip(counties, homes, strict=True)],
            [self.classes[row.class_code].id for row in rows],
            [mode_of(row) for row in rows],
            [1] * count,
            [now] * count,
            [now] * count,
        )
        return list(zip(*columns, strict=True))

    def guardians(self, ids: list[int], rows: list[Row]) -> list[tuple]:
        """In the order of GUARDIAN, of both members."""
        members = [(i, n, *member_of(r.values, n)) for i, r in zip(ids, rows, strict=True) for n in (1, 2) if named(r, n)]
        phones = seal_values(Guardian.phone, [guardian_uid(m[0], m[1]) for m in members], [m[4] for m in members])
        return [(*m[:4], phone, self.phone_index(m[4]), m[5]) for m, phone in zip(members, phones, strict=True)]

    def guardian(self, student_id: int, position: int, member: tuple) -> tuple:
        name, relation, phone, is_guardian = member
        sealed = self.seal_phone(guardian_uid(student_id, position), phone)
        return (student_id, position, name, relation, sealed, self.phone_index(phone), is_guardian)

    def phone_index(self, phone: str | None) -> bytes | None:
        return self.index_phone(phone_digits(phone)) if phone else None

    def insert_tags(self, tags: list[tuple]) -> None:
        columns = ("student_id", "kind", "detail", "starts_on", "source", "created_by_id", "created_at")
        insert_rows(Tag, columns, tags)

    def class_id(self, row: Row) -> int:
        return self.classes[row.class_code].id

    def home_id(self, county_id: int, code: str) -> int | None:
        """The village, else the township, else the county that the code names; None: outside the county."""
        place = (county_id, code)
        if place not in self.found_homes:
            within = (self.homes.get((county_id, code[:length])) for length in (12, 9, 6))
            self.found_homes[place] = next((home for home in within if home), None)
        return self.found_homes[place]

    def update(self, rows: list[Row]) -> None:
        for row in rows:
            self.update_fields(row)
            self.update_members(row)
            self.update_tags(row)
            if change := self.spells.get(row.changes.get("spell", "")):
                change(row)
        self.extend_spells([row for row in rows if row.changes.get("spell") == "extend"])
        changed = [row.known.id for row in rows]
        for chunk in chunks_of(changed):  # an edit form that was opened before meets a conflict
            values = {"revision": Student.revision + 1, "updated_at": utcnow()}
            Student.update(values).where(Student.id.in_(chunk)).execute()

    def update_fields(self, row: Row) -> None:
        fields, known = row.changes.get("fields", {}), row.known
        if not fields:
            return
        changed = {k: v for k, v in fields.items() if k not in SEALED}
        changed |= {k: self.seals[k](known.uid, fields[k]) for k in SEALED if k in fields}
        if "id_number" in fields:
            changed["id_index"] = self.index_id(fields["id_number"])
            changed["last_six_index"] = self.index_six(last_six(fields["id_number"]))
        if "student_number" in fields:
            changed["student_number_index"] = self.index_number(fields["student_number"])
        if "phone" in fields:
            changed["phone_index"] = self.phone_index(fields["phone"])
        if "home_code" in fields:
            changed["home"] = self.home_id(known.county_id, fields["home_code"])
        if "name" in fields:
            changed["pinyin"] = first_pinyin(fields["name"])[:200]
            self.rename(known, fields["name"])
        former = {name: known.values[name] for name in ("name", "id_number", "student_number") if name in fields}
        keep_former(student_id=known.id, county_id=known.county_id, before=former, reason=WHY, by_id=self.by_id)
        Student.update(changed).where(Student.id == known.id).execute()

    def rename(self, known, name: str) -> None:
        """The readings of the former name stay: the child is still found by it."""
        run_many(READING, [(known.county_id, reading, known.id) for reading in readings(name)])

    def update_members(self, row: Row) -> None:
        positions = row.changes.get("members", [])
        if not positions:
            return
        told = {n: row.known.member(n, row.values) for n in positions}
        same = [n for n in positions if n in row.known.guardians and row.known.guardians[n][0] == told[n][0]]
        for n in same:  # the same person: what no roster says of them stays
            values = dict(zip(GUARDIAN, self.guardian(row.known.id, n, told[n]), strict=True))
            kept = {Guardian._meta.columns[name]: value for name, value in values.items()}
            Guardian.update(kept).where((Guardian.student == row.known.id) & (Guardian.position == n)).execute()
        others = [n for n in positions if n not in same]
        Guardian.delete().where((Guardian.student == row.known.id) & Guardian.position.in_(others)).execute()
        insert_rows(Guardian, GUARDIAN, [self.guardian(row.known.id, n, told[n]) for n in others])

    def update_tags(self, row: Row) -> None:
        for kind, detail in row.changes.get("tags", {}).items():
            before = row.known.tags.get(kind)
            if before:
                last = max(before[2], self.starts_on - ONE_DAY)
                Tag.update(ends_on=last).where(Tag.id == before[0]).execute()
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
        self.keep_in_step(row)

    def follow_spell(self, row: Row) -> None:
        """A new spell from 1 September; the open one ends the day before."""
        still_open = (Enrollment.student == row.known.id) & Enrollment.ends_on.is_null()
        Enrollment.update(ends_on=self.starts_on - ONE_DAY).where(still_open).execute()
        self.add_spell(row, None)
        self.keep_in_step(row)

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

    def keep_in_step(self, row: Row) -> None:
        """The pupil's own class and mode are those of the open spell."""
        spell = (Enrollment.student == row.known.id) & Enrollment.ends_on.is_null()
        found = Enrollment.select(Enrollment.class_org_id, Enrollment.mode).where(spell).tuples().first()
        class_id, mode = found or (None, "day")
        Student.update(class_org=class_id, mode=mode).where(Student.id == row.known.id).execute()


def named(row: Row, position: int) -> bool:
    return bool(row.values.get(f"member{position}_name"))


def mode_of(row: Row) -> str:
    return row.values.get("mode") or (row.known.spells[-1].mode if row.known and row.known.spells else "day")


def tags_of(values: dict):
    """(kind, detail) of every tag that a new pupil's row gives."""
    yield from ((kind, "") for kind in YES_NO_TAGS if values.get(kind))
    if kind := disability(values):
        yield "disabled", kind
