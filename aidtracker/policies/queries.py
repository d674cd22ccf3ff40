"""Which value holds on a day, and what a county has set so far."""

import datetime
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.policy import Policy
from aidtracker.policies.registry import POLICIES

STANDING = 'SELECT value FROM policy_value WHERE county_id = ? AND "key" = ? AND holds_from <= ? AND withdrawn_at IS NULL ORDER BY holds_from DESC, id DESC LIMIT 1'
ALL_STANDING = 'SELECT "key", value, holds_from, reason, id FROM policy_value WHERE county_id = ? AND withdrawn_at IS NULL ORDER BY holds_from, id'


def policy_of(key: str, county_id: int | None, on: datetime.date):
    """The value that holds in the county on the day: of the latest row that has begun, else the default. County None: the default."""
    found = run_sql(STANDING, (county_id, key, on)).fetchone() if county_id else None
    return POLICIES[key].read(found[0]) if found else POLICIES[key].default


def number_of(key: str, county_id: int | None, on: datetime.date) -> int:
    return int(policy_of(key, county_id, on))


def policies_of(keys, county_id: int | None, on: datetime.date) -> dict[str, int | str]:
    """{key: the value that holds} of several, asked for at once."""
    rows = run_sql(ALL_STANDING, (county_id,)).fetchall() if county_id else []
    kept = {key: value for key, value, holds_from, _reason, _id in rows if as_day(holds_from) <= on}  # the latest last
    return {key: POLICIES[key].read(kept[key]) if key in kept else POLICIES[key].default for key in keys}


class Line(NamedTuple):
    """A policy as a county has it today; `since` and `next_from` are None where nothing was set."""

    policy: Policy
    value: int | str
    since: datetime.date | None
    reason: str  # the document by which the county set it
    next_value: int | str | None
    next_from: datetime.date | None


def lines_of(county: Org, on: datetime.date) -> list[Line]:
    set_: dict[str, list] = {}
    for key, value, holds_from, reason, _id in run_sql(ALL_STANDING, (county.id,)).fetchall():
        set_.setdefault(key, []).append((as_day(holds_from), value, reason))
    return [line_of(policy, set_.get(policy.key, []), on) for policy in POLICIES.values()]


def line_of(policy: Policy, rows: list[tuple], on: datetime.date) -> Line:
    begun, ahead = [row for row in rows if row[0] <= on], [row for row in rows if row[0] > on]
    since, kept, reason = begun[-1] if begun else (None, None, "")
    value = policy.default if kept is None else policy.read(kept)
    # Of several that begin on one day the last holds.
    following = [row for row in ahead if row[0] == ahead[0][0]][-1] if ahead else (None, None, "")
    return Line(policy, value, since, reason, policy.read(following[1]) if ahead else None, following[0])


def history_of(county: Org, key: str) -> list[PolicyValue]:
    """The latest first, withdrawn ones too."""
    mine = (PolicyValue.county == county) & (PolicyValue.key == key)
    return list(PolicyValue.select().where(mine).order_by(PolicyValue.holds_from.desc(), PolicyValue.id.desc()))


def visible_counties(user) -> list[Org]:
    """Those that the person belongs to or looks after as a whole."""
    wanted = user.county_ids | set(user.counties_within(Permission.ORG_VIEW))
    return list(Org.select().where(Org.id.in_(wanted) & (Org.kind == "county")).order_by(Org.code))


def visible_county(user, county_id: int) -> Org:
    found = next((county for county in visible_counties(user) if county.id == county_id), None)
    if found is None:
        raise NotFound
    return found


def policy_named(key: str) -> Policy:
    if key not in POLICIES:
        raise NotFound
    return POLICIES[key]


def value_of(county: Org, key: str, value_id: int) -> PolicyValue:
    found = PolicyValue.get_or_none((PolicyValue.id == value_id) & (PolicyValue.county == county) & (PolicyValue.key == key))
    if found is None:
        raise NotFound
    return found
