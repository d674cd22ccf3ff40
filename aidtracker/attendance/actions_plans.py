"""Setting which sessions a school takes from a day on, or a county's schools by default; and taking back what has not begun."""

import datetime
from collections.abc import Collection

from aidtracker.attendance.models import SessionPlan
from aidtracker.attendance.plans import AS_THE_COUNTY, Plans, written
from aidtracker.attendance.queries_plans import PLACES, plan_on, plans_ahead
from aidtracker.attendance.sessions import SESSIONS, TEACHING, in_order
from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission

FURTHEST = datetime.timedelta(days=2 * 366)


def set_sessions(*, org: Org, sessions: Collection[str], holds_from: datetime.date, reason: str, by) -> SessionPlan:
    """No sessions: a school goes by its county again. Refused: a day that is past, for what was counted then stays as it was; a day
    too far ahead; a day without a lesson, for attendance is counted by 上午 and 下午; what holds then anyway."""
    refuse_outsider(org, by)
    refuse_sessions(org, sessions)
    if holds_from < today_in_china():
        raise Refused("生效日期不能早于今天：以前的应报场次按当时的安排算。")
    if holds_from > today_in_china() + FURTHEST:
        raise Refused("生效日期太远，最多提前两年设置。")
    with transaction():
        lock("sessions", org.county_id)
        if is_so_already(org, sessions, holds_from):
            raise Refused("到那天本来就是这些场次，不用再设。")
        return insert_plan(org=org, sessions=sessions, holds_from=holds_from, reason=reason, by=by)


def insert_plan(*, org: Org, sessions: Collection[str], holds_from: datetime.date, reason: str, by) -> SessionPlan:
    """The row and its entry, within the caller's transaction: what a made county has had all along may begin in the past."""
    kept = written(sessions) or AS_THE_COUNTY
    row = SessionPlan.create(county=org.county_id, org=org, sessions=kept, holds_from=holds_from, reason=reason, set_by=by)
    told("set_sessions", org, by, reason)
    return row


def refuse_sessions(org: Org, sessions: Collection[str]) -> None:
    if org.kind not in PLACES:
        raise Refused("只能给县或学校设置场次。")
    if not set(sessions) <= set(SESSIONS):
        raise Refused("没有这个场次。")
    if not sessions and org.kind == "county":
        raise Refused("请至少选一个场次。")
    if sessions and not set(sessions) & set(TEACHING):
        raise Refused("上午和下午至少要点一次：出勤率和连续旷课按它们计算。")


def is_so_already(org: Org, sessions: Collection[str], on: datetime.date) -> bool:
    """A school's own plan that is the same as its county's is not the same as going by it: the county's may change."""
    follows = org.kind == "school" and Plans(org.county_id, on).follows(org.id, on)
    return follows if not sessions else not follows and plan_on(org, on) == in_order(sessions)


def withdraw_sessions(*, org: Org, by) -> int:
    """Takes back every plan of the place that has not begun; gives how many. What holds or held stays."""
    refuse_outsider(org, by)
    with transaction():
        lock("sessions", org.county_id)
        rows = plans_ahead(org, today_in_china())
        if not rows:
            raise Refused("没有还未生效的设置。")
        SessionPlan.update(withdrawn_by=by, withdrawn_at=utcnow()).where(SessionPlan.id.in_([row.id for row in rows])).execute()
        told("withdraw_sessions", org, by)
    return len(rows)


def refuse_outsider(org: Org, by) -> None:
    """Whoever keeps the calendar of the place plans its sessions too."""
    if not by.may(Permission.CALENDAR_EDIT, org):
        raise Forbidden("你没有设置这里场次的权限。")


def told(action: str, org: Org, by, reason: str = "") -> None:
    record(action=f"attendance.{action}", by=by, object_kind="org", object_id=org.id, fields=("sessions",), reason=reason, county_id=org.county_id)
