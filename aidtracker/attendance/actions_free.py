"""Declaring that a class or a school has no class at some sessions of a day (无课), and taking it back."""

import datetime
from collections.abc import Collection

from aidtracker.attendance.free import KINDS, LONGEST_REASON
from aidtracker.attendance.models import NoClass, RollCall
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.sessions import SESSIONS, in_order
from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.terms.calendar import is_school_day, why_closed
from aidtracker.terms.years import refuse_closed_year

AHEAD = 60  # days


def declare_no_class(*, org: Org, on: datetime.date, sessions: Collection[str], kind: str, reason: str, by) -> list[NoClass]:
    """One row for each session; what stands already stays. Refused: a day without school, one too far away, sessions that are not
    taken, a class that has taken the roll. A school's declaration leaves alone the classes that have."""
    refuse_outsider(org, on, by)
    school = org if org.kind == "school" else org.parent
    refuse_day(school, on)
    wanted = in_order(sessions)
    refuse_words(wanted, kind, reason)
    for session in wanted:
        if session not in sessions_taken(org.county_id, school.id, on):
            raise Refused("%(day)s这所学校不点%(session)s，不用登记无课。", day=on.isoformat(), session=Phrase(SESSIONS[session]))
    with transaction():
        lock("no class", org.id)
        refuse_taken(org, on, wanted)
        there = {row.session for row in live(org, on)}
        values = {"county": org.county_id, "org": org, "on": on, "kind": kind, "reason": reason.strip(), "declared_by": by}
        rows = [NoClass.create(**values, session=session) for session in wanted if session not in there]
        if not rows:
            raise Refused("这一天的这些场次已经登记过无课。")
        told("declare_no_class", org, by, reason, len(rows))
        return rows


def withdraw_no_class(*, row: NoClass, by) -> None:
    """As long as it could still be declared; the row stays, with who took it back."""
    refuse_outsider(row.org, row.on, by)
    refuse_closed_year(row.county_id, row.on)
    with transaction():
        standing = (NoClass.id == row.id) & NoClass.withdrawn_at.is_null()
        if not NoClass.update(withdrawn_by=by, withdrawn_at=utcnow()).where(standing).execute():
            raise Refused("这条无课已经撤销了。")
        told("withdraw_no_class", row.org, by, "", 1)


def live(org: Org, on: datetime.date):
    return NoClass.select().where((NoClass.org == org) & (NoClass.on == on) & NoClass.withdrawn_at.is_null())


def refuse_outsider(org: Org, on: datetime.date, by) -> None:
    """A teacher for the own class, within the days in which a roll can still be taken; a school's admin for any day."""
    may_correct = by.may(Permission.ROLL_CORRECT, org)
    if not may_correct and not by.may(Permission.ROLL_SUBMIT, org):
        raise Forbidden("登记无课：本班由班主任，全校由校级管理员。")
    past = (today_in_china() - on).days
    if not may_correct and past > (days := number_of("roll_late_days", org.county_id, today_in_china())):
        raise Forbidden("已超过 %(days)s 天，要由本校管理员登记或撤销。", days=days)


def refuse_day(school: Org, on: datetime.date) -> None:
    refuse_closed_year(school.county_id, on)
    if (on - today_in_china()).days > AHEAD:
        raise Refused("最多提前 %(days)s 天登记。", days=AHEAD)
    if not is_school_day(on, school.county_id, school.id):
        why = why_closed(on, school.county_id, school.id)
        raise Refused("%(day)s是休息日（%(why)s），本来就不用点名。", day=on.isoformat(), why=why)


def refuse_words(sessions: tuple[str, ...], kind: str, reason: str) -> None:
    if not sessions:
        raise Refused("请选择哪一场无课。")
    if kind not in KINDS:
        raise Refused("请选择为什么无课。")
    if kind == "other" and not reason.strip():
        raise Refused("选「其他」时请写明原因。")
    if len(reason.strip()) > LONGEST_REASON:
        raise Refused("说明太长了，最多 %(most)s 个字。", most=LONGEST_REASON)


def refuse_taken(org: Org, on: datetime.date, sessions: tuple[str, ...]) -> None:
    if org.kind != "class":
        return
    taken = RollCall.select(RollCall.session).where((RollCall.class_org == org) & (RollCall.on == on) & RollCall.session.in_(sessions))
    for (session,) in taken.tuples():
        raise Refused("%(session)s已经点过名，不能登记为无课。", session=Phrase(SESSIONS[session]))


def told(action: str, org: Org, by, reason: str, count: int) -> None:
    about = {"object_kind": "org", "object_id": org.id, "fields": ("no_class",), "reason": reason.strip(), "count": count}
    record(action=f"attendance.{action}", by=by, county_id=org.county_id, **about)
