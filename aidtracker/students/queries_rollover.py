"""Rollovers, orders and schools within the reader's scope; what a school year held."""

import datetime
from typing import NamedTuple

from aidtracker.db import as_day, run_sql, today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org, visible_orgs
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.students.models_rollover import Feeder, Rollover, RolloverOrder
from aidtracker.terms.calendar import first_day_of
from aidtracker.terms.models_years import ClosedYear

P = Permission
SPELLS = """SELECT COUNT(DISTINCT e.student_id), COUNT(DISTINCT e.class_org_id) FROM enrollment e JOIN org o ON o.id = e.class_org_id
WHERE o.county_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?)"""
MOVES = "SELECT COUNT(*) FROM move WHERE county_id = ? AND on_day BETWEEN ? AND ? AND withdrawn_at IS NULL"
FIRST = "SELECT MIN(e.starts_on) FROM enrollment e JOIN org o ON o.id = e.class_org_id WHERE o.county_id = ?"
MOST_YEARS = 12


def visible_school(user, school_id: int, permission: Permission = P.STUDENT_EDIT) -> Org:
    return of_kind(visible_org(user, school_id, permission), "school")


def visible_class(user, class_id: int, permission: Permission = P.STUDENT_EDIT) -> Org:
    return of_kind(visible_org(user, class_id, permission), "class")


def of_kind(org: Org, kind: str) -> Org:
    if org.kind != kind:
        raise NotFound
    return org


def schools_of_county(county_id: int) -> list[Org]:
    """Open ones, by code."""
    open_ones = (Org.county == county_id) & (Org.kind == "school") & Org.closed_on.is_null()
    return list(Org.select().where(open_ones).order_by(Org.code))


def receiving(user, school: Org) -> list[Org]:
    """Into which the user may merge the school."""
    managed = {org.id for org in visible_orgs(user, P.ORG_MANAGE).where(Org.kind == "school")}
    return [org for org in schools_of_county(school.county_id) if org.id in managed and org.id != school.id]


def orgs_of(ids: list[int]) -> list[Org]:
    return list(Org.select().where(Org.id.in_(ids)))


def feeders_of(school: Org) -> list[Feeder]:
    return list(Feeder.select().where(Feeder.school == school).order_by(Feeder.stage))


def visible_rollovers(user):
    return Rollover.select().where(Rollover.school.in_(visible_orgs(user, P.STUDENT_EDIT).select(Org.id)))


def visible_rollover(user, rollover_id: int) -> Rollover:
    found = visible_rollovers(user).where(Rollover.id == rollover_id).first()
    if found is None:
        raise NotFound
    return found


def rollovers_of(school: Org) -> list[Rollover]:
    """The latest first."""
    return list(Rollover.select().where(Rollover.school == school).order_by(Rollover.id.desc()).limit(50))


def visible_order(user, order_id: int) -> RolloverOrder:
    here = RolloverOrder.place.in_(visible_orgs(user, P.STUDENT_EDIT).select(Org.id))
    found = RolloverOrder.select().where((RolloverOrder.id == order_id) & here).first()
    if found is None:
        raise NotFound
    return found


def waiting_order(place: Org) -> RolloverOrder | None:
    waiting = RolloverOrder.started_at.is_null() & RolloverOrder.withdrawn_at.is_null()
    return RolloverOrder.select().where((RolloverOrder.place == place) & waiting).first()


class YearLine(NamedTuple):
    """A school year of a county; `closed` the row that closes it, `until` what must be kept how long (None: for ever)."""

    year: int
    pupils: int
    classes: int
    moves: int
    is_over: bool
    closed: ClosedYear | None
    before: list[ClosedYear]  # closed and opened again
    until: dict[str, datetime.date | None]


def years_of(county: Org) -> list[YearLine]:
    """Every year since the first spell, the latest first."""
    first = as_day(run_sql(FIRST, (county.id,)).fetchone()[0])
    now = grades.school_year_of(today_in_china())
    closed = list(ClosedYear.select().where(ClosedYear.county == county).order_by(ClosedYear.id))
    earliest = min([max(grades.school_year_of(first) if first else now, now - MOST_YEARS), *(row.school_year for row in closed)])
    kept = {key: number_of(key, county.id, today_in_china()) for key in ("trail_years", "aid_years", "student_years")}
    return [year_line(county, year, now, [row for row in closed if row.school_year == year], kept) for year in range(now, earliest - 1, -1)]


def year_line(county: Org, year: int, now: int, closed: list[ClosedYear], kept: dict[str, int]) -> YearLine:
    first, last = first_day_of(year), first_day_of(year + 1) - datetime.timedelta(days=1)
    pupils, classes = run_sql(SPELLS, (county.id, last, first)).fetchone()
    [moves] = run_sql(MOVES, (county.id, first, last)).fetchone()
    standing = next((row for row in closed if row.reopened_at is None), None)
    until = {key: datetime.date(last.year + years, last.month, last.day) if years else None for key, years in kept.items()}
    return YearLine(year, pupils, classes, moves, year < now, standing, [row for row in closed if row.reopened_at], until)
