"""What a 回执号 proves: what was saved under it, by whom and when, as far as the reader may see that."""

import datetime
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.windows import may_take
from aidtracker.db import run_sql
from aidtracker.errors import NotFound
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit
from aidtracker.visits.queries import visible_visit


class Proof(NamedTuple):
    number: str
    what: str  # words for said()
    by: str
    at: datetime.datetime
    came: Receipt | None  # with the phone's own time, and who brought it
    stands: bool  # False: a later correction stands in its place, with a receipt of its own
    endpoint: str  # of the page that shows it; '' when there is none for this reader
    place: dict


def generation() -> int:
    """How often this database was put back from a backup."""
    return run_sql("SELECT generation FROM installation", ()).fetchone()[0]


def proof_of(number: str, user) -> Proof | None:
    """Of a roll or visit that the reader may see, and of anything of one's own; None: nobody's, or not for this reader."""
    receipt = Receipt.get_or_none(Receipt.number == number)
    for find in (roll_of, visit_of):
        found = find(number, receipt, user)
        if found is not None:
            return found
    if receipt is not None and receipt.user_id == user.id:
        return Proof(number, Phrase("其他提交"), user.name, receipt.created_at, receipt, True, "", {})
    return None


def roll_of(number: str, receipt: Receipt | None, user) -> Proof | None:
    if receipt is None or receipt.kind != "attendance.submit_roll_call":
        return None
    roll = RollCall.get_or_none(RollCall.id == receipt.result["roll"])
    if roll is None or not user.may(Permission.ROLL_VIEW):
        return None
    try:
        room = visible_class(user, roll.class_org_id)
    except NotFound:
        return None
    what = Phrase("%(room)s %(day)s %(session)s点名", room=room.label_on(roll.on), day=roll.on.isoformat(), session=Phrase(SESSIONS[roll.session]))
    place = {"class_id": room.id, "on": roll.on.isoformat(), "session": roll.session}
    page = "attendance.take_roll" if may_take(user, room) else ""
    return Proof(number, what, name_of(receipt.user_id), receipt.created_at, receipt, roll.receipt == number, page, place)


def visit_of(number: str, receipt: Receipt | None, user) -> Proof | None:
    visit = Visit.get_or_none(Visit.receipt == number)
    if visit is None or not user.may(Permission.VISIT_VIEW):
        return None
    try:
        visible_visit(user, visit.id)
    except NotFound:
        return None
    what = Phrase("%(day)s 的家访", day=visit.on.isoformat())
    place = {"visit_id": visit.id}
    return Proof(number, what, name_of(visit.recorded_by_id), visit.recorded_at, receipt, True, "visits.show_visit", place)


def name_of(user_id: int | None) -> str:
    return (user_id and User.select(User.name).where(User.id == user_id).scalar()) or ""
