"""The list of cases: what it may be narrowed to, its columns and its orders."""

import datetime
from dataclasses import dataclass

import peewee

from aidtracker.accounts.models import User
from aidtracker.attendance.streaks import streaks_among
from aidtracker.cases.models import Case
from aidtracker.cases.queries import visible_cases
from aidtracker.cases.states import CLOSED
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope

ClassOrg, SchoolOrg, Owner = Org.alias(), Org.alias(), User.alias()
UNCLOSED, EVERY = "open", "all"
COLUMNS = (
    *(Case.id, Case.number, Case.state, Case.origin, Case.main_reason, Case.due_on, Case.found_on, Case.opened_at, Case.closed_on),
    *(Case.county, Student.id.alias("student_id"), Student.name, Student.pinyin),
    *(ClassOrg.name.alias("class_name"), SchoolOrg.name.alias("school_name"), Owner.name.alias("owner_name")),
)
ORDERS = {
    "due": (Case.due_on.is_null() | (Case.state == CLOSED), Case.due_on),
    "opened": (Case.opened_at,),
    "school": (SchoolOrg.code, ClassOrg.code, Student.pinyin),
}


@dataclass
class Filters:
    """What the list is narrowed to; '' and None: by nothing."""

    state: str = UNCLOSED
    place: Org | None = None
    origin: str = ""
    is_mine: bool = False
    is_overdue: bool = False
    first: datetime.date | None = None
    last: datetime.date | None = None


def filtered_cases(user, filters: Filters, today: datetime.date):
    """Cases of the reader's scope that fit. The days are those on which the child was found to stay away."""
    found = visible_cases(user)
    if filters.state == UNCLOSED:
        found = found.where(Case.state != CLOSED)
    elif filters.state != EVERY:
        found = found.where(Case.state == filters.state)
    if filters.place is not None:
        found = found.where(at_place(filters.place))
    if filters.origin:
        found = found.where(Case.origin == filters.origin)
    if filters.is_mine:
        found = found.where(Case.owner == user.id)
    if filters.is_overdue:
        found = found.where((Case.due_on < today) & (Case.state != CLOSED))
    if filters.first:
        found = found.where(Case.found_on >= filters.first)
    if filters.last:
        found = found.where(Case.found_on <= filters.last)
    return found


def at_place(place: Org):
    """A township by either line; a school by where its pupils sit, or sat when the case was opened."""
    if place.kind == "township":
        return in_scope([place.path])
    rooms = Org.select(Org.id).where(within([place.path]))
    return Student.class_org.in_(rooms) | (Case.school == place)


def listed(found, order):
    """The rows of the list, in order; `order` as web.paging.order_of gives it."""
    rows = (
        found.select(*COLUMNS)
        .left_outer_join(ClassOrg, on=Student.class_org == ClassOrg.id)
        .left_outer_join(SchoolOrg, on=ClassOrg.parent == SchoolOrg.id)
        .left_outer_join(Owner, on=Case.owner == Owner.id)
    )
    keys = [key.desc() if order.descending and isinstance(key, peewee.Field) else key for key in ORDERS[order.key]]
    return rows.order_by(*keys, Case.id).dicts()


def days_away(rows: list[dict], today: datetime.date) -> dict[int, int]:
    """{student id: unexcused school days in a row up to today} of the rows of one page."""
    found: dict[int, int] = {}
    for county in {row["county"] for row in rows}:
        found |= streaks_among({row["student_id"] for row in rows if row["county"] == county}, county, today)
    return found
