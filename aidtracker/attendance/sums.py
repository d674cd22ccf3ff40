"""Attendance of a county over a range of days: sums by school, sessions that were due."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Sequence

from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.marks import SESSIONS
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.terms.days import Calendar

SUMS = f"""SELECT d.school_id, {", ".join(f"SUM(d.{name})" for name in (*FIGURES, "rolls"))}
FROM org o JOIN day_sum d ON d.school_id = o.id
WHERE o.county_id = ? AND o.kind = 'school' AND d.on_day BETWEEN ? AND ? GROUP BY d.school_id"""  # noqa: S608 our own names
# A class with a pupil who attends from the first day to the last is due on each of them; nearly all are such.
WHOLE = """SELECT c.org_id, c.school_id, EXISTS (SELECT 1 FROM enrollment e WHERE e.class_org_id = c.org_id
AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND e.mode <> 'home_taught')
FROM org o JOIN school_class c ON c.org_id = o.id WHERE o.county_id = ? AND o.kind = 'class'"""
SPELLS = """SELECT DISTINCT class_org_id, starts_on, ends_on FROM enrollment
WHERE starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?) AND mode <> 'home_taught' AND class_org_id IN """


def sums_by_school(county_id: int, first: datetime.date, last: datetime.date) -> dict[int, dict[str, int]]:
    """{school id: {expected, present, ..., rolls}} of what was submitted; a school without a roll is left out."""
    names = (*FIGURES, "rolls")
    found = run_sql(SUMS, (county_id, first, last))
    return {school: dict(zip(names, map(int, sums), strict=True)) for school, *sums in found}


def sessions_due(county_id: int, calendar: Calendar, sessions: Collection[str] = tuple(SESSIONS)) -> dict[int, int]:
    """{school id: classes x school days x sessions}, a class counting on the days when a pupil of it attends."""
    if not (days := calendar.anywhere()):
        return {}
    due: dict[int, int] = defaultdict(int)
    partly: dict[int, dict] = defaultdict(dict)
    for class_id, school, is_whole in run_sql(WHOLE, (days[0], days[-1], county_id)):
        if is_whole:
            due[school] += len(calendar.of(school))
        else:
            partly[school if school in calendar.own else None][class_id] = school
    for place, classes in partly.items():
        if counted := calendar.of(place):
            for class_id, attended in attended_days(list(classes), counted).items():
                due[classes[class_id]] += attended
    return {school: count * len(sessions) for school, count in due.items()}


def attended_days(class_ids: list[int], days: Sequence[datetime.date]) -> dict[int, int]:
    """{class id: how many of these days some pupil of it attended}."""
    spells = defaultdict(list)
    for chunk in chunks_of(class_ids):
        for class_id, starts_on, ends_on in run_sql(SPELLS + marks_for(chunk), (days[-1], days[0], *chunk)):
            spells[class_id].append((as_day(starts_on), as_day(ends_on) or days[-1]))
    return {class_id: sum(any(first <= day <= last for first, last in found) for day in days) for class_id, found in spells.items()}
