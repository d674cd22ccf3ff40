"""Writing a planned roster: new pupils by prepared statements in transactions of 5,000, changed ones one by one."""

from aidtracker.audit.actions import record
from aidtracker.crypto.field import seal_values
from aidtracker.db import insert_rows, new_uid, reserve_ids, transaction, utcnow
from aidtracker.excel.plans import Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.places import add_orgs
from aidtracker.students.keeping_extra import put_values
from aidtracker.students.models import RESIDENT, Enrollment, Guardian, NameReading, Student, guardian_uid, last_six
from aidtracker.students.pinyin import first_pinyin, readings
from aidtracker.students.present import SEALED, member_of
from aidtracker.students.roster import Roster, Row
from aidtracker.students.roster_change import Changer
from aidtracker.students.roster_parts import GUARDIAN, SOURCE, Parts, mode_of, named, tags_of
from aidtracker.students.roster_steps import keep_step

CHUNK = 5000
STUDENT = tuple(
    "id uid county_id name pinyin sex born_on ethnicity id_kind id_number id_index student_number student_number_index "
    "last_six_index phone phone_index address entered_on home_code home_id class_org_id mode revision created_at updated_at".split()
)


def save_roster(plan: Plan, *, by, progress=lambda done, total: None) -> None:
    """Each transaction is one action with one audit entry; a killed import is finished by running it again."""
    roster: Roster = plan.payload
    if not roster.new and not roster.changed:
        return
    total, done = len(roster.new) + len(roster.changed), 0
    classes = find_or_make_classes(plan, by)
    writer, changer = Writer(roster.starts_on, classes, by), Changer(roster.starts_on, classes, by, plan.uid)
    for rows, save in ((roster.new, writer.insert), (roster.changed, changer.update)):
        for start in range(0, len(rows), CHUNK):
            chunk = rows[start : start + CHUNK]
            with transaction():
                keep_step(plan.uid, save.__name__, save(chunk))
                record(
                    action=f"students.{save.__name__}_roster",
                    by=by,
                    object_kind="student",
                    count=len(chunk),
                    county_id=chunk[0].school.county_id,
                )
            done += len(chunk)
            progress(done, total)


def find_or_make_classes(plan: Plan, by) -> dict[str, Org]:
    """{class code: Org} of every class that the roster names."""
    roster: Roster = plan.payload
    wanted = {row.class_code: row for row in (*roster.new, *roster.changed)}
    schools = {row.school.id for row in wanted.values()}
    found = {org.code: org for org in Org.select().where((Org.kind == "class") & Org.parent.in_(schools))}
    missing = [row for code, row in wanted.items() if code not in found]
    # Of the year that enters: a rollover made it and was taken back. What an older roster names stays closed.
    again = [found[code].id for code, row in wanted.items() if code in found and found[code].closed_on and row.entry_year == roster.school_year]
    if again:
        with transaction():
            Org.update(closed_on=None).where(Org.id.in_(again)).execute()
            told = {"object_kind": "org", "fields": ("closed_on",), "count": len(again), "county_id": next(iter(wanted.values())).school.county_id}
            record(action="orgs.reopen_org", by=by, **told)
    if missing:
        with transaction():
            made = make_classes(missing, roster.school_year)
            keep_step(plan.uid, "make_classes", [org.id for org in made.values()])
            found |= made
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


class Writer(Parts):
    """New pupils, column by column: the cost of a roster is the cost of its cells."""

    def insert(self, rows: list[Row]) -> list[int]:
        """Returns the ids of the new pupils."""
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
        put_values([(i, field, said) for i, row in zip(ids, rows, strict=True) for field, said in row.values.get("extra", {}).items()], self.by_id)
        return list(ids)

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
