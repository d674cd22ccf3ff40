"""Who came to less than so many percent of the last 20 school days: for whatever reason, leave too.

A school day counts when the class reported it; who was not in the class on all of them is not judged yet.
"""

import datetime
from collections import Counter, defaultdict
from typing import NamedTuple

from aidtracker.attendance.marks import NOT_THERE
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT
from aidtracker.db import as_day, marks_for, run_sql
from aidtracker.terms.days import Calendar

DAYS = 20  # school days that the class reported
BACK = datetime.timedelta(days=120)  # among which they are looked for
NEVER = 10**9
GONE = ", ".join(f"'{mark}'" for mark in NOT_THERE)
MISSED_OFTEN = f"""SELECT a.student_id FROM roll_call r JOIN absence a ON a.roll_call_id = r.id
WHERE r.class_org_id = ? AND r.on_day BETWEEN ? AND ? AND r.{TAUGHT} AND a.mark IN ({GONE})
GROUP BY a.student_id HAVING COUNT(*) * 100 > ?"""  # noqa: S608 our own names
MISSED = f"""SELECT r.class_org_id, a.student_id FROM roll_call r JOIN absence a ON a.roll_call_id = r.id
WHERE r.class_org_id IN {{classes}} AND r.on_day BETWEEN ? AND ? AND r.{TAUGHT} AND a.mark IN ({GONE})
GROUP BY r.class_org_id, a.student_id HAVING COUNT(*) * 100 > ?"""  # noqa: S608
ROLLS = f"SELECT id, on_day, school_id FROM roll_call WHERE class_org_id = ? AND on_day BETWEEN ? AND ? AND {TAUGHT} ORDER BY on_day DESC"  # noqa: S608
AWAY = f"SELECT student_id FROM absence WHERE mark IN ({GONE}) AND roll_call_id IN "  # noqa: S608
THROUGHOUT = f"""SELECT e.student_id FROM enrollment e WHERE e.class_org_id = ? AND {EVERYBODY} AND e.starts_on <= ?
AND (e.ends_on IS NULL OR e.ends_on >= ?) AND e.student_id IN """  # noqa: S608


class Seldom(NamedTuple):
    """Sessions that the pupil was at, of so many; the first and the last of the days."""

    present: int
    expected: int
    first_on: datetime.date
    last_on: datetime.date


def missed_often(class_id: int, today: datetime.date, percent: int) -> tuple:
    """What MISSED_OFTEN asks with: of twenty days with one session each so many are the least that weigh; most classes have nobody."""
    return (class_id, today - BACK, today, (100 - percent) * DAYS if percent else NEVER)


def seldom_there(class_ids: list[int], county_id: int, today: datetime.date, percent: int) -> dict[int, Seldom]:
    """{student: what they came to}, of those who sit in one of these classes (at most as many as one statement takes) on the day."""
    if not percent or not class_ids:
        return {}
    first, found = today - BACK, {}
    _class, *asked = missed_often(0, today, percent)
    candidates: dict[int, list[int]] = defaultdict(list)
    for room, student in run_sql(MISSED.format(classes=marks_for(class_ids)), (*class_ids, *asked)).fetchall():
        candidates[room].append(student)
    rolls = {room: rolls_of(room, first, today) for room in candidates}
    rolls = {room: some for room, some in rolls.items() if len({day for _id, day, _school in some}) >= DAYS}
    shut = Calendar(county_id, first, today).is_shut() if rolls else None
    for room, some in rolls.items():
        found |= of_class(room, candidates[room], some, today, percent, shut)
    return found


def rolls_of(room: int, first: datetime.date, today: datetime.date) -> list[tuple[int, datetime.date, int]]:
    """(id, day, school), the last first."""
    return [(id_, as_day(on), school) for id_, on, school in run_sql(ROLLS, (room, first, today)).fetchall()]


def of_class(room: int, students: list[int], taken, today: datetime.date, percent: int, shut) -> dict[int, Seldom]:
    by_day: dict[datetime.date, list[int]] = {}
    for id_, day, school in taken:
        if shut(school, day):
            continue
        if day not in by_day and len(by_day) == DAYS:
            break
        by_day.setdefault(day, []).append(id_)
    if len(by_day) < DAYS:
        return {}
    last_on, first_on = max(by_day), min(by_day)
    rolls = [id_ for ids in by_day.values() for id_ in ids]
    here = {row[0] for row in run_sql(THROUGHOUT + marks_for(students), (room, first_on, today, *students))}
    missed = Counter(row[0] for row in run_sql(AWAY + marks_for(rolls), rolls))
    counted = {student: Seldom(len(rolls) - missed[student], len(rolls), first_on, last_on) for student in here}
    return {student: one for student, one in counted.items() if one.present * 100 < percent * one.expected}
