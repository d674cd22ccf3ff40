"""Which sessions a school takes on a day: as it has set them itself, else as its county has, else 上午 and 下午."""

import datetime
from collections import defaultdict
from collections.abc import Collection

from aidtracker.attendance.sessions import DEFAULT, in_order
from aidtracker.db import as_day, run_sql

STANDING = "SELECT org_id, sessions, holds_from FROM session_plan WHERE county_id = ? AND holds_from <= ? AND withdrawn_at IS NULL"
OF_COUNTY, OF_SCHOOL = f"{STANDING} ORDER BY holds_from, id", f"{STANDING} AND org_id IN (?, ?) ORDER BY holds_from, id"
AS_THE_COUNTY = ""  # the sessions of a school that goes by its county again


class Plans:
    """Those of a county's schools up to a day; `school_id`: that school's alone."""

    def __init__(self, county_id: int | None, last: datetime.date, school_id: int | None = None):
        self.county_id, self.last = county_id, last
        self.steps: dict[int, list[tuple[datetime.date, tuple[str, ...]]]] = defaultdict(list)
        found = run_sql(OF_SCHOOL, (county_id, last, county_id, school_id)) if school_id else run_sql(OF_COUNTY, (county_id, last))
        for org_id, sessions, holds_from in found.fetchall() if county_id else ():
            self.steps[org_id].append((as_day(holds_from), read(sessions)))

    def at(self, school_id: int | None, on: datetime.date) -> tuple[str, ...]:
        """In the order of the day; None: the county's own."""
        own = standing(self.steps.get(school_id, []), on) if school_id else ()
        return own or standing(self.steps.get(self.county_id, []), on) or DEFAULT

    def is_own(self, school_id: int) -> bool:
        """The school has, or had, a plan that is not the county's."""
        return school_id in self.steps

    def follows(self, school_id: int, on: datetime.date) -> bool:
        """It goes by its county on that day."""
        return not standing(self.steps.get(school_id, []), on)

    def has_any(self, sessions: Collection[str]) -> bool:
        """Some school may take one of these on some day."""
        known = {code for steps in self.steps.values() for _day, taken in steps for code in taken} | set(DEFAULT)
        return any(session in known for session in sessions)


def read(sessions: str) -> tuple[str, ...]:
    """A kept value; what a later version knows no more is left out."""
    return in_order(sessions.split(","))


def written(sessions: Collection[str]) -> str:
    return ",".join(in_order(sessions))


def standing(steps: list[tuple[datetime.date, tuple[str, ...]]], on: datetime.date) -> tuple[str, ...]:
    """Of the latest that has begun; of several that begin on one day the last holds."""
    return next((taken for begins, taken in reversed(steps) if begins <= on), ())


def sessions_taken(county_id: int, school_id: int, on: datetime.date) -> tuple[str, ...]:
    """Of one school on one day."""
    return Plans(county_id, on, school_id).at(school_id, on)
