"""销号 by two: one asks, another approves or sends back; who asked may withdraw it. Nothing of it is ever erased."""

import datetime

from aidtracker.cases import case_tasks
from aidtracker.cases.actions import end_case, refuse_ending_now, told
from aidtracker.cases.closings import closes_at_once, level_for, may_decide, waiting_closing
from aidtracker.cases.models import Case
from aidtracker.cases.models_closing import STATES, CaseClosing
from aidtracker.cases.refusals import refuse_closed, refuse_ending, refuse_outsider, refuse_still_away, refuse_unnamed
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.students.queries import may_with


def ask_closing(*, case: Case, revision: int, outcome: str, conclusion: str, closed_on: datetime.date, by) -> CaseClosing:
    """By whoever works on the case. Refused: what would be refused of a closing, a second one, whoever closes it at once."""
    refuse_outsider(case.student, by)
    if closes_at_once(by, case):
        raise Refused("你可以直接销号，不用申请。")
    refuse_ending_now(case, revision, outcome, conclusion, closed_on)
    with transaction():
        lock("case", case.id)
        if waiting_closing(case):
            raise Refused("这个个案已经有人申请销号，正等批准，不用再申请。")
        asked = {"outcome": outcome, "conclusion": conclusion.strip(), "closed_on": closed_on}
        closing = CaseClosing.create(case=case, case_revision=revision, level=level_for(by, case.student), asked_by=by, **asked)
        case_tasks.fulfil(case, ("closing_back",), "asked", by)
        case_tasks.ask_place(case, "closing", path_to_decide(closing, by), days_of(case))
        told("ask_closing", case, by, ("outcome", "conclusion", "closed_on"))
    return closing


def approve_closing(*, closing: CaseClosing, by) -> None:
    """The case is closed in the name of who approves. Refused: one's own, a case that changed since, a child who is away again."""
    with transaction():
        now = waiting(closing, by)
        case = now.case
        refuse_closed(case)
        if case.revision != now.case_revision:
            raise Refused("申请以后，这个个案又有新的跟进或修改。请退回，由申请的人核对后重新申请。")
        refuse_ending(case, now.outcome, now.conclusion, now.closed_on)
        refuse_still_away(case, now.outcome, today_in_china())
        end_case(case, now.case_revision, now.outcome, now.conclusion, now.closed_on, by)
        end_closing(now, "approved", None, by)
        told("approve_closing", case, by, ("state", "outcome", "conclusion"))


def send_back_closing(*, closing: CaseClosing, words: str, by) -> None:
    """退回, with what is missing; it becomes a task of who asked."""
    if not words.strip():
        raise Refused("请写明退回的原因，例如：请补充就读证明。")
    with transaction():
        now = waiting(closing, by)
        end_closing(now, "sent_back", words, by)
        case_tasks.ask_person(now.case, "closing_back", now.asked_by, days_of(now.case))
        told("send_back_closing", now.case, by, ("words",))


def withdraw_closing(*, closing: CaseClosing, words: str, by) -> None:
    """By who asked."""
    if by.id != closing.asked_by_id:
        raise Forbidden("只有申请的人能撤回。")
    with transaction():
        now = locked(closing)
        now.state, now.words, now.ended_by, now.ended_at = "withdrawn", words.strip() or None, by, utcnow()
        now.save()
        case_tasks.withdraw(now.case, ("closing",), "withdrawn")
        told("withdraw_closing", now.case, by, ("state",))


def waiting(closing: CaseClosing, by) -> CaseClosing:
    """As it stands, with nobody else at it. Refused to strangers, to who asked, and once it was decided."""
    if not may_with(by, Permission.CASE_CLOSE, closing.case.student):
        raise Forbidden("销号由乡镇或教育局批准。")
    refuse_unnamed(closing.case.student, by)
    if by.id == closing.asked_by_id:
        raise Forbidden("自己申请的销号，要由另一个人批准。")
    if not may_decide(by, closing):
        raise Forbidden("乡镇申请的销号由教育局批准。")
    return locked(closing)


def locked(closing: CaseClosing) -> CaseClosing:
    lock("case", closing.case_id)
    now = CaseClosing.get_by_id(closing.id)
    if now.state != "asked":
        raise Refused("这份销号申请现在是「%(state)s」，不能再办。", state=Phrase(STATES[now.state]))
    return now


def end_closing(closing: CaseClosing, state: str, words: str | None, by) -> None:
    closing.state, closing.words, closing.ended_by, closing.ended_at = state, words.strip() if words else None, by, utcnow()
    closing.save()
    case_tasks.fulfil(closing.case, ("closing",), "decided", by)


def path_to_decide(closing: CaseClosing, by) -> str:
    """The asker's own place leads up to who answers; the bureau where it is the township that asks."""
    student = closing.case.student
    if closing.level == "county":
        return str(student.county.path)
    return case_tasks.path_of(by, student) or case_tasks.nearest_path(student)


def days_of(case: Case) -> int:
    return number_of("closing_days", case.county_id, today_in_china())
