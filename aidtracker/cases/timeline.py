"""The way of one case, newest first: follow-ups with what they moved, visits, openings and closings, edits."""

import datetime
import json
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.cases.closings import closings_of
from aidtracker.cases.handovers import handovers_of
from aidtracker.cases.models import KINDS, RESULTS, STATES, Case, CaseStep, CaseVersion, FollowUp
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.models_notice import WAYS, Notice, NoticeService
from aidtracker.cases.notices import notices_of, services_of
from aidtracker.cases.outcomes import OUTCOMES
from aidtracker.cases.queries import follow_ups_of, steps_of, versions_of, visits_of
from aidtracker.cases.reasons import reasons_of
from aidtracker.cases.sealed import glances_of, overrulings_of, seals_of
from aidtracker.cases.states import CLOSED
from aidtracker.db import china_time
from aidtracker.phrases import Phrase
from aidtracker.visits.models import FORMS, Visit
from aidtracker.visits.models import STATES as VISIT_STATES

EDITED = {"main_reason": "主要原因", "second_reason": "次要原因", "detail": "情况说明", "owner": "责任人", "due_on": "下一步日期"}
ANSWERS = {"accepted": "%(place)s接收了个案", "refused": "%(place)s不接收个案", "withdrawn": "撤回移交给%(place)s"}
ENDS = {"sent_back": "退回销号申请", "withdrawn": "撤回销号申请"}
TONES = {"returned": "", "promised": "", "not_returned": "warn", "not_met": "warn", "refused": "bad"}


class Event(NamedTuple):
    """`lines` are the site's words, `words` what somebody wrote. `visit_id`: where the whole record of it stands."""

    on: datetime.date
    at: datetime.datetime
    title: Phrase
    who: str
    lines: list[Phrase]
    words: str = ""
    tone: str = ""
    visit_id: int | None = None
    may_name: bool = False  # a visit that no follow-up has named yet


def timeline_of(case: Case) -> list[Event]:
    steps = steps_of(case)
    moves = {step.follow_up_id: step for step in steps if step.follow_up_id}
    follow_ups = follow_ups_of(case)
    named = {each.visit_id for each in follow_ups if each.visit_id}
    visits = visits_of(case)
    of_visit = {visit.id: visit for visit in visits}
    found = [of_follow_up(each, moves.get(each.id), of_visit.get(each.visit_id)) for each in follow_ups]
    found += [of_step(step) for step in steps if not step.follow_up_id]
    found += [of_visit_alone(visit) for visit in visits if visit.id not in named]
    found += [of_closing(each) for each in closings_of(case)]
    found += [of_answer(each) for each in closings_of(case) if each.state in ENDS]
    for each in handovers_of(case):
        found += of_handover(each)
    found += of_notices(case)
    found += of_seals(case)
    found += edits_of(case)
    return sorted(found, key=lambda event: (event.on, event.at), reverse=True)


def of_follow_up(each: FollowUp, move: CaseStep | None, visit: Visit | None) -> Event:
    title = Phrase("第 %(n)s 次跟进：%(kind)s", n=each.ordinal, kind=Phrase(KINDS[each.kind]))
    lines = [Phrase("结果：%(result)s", result=Phrase(RESULTS[each.result]))]
    if each.person_met:
        lines.append(met_line(each.person_met, each.relation))
    if move:
        lines.append(Phrase("状态：%(before)s → %(after)s", before=Phrase(STATES[move.from_state]), after=Phrase(STATES[move.to_state])))
    if each.promise or each.promised_on:
        lines.append(Phrase("承诺：%(words)s（%(day)s 前）", words=each.promise or "—", day=each.promised_on.isoformat() if each.promised_on else "—"))
    if each.next_on:
        lines.append(Phrase("下一步：%(day)s 前", day=each.next_on.isoformat()))
    words = each.words or (words_of(visit) if visit else "")
    who = "、".join(names for names in (each.people, each.people_gov) if names)
    return Event(each.on, each.recorded_at, title, who, lines, words, TONES[each.result], each.visit_id)


def met_line(person: str, relation: str) -> Phrase:
    if not relation:
        return Phrase("见到：%(person)s", person=person)
    return Phrase("见到：%(person)s（%(relation)s）", person=person, relation=Phrase(relation))


def of_step(step: CaseStep) -> Event:
    who = step.by.name if step.by else ""
    if step.to_state == CLOSED:
        title = Phrase("销号：%(outcome)s", outcome=Phrase(OUTCOMES[step.outcome].label))
        return Event(step.on, step.at, title, who, [], step.words or "")
    if step.from_state not in ("", CLOSED):
        title = Phrase("状态：%(before)s → %(after)s", before=Phrase(STATES[step.from_state]), after=Phrase(STATES[step.to_state]))
        return Event(step.on, step.at, title, who, [], step.words or "", "bad")
    title = Phrase("建案") if not step.from_state else Phrase("重新开案")
    return Event(step.on, step.at, title, who, [], step.words or "", "warn" if not step.from_state else "bad")


def of_closing(each: CaseClosing) -> Event:
    title = Phrase("申请销号：%(outcome)s", outcome=Phrase(OUTCOMES[each.outcome].label))
    return Event(china_time(each.asked_at).date(), each.asked_at, title, each.asked_by.name, [], each.conclusion)


def of_answer(each: CaseClosing) -> Event:
    """Of one that was approved the step to 销号 speaks."""
    return Event(china_time(each.ended_at).date(), each.ended_at, Phrase(ENDS[each.state]), each.ended_by.name, [], each.words or "", "warn")


def of_handover(each: CaseHandover) -> list[Event]:
    """That it was offered, and how that ended; 销号 speaks for itself."""
    title, at = Phrase("移交给%(place)s", place=each.to_org.name), china_time(each.asked_at).date()
    found = [Event(at, each.asked_at, title, each.asked_by.name, [Phrase("最迟 %(day)s 答复", day=each.answer_by.isoformat())], each.reason)]
    if each.state in ANSWERS:
        title = Phrase(ANSWERS[each.state], place=each.to_org.name)
        found.append(Event(china_time(each.ended_at).date(), each.ended_at, title, each.ended_by.name, [], each.words or "", "" if each.state == "accepted" else "warn"))
    return found


def of_notices(case: Case) -> list[Event]:
    notices = notices_of(case)
    services, found = services_of(notices), []
    for each in notices:
        found.append(of_notice(each))
        found += [of_service(each, service) for service in services[each.id]]
        if each.withdrawn_at:
            on = china_time(each.withdrawn_at).date()
            found.append(Event(on, each.withdrawn_at, Phrase("撤回文书：%(number)s", number=each.reference), each.withdrawn_by.name, [], each.words or "", "warn"))
    return found


def of_seals(case: Case) -> list[Event]:
    """Read by nobody but its named people, and whoever looks in need."""
    found = []
    for each in seals_of(case):
        found.append(Event(china_time(each.sealed_at).date(), each.sealed_at, Phrase("设为保密个案"), each.sealed_by.name, [], each.reason))
        if each.lifted_at:
            found.append(Event(china_time(each.lifted_at).date(), each.lifted_at, Phrase("不再保密"), each.lifted_by.name, [], each.words or ""))
    for each in overrulings_of(case):
        title = Phrase("教育局改了知情人") if each.what == "readers" else Phrase("教育局取消了保密")
        found.append(Event(china_time(each.at).date(), each.at, title, each.by.name, [], each.reason, "bad"))
    looks = glances_of(case)
    return found + [Event(china_time(each.at).date(), each.at, Phrase("紧急查看"), each.user.name, [], each.reason, "bad") for each in looks]


def of_notice(each: Notice) -> Event:
    lines = [Phrase("文号：%(number)s", number=each.reference), Phrase("返校期限：%(day)s", day=each.due_on.isoformat())]
    return Event(each.issued_on, each.issued_at, Phrase("发文书：%(title)s", title=each.title), f"{each.office.name} {each.issued_by.name}", lines)


def of_service(notice: Notice, each: NoticeService) -> Event:
    title = Phrase("文书送达：%(way)s", way=Phrase(WAYS[each.way])) if each.is_served else Phrase("文书没有送到：%(way)s", way=Phrase(WAYS[each.way]))
    lines = [Phrase("文号：%(number)s", number=notice.reference)]
    if each.receiver and each.is_served:
        lines.append(met_line(each.receiver, each.relation))
    return Event(each.on, each.recorded_at, title, each.servers, lines, each.words or "", "" if each.is_served else "warn")


def of_visit_alone(visit: Visit) -> Event:
    title = Phrase("家访：%(form)s", form=Phrase(FORMS[visit.form]))
    lines = [Phrase(VISIT_STATES[visit.state])]
    if visit.person_met:
        lines.append(met_line(visit.person_met, visit.relation))
    return Event(visit.on, visit.recorded_at, title, visit.teachers, lines, words_of(visit), "", visit.id, True)


def words_of(visit: Visit) -> str:
    return "\n".join(text for text in (visit.views, visit.agreed) if text)


def edits_of(case: Case) -> list[Event]:
    """What each edit changed, from what to what. A reopening keeps a version too, and has a step of its own."""
    kept = [(version, json.loads(version.content)) for version in versions_of(case)]
    edits = [(version, content) for version, content in kept if "became" in content]
    reasons = reasons_of(case.county_id)
    names = names_of({values.get("owner") for _, content in edits for values in (content, content["became"])})
    return [of_edit(version, content, names, reasons) for version, content in edits]


def names_of(ids: set) -> dict[int, str]:
    return dict(User.select(User.id, User.name).where(User.id.in_([i for i in ids if i])).tuples())


def of_edit(version: CaseVersion, before: dict, names, reasons) -> Event:
    lines: list[Phrase] = []
    for name, now in before["became"].items():
        told = {"field": Phrase(EDITED[name]), "before": said(name, before.get(name), names, reasons), "after": said(name, now, names, reasons)}
        lines.append(Phrase("%(field)s：%(before)s → %(after)s", **told))
    who = version.replaced_by.name if version.replaced_by else ""
    return Event(china_time(version.replaced_at).date(), version.replaced_at, Phrase("修改"), who, lines)


def said(name: str, value, names, reasons) -> str:
    if not value:
        return "—"
    if name == "owner":
        return names.get(value, "—")
    return Phrase(reasons.get(value, value)) if name.endswith("reason") else str(value)
