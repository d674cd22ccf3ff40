"""移交: a case goes from who answers for it to another place that answers for the child. Nobody lets go before somebody takes."""

from aidtracker.cases import case_tasks
from aidtracker.cases.actions import EDITABLE, compare_and_set, told, version_of
from aidtracker.cases.handovers import may_answer, owners_at, places_to_take, waiting_handover
from aidtracker.cases.models import Case
from aidtracker.cases.models_handover import STATES, CaseHandover
from aidtracker.cases.refusals import refuse_closed, refuse_outsider, refuse_unnamed_owner
from aidtracker.cases.sealed import seal_of
from aidtracker.cases.states import day_after, due_after
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of


def hand_case(*, case: Case, to_org_id: int, reason: str, by) -> CaseHandover:
    """Offers it. Refused: a place that does not answer for the child, a second offer, a closed case."""
    refuse_outsider(case.student, by)
    if seal_of(case):
        raise Refused("保密个案不能移交。请先把对方的人加为知情人，再改责任人。")
    if not reason.strip():
        raise Refused("请写明为什么移交，例如：孩子随父母住在户籍地，由那边劝返更方便。")
    if to_org_id not in dict(places_to_take(case)):
        raise Refused("只能移交给负责这名学生的另一个学校、乡镇或村。住到别处的，请先办转学或更正户籍地。")
    today, days = today_in_china(), number_of("handover_days", case.county_id, today_in_china())
    with transaction():
        lock("case", case.id)
        refuse_closed(Case.get_by_id(case.id))
        if waiting_handover(case):
            raise Refused("这个个案已经在移交，正等对方接收。")
        plain = {"to_org": to_org_id, "from_owner": case.owner_id, "reason": reason.strip(), "answer_by": day_after(today, days, case.county_id)}
        handover = CaseHandover.create(case=case, asked_by=by, **plain)
        case_tasks.ask_place(case, "handover", str(handover.to_org.path), days)
        told("hand_case", case, by, ("to_org", "reason"))
    return handover


def accept_handover(*, handover: CaseHandover, owner_id: int, words: str, by) -> None:
    """接收: from now on this person answers for it; the next step is due anew."""
    with transaction():
        now = waiting(handover, by)
        if owner_id not in dict(owners_at(now)):
            raise Refused("请从名单里选接收以后的责任人。")
        case = now.case
        refuse_unnamed_owner(case, owner_id)
        due_on = due_after(today_in_china(), case.county_id)
        former = version_of(case, EDITABLE, by, became={"owner": owner_id, "due_on": due_on})
        case.owner, case.due_on = owner_id, due_on
        compare_and_set(case, case.revision, ("owner", "due_on"))
        former.save(force_insert=True)
        end(now, "accepted", words, by, new_owner=owner_id)
        told("accept_handover", case, by, ("owner", "due_on"))


def refuse_handover(*, handover: CaseHandover, words: str, by) -> None:
    """不接收, with a reason; the case stays where it is."""
    if not words.strip():
        raise Refused("请写明为什么不接收，例如：这家人已经搬走，不在本村。")
    with transaction():
        now = waiting(handover, by)
        end(now, "refused", words, by)
        told("refuse_handover", now.case, by, ("words",))


def withdraw_handover(*, handover: CaseHandover, words: str, by) -> None:
    """By who offered it."""
    if by.id != handover.asked_by_id:
        raise Forbidden("只有申请的人能撤回。")
    with transaction():
        now = locked(handover)
        end(now, "withdrawn", words, by)
        told("withdraw_handover", now.case, by, ("state",))


def waiting(handover: CaseHandover, by) -> CaseHandover:
    refuse_outsider(handover.case.student, by)
    if by.id == handover.asked_by_id:
        raise Forbidden("自己提出的移交，要由对方接收。")
    if not may_answer(by, handover):
        raise Forbidden("这一步由%(place)s办理。", place=handover.to_org.name)
    return locked(handover)


def locked(handover: CaseHandover) -> CaseHandover:
    lock("case", handover.case_id)
    now = CaseHandover.get_by_id(handover.id)
    if now.state != "asked":
        raise Refused("这次移交现在是「%(state)s」，不能再办。", state=Phrase(STATES[now.state]))
    refuse_closed(now.case)
    return now


def end(handover: CaseHandover, state: str, words: str, by, **more) -> None:
    handover.state, handover.words, handover.ended_by, handover.ended_at = state, words.strip() or None, by, utcnow()
    for name, value in more.items():
        setattr(handover, name, value)
    handover.save()
    if state == "withdrawn":
        case_tasks.withdraw(handover.case, ("handover",), "withdrawn")
    else:
        case_tasks.fulfil(handover.case, ("handover",), "decided", by)
