"""The list of visits: what it can be narrowed by, its order, its rows."""

import datetime
from dataclasses import dataclass

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import is_sqlite
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.visits.models import STATES, Visit, VisitStudent
from aidtracker.visits.queries import WAITING, to_verify, visible_visits

IMPORTED = "imported"
CHOICES_OF_STATE = {**STATES, IMPORTED: "表格导入"}
ORDERS = {"on": (Visit.on, Visit.id), "recorded": (Visit.recorded_at, Visit.id)}
COLUMNS = (Visit.id, Visit.on, Visit.form, Visit.purposes, Visit.subject, Visit.lessons, Visit.minutes, Visit.teachers)
COLUMNS += (Visit.person_met, Visit.relation, Visit.state, Visit.is_imported, Visit.receipt, Visit.recorded_at)


@dataclass
class Filters:
    """What the list is narrowed to; '' and None: by nothing. `student_ids` and `receipt`: what was searched for."""

    place: Org | None = None
    form: str = ""
    purpose: str = ""
    state: str = ""
    first: datetime.date | None = None
    last: datetime.date | None = None
    waiting: bool = False  # for this reader's verification
    student_ids: list[int] | None = None
    receipt: str = ""


def filtered_visits(user, filters: Filters):
    """Visits of the reader's scope that fit."""
    found = all_in_reach(user, filters)
    if filters.place is not None:
        found = found.where(Visit.id.in_(at_place(user, filters.place)))
    if filters.form:
        found = found.where(Visit.form == filters.form)
    if filters.purpose:
        found = found.where(has_purpose(filters.purpose))
    if filters.state:
        found = found.where(of_state(filters.state))
    if filters.first:
        found = found.where(Visit.on >= filters.first)
    if filters.last:
        found = found.where(Visit.on <= filters.last)
    if filters.receipt:
        found = found.where(Visit.receipt == filters.receipt)
    if filters.student_ids is not None:
        mine = VisitStudent.select(VisitStudent.visit).where(VisitStudent.student.in_(filters.student_ids))
        found = found.where(Visit.id.in_(mine))
    return found


def all_in_reach(user, filters: Filters):
    """Of a place at_place() asks who of it may be seen; to look through the reader's whole scope beside it costs far more than the place."""
    if filters.waiting:
        return to_verify(user)
    return visible_visits(user) if filters.place is None else Visit.select()


def has_purpose(code: str):
    """No LIKE: PostgreSQL expects next to nothing of it, and would look through the visits of all for those of one school."""
    place_in = peewee.fn.INSTR if is_sqlite() else peewee.fn.STRPOS
    return place_in(Visit.purposes.cast("TEXT"), f'"{code}"') > 0


def of_state(state: str):
    if state == IMPORTED:
        return Visit.is_imported & (Visit.state == "recorded")
    return WAITING if state == "recorded" else Visit.state == state


def at_place(user, place: Org):
    """Visits of pupils who sat there on the day of the visit and whom the reader may see."""
    seen = in_scope(user.scopes(Permission.VISIT_VIEW))
    pupils = VisitStudent.select(VisitStudent.visit).join(Student).where(seen)
    if place.kind == "class":
        return pupils.where(VisitStudent.class_org == place)
    if place.kind == "school":
        return pupils.where(VisitStudent.school == place)
    schools = Org.select(Org.id).where(within([place.path]) & (Org.kind == "school"))
    return pupils.where(VisitStudent.school.in_(schools))


def listed(found, order):
    """The rows of the list, in order; `order` as web.paging.order_of gives it."""
    keys = [key.desc() if order.descending else key for key in ORDERS[order.key]]
    rows = found.select(*COLUMNS, User.name.alias("by_name")).left_outer_join(User, on=(Visit.recorded_by == User.id))
    return rows.order_by(*keys).dicts()
