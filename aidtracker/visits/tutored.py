"""Pupils who are taught at home today, with how their individual plan stands, this month's lessons and the school year's."""

import datetime
from typing import NamedTuple

from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.terms.calendar import first_day_of
from aidtracker.visits.individual import STATES, holding
from aidtracker.visits.quotas import Month, span_of
from aidtracker.visits.tutoring import Year, taught_in, tutoring_months

MONTHS = {"short": "本月还不够", "met": "本月已达标", "none": "本月不要求"}  # what is urgent first
ORDERS = {"plan": list(STATES), "state": list(MONTHS)}


class Tutored(NamedTuple):
    """`month` None: this month asks for nothing of the pupil."""

    student_id: int
    name: str
    pinyin: str
    class_name: str
    school_name: str
    plan: str  # of individual.STATES
    month: Month | None
    year: Year

    @property
    def state(self) -> str:
        """Of MONTHS."""
        if self.month is None:
            return "none"
        return "met" if self.month.is_met else "short"


def tutored_pupils(user, place: Org | None, today: datetime.date) -> list[Tutored]:
    """Of the place, or of everything the user may see; by school, class and name."""
    School = Org.alias()
    seen = visible_students(user, Permission.VISIT_VIEW).select(Student.id, Student.county_id, Student.name, Student.pinyin, Org.name, School.name)
    seen = seen.join(Org, on=Student.class_org == Org.id).join(School, on=Org.parent == School.id).where(Student.mode == "home_taught")
    if place is not None:
        seen = seen.where(within([place.path]))
    rows = list(seen.order_by(School.name, School.id, Org.name, Org.id, Student.pinyin, Student.id).tuples())
    plans, months, years = holding([row[0] for row in rows], today), {}, {}
    for county_id in {row[1] for row in rows}:
        months |= {due.student_id: due.state for due in tutoring_months(county_id, today, span_of(f"{today:%Y-%m}")[1])}
        years |= taught_in(county_id, first_day_of(school_year_of(today)), today)
    return [
        Tutored(id_, name, pinyin, room, school, plans[id_].state, months.get(id_), years.get(id_, Year(0, 0)))
        for id_, _county, name, pinyin, room, school in rows
    ]
