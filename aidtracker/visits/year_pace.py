"""Whether the lessons at home of a school year will be enough, as far as they have got: 216 lessons or 30 visits a year, where a county asks for that."""

import datetime
import math
from typing import NamedTuple

from aidtracker.db import run_sql
from aidtracker.orgs.grades import school_year_of
from aidtracker.terms.calendar import first_day_of, school_days
from aidtracker.visits.quotas import Quota, months_of, quota_of
from aidtracker.visits.rules import YEAR, rules_of
from aidtracker.visits.tutoring import SPELLS, Spell, TaughtDays, spells_in, taught_in
from aidtracker.visits.tutoring import Year as Taught


class SchoolYear(NamedTuple):
    """`first` to `last` with school; `left`: days with school that are left, today counted."""

    year: int
    first: datetime.date
    last: datetime.date
    left: int


class Pace(NamedTuple):
    """Of a pupil: what is asked of the part of the year in which the pupil is taught at home, and what was done by today."""

    class_id: int
    needed: Taught
    done: Taught
    days: int
    gone: int  # of the days, before today

    @property
    def is_asked(self) -> bool:
        return bool(self.needed.visits or self.needed.lessons)

    @property
    def is_met(self) -> bool:
        return all(done >= needed for done, needed in zip(self.done, self.needed, strict=True))

    @property
    def is_behind(self) -> bool:
        """At this pace it will not be enough."""
        return any(done < needed and done * self.days < needed * self.gone for done, needed in zip(self.done, self.needed, strict=True))


def year_at(county_id: int, today: datetime.date) -> SchoolYear:
    year = school_year_of(today)
    until = rules_of(county_id, today).periods[YEAR].until
    left = school_days(today, until, county_id) if today <= until else []
    return SchoolYear(year, first_day_of(year), left[-1] if left else until, len(left))


def paces_of(county_id: int, year: SchoolYear, today: datetime.date) -> dict[int, Pace]:
    """{pupil: the pace}, of those who are taught at home today."""
    quota = quota_of(county_id, today)
    spells = spells_in(run_sql(SPELLS.format("s.county_id = ?"), (year.last, year.first, county_id)))
    now = {student_id: own for student_id, own in spells.items() if any(spell.first <= today <= spell.last for spell in own)}
    if not now:
        return {}
    done, days = taught_in(county_id, year.first, today), TaughtDays(county_id, months_of(year.first, year.last))
    return {student_id: pace_of(own, done.get(student_id, Taught(0, 0)), year, today, days, quota) for student_id, own in now.items()}


def pace_of(spells: list[Spell], done: Taught, year: SchoolYear, today: datetime.date, days: TaughtDays, quota: Quota) -> Pace:
    """Whoever is taught at home for a part of the year is asked for that part of it."""
    whole = [day for day in days.of_school(spells[-1].school_id, quota.off_months) if year.first <= day <= year.last]
    own = [day for day in whole if any(spell.first <= day <= spell.last for spell in spells)]
    needed = Taught(*(math.ceil(asked * len(own) / len(whole)) if whole else 0 for asked in (quota.year_visits, quota.year_lessons)))
    return Pace(spells[-1].class_id, needed, done, len(own), sum(day < today for day in own))
