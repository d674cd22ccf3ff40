"""What a visit's form may hold: its fields, the rules that say no, and the fields as an edit keeps them."""

import datetime
import re

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.visits.models import FORMS, NO_PHOTO, PLACES, PURPOSES, TUTORING, UNSIGNED, Visit

VISIT = ("form", "on", "starts_at", "minutes", "purposes", "teachers", "person_met", "relation", "at_home", "views", "agreed", "follow_up_on")
LESSON = ("on", "makes_up_on", "starts_at", "minutes", "teachers", "lessons", "place", "subject", "at_home", "agreed", "signed_by")
EVIDENCE = ("no_photo", "unsigned")  # why there is none
EVERY = tuple(dict.fromkeys((*VISIT, *LESSON, *EVIDENCE)))
SEALED = ("at_home", "views", "agreed")
LONGEST = {"teachers": 200, "person_met": 100, "relation": 20, "subject": 100, "signed_by": 100, "place": 40}
LONGEST |= dict.fromkeys(SEALED, 2000)
MOST_MINUTES, MOST_LESSONS = 600, 12
DAYS = ("on", "makes_up_on", "follow_up_on")
EARLIEST = datetime.date(1990, 1, 1)
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)


def fields_of(form: str) -> tuple[str, ...]:
    return (LESSON if form == TUTORING else VISIT) + EVIDENCE


def refuse_values(form: str, values: dict) -> None:
    """A day that has been, somebody who went, a purpose; of tutoring its lessons and its place."""
    if form not in FORMS:
        raise Refused("请选择家访形式。")
    on = values.get("on")
    if on is None or on < EARLIEST:
        raise Refused("请填写家访日期。")
    if on > today_in_china():
        raise Refused("日期不能晚于今天。请改好后再保存。")
    if not (values.get("teachers") or "").strip():
        raise Refused("请填写去的人，例如：张老师、李老师。")
    if values.get("minutes") is not None and not 0 < values["minutes"] <= MOST_MINUTES:
        raise Refused("时长是 1 到 %(most)s 分钟之间的数。", most=MOST_MINUTES)
    if values.get("starts_at") and not TIME.fullmatch(values["starts_at"]):
        raise Refused("请填写几点到的，例如：16:30。")
    if (values.get("no_photo") or "") not in {"", *NO_PHOTO} or (values.get("unsigned") or "") not in {"", *UNSIGNED}:
        raise Refused("请选择没有照片、没有签字的原因，或者不选。")
    for name, most in LONGEST.items():
        if len(values.get(name) or "") > most:
            raise Refused("写得太长了，每一项最多 %(most)s 个字。", most=most)
    (refuse_lesson if form == TUTORING else refuse_visit)(values)


def refuse_visit(values: dict) -> None:
    purposes = values.get("purposes") or []
    if not purposes or not set(purposes) <= set(PURPOSES):
        raise Refused("请至少选一个家访目的。")
    follow_up_on = values.get("follow_up_on")
    if follow_up_on is not None and follow_up_on < values["on"]:
        raise Refused("下次跟进的日期要在这次家访之后。")


def refuse_lesson(values: dict) -> None:
    if not values.get("lessons") or not 0 < values["lessons"] <= MOST_LESSONS:
        raise Refused("课时是 1 到 %(most)s 之间的数。", most=MOST_LESSONS)
    if values.get("place") not in PLACES:
        raise Refused("请选择送教地点。")
    if values.get("makes_up_on") is not None and values["makes_up_on"] >= values["on"]:
        raise Refused("补送是后来补的：补的那一天要早于这次送教的日期。")


def cleaned(form: str, values: dict) -> dict:
    """The columns of this form, blanks as the columns keep them; purposes once each, in the usual order."""
    found = {name: values.get(name) for name in fields_of(form) if name != "form"}
    for name in found:
        if name in SEALED or name in ("minutes", "lessons", "follow_up_on", "makes_up_on"):
            found[name] = found[name] or None
        elif name == "purposes":
            found[name] = [code for code in PURPOSES if code in found[name]]
        elif name != "on":
            found[name] = (found[name] or "").strip()
    return found | {"form": form}


def content_of(visit: Visit) -> dict:
    """Everything that an edit may change, fit for JSON, with what was decided about it."""
    found = {name: getattr(visit, name) for name in EVERY}
    for name in DAYS:
        found[name] = found[name].isoformat() if found[name] else None
    return found | {"state": visit.state, "remark": visit.remark}
