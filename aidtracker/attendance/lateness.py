"""迟报: whether a roll came after its time, as the county has set it for the day; a roll of a past day always has."""

import datetime

from aidtracker.db import china_time
from aidtracker.policies.queries import policy_of


class Lateness:
    """Of many rolls of a county: each day and session is looked up once."""

    def __init__(self, county_id: int | None):
        self.county_id = county_id
        self.known: dict[tuple[datetime.date, str], str] = {}

    def until(self, on: datetime.date, session: str) -> str:
        """09:00, in China."""
        if (on, session) not in self.known:
            self.known[on, session] = str(policy_of(f"in_time_{session}", self.county_id, on))
        return self.known[on, session]

    def of(self, on: datetime.date, session: str, at: datetime.datetime) -> bool:
        """`at` is a UTC time."""
        local = china_time(at)
        return local.date() > on or (local.date() == on and f"{local:%H:%M}" > self.until(on, session))


def is_late(county_id: int | None, on: datetime.date, session: str, at: datetime.datetime) -> bool:
    return Lateness(county_id).of(on, session, at)
