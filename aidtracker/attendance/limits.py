"""From when on an absence weighs, and which rate is aimed at: as the county has set it for the day."""

import datetime
from typing import NamedTuple

from aidtracker.policies.queries import number_of


class Limits(NamedTuple):
    """`target`: percent of person-sessions; `serious`, `severe`: unexcused school days in a row."""

    target: int
    serious: int
    severe: int


def limits_of(county_id: int | None, on: datetime.date) -> Limits:
    keys = ("attendance_target", "serious_absence", "severe_absence")
    return Limits(*(number_of(key, county_id, on) for key in keys))
