"""From an item of a phone's outbox to the action of its kind: the fields are those of the page's own form, and so are the rules."""

import datetime
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from aidtracker.attendance.actions_once import submit_once
from aidtracker.attendance.forms import RollForm
from aidtracker.attendance.queries import ClassRoom, visible_class
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.windows import refuse_outsider
from aidtracker.errors import NotFound, Refused
from aidtracker.mobile.intake_visits import pupil_of, record_visit
from aidtracker.receipts.models import Receipt
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import parse_day
from aidtracker.web.forms import Sent, sent_as

UNKNOWN = "系统认不出这条记录，没有保存。请打开最新的页面重新填写。"


def take_in(*, kind: str, key: str, fields: list[tuple[str, str]], at: str, by, brought_by=None) -> Receipt:
    """The receipt of what was sent, the first one when it was sent before.

    `fields` are [name, value] as the page's form sends them, `at` the phone's own time as text. Refused: as by the page, and what is of no kind.
    Conflict: as by the page, with what stands now.
    """
    refuse_halves([at, *(text for pair in fields for text in pair)])
    sent = sent_as([*fields, ("key", key_of(key))])
    return known(kind).take(sent, by, {"phone_at": moment_of(at), "brought_by": brought_by})


def refuse_foreign(*, kind: str, fields: list[tuple[str, str]], by) -> None:
    """Somebody who brings an item in for another has to see what it is about, read from the same fields as it is taken by."""
    known(kind).about(sent_as(fields), by)


def refuse_halves(texts: list[str]) -> None:
    """JSON can name half of a letter (a lone surrogate), which nothing can store."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        raise Refused(UNKNOWN) from None


def moment_of(text: str) -> datetime.datetime | None:
    """What a phone's clock said, in UTC; what is no time is no reason to refuse a roll."""
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
        return moment.astimezone(datetime.UTC).replace(tzinfo=None) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def key_of(text: str) -> str:
    try:
        return str(UUID(text[:80]))
    except ValueError:
        raise Refused("这条记录的编号不对，没有保存。请打开最新的页面重新填写。") from None


def class_of(sent: Sent, by) -> ClassRoom:
    return visible_class(by, number_or_none(sent.get("class_id")) or 0)


def take_roll(sent: Sent, by, came: dict) -> Receipt:
    room = class_of(sent, by)
    refuse_outsider(room, by)
    on, session = parse_day(sent.get("on", "")), sent.get("session", "")
    if on is None or session not in SESSIONS:
        raise NotFound
    form = RollForm(sent)
    return submit_once(room=room, on=on, session=session, **form.told(), by=by, **came)


class Kind(NamedTuple):
    """Of an item: `take(sent, by, came)` saves it and gives its receipt; `about(sent, by)` is the class or pupil, NotFound for whoever does not see it."""

    take: Callable
    about: Callable


# A further kind also needs data-outbox="KIND" on its form (static/js/outbox.js), its 回执号 in queries.proof_of, its page in views.page_of.
KINDS = {"roll": Kind(take_roll, class_of), "visit": Kind(record_visit, pupil_of)}


def known(kind: str) -> Kind:
    if kind not in KINDS:
        raise Refused(UNKNOWN)
    return KINDS[kind]
