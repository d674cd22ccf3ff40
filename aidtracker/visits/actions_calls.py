"""Drawing the visits of a month that are phoned back, and writing down what a call found."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.visits.drawing import drawn_of, months_to_draw
from aidtracker.visits.models_calls import CALL_OUTCOMES, LONGEST, TALKED, CallBack, CallDraw, CallMade
from aidtracker.visits.queries import may_with
from aidtracker.visits.queries_calls import is_made_by


def draw_calls(*, county_id: int, today: datetime.date, by=None) -> int:
    """Every month that is over and was not drawn yet; returns how many visits were. Joins the night's transaction."""
    with transaction():
        lock("calls", county_id)
        months = months_to_draw(county_id, today)
        drawn = sum(draw_month(county_id, month) for month in months)
        if months:
            record(action="visits.draw_calls", by=by, object_kind="org", object_id=str(county_id), count=drawn, county_id=county_id)
    return drawn


def draw_month(county_id: int, month: str) -> int:
    share, found = drawn_of(county_id, month)
    for place_id, visits, visit_ids in found:
        draw = CallDraw.create(county=county_id, place=place_id, month=month, visits=visits, drawn=len(visit_ids), share=share)
        for visit_id in visit_ids:
            CallBack.create(draw=draw, visit=visit_id)
    return sum(len(one.visit_ids) for one in found)


def record_call(*, call_back: CallBack, tries: int, outcome: str, spoke_to: str, remark: str, by) -> None:
    """One call; what it found holds until another one. Conflict (409) when somebody called since `tries` were shown."""
    if not may_with(by, Permission.VISIT_VERIFY, call_back.visit):
        raise Forbidden("回访由乡镇专干或教育局打电话。")
    if is_made_by(by, call_back.visit):
        raise Forbidden("自己去过、记过或改过的家访，要由别人回访。")
    spoke_to, remark = spoke_to.strip(), remark.strip()
    refuse_call(outcome, spoke_to, remark)
    state = state_after(outcome, tries + 1, call_back.visit.county_id)
    with transaction():
        stood = (CallBack.id == call_back.id) & (CallBack.tries == tries)
        if not CallBack.update(state=state, tries=tries + 1).where(stood).execute():
            raise Conflict("刚才已有人打过这个电话。请先看打的结果，再决定要不要再打。")
        told = {"outcome": outcome, "spoke_to": spoke_to if outcome in TALKED else "", "remark": remark or None}
        CallMade.create(call_back=call_back, number=tries + 1, **told, called_by=by.id)
        about = {"object_kind": "visit", "object_id": call_back.visit.uid, "county_id": call_back.visit.county_id}
        record(action="visits.record_call", by=by, fields=("call_outcome", *(["spoke_to"] if told["spoke_to"] else [])), **about)


def refuse_call(outcome: str, spoke_to: str, remark: str) -> None:
    if outcome not in CALL_OUTCOMES:
        raise Refused("请选择回访的结果。")
    if outcome in TALKED and not spoke_to:
        raise Refused("请选择是和谁通的话。")
    if outcome == "denied" and not remark:
        raise Refused("请在备注里写明哪里不属实，例如：家长说那天没有人来。")
    if len(spoke_to) > LONGEST["spoke_to"] or len(remark) > LONGEST["remark"]:
        raise Refused("写得太长了：姓名最多 %(name)s 个字，备注最多 %(most)s 个字。", name=LONGEST["spoke_to"], most=LONGEST["remark"])


def state_after(outcome: str, tries: int, county_id: int) -> str:
    """Whoever was not reached so many times is called no more."""
    if outcome in TALKED:
        return outcome
    return "again" if tries < number_of("call_back_tries", county_id, today_in_china()) else "unreached"
