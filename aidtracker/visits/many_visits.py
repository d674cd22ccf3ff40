"""Many visits at once, set by set: what a workbook brings, and the visits of a made county."""

import datetime
import json
from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

from aidtracker.audit.actions import record
from aidtracker.crypto.field import seal_values, sealed_column
from aidtracker.db import chunks_of, insert_rows, is_sqlite, lock, marks_for, new_uid, reserve_ids, run_many, run_sql, transaction, utcnow
from aidtracker.students.spells import Spells
from aidtracker.visits.models import Visit, VisitStudent, VisitVersion
from aidtracker.visits.queries import name_of
from aidtracker.visits.records import SEALED, content_of

ROWS = 5_000  # of one transaction: the write lock is held under a second
PLAIN = ("minutes", "follow_up_on", "lessons")  # NULL when blank
WORDS = ("person_met", "relation", "place", "subject", "signed_by")  # '' when blank
VISIT = ("id", "uid", "county_id", "form", "on_day", "purposes", "teachers", "ordinal", *PLAIN, *WORDS, *SEALED)
VISIT += ("is_imported", "state", "recorded_by_id", "recorded_at", "receipt", "revision")
PUPIL = ("student_id", "visit_id", "class_org_id", "school_id")
VERSION = ("visit_id", "revision", "content", "replaced_by_id", "replaced_at")
THERE = """SELECT vs.student_id, v.on_day, v.form, v.teachers, COUNT(*) FROM visit_student vs JOIN visit v ON v.id = vs.visit_id
WHERE v.on_day BETWEEN ? AND ? AND vs.student_id IN """


class NewVisit(NamedTuple):
    """A row of the file: the `ordinal`-th visit of its key. `values` by the columns of Visit, without blanks."""

    county_id: int
    student_id: int
    on: datetime.date
    form: str
    teachers: str
    ordinal: int
    values: dict


class OldVisit(NamedTuple):
    """A visit that stands and is told otherwise, as it was when the plan looked."""

    county_id: int
    id: int
    uid: str
    revision: int
    values: dict


def save_many_visits(*, new: list[NewVisit], old: list[OldVisit], by, progress: Callable | None = None) -> None:
    """In transactions of at most 5,000 rows of one county, each with one entry in the trail.

    A visit that somebody brought in or changed since the plan looked stays as it is: nothing is doubled, nothing
    overwritten unseen.
    """
    total, done = len(new) + len(old), 0
    spells = Spells({visit.student_id for visit in new})
    for rows, save in ((new, insert_visits), (old, change_visits)):
        for county_id, of_county in groupby(sorted(rows, key=lambda row: row.county_id), key=lambda row: row.county_id):
            of_county = list(of_county)
            for start in range(0, len(of_county), ROWS):
                chunk = of_county[start : start + ROWS]
                with transaction():
                    lock("visits", county_id)
                    if count := save(chunk, spells, by):
                        told = {"object_kind": "visit", "count": count, "county_id": county_id}
                        record(action=f"visits.{save.__name__}", by=by, **told)
                done += len(chunk)
                if progress:
                    progress(done, total)


def insert_visits(rows: list[NewVisit], spells: Spells, by) -> int:
    """Column by column: the cost of a workbook is the cost of its cells."""
    there = already_there(rows)
    rows = [row for row in rows if row.ordinal > there.get((row.student_id, row.on, row.form, row.teachers), 0)]
    if not rows:
        return 0
    ids, uids, now, by_id = list(reserve_ids(Visit, len(rows))), [new_uid() for _ in rows], str(utcnow()), by.id if by else None
    sealed = [seal_values(getattr(Visit, name), uids, [row.values.get(name) for row in rows]) for name in SEALED]
    fixed = (True, "recorded", by_id, now, "", 1)
    insert_rows(Visit, VISIT, [visit_row(*each, fixed) for each in zip(ids, uids, rows, zip(*sealed, strict=True), strict=True)])
    places = [spells.on(row.student_id, row.on) for row in rows]
    pupils = zip(rows, ids, places, strict=True)
    insert_rows(VisitStudent, PUPIL, [(row.student_id, id_, place.class_id, place.school_id) for row, id_, place in pupils])
    return len(rows)


def visit_row(id_: int, uid: str, row: NewVisit, sealed: tuple, fixed: tuple) -> tuple:
    """In the order of VISIT."""
    values = row.values
    key = (id_, uid, row.county_id, row.form, row.on.isoformat(), json.dumps(values.get("purposes", [])), row.teachers, row.ordinal)
    plain = (values.get("minutes"), day_text(values.get("follow_up_on")), values.get("lessons"))
    return (*key, *plain, *(values.get(name, "") for name in WORDS), *sealed, *fixed)


def day_text(day: datetime.date | None) -> str | None:
    return day.isoformat() if day else None


def already_there(rows: list[NewVisit]) -> dict[tuple, int]:
    """{(student, day, form, teachers): visits}, asked again inside the transaction."""
    days, found = [row.on for row in rows], {}
    for chunk in chunks_of(sorted({row.student_id for row in rows})):
        asked = THERE + marks_for(chunk) + " GROUP BY vs.student_id, v.on_day, v.form, v.teachers"
        for student, day, form, teachers, count in run_sql(asked, (min(days), max(days), *chunk)):
            found[student, datetime.date.fromisoformat(str(day)), form, teachers] = count
    return found


def change_visits(rows: list[OldVisit], _spells: Spells, by) -> int:
    """Those whose revision is still the one that the plan saw and that nobody verified; the former stays as a version."""
    wanted = {row.id: row for row in rows}
    standing = {}
    for chunk in chunks_of(list(wanted)):
        standing |= {visit.id: visit for visit in Visit.select().where(Visit.id.in_(chunk)).for_update(not is_sqlite())}
    seal, now, by_id = sealed_column(VisitVersion.content), utcnow(), by.id if by else None
    versions, changed = [], []
    for id_, row in wanted.items():
        visit = standing[id_]
        if visit.revision == row.revision and visit.state != "verified":
            content = json.dumps(content_of(visit) | {"checked_by": name_of(visit.checked_by_id)}, ensure_ascii=False)
            versions.append((id_, visit.revision, seal(f"{id_}-{visit.revision}", content), by_id, str(now)))
            changed.append(row)
    insert_rows(VisitVersion, VERSION, versions)
    write_changes(changed)
    return len(changed)


def write_changes(rows: list[OldVisit]) -> None:
    """One prepared statement for each set of columns that rows have in common."""
    seals = {name: sealed_column(getattr(Visit, name)) for name in SEALED}
    for names, some in groupby(sorted(rows, key=lambda row: sorted(row.values)), key=lambda row: sorted(row.values)):
        columns = ", ".join(f"{name} = ?" for name in names)
        text = (
            f"UPDATE visit SET {columns}, revision = revision + 1, state = 'recorded', checked_by_id = NULL, checked_at = NULL WHERE id = ?"  # noqa: S608
        )
        run_many(text, [(*(as_stored(name, row, seals) for name in names), row.id) for row in some])


def as_stored(name: str, row: OldVisit, seals: dict):
    value = row.values[name]
    if name in seals:
        return seals[name](row.uid, value)
    if name == "purposes":
        return json.dumps(list(value))
    return day_text(value) if name == "follow_up_on" else value
