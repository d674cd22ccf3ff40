"""晨检, 晚自习, 就寝: what was due, reported and found of the sessions that count for no attendance rate."""

import datetime
from typing import NamedTuple

from aidtracker.attendance.plans import Plans
from aidtracker.attendance.sessions import BESIDE, SESSIONS
from aidtracker.attendance.sums import sessions_due, sums_by_school
from aidtracker.orgs.scopes import SchoolPlace, Scope
from aidtracker.phrases import Phrase
from aidtracker.terms.days import Calendar


class Beside(NamedTuple):
    """One such session within a scope."""

    session: str
    sessions_due: int
    sessions_submitted: int
    expected: int
    present: int

    @property
    def words(self) -> Phrase:
        return Phrase(
            "%(session)s：应报 %(due)s 场次，已报 %(done)s 场次；应到 %(whole)s 人次，没到 %(away)s 人次。不计入出勤率。",
            session=Phrase(SESSIONS[self.session]),
            due=f"{self.sessions_due:,}",
            done=f"{self.sessions_submitted:,}",
            whole=f"{self.expected:,}",
            away=f"{self.expected - self.present:,}",
        )


def beside_of(
    scope: Scope, schools: list[SchoolPlace], first: datetime.date, last: datetime.date, now: datetime.datetime | None = None
) -> list[Beside]:
    """Those that some school had to report, or has reported; `now` leaves out what is still to come today."""
    plans = Plans(scope.county.id, last)
    taken = [session for session in BESIDE if plans.has_any([session])]
    if not taken:
        return []
    mine, calendar = {school.id for school in schools}, Calendar(scope.county.id, first, last)
    found = [one_of(session, scope.county.id, mine, calendar, now) for session in taken]
    return [one for one in found if one.sessions_due or one.sessions_submitted]


def one_of(session: str, county_id: int, mine: set[int], calendar: Calendar, now: datetime.datetime | None) -> Beside:
    due = sessions_due(county_id, calendar, [session], now)
    sums = [each for school, each in sums_by_school(county_id, calendar, [session], now).items() if school in mine]
    rolls, expected, present = (sum(each[name] for each in sums) for name in ("rolls", "expected", "present"))
    return Beside(session, sum(count for school, count in due.items() if school in mine), rolls, expected, present)
