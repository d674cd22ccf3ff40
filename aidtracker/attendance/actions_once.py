"""A roll that a door brings in: it happens once, however often it is sent, and has a 回执号."""

from aidtracker.attendance import actions
from aidtracker.attendance.queries import standing_or_none
from aidtracker.attendance.settling import settled
from aidtracker.attendance.windows import refuse_outranked
from aidtracker.receipts.actions import new_number, once

LINES = "lines"


def submit_once(*, room, on, session, marks, base_revision, reason, key, by, choice="", picks=(), phone_at=None, brought_by=None):
    """The receipt of `submit_roll_call`, whose rules hold. `key` is the sender's: with the same content the first receipt comes back.

    After a conflict `choice` is "mine", or "lines" with `picks`, the pupils whose mark is taken from `marks`. Refused as well: to
    put one's own in the place of a school administrator's that way.
    """
    number = new_number()
    asked = {"on": on, "session": session, "base_revision": base_revision, "reason": reason}
    chosen = {"choice": choice, "picks": sorted(picks)} if choice else {}

    def do():
        standing = standing_or_none(room.id, on, session) if choice else None
        refuse_outranked(standing, room, by)
        wanted = settled(marks, standing, set(picks)) if standing and choice == LINES else marks
        roll = actions.submit_roll_call(**asked, marks=wanted, class_org=room, by=by, receipt=number)
        return {"roll": roll.id, "revision": roll.revision}

    body = {**asked, **chosen, "class": room.id, "marks": sorted(marks.items())}
    came = {"phone_at": phone_at, "brought_by": brought_by}
    return once(by=by, key=key, kind="attendance.submit_roll_call", body=body, do=do, number=number, **came)
