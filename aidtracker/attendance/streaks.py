"""Who has been away without leave, and for how many school days in a row: the early warning.

Only teaching sessions count (sessions.py). Nothing is maintained: a correction would make it wrong. Whoever has a streak has an unexcused mark on the
last day that their class reported, so a few hundred pupils are walked back, not all.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from aidtracker.attendance.marks import UNEXCUSED
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.terms.days import ONE_DAY, Calendar

WINDOW = datetime.timedelta(days=5)  # looked at first, for most are back soon; doubled for those whose streak is longer
MARKS = ", ".join(f"'{mark}'" for mark in UNEXCUSED)
NEWEST = f"SELECT MAX(r.on_day) FROM roll_call r WHERE r.class_org_id = o.id AND r.on_day <= ? AND r.{TAUGHT}"  # noqa: S608 our own names
LAST_DAYS = f"SELECT o.id, o.parent_id, ({NEWEST}) FROM org o WHERE o.county_id = ? AND o.kind = 'class'"  # noqa: S608
# Pupils who came after their class had last reported: what they did before counts.
MOVED = f"""SELECT e.student_id FROM org o JOIN enrollment e ON e.class_org_id = o.id
AND e.starts_on > COALESCE(({NEWEST}), ?) WHERE o.county_id = ? AND o.kind = 'class' AND e.starts_on <= ?
AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {EVERYBODY}
AND EXISTS (SELECT 1 FROM absence a WHERE a.student_id = e.student_id)"""  # noqa: S608
AWAY = f"""SELECT a.student_id, r.class_org_id FROM absence a JOIN roll_call r ON r.id = a.roll_call_id
WHERE a.on_day = ? AND a.mark IN ({MARKS}) AND r.{TAUGHT} GROUP BY a.student_id, r.class_org_id
HAVING COUNT(*) = (SELECT COUNT(*) FROM roll_call t WHERE t.class_org_id = r.class_org_id AND t.on_day = ? AND t.{TAUGHT})"""  # noqa: S608
SPELLS = f"""SELECT e.student_id, e.class_org_id, e.starts_on, e.ends_on, o.county_id FROM enrollment e
JOIN org o ON o.id = e.class_org_id WHERE {EVERYBODY} AND e.starts_on <= ? AND e.student_id IN """  # noqa: S608
UNEXCUSED_SESSIONS = f"""SELECT a.student_id, r.class_org_id, a.on_day, COUNT(*) FROM absence a
JOIN roll_call r ON r.id = a.roll_call_id WHERE a.mark IN ({MARKS}) AND r.{TAUGHT} AND a.on_day BETWEEN ? AND ? AND a.student_id IN """  # noqa: S608
REPORTED = f"""SELECT class_org_id, school_id, on_day, COUNT(*) FROM roll_call
WHERE {TAUGHT} AND on_day BETWEEN ? AND ? AND class_org_id IN """  # noqa: S608
LONG_AGO = datetime.date(1900, 1, 1)


class Spell(NamedTuple):
    class_id: int
    first: datetime.date
    last: datetime.date | None


def streaks(county_id: int, as_of: datetime.date) -> dict[int, int]:
    """{student id: school days in a row, back from the day, on which every submitted session was unexcused}.

    Of the pupils who attend a class of the county on that day. A day that the class of that day did not
    report is skipped, and so are days on which there was no school, or none for the pupil.
    """
    return streaks_among(candidates_on(county_id, as_of), county_id, as_of)


def streaks_among(students, county_id: int, as_of: datetime.date) -> dict[int, int]:
    """The same of these pupils alone; whoever has no streak is not in it."""
    return {student: len(days) for student, days in days_away_of(students, county_id, as_of).items()}


def days_away_of(students, county_id: int, as_of: datetime.date) -> dict[int, list[datetime.date]]:
    """{student: the days that their streak counts, from the first to the last}; whoever has none is not in it."""
    spells = spells_of(list(students), county_id, as_of)
    walks = {student: Walk(found) for student, found in spells.items()}
    last, width = as_of, WINDOW
    earliest = as_day(run_sql("SELECT MIN(on_day) FROM roll_call").fetchone()[0]) or as_of
    while walks_on := [student for student, walk in walks.items() if not walk.is_over]:
        if last < earliest:
            break
        first = last - width
        step(walks, walks_on, county_id, first, last)
        last, width = first - ONE_DAY, width * 2
    return {student: walk.away[::-1] for student, walk in walks.items() if walk.away}


class Walk:
    """One pupil's way back."""

    def __init__(self, spells: list[Spell]):
        self.spells, self.is_over = spells, False
        self.away: list[datetime.date] = []  # the last first

    def class_on(self, day: datetime.date) -> int | None:
        for class_id, first, last in self.spells:
            if first <= day and (last is None or day <= last):
                return class_id
        return None

    def back_over(self, days, reported, unexcused) -> None:
        """`days` from the last to the first; sessions reported and unexcused by (class, day)."""
        for day in days:
            class_id = self.class_on(day)
            sessions = reported.get((class_id, day)) if class_id else None
            if not sessions:
                continue
            if unexcused.get((class_id, day), 0) < sessions:
                self.is_over = True
                return
            self.away.append(day)


def candidates_on(county_id: int, as_of: datetime.date) -> set[int]:
    """Whoever is unexcused at every session of the last school day that their class reported, and whoever changed class since."""
    newest, schools = {}, {}
    for class_id, school, day in run_sql(LAST_DAYS, (as_of, county_id)):
        if day is not None:
            newest[class_id], schools[class_id] = as_day(day), school
    found = moved(county_id, as_of)
    newest, stepped_back = on_school_days(newest, schools, county_id)
    for class_id in stepped_back:
        found |= moved_into(class_id, newest.get(class_id), as_of)
    by_day = defaultdict(set)
    for class_id, day in newest.items():
        by_day[day].add(class_id)
    for day, classes in by_day.items():
        found |= {student for student, class_id in run_sql(AWAY, (day, day)) if class_id in classes}
    return found


def moved(county_id: int, as_of: datetime.date) -> set[int]:
    return {row[0] for row in run_sql(MOVED, (as_of, LONG_AGO, county_id, as_of, as_of))}


def moved_into(class_id: int, newest: datetime.date | None, as_of: datetime.date) -> set[int]:
    asked = "SELECT student_id FROM enrollment WHERE class_org_id = ? AND starts_on > ? AND starts_on <= ?"
    return {row[0] for row in run_sql(asked, (class_id, newest or LONG_AGO, as_of))}


def on_school_days(newest: dict, schools: dict, county_id: int) -> tuple[dict, set]:
    """The same, where a class's last roll lies on a day that is no school day (any more): its last one that does."""
    stepped_back: set = set()
    known: dict[datetime.date, Callable] = {}
    for class_id, day in list(newest.items()):
        while day is not None and is_shut(schools[class_id], day, county_id, known):
            stepped_back.add(class_id)
            before = f"SELECT MAX(on_day) FROM roll_call WHERE class_org_id = ? AND on_day < ? AND {TAUGHT}"  # noqa: S608
            day = as_day(run_sql(before, (class_id, day)).fetchone()[0])
        newest[class_id] = day
    return {class_id: day for class_id, day in newest.items() if day is not None}, stepped_back


def is_shut(school: int, day: datetime.date, county_id: int, known: dict[datetime.date, Callable]) -> bool:
    if day not in known:
        known[day] = Calendar(county_id, day, day).is_shut()
    return known[day](school, day)


def spells_of(students: list[int], county_id: int, as_of: datetime.date) -> dict[int, list[Spell]]:
    """Spells in attendance up to the day, of those who attend a class of the county on it; newest first."""
    found, here = defaultdict(list), set()
    for chunk in chunks_of(students):
        for student, class_id, first, last, county in run_sql(SPELLS + marks_for(chunk), (as_of, *chunk)):
            spell = Spell(class_id, as_day(first), as_day(last))
            found[student].append(spell)
            if county == county_id and (spell.last is None or spell.last >= as_of):
                here.add(student)
    return {student: sorted(found[student], key=lambda spell: spell.first, reverse=True) for student in here}


def step(walks: dict[int, Walk], students: list[int], county_id: int, first: datetime.date, last: datetime.date) -> None:
    """Walks these pupils back over one window."""
    calendar = Calendar(county_id, first, last)
    days, shut = calendar.anywhere()[::-1], calendar.is_shut()
    unexcused: dict[int, dict] = defaultdict(dict)
    for chunk in chunks_of(students):
        asked = f"{UNEXCUSED_SESSIONS}{marks_for(chunk)} GROUP BY a.student_id, r.class_org_id, a.on_day"
        for student, class_id, day, count in run_sql(asked, (first, last, *chunk)):
            unexcused[student][class_id, as_day(day)] = count
    reported = {}
    for chunk in chunks_of(list({spell.class_id for student in students for spell in walks[student].spells})):
        asked = f"{REPORTED}{marks_for(chunk)} GROUP BY class_org_id, school_id, on_day"
        for class_id, school, day, count in run_sql(asked, (first, last, *chunk)):
            if not shut(school, as_day(day)):
                reported[class_id, as_day(day)] = count
    for student in students:
        walks[student].back_over(days, reported, unexcused[student])
