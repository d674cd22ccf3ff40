"""Following a case up: one persuasion, call or notice, numbered by itself; its result moves the case."""

import datetime

import peewee

from aidtracker.attendance.ladder import steps_done_by
from aidtracker.cases import case_tasks
from aidtracker.cases.actions import add_step, told
from aidtracker.cases.models import KINDS, RESULTS, Case, FollowUp
from aidtracker.cases.queries import visits_to_name
from aidtracker.cases.refusals import refuse_outsider
from aidtracker.cases.states import CLOSED, due_after, state_after
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.visits.models import Visit

FIELDS = ("kind", "on", "people", "people_gov", "person_met", "relation", "result", "words", "promise", "promised_on", "next_on", "visit")
DAYS = ("on", "promised_on", "next_on", "visit")  # of which none is no text
OF_VISIT = {"on_site": "on_site", "phone": "phone", "video": "video"}  # 约谈 has no kind of its own here


def add_follow_up(*, case: Case, values: dict, by, receipt: str = "") -> FollowUp:
    """`values` by FIELDS. A visit (its id) that is named gives day, people and whom they met; it is not copied by hand.

    Refused: a closed case, a day before it was found or ahead, nobody met where somebody was spoken to.
    """
    refuse_outsider(case.student, by)
    wanted: dict = {name: values.get(name) or (None if name in DAYS else "") for name in FIELDS}
    if wanted["visit"]:
        wanted |= taken_from(visit_named(case, wanted["visit"]), wanted["kind"])
    refuse_follow_up(case, wanted)
    wanted["next_on"] = wanted["next_on"] or due_after(max(wanted["on"], today_in_china()), case.county_id)
    with transaction():
        before = lock_case(case)
        after = state_after(before, wanted["result"])
        number = FollowUp.select(peewee.fn.MAX(FollowUp.ordinal)).where(FollowUp.case == case).scalar() or 0
        sealed = {name: wanted.pop(name) or None for name in ("words", "promise")}
        follow_up = FollowUp.create(case=case, ordinal=number + 1, recorded_by=by, receipt=receipt, **wanted, **sealed)
        due_on = min(day for day in (follow_up.next_on, follow_up.promised_on) if day)
        Case.update(state=after, due_on=due_on).where(Case.id == case.id).execute()
        if after != before:
            add_step(case, before, after, follow_up.on, by, follow_up=follow_up)
        case_tasks.fulfil_of_rolls(case, done_by(follow_up.kind, before, after), follow_up.on, "follow_up", by)
        case_tasks.fulfil(case, ("relapse", "notice_late"), "follow_up", by)
        told("add_follow_up", case, by, [name for name in FIELDS if follow_up.__data__.get(name)] + ["state"] * (after != before))
    return follow_up


def relapse_case(*, case: Case, on: datetime.date, words: str, by) -> bool:
    """反弹 within the watch period, by the rolls: the same case, back to 劝返. False: it stands elsewhere already."""
    with transaction():
        if lock_case(case) != "returned":
            return False
        Case.update(state="dropout", due_on=due_after(today_in_china(), case.county_id)).where(Case.id == case.id).execute()
        add_step(case, "returned", "dropout", on, by, words)
        told("relapse_case", case, by, ("state",))
    return True


def done_by(kind: str, before: str, after: str) -> list[str]:
    """The steps of the ladder that a follow-up takes: the call or the visit, and what it found out."""
    return [*steps_done_by(kind)] + ["suspected"] * (after != before) + ["dropout"] * (after == "dropout")


def lock_case(case: Case) -> str:
    """Two at once come one after the other; returns the state that stands. Refused when it was closed meanwhile."""
    Case.update(revision=Case.revision + 1).where(Case.id == case.id).execute()
    state = Case.select(Case.state).where(Case.id == case.id).scalar()
    if state == CLOSED:
        state_after(state, "")
    return state


def visit_named(case: Case, visit_id: int) -> Visit:
    found = next((visit for visit in visits_to_name(case) if visit.id == visit_id), None)
    if found is None:
        raise Refused("这次家访不能选：它不是这名学生的，或者已经记过跟进。")
    return found


def taken_from(visit: Visit, kind: str) -> dict:
    told = {"on": visit.on, "people": visit.teachers, "person_met": visit.person_met, "relation": visit.relation}
    return told | {"kind": OF_VISIT.get(visit.form, kind)}


def refuse_follow_up(case: Case, values: dict) -> None:
    if values["kind"] not in KINDS or values["result"] not in RESULTS:
        raise Refused("请选择方式和结果。")
    refuse_day(case, values["on"], values["next_on"])
    if values["promised_on"] and values["promised_on"] < values["on"]:
        raise Refused("承诺的日期不能早于这次跟进的日期。")
    if not (values["people"] + values["people_gov"]).strip():
        raise Refused("请填写谁去的、谁打的电话，例如：张老师、村干部王支书。")
    if values["visit"]:
        return
    if values["result"] != "not_met" and not values["person_met"]:
        raise Refused("请填写见到了谁，例如：母亲。没有见到人时，结果选「未见到人」。")
    if not values["words"].strip():
        raise Refused("请写明谈了什么、学生和家长的态度。")


def refuse_day(case: Case, on: datetime.date | None, next_on: datetime.date | None) -> None:
    if on is None or not case.found_on <= on <= today_in_china():
        raise Refused("跟进日期要在发现日期（%(day)s）和今天之间。", day=case.found_on.isoformat())
    if next_on and next_on < on:
        raise Refused("下一步的日期不能早于这次跟进的日期。")
