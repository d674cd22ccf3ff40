"""Tutoring months: one pupil taught at home x calendar month with school, met by what the county asks for (quotas.py).

Every month that a range touches is due for whoever is taught at home on a day of the range in that month; what counts is everything that
was taught in the whole of that month.
"""

import datetime
from collections.abc import Iterable
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.students.models import Student
from aidtracker.terms.days import Calendar, half_year_of
from aidtracker.visits.models import TUTORING
from aidtracker.visits.quotas import Lesson, Month, Quota, month_of, months_of, quota_of, reach_of, span_of

SPELLS = """SELECT e.student_id, e.starts_on, e.ends_on, e.class_org_id, c.school_id
FROM enrollment e JOIN school_class c ON c.org_id = e.class_org_id JOIN org s ON s.id = c.school_id
WHERE e.mode = 'home_taught' AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {} ORDER BY e.starts_on"""
TAUGHT = """SELECT vs.student_id, v.on_day, v.makes_up_on, v.lessons, v.minutes, v.teachers FROM visit v JOIN visit_student vs ON vs.visit_id = v.id
WHERE v.form = ? AND v.on_day BETWEEN ? AND ? AND {} ORDER BY v.on_day, v.id"""
LATEST_MAKE_UP = datetime.timedelta(days=120)  # the most that a county may allow


class Due(NamedTuple):
    """A tutoring month; class and school are those of the last day in it on which the pupil was taught at home."""

    student_id: int
    month: str  # 2021-03
    class_id: int
    school_id: int
    state: Month

    @property
    def is_met(self) -> bool:
        return self.state.is_met


class Spell(NamedTuple):
    first: datetime.date
    last: datetime.date
    class_id: int
    school_id: int


class Year(NamedTuple):
    """What was taught since the school year began, whatever its length: for what a county asks of a whole year."""

    visits: int
    lessons: int


class TaughtDays:
    """The days on which pupils are taught at home: days with school at their schools. Months without dates of a term are the county's own rule."""

    def __init__(self, county_id: int, months: list[str]):
        self.first, self.last = reach_of(months[0], months[-1])
        self.calendar = Calendar(county_id, self.first, self.last)
        self.kept: dict[tuple[int, str], list[datetime.date]] = {}

    def of_school(self, school_id: int, off_months: str) -> list[datetime.date]:
        key = (school_id, off_months)
        if key not in self.kept:
            off = set() if off_months == "none" else {int(month) for month in off_months.split(",")}
            terms = self.calendar.terms
            self.kept[key] = [day for day in self.calendar.of(school_id) if day.month not in off or half_year_of(day) in terms]
        return self.kept[key]

    def of(self, spells: list[Spell], month: str, off_months: str) -> list[datetime.date]:
        """Those of a pupil that the month's weeks may hold."""
        begins, ends = reach_of(month, month)
        found: set[datetime.date] = set()
        for spell in spells:
            first, last = max(begins, spell.first), min(ends, spell.last)
            found.update(day for day in self.of_school(spell.school_id, off_months) if first <= day <= last)
        return sorted(found)


def tutoring_months(county_id: int, first: datetime.date, last: datetime.date) -> list[Due]:
    return due_of("s.county_id = ?", "v.county_id = ?", county_id, county_id, (first, last))


def months_of_pupil(student: Student, first: datetime.date, last: datetime.date) -> list[Month]:
    """The pupil's own tutoring months in the range, newest first; none of a pupil who was never taught at home."""
    found = due_of("e.student_id = ?", "vs.student_id = ?", student.id, student.county_id, (first, last))
    return sorted((due.state for due in found), key=lambda month: month.month, reverse=True)


def due_of(whose_spells: str, whose_lessons: str, value: int, county_id: int, days: tuple[datetime.date, datetime.date]) -> list[Due]:
    first, last = days
    months = months_of(first, last)
    begins, ends = reach_of(months[0], months[-1])
    asked_spells, asked_lessons = SPELLS.format(whose_spells), TAUGHT.format(whose_lessons)
    spells = spells_in(run_sql(asked_spells, (ends, begins, value)))
    if not spells:
        return []
    quotas = {month: quota_of(county_id, span_of(month)[1]) for month in months}  # each month by what held at its end
    taught = lessons_in(run_sql(asked_lessons, (TUTORING, begins, ends + LATEST_MAKE_UP, value)))
    school_days, found = TaughtDays(county_id, months), []
    for student_id, own in spells.items():
        for month in months:
            due = month_due(student_id, month, own, days, taught.get(student_id, []), school_days, quotas[month])
            found += [due] if due else []
    return found


def month_due(student_id: int, month: str, spells: list[Spell], days, taught: list[Lesson], school_days: TaughtDays, quota: Quota) -> Due | None:
    begins, ends = (max(days[0], span_of(month)[0]), min(days[1], span_of(month)[1]))
    here = [spell for spell in spells if spell.first <= ends and spell.last >= begins]
    if not here:
        return None
    state = month_of(month, school_days.of(spells, month, quota.off_months), taught, quota)
    return Due(student_id, month, here[-1].class_id, here[-1].school_id, state) if state else None


def spells_in(rows: Iterable) -> dict[int, list[Spell]]:
    found: dict[int, list[Spell]] = {}
    for student_id, starts_on, ends_on, class_id, school_id in rows:
        found.setdefault(student_id, []).append(Spell(as_day(starts_on), as_day(ends_on) or datetime.date.max, class_id, school_id))
    return found


def lessons_in(rows: Iterable) -> dict[int, list[Lesson]]:
    found: dict[int, list[Lesson]] = {}
    for student_id, on, makes_up_on, lessons, minutes, teachers in rows:
        found.setdefault(student_id, []).append(Lesson(as_day(on), as_day(makes_up_on), lessons, minutes, teachers))
    return found


def taught_in(county_id: int, first: datetime.date, last: datetime.date) -> dict[int, Year]:
    """{pupil: everything taught from day to day} in the county."""
    taught = lessons_in(run_sql(TAUGHT.format("v.county_id = ?"), (TUTORING, first, last, county_id)))
    return {student_id: Year(len(lessons), sum(lesson.lessons for lesson in lessons)) for student_id, lessons in taught.items()}
