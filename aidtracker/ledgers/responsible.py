"""包保责任人 as a ledger prints them: of both lines, whoever answered for the child on the record's date."""

import datetime

import peewee

from aidtracker.cases.models_responsibility import KINDS, LINES, Responsibility
from aidtracker.db import as_day
from aidtracker.ledgers.ledger import Column
from aidtracker.ledgers.reading import Reading
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student

COLUMNS = (Column("responsible_gov", "包保责任人(行政线)"), Column("responsible_edu", "包保责任人(教育线)"))
Room, Home = Org.alias(), Org.alias()
R = Responsibility


def responsible_on(reading: Reading, days: dict[int, datetime.date]) -> dict[int, tuple[str, str]]:
    """{pupil: (行政线, 教育线)}, the nearest first; of these pupils, each on a day of its own."""
    if not reading.read(R.select(R.id).where(R.withdrawn_at.is_null()).limit(1)).fetchall():
        return {}
    places = places_of(reading, list(days))
    of_org, of_pupil = rows_of(reading, {org for orgs in places.values() for org in orgs}, list(days))
    found = {}
    for student_id, on in days.items():
        rows = [*of_pupil.get(student_id, ()), *(row for org in places.get(student_id, ()) for row in of_org.get(org, ()))]
        held = sorted({row for row in rows if row[4] <= on and (row[5] is None or row[5] >= on)})
        by_line = {line: "、".join(f"{name}（{post}）" if post else name for _depth, _id, of, (name, post), *_days in held if of == line) for line in LINES}
        found[student_id] = (by_line["gov"], by_line["edu"])
    return found


def places_of(reading: Reading, student_ids: list[int]) -> dict[int, set[int]]:
    asked = Student.select(Student.id, Student.county, Room.path, Home.path)
    asked = asked.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(Home, peewee.JOIN.LEFT_OUTER, on=Student.home == Home.id)
    rows = reading.read(asked.where(Student.id.in_(student_ids)))
    return {id_: {county, *(int(part) for path in paths if path for part in str(path).strip("/").split("/"))} for id_, county, *paths in rows}


def rows_of(reading: Reading, orgs: set[int], student_ids: list[int]) -> tuple[dict, dict]:
    """By place and by pupil: (how near, id, line, (name, post), from, to)."""
    of_org: dict[int, list] = {}
    of_pupil: dict[int, list] = {}
    asked = R.select(R.id, R.line, R.name, R.post, R.starts_on, R.ends_on, R.org, R.student, Org.kind).join(Org, peewee.JOIN.LEFT_OUTER, on=R.org == Org.id)
    mine = R.org.in_(list(orgs)) | R.student.in_(student_ids)
    for id_, line, name, post, first, last, org, student, kind in reading.read(asked.where(mine & R.withdrawn_at.is_null())):
        row = (KINDS.index(kind) + 1 if kind else 0, id_, line, (name, post), as_day(first), as_day(last))
        (of_org.setdefault(org, []) if org else of_pupil.setdefault(student, [])).append(row)
    return of_org, of_pupil
