"""Which sessions a school takes on a day."""

import datetime
from collections.abc import Collection

from aidtracker.attendance.sessions import DEFAULT


class Plans:
    """Those of a county's schools, up to a day."""

    def __init__(self, county_id: int | None, last: datetime.date):
        self.county_id, self.last = county_id, last

    def at(self, school_id: int | None, on: datetime.date) -> tuple[str, ...]:
        """In the order of the day; a county has its own where no school is named."""
        return DEFAULT

    def is_own(self, school_id: int) -> bool:
        """The school has a plan that is not the county's."""
        return False

    def has_any(self, sessions: Collection[str]) -> bool:
        """Some school may take one of these."""
        return any(session in DEFAULT for session in sessions)


def sessions_taken(county_id: int, school_id: int, on: datetime.date) -> tuple[str, ...]:
    """Of one school on one day."""
    return Plans(county_id, on).at(school_id, on)
