"""Asking for leave, deciding on it by its length, changing it, taking it back, and 销假: each with its step and its entry."""

import datetime
import json

from aidtracker.attendance.actions_illness import put_symptoms, withdraw_symptoms_of
from aidtracker.attendance.leaves import BACK, LONGEST_REASON, ORDER, Span, days_of, level_of, needs_proof, refuse_span, shortened, span_of
from aidtracker.attendance.models_leaves import CLEARANCES, KINDS, LIVE, WAYS, Leave, LeaveStep
from aidtracker.attendance.queries_illness import infectious_of
from aidtracker.attendance.queries_leaves import leave_met_by
from aidtracker.attendance.windows import may_take
from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.queries import lock_pupils
from aidtracker.students.spells import Spells
from aidtracker.terms.years import refuse_closed_years

P = Permission
FORMER = ("kind", "first_on", "first_session", "last_on", "last_session", "reason", "applicant", "way", "is_proved")


def ask_leave(*, student: Student, values: dict, by, continues: Leave | None = None) -> Leave:
    """`values`: kind, span, reason, applicant, way, is_proved, symptoms, onset_on. Whoever may approve a leave of this length, with
    what it continues, has approved it by asking; otherwise it waits. Refused: what lies outside the pupil's time here, over another leave, backwards, in a
    closed year, or longer ago than rolls may be taken."""
    span: Span = values["span"]
    with transaction():
        lock_pupils([student.id])
        room = room_of(student, span)
        refuse_outsider(room, by)
        refuse_values(values)
        refuse_days(span, room, by)
        refuse_meeting(student.id, span)
        refuse_break(student.id, span, continues)
        days = counted(span, room)
        level = level_of(days + days_before(continues), room.county_id, today_in_china())
        named = {"county": room.county_id, "school": room.parent_id, "class_org": room.id, "student": student}
        leave = Leave.create(**named, **span._asdict(), **plain(values), days=days, level=level, continues=continues, asked_by=by)
        step("asked", leave, by, values["reason"])
        if values.get("symptoms"):
            day = min(span.first_on, today_in_china())
            put_symptoms(student, room, day, values.get("onset_on") or day, values["symptoms"], by, leave)
        if may_decide(by, leave) and not lacks_proof(leave):
            decide(leave, "approved", by)
        told("ask_leave", leave, by, ("kind", "first_on", "last_on", "reason"))
    return leave


def edit_leave(*, leave: Leave, values: dict, revision: int, by) -> Leave:
    """It is decided on anew, by its new length. Refused besides: an edit of what stands no more (Conflict), a leave that is over."""
    span: Span = values["span"]
    with transaction():
        leave = fresh(leave, by, ("asked", "approved", "sent_back"), "这次请假已经结束，不能再改。")
        if leave.revision != revision:
            raise Conflict("这次请假刚刚有人改过，请核对后再保存。", theirs={"revision": leave.revision})
        room = room_of(leave.student, span)
        refuse_outsider(room, by)
        refuse_values(values)
        refuse_days(span, room, by)
        refuse_meeting(leave.student_id, span, leave.id)
        former = json.dumps({name: str(getattr(leave, name)) for name in FORMER}, ensure_ascii=False)
        leave.first_on, leave.first_session, leave.last_on, leave.last_session = span
        for name, value in plain(values).items():
            setattr(leave, name, value)
        leave.class_org, leave.school, leave.days = room.id, room.parent_id, counted(span, room)
        leave.level = level_of(days_in_all(leave), room.county_id, today_in_china())
        leave.state, leave.decided_by, leave.decided_at = "asked", None, None
        step("edited", leave, by, former=former)
        if may_decide(by, leave) and not lacks_proof(leave):
            decide(leave, "approved", by)
        kept(leave)
        told("edit_leave", leave, by, FORMER)
    return leave


def approve_leave(*, leave: Leave, is_proved: bool, by) -> Leave:
    with transaction():
        leave = fresh(leave, by, ("asked",), "这次请假已经有人处理过，请刷新页面。")
        refuse_decision(leave, by)
        leave.is_proved = leave.is_proved or is_proved
        if lacks_proof(leave):
            raise Refused("病假超过 %(days)s 个上课日，要看过诊断证明才能批准。看过以后请勾上「已看诊断证明」。", days=number_of("sick_proof_days", leave.county_id, today_in_china()))
        decide(leave, "approved", by)
        kept(leave)
        told("approve_leave", leave, by, ("state",))
    return leave


def send_back_leave(*, leave: Leave, words: str, by) -> Leave:
    refuse_silence(words, "请写明为什么退回，例如：请补充诊断证明。")
    with transaction():
        leave = fresh(leave, by, ("asked",), "这次请假已经有人处理过，请刷新页面。")
        refuse_decision(leave, by)
        decide(leave, "sent_back", by, words)
        kept(leave)
        told("send_back_leave", leave, by, ("state",))
    return leave


def withdraw_leave(*, leave: Leave, words: str, by) -> Leave:
    """Written down by mistake, or not needed after all. Rolls that were taken stay as they are."""
    refuse_silence(words, "请写明为什么撤回，例如：家长说不请了。")
    with transaction():
        leave = fresh(leave, by, ("asked", "approved", "sent_back"), "这次请假已经结束，不能撤回。")
        leave.state, leave.withdrawn_by, leave.withdrawn_at = "withdrawn", by.id, utcnow()
        step("withdrawn", leave, by, words)
        withdraw_symptoms_of(leave, by)
        kept(leave)
        told("withdraw_leave", leave, by, ("state",))
    return leave


def close_leave(*, leave: Leave, back_on: datetime.date, back_session: str, clearance: str, words: str, by) -> Leave:
    """销假: the pupil is back since that session; an early return moves the end. After an infectious illness somebody must have
    seen the 复课证明, or the school's administrator says why not. Leaves that this one continues are closed with it."""
    with transaction():
        leave = fresh(leave, by, ("approved",), "只有已批准、还没有销假的请假才能销假。")
        refuse_return(leave, back_on, back_session)
        refuse_unclear(leave, clearance, words, by)
        span = shortened(span_of(leave), back_on, back_session)
        leave.last_on, leave.last_session = span.last_on, span.last_session
        leave.days, leave.clearance = days_of(span, leave.county_id, leave.school_id), clearance
        end(leave, back_on, by, words)
        for before in with_continued(leave)[1:]:
            end(before, back_on, by)
        told("close_leave", leave, by, ("state", "back_on", "last_on", "clearance"))
    return leave


def with_continued(leave: Leave) -> list[Leave]:
    """And those that it continues and that are open with it, the latest first."""
    found, before = [leave], leave.continues
    while before is not None and before.state == "approved":
        found.append(before)
        before = before.continues
    return found


def days_before(continued: Leave | None) -> int:
    return 0 if continued is None else sum(one.days for one in with_continued(continued))


def days_in_all(leave: Leave) -> int:
    """School days away without having been back: many short leaves in a row are one long one to whoever approves it."""
    return leave.days + days_before(leave.continues)


def end(leave: Leave, back_on: datetime.date, by, words: str = "") -> None:
    leave.state, leave.back_on, leave.closed_by, leave.closed_at = "closed", back_on, by.id, utcnow()
    step("closed", leave, by, words)
    kept(leave)


# What every act looks at.


def fresh(leave: Leave, by, states: tuple, otherwise: str) -> Leave:
    """As it stands now that nobody else writes about the pupil."""
    lock_pupils([leave.student_id])
    leave = Leave.get_by_id(leave.id)
    refuse_outsider(leave.class_org, by)
    if leave.state not in states:
        raise Refused(otherwise)
    return leave


def room_of(student: Student, span: Span) -> Org:
    """The class of the first day; the pupil goes to school on both ends."""
    spells = Spells([student.id])
    first = spells.on(student.id, span.first_on)
    for day in (span.first_on, span.last_on):
        if spells.on(student.id, day).is_home_taught:
            raise Refused("送教上门的学生不点名，不用请假。")
        if not spells.on(student.id, day).is_covered:
            raise Refused("%(day)s这名学生不在本校任何班级，不能请假。请核对日期。", day=day.isoformat())
    return Org.get_by_id(first.class_id)


def refuse_outsider(room: Org, by) -> None:
    if not may_take(by, room):
        raise Forbidden("你没有给这个班的学生办请假的权限。")


def refuse_values(values: dict) -> None:
    if values["kind"] not in KINDS or values["way"] not in WAYS:
        raise Refused("请选择其中一项。")
    refuse_silence(values["reason"], "请写明请假的原因。")
    refuse_silence(values["applicant"], "请写明是谁来请的假，例如：母亲。")
    if values.get("symptoms") and values["kind"] != "sick_leave":
        raise Refused("只有病假才填症状。")


def refuse_days(span: Span, room: Org, by) -> None:
    today = today_in_china()
    refuse_span(span, today)
    refuse_closed_years(room.county_id, span.first_on, span.last_on)
    days = number_of("roll_late_days", room.county_id, today)
    if (today - span.first_on).days > days and not by.may(P.ROLL_CORRECT, room):
        raise Forbidden("开始的日期已超过 %(days)s 天，不能补请假。请联系本校管理员。", days=days)


def refuse_meeting(student_id: int, span: Span, without: int | None = None) -> None:
    met = leave_met_by(student_id, span, without)
    if met is not None:
        first, last, kind = met.first_on.isoformat(), met.last_on.isoformat(), Phrase(KINDS[met.kind])
        raise Refused("这名学生 %(first)s 至 %(last)s 已有%(kind)s，日期不能重叠。要改那次请假，请在那里修改；要延长，请用「续假」。", first=first, last=last, kind=kind)


def refuse_break(student_id: int, span: Span, continues: Leave | None) -> None:
    """What continues a leave begins after it, and before the pupil was said to be back."""
    if continues is None:
        return
    if continues.student_id != student_id or continues.state != "approved":
        raise Refused("只有已批准、还没有销假的请假才能续假。")
    if span.begins <= span_of(continues).ends:
        raise Refused("续假要从原来的假期结束以后开始。")
    if Leave.select().where((Leave.continues == continues) & Leave.state.in_(LIVE)).exists():
        raise Refused("这次请假已经续过假。再要延长，请在续假的那一条上办。")


def counted(span: Span, room: Org) -> int:
    days = days_of(span, room.county_id, room.parent_id)
    if not days:
        raise Refused("这几天都是休息日，不用请假。")
    return days


def plain(values: dict) -> dict:
    return {name: values[name] for name in ("kind", "way", "is_proved")} | {name: values[name].strip() for name in ("reason", "applicant")}


def may_decide(user, leave: Leave) -> bool:
    room = leave.class_org
    return user.may(P.ROLL_CORRECT, room) or (leave.level == "class" and user.may(P.ROLL_SUBMIT, room))


def refuse_decision(leave: Leave, by) -> None:
    if not may_decide(by, leave):
        raise Forbidden("这么长的假要由学校批准。")


def lacks_proof(leave: Leave) -> bool:
    return not leave.is_proved and needs_proof(leave.kind, days_in_all(leave), leave.county_id, today_in_china())


def decide(leave: Leave, state: str, by, words: str = "") -> None:
    leave.state, leave.decided_by, leave.decided_at = state, by.id, utcnow()
    step(state, leave, by, words)
    kept(leave)


def refuse_silence(words: str, otherwise: str) -> None:
    if not words.strip():
        raise Refused(otherwise)
    if len(words.strip()) > LONGEST_REASON:
        raise Refused("原因太长了，最多 %(most)s 个字。", most=LONGEST_REASON)


def refuse_return(leave: Leave, back_on: datetime.date, back_session: str) -> None:
    if back_session not in BACK:
        raise Refused("没有这个场次。")
    if back_on > today_in_china():
        raise Refused("返校的日期还没到，到校以后再销假。")
    begun = (back_on, ORDER[back_session]) > span_of(leave).begins and (back_on > leave.first_on or back_session != "morning")
    if not begun:
        raise Refused("返校的时间早于请假开始的时间。这次假没有用上的，请用「撤回」。")
    refuse_closed_years(leave.county_id, back_on, back_on)


def refuse_unclear(leave: Leave, clearance: str, words: str, by) -> None:
    if clearance and clearance not in CLEARANCES:
        raise Refused("请选择其中一项。")
    if clearance == "waived" and not by.may(P.ROLL_CORRECT, leave.class_org):
        raise Forbidden("没有复课证明的，要由校级管理员说明原因后销假。")
    if clearance == "waived" and not words.strip():
        raise Refused("没有复课证明，请写明原因，例如：村医电话证实已痊愈。")
    if not clearance and any(map(infectious_of, with_continued(leave))):
        raise Refused("这名学生的症状可能传染，返校要看复课证明。看过以后请选「已看复课证明」。")


def kept(leave: Leave) -> None:
    leave.revision += 1
    leave.save()


def step(kind: str, leave: Leave, by, words: str = "", former: str | None = None) -> None:
    LeaveStep.create(leave=leave, kind=kind, done_by=by.id, words=words.strip() or None, former=former)


def told(action: str, leave: Leave, by, fields: tuple) -> None:
    record(action=f"attendance.{action}", by=by, object_kind="leave", object_id=leave.id, fields=fields, county_id=leave.county_id)
