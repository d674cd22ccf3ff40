"""The rolls of today that somebody who leaves has not taken."""

from aidtracker.accounts.hooks import OpenWork
from aidtracker.attendance.free import free_at
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import expected_ids, standing_or_none
from aidtracker.attendance.sessions import so_far
from aidtracker.db import china_time, today_in_china, utcnow
from aidtracker.phrases import Phrase
from aidtracker.terms.calendar import is_school_day


def leaves_open(user) -> OpenWork:
    """Sessions so far of the classes at which the person holds a role."""
    today, now = today_in_china(), china_time(utcnow())
    rooms = {m.org_id: m.org for m in user.memberships if m.org.kind == "class"}.values()
    opened = [room for room in rooms if is_school_day(today, room.county_id, room.parent_id)]
    asked = [(room, session) for room in opened for session in so_far(sessions_taken(room.county_id, room.parent_id, today), today, now)]
    free = {room.id: free_at(room, today) for room in opened}
    due = [(room.id, session) for room, session in asked if session not in free[room.id]]
    open_ones = [1 for room, session in due if expected_ids(room, today, session) and standing_or_none(room, today, session) is None]
    return OpenWork(Phrase("今天还没点的名"), len(open_ones), Phrase("由班里其他教师或校级管理员点名"))
