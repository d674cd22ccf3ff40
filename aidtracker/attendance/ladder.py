"""The county's ladder: after how many days away without leave somebody calls, visits, reports; and the rate that asks for a word.

Counted in school days, or in days of the calendar from the first one away; what a day away is, streaks.py says. No national number
of days makes 疑似辍学: every step is the county's own.
"""

import datetime
from typing import NamedTuple

from aidtracker.policies.queries import policies_of
from aidtracker.terms.days import ONE_DAY

# {step: the policy that says after how many days}. A further step also needs that policy, with its place in ORDERED
# (policies/registry.py), and a kind of task of its own name (tasks/kinds.py). What a visit or follow-up does of it stands in
# steps_done_by; what a case's state or end does, in cases.
STEPS = {
    "call": "call_after",
    "visit": "visit_after",
    "report_school": "report_school_after",
    "report_township": "report_township_after",
    "suspected": "suspected_after",
    "dropout": "dropout_after",
}
LOW_RATE, SILENT = "low_rate", "class_silent"
SAME_DAY = ("call", "visit")  # the others until the next school day
AT_THE_DOOR = ("on_site", "chase")  # ways of a visit or a follow-up in which somebody goes there
SPOKEN = (*AT_THE_DOOR, "phone", "video", "invited")


class Ladder(NamedTuple):
    """`steps`: {step: days}, those that the county wants; `unit`: school or calendar days; `rate`: percent, 0 for none; `silent`: school days."""

    steps: dict[str, int]
    unit: str
    rate: int
    silent: int


class Reached(NamedTuple):
    """The first day that counts, the day that reached the step, and after how many (or under how many percent) it is reached."""

    first_on: datetime.date
    reached_on: datetime.date
    after: int


def steps_done_by(way: str) -> tuple[str, ...]:
    """What a visit or a follow-up of this kind takes: whoever stood at the door has called, too."""
    return ("call", "visit") if way in AT_THE_DOOR else ("call",) if way in SPOKEN else ()


def ladder_of(county_id: int | None, on: datetime.date) -> Ladder:
    keys = (*STEPS.values(), "absence_basis", "rate_warned", "class_silent_days")
    found = policies_of(keys, county_id, on)
    steps = {step: int(found[key]) for step, key in STEPS.items() if found[key]}
    return Ladder(steps, str(found["absence_basis"]), int(found["rate_warned"]), int(found["class_silent_days"]))


def reached(away: list[datetime.date], today: datetime.date, ladder: Ladder) -> dict[str, Reached]:
    """{step: when}, of the days that a streak counts, from the first to the last; the streak reaches to `today`."""
    found: dict[str, Reached] = {}
    for step, after in ladder.steps.items():
        day = nth_day(away, after, today, ladder.unit)
        if day is not None:
            found[step] = Reached(away[0], day, after)
    return found


def nth_day(away: list[datetime.date], after: int, today: datetime.date, unit: str) -> datetime.date | None:
    if unit == "calendar":
        day = away[0] + ONE_DAY * (after - 1) if away else None
        return day if day is not None and day <= today else None
    return away[after - 1] if len(away) >= after else None
