"""Tutoring months: one pupil taught at home x calendar month, met by as many visits of as many lessons as the county asks for (two of two).

Every calendar month that a range touches is due for whoever is taught at home on a day of the range in that month;
what counts is everything that was taught in the whole of that month.
"""

import datetime
from itertools import groupby
from typing import NamedTuple

from aidtracker.db import as_day, is_sqlite, run_sql
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.visits.models import TUTORING

SPELLS = """SELECT e.student_id, e.starts_on, e.ends_on, e.class_org_id, c.school_id
FROM enrollment e JOIN school_class c ON c.org_id = e.class_org_id JOIN org s ON s.id = c.school_id
WHERE e.mode = 'home_taught' AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {} ORDER BY e.starts_on"""
TAUGHT = """SELECT vs.student_id, {month}, COUNT(*), SUM(CASE WHEN v.lessons >= ? THEN 1 ELSE 0 END)
FROM visit v JOIN visit_student vs ON vs.visit_id = v.id
WHERE v.form = ? AND v.on_day BETWEEN ? AND ? AND {which} GROUP BY vs.student_id, {month}"""
MONTH = {True: "strftime('%Y-%m', v.on_day)", False: "to_char(v.on_day, 'YYYY-MM')"}


class Quota(NamedTuple):
    """Of a month: so many visits, each of so many lessons."""

    visits: int
    lessons: int


class Taught(NamedTuple):
    visits: int
    enough: int  # of enough lessons
    is_met: bool


NOTHING = Taught(0, 0, False)


class Due(NamedTuple):
    """A tutoring month; class and school are those of the last day in it on which the pupil was taught at home."""

    student_id: int
    month: str  # 2021-03
    class_id: int
    school_id: int
    is_met: bool


class MonthOfPupil(NamedTuple):
    month: str
    visits: int
    enough: int  # of enough lessons
    is_met: bool


def months_of(first: datetime.date, last: datetime.date) -> list[str]:
    """Every calendar month that the range touches."""
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [f"{number // 12}-{number % 12 + 1:02}" for number in numbers]


def span_of(month: str) -> tuple[datetime.date, datetime.date]:
    first = datetime.date.fromisoformat(f"{month}-01")
    return first, (first + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1)


def tutoring_months(county_id: int, first: datetime.date, last: datetime.date) -> list[Due]:
    months = months_of(first, last)
    taught = taught_in("v.county_id = ?", (county_id,), months, county_id)
    places = {}
    for student_id, starts_on, ends_on, class_id, school_id in run_sql(SPELLS.format("s.county_id = ?"), (last, first, county_id)):
        for month in months_of(max(as_day(starts_on), first), min(as_day(ends_on) or last, last)):
            places[student_id, month] = (class_id, school_id)  # a later spell of the month comes later
    return [Due(*key, *place, taught.get(key, NOTHING).is_met) for key, place in places.items()]


def taught_in(which: str, values: tuple, months: list[str], county_id: int) -> dict[tuple[int, str], Taught]:
    """{(pupil, month): what was taught}, each month by the quota that held at its end."""
    asked, found = TAUGHT.format(month=MONTH[is_sqlite()], which=which), {}
    for quota, span in groupby(months, key=lambda month: quota_of(county_id, span_of(month)[1])):
        some = list(span)
        rows = run_sql(asked, (quota.lessons, TUTORING, span_of(some[0])[0], span_of(some[-1])[1], *values))
        found |= {(student_id, month): Taught(visits, int(enough), enough >= quota.visits) for student_id, month, visits, enough in rows}
    return found


def quota_of(county_id: int, on: datetime.date) -> Quota:
    return Quota(number_of("tutoring_visits", county_id, on), number_of("tutoring_lessons", county_id, on))


def months_of_pupil(student: Student, first: datetime.date, last: datetime.date) -> list[MonthOfPupil]:
    """The pupil's own tutoring months in the range, newest first; none of a pupil who was never taught at home."""
    due = set()
    for _student, starts_on, ends_on, *_place in run_sql(SPELLS.format("e.student_id = ?"), (last, first, student.id)):
        due.update(months_of(max(as_day(starts_on), first), min(as_day(ends_on) or last, last)))
    if not due:
        return []
    taught = taught_in("vs.student_id = ?", (student.id,), months_of(first, last), student.county_id)
    return [MonthOfPupil(month, *taught.get((student.id, month), NOTHING)) for month in sorted(due, reverse=True)]
