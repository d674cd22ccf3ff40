"""无课: sessions that a class has not that day, or its whole school; not due, not reported, never a zero.

Not a closure of the calendar, which shuts a day for everything: the class goes to an outing, sits an examination. A roll that
stands outranks it: then the class did have school, and it counts as due and reported.
"""

import datetime
from typing import NamedTuple

from aidtracker.attendance.sessions import SESSIONS
from aidtracker.db import as_day, run_sql
from aidtracker.errors import Refused
from aidtracker.phrases import Phrase

KINDS = {"outing": "外出活动", "exam": "考试", "stopped": "停课", "shifted": "调课", "other": "其他"}
LONGEST_REASON = 100  # characters
DECLARED = "n.county_id = ? AND n.on_day BETWEEN ? AND ? AND n.withdrawn_at IS NULL"
NO_ROLL = "NOT EXISTS (SELECT 1 FROM roll_call r WHERE r.class_org_id = c.org_id AND r.on_day = n.on_day AND r.session = n.session)"
# Two halves, so that each has its own index; UNION, not UNION ALL: a class may be free by itself and by its school.
FREE = f"""SELECT c.org_id, c.school_id, n.on_day, n.session FROM no_class n JOIN school_class c ON c.org_id = n.org_id
WHERE {DECLARED} AND {NO_ROLL} UNION SELECT c.org_id, c.school_id, n.on_day, n.session
FROM no_class n JOIN school_class c ON c.school_id = n.org_id WHERE {DECLARED} AND {NO_ROLL}"""  # noqa: S608 our own names
OF_DAY = "SELECT org_id, session, kind, reason FROM no_class WHERE county_id = ? AND on_day = ? AND withdrawn_at IS NULL"
OF_CLASS = """SELECT session, kind, reason FROM no_class WHERE org_id IN (?, ?) AND on_day = ? AND withdrawn_at IS NULL ORDER BY id DESC"""


class Free(NamedTuple):
    class_id: int
    school_id: int
    on: datetime.date
    session: str


def free_in(county_id: int, first: datetime.date, last: datetime.date) -> list[Free]:
    """Sessions of classes without a roll, whether or not they would have been due."""
    found = run_sql(FREE, (county_id, first, last, county_id, first, last))
    return [Free(class_id, school, as_day(on), session) for class_id, school, on, session in found]


def free_on(county_id: int, on: datetime.date) -> dict[tuple[int, str], Phrase]:
    """{(class or school, session): why} of a day."""
    return {(org, session): why(kind, reason) for org, session, kind, reason in run_sql(OF_DAY, (county_id, on)).fetchall()}


def free_at(room, on: datetime.date) -> dict[str, Phrase]:
    """{session: why} of one class, by its own row or by its school's."""
    return {session: why(kind, reason) for session, kind, reason in run_sql(OF_CLASS, (room.id, room.parent_id, on)).fetchall()}


def why(kind: str, reason: str) -> Phrase:
    """外出活动, 考试：期中考试."""
    label = Phrase(KINDS.get(kind, kind))
    return Phrase("%(kind)s：%(reason)s", kind=label, reason=reason) if reason else label


def refuse_free(room, on: datetime.date, session: str) -> None:
    if found := free_at(room, on).get(session):
        raise Refused("%(session)s登记的是无课（%(why)s），不用点名。要点名，请先撤销无课。", session=Phrase(SESSIONS[session]), why=found)
