"""Visits to phone back within the reader's scope, what the calls found, and how many there were at each place."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.models import Guardian
from aidtracker.visits.listing import at_place
from aidtracker.visits.models import Visit
from aidtracker.visits.models_calls import CALL_STATES, OPEN, CallBack, CallDraw, CallMade
from aidtracker.visits.queries import Pupil, is_own, of_scope
from aidtracker.visits.quotas import BETWEEN

OPEN_NOW = CallBack.state.in_(list(OPEN))
COLUMNS = (CallBack.id, CallBack.state, CallBack.tries, CallDraw.month, Visit.id.alias("visit_id"), Visit.on, Visit.form, Visit.teachers)


class Call(NamedTuple):
    number: int
    outcome: str
    spoke_to: str
    remark: str
    by_name: str
    at: datetime.datetime


class Result(NamedTuple):
    """Of a place and month: `drawn` of `visits`; `of` them by state."""

    place_id: int
    code: str
    name: str
    visits: int
    drawn: int
    of: dict[str, int]

    @property
    def open(self) -> int:
        return sum(self.of[state] for state in OPEN)

    @property
    def settled(self) -> int:
        return self.drawn - self.open


def visible_call_backs(user):
    """Of visits that the reader may verify."""
    return CallBack.select().join(Visit).switch(CallBack).join(CallDraw).where(of_scope(user.scopes(Permission.VISIT_VERIFY)))


def visible_call_back(user, call_back_id: int) -> CallBack:
    found = visible_call_backs(user).where(CallBack.id == call_back_id).first()
    if found is None:
        raise NotFound
    return found


def listed_call_backs(user, place: Org | None, month: str, state: str):
    """Rows of the list; `state` of CALL_STATES, "open" or ''. Those that wait longest come first."""
    found = visible_call_backs(user)
    if place is not None:
        found = found.where(Visit.id.in_(at_place(user, place)))
    if month:
        found = found.where(CallDraw.month == month)
    if state:
        found = found.where(OPEN_NOW if state == "open" else CallBack.state == state)
    return found.select(*COLUMNS).order_by(CallDraw.month, CallBack.id)


def is_made_by(user, visit: Visit) -> bool:
    """Recorded or mended by the user, or the user is among those who went."""
    return is_own(user, visit) or user.name in BETWEEN.split(visit.teachers)


def call_back_of(visit: Visit) -> CallBack | None:
    return CallBack.get_or_none(CallBack.visit == visit)


def calls_of(call_back: CallBack) -> list[Call]:
    """The latest first."""
    rows = CallMade.select(CallMade, User).join(User, on=CallMade.called_by).where(CallMade.call_back == call_back).order_by(CallMade.number.desc())
    return [Call(row.number, row.outcome, row.spoke_to, row.remark or "", row.called_by.name, row.called_at) for row in rows]


def guardians_to_call(pupils: list[Pupil]) -> list[tuple[Pupil, list[Guardian]]]:
    rows = list(Guardian.select().where(Guardian.student.in_([pupil.id for pupil in pupils])).order_by(Guardian.position))
    return [(pupil, [row for row in rows if row.student_id == pupil.id]) for pupil in pupils]


def months_drawn(user) -> list[str]:
    """The latest first, of the counties that the reader sees something of."""
    found = CallDraw.select(CallDraw.month).distinct().where(CallDraw.county.in_(counties_seen(user))).order_by(CallDraw.month.desc())
    return [month for (month,) in found.tuples()]


def counties_seen(user):
    return Org.select(Org.county).where(within(user.scopes(Permission.REPORT_VIEW)))


def results_of(user, month: str, place: Org | None) -> list[Result]:
    """A line for each place that lies within what the reader has reports of, by code."""
    states = {state: peewee.fn.COUNT(peewee.Case(CallBack.state, ((state, 1),))) for state in CALL_STATES}
    columns = (Org.id, Org.code, Org.name, CallDraw.visits, CallDraw.drawn)
    asked = CallDraw.select(*columns, *states.values()).join(Org, on=CallDraw.place).switch(CallDraw)
    asked = asked.join(CallBack, peewee.JOIN.LEFT_OUTER).where((CallDraw.month == month) & (CallDraw.visits > 0) & within(user.scopes(Permission.REPORT_VIEW)))
    if place is not None:
        asked = asked.where(within([place.path]))
    rows = asked.group_by(CallDraw.id, *columns).order_by(Org.code, Org.id).tuples()
    return [Result(id_, code, name, visits, drawn, dict(zip(CALL_STATES, of, strict=True))) for id_, code, name, visits, drawn, *of in rows]


def total_of(results: list[Result]) -> Result:
    of = {state: sum(one.of[state] for one in results) for state in CALL_STATES}
    return Result(0, "", "", sum(one.visits for one in results), sum(one.drawn for one in results), of)
