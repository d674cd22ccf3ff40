"""What counties have set for their accounts. Their policies are a room below: create_app says where to ask."""

from collections.abc import Iterable

from aidtracker.accounts.hooks import what_a_county_has_set
from aidtracker.db import today_in_china


def values_of(key: str, county_ids: Iterable[int]) -> set:
    """Today's in each of these counties; what holds where nothing was set when there is none."""
    [ask] = what_a_county_has_set
    return {ask(key, county_id, today_in_china()) for county_id in county_ids or (None,)}


def strictest(key: str, county_ids: Iterable[int]) -> int:
    """Whoever works in several counties keeps to the shortest of their times."""
    return min(int(value) for value in values_of(key, county_ids))


def password_rules(county_ids: Iterable[int]) -> set[str]:
    """A new password must satisfy them all."""
    return values_of("password_rule", county_ids)
