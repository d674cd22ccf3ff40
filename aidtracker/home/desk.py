"""A school's or a township's morning: who has not reported, how many are here, who stays away."""

import datetime
from typing import NamedTuple

from aidtracker.attendance.board import Board, board_of
from aidtracker.attendance.limits import Limits, limits_of
from aidtracker.attendance.reminding import reminder
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.truants import truants_of
from aidtracker.home.county import pupils_by_school
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import children_of
from aidtracker.orgs.scopes import Scope, schools_of
from aidtracker.phrases import Phrase
from aidtracker.terms.calendar import is_school_day, why_closed


class Missing(NamedTuple):
    """A class or school, and the sessions that it has not reported, in words."""

    org_id: int
    name: str
    sessions: list[Phrase]


class Desk(NamedTuple):
    place: Org
    board: Board
    missing: list[Missing]
    reminder: str
    students: int
    serious: int
    limits: Limits
    closed_because: str

    @property
    def what(self) -> str:
        return "班级" if self.place.kind == "school" else "学校"


def desk_of(place: Org, now: datetime.datetime) -> Desk:
    """`now` is the time in China; `place` a school or a township."""
    today, scope = now.date(), Scope(place.county, place, [str(place.path)])
    board = board_of(list(children_of(place, "class" if place.kind == "school" else "school")), today, now)
    school = place.id if place.kind == "school" else None
    opened = is_school_day(today, place.county_id, school)
    limits = limits_of(place.county_id, today)
    serious = [truant for truant in truants_of(scope, today) if truant.days >= limits.serious]
    return Desk(
        place,
        board,
        missing_of(board) if opened else [],
        reminder(board, now) if opened else "",
        sum(pupils_by_school(schools_of(scope)).values()),
        len(serious),
        limits,
        "" if opened else why_closed(today, place.county_id, school),
    )


def missing_of(board: Board) -> list[Missing]:
    found = []
    for line in board.lines:
        late = [session for session in board.sessions if line.missing(session)]
        if late:
            found.append(Missing(line.org_id, line.name, [sessions_missing(line, session) for session in late]))
    return found


def sessions_missing(line, session: str) -> Phrase:
    label = Phrase(SESSIONS[session])
    return label if line.kind == "class" else Phrase("%(session)s %(n)s 个班", session=label, n=line.missing(session))
