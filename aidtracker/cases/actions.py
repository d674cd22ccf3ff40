"""What changes a case: open, edit, close, reopen. A child has one case, ever the same."""

import datetime
import json

from aidtracker.audit.actions import record
from aidtracker.cases import case_tasks
from aidtracker.cases.closings import closes_at_once, waiting_closing
from aidtracker.cases.models import STATES, Case, CaseStep, CaseVersion
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.numbers import lock_numbers, next_number
from aidtracker.cases.reasons import reasons_of
from aidtracker.cases.refusals import (
    refuse_closed,
    refuse_ending,
    refuse_outsider,
    refuse_second,
    refuse_unnamed,
    refuse_unnamed_owner,
    refuse_values,
)
from aidtracker.cases.states import CLOSED, FIRST, due_after
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with

FOUND = ("origin", "absent_from", "found_on")  # of an opening
EDITABLE = ("main_reason", "second_reason", "detail", "owner", "due_on")
ENDED = ("outcome", "conclusion", "closed_on", "closed_by", "closed_at")


def open_case(*, student: Student, values: dict, by) -> Case:
    """`values` by FOUND and EDITABLE, `owner` as a user's id; the owner is by default who opens it, the next step due in
    three school days. Refused: one is open (CaseAlreadyOpen), or a closed one waits to be reopened."""
    refuse_outsider(student, by)
    wanted = with_defaults(values, student, by)
    refuse_values(wanted, student)
    with transaction():
        lock_numbers(student.county_id)
        refuse_second(student)
        number = next_number(student.county, today_in_china())
        case = Case(number=number, county=student.county_id, student=student, state=FIRST, opened_by=by)
        fill(case, wanted)
        place(case, student)
        case.save(force_insert=True)
        add_step(case, "", FIRST, wanted["found_on"], by, wanted.get("detail"))
        told("open_case", case, by, [name for name in (*FOUND, *EDITABLE) if wanted.get(name)])
    return case


def reopen_case(*, case: Case, values: dict, reason: str, by) -> Case:
    """After a relapse: the same case, verified anew; how it ended before stays in its steps and its versions."""
    student = case.student
    refuse_outsider(student, by)
    wanted = with_defaults({"owner": case.owner_id, **values}, student, by)
    refuse_values(wanted, student, case.owner_id)
    refuse_unnamed_owner(case, wanted["owner"])
    if not reason.strip():
        raise Refused("请写明为什么重新开案，例如：返校两周后又连续 3 天没有到校。")
    if case.closed_on and wanted["found_on"] < case.closed_on:
        raise Refused("发现日期不能早于上次销号的日期（%(day)s）。", day=case.closed_on.isoformat())
    with transaction():
        if case.state != CLOSED:
            raise Refused("这个个案没有销号，不用重新开案。")
        former = version_of(case, (*FOUND, *EDITABLE, *ENDED), by)
        fill(case, wanted)
        place(case, student)
        case.state, case.outcome, case.conclusion = FIRST, "", None
        case.closed_on = case.closed_by = case.closed_at = None
        compare_and_set(case, case.revision, (*FOUND, *EDITABLE, *ENDED, "state", "class_org", "school"))
        former.save(force_insert=True)
        add_step(case, CLOSED, FIRST, wanted["found_on"], by, reason.strip())
        told("reopen_case", case, by, ("state",))
    return case


def edit_case(*, case: Case, revision: int, values: dict, by) -> list[str]:
    """`values` by EDITABLE. Returns the names of what changed; the former values are kept, sealed."""
    refuse_outsider(case.student, by)
    changed = [name for name in EDITABLE if name in values and values[name] != present(case, name)]
    if revision != case.revision:
        raise conflict_with(case)
    refuse_closed(case)
    if not changed:
        return []
    wanted = {name: values[name] for name in changed}
    refuse_values({"main_reason": case.main_reason, "second_reason": case.second_reason, **wanted}, case.student, case.owner_id)
    refuse_unnamed_owner(case, wanted.get("owner", case.owner_id))
    with transaction():
        former = version_of(case, EDITABLE, by, became=wanted)
        fill(case, wanted)
        compare_and_set(case, revision, changed)
        former.save(force_insert=True)
        told("edit_case", case, by, changed)
    return changed


def close_case(*, case: Case, revision: int, outcome: str, conclusion: str, closed_on: datetime.date, by) -> None:
    """销号 at once, by township or bureau, as the county has it. Refused: no evidence in words, a child who still stays away, a day
    that cannot be, one for which somebody asked already."""
    if not may_with(by, Permission.CASE_CLOSE, case.student):
        raise Forbidden("销号由乡镇或教育局办理。请联系乡镇专干。")
    refuse_unnamed(case.student, by)
    if not closes_at_once(by, case):
        raise Forbidden("本县规定乡镇销号要由教育局批准。请用「申请销号」。")
    refuse_ending_now(case, revision, outcome, conclusion, closed_on)
    with transaction():
        lock("case", case.id)
        if waiting_closing(case):
            raise Refused("这个个案已经有人申请销号，请先批准、退回，或请申请的人撤回。")
        end_case(case, revision, outcome, conclusion, closed_on, by)
        told("close_case", case, by, ("state", "outcome", "conclusion"))


def end_case(case: Case, revision: int, outcome: str, conclusion: str, closed_on: datetime.date, by) -> None:
    """Within the caller's transaction and under its entry; `by` answers for it."""
    before = case.state
    case.state, case.outcome, case.conclusion = CLOSED, outcome, conclusion.strip()
    case.closed_on, case.closed_by, case.closed_at = closed_on, by, utcnow()
    compare_and_set(case, revision, ("state", *ENDED))
    add_step(case, before, CLOSED, closed_on, by, conclusion.strip(), outcome=outcome)
    case_tasks.fulfil_of_rolls(case, ("suspected", "dropout"), closed_on, "closed", by)
    case_tasks.fulfil(case, ("closing_back", "relapse", "handover", "serve_notice", "notice_late"), "closed", by)
    ended = {"state": "closed", "ended_by": by, "ended_at": utcnow()}
    CaseHandover.update(**ended).where((CaseHandover.case == case) & (CaseHandover.state == "asked")).execute()


def refuse_ending_now(case: Case, revision: int, outcome: str, conclusion: str, closed_on: datetime.date) -> None:
    """What is refused of closing it and of asking for that: somebody else wrote meanwhile, it is closed, or the ending does not hold."""
    if revision != case.revision:
        raise conflict_with(case)
    refuse_closed(case)
    refuse_ending(case, outcome, conclusion, closed_on)


# What is written.


def with_defaults(values: dict, student: Student, by) -> dict:
    today = today_in_china()
    given = {name: value for name, value in values.items() if value is not None}
    return {"origin": "roll", "found_on": today, "owner": by.id, "due_on": due_after(today, student.county_id), **given}


def fill(case: Case, values: dict) -> None:
    for name in (*FOUND, *EDITABLE):
        if name in values:
            setattr(case, name, values[name] or None if name in ("detail", "owner", "absent_from", "due_on") else values[name])


def present(case: Case, name: str):
    value = case.owner_id if name == "owner" else getattr(case, name)
    return value or "" if name == "detail" else value


def place(case: Case, student: Student) -> None:
    """The class and school of that day; those who sit in none keep what the case had."""
    if student.class_org_id:
        case.class_org, case.school = student.class_org_id, student.class_org.parent_id


def compare_and_set(case: Case, revision: int, names) -> None:
    """Conflict when somebody else wrote since `revision`."""
    case.revision = revision + 1
    columns = [Case._meta.fields[name] for name in (*names, "revision")]
    kept = {column: case.__data__.get(column.name) for column in columns}
    if not Case.update(kept).where((Case.id == case.id) & (Case.revision == revision)).execute():
        raise conflict_with(case)


def conflict_with(case: Case) -> Conflict:
    now = Case.get_by_id(case.id)
    return Conflict("这个个案刚被别人改过，你的修改没有保存。请核对下面两份内容后重新保存。", theirs=shown(now))


def shown(case: Case) -> dict:
    """What stands now, fit to lay beside what was typed."""
    return {
        "revision": case.revision,
        "state": STATES[case.state],
        "main_reason": reasons_of(case.county_id).get(case.main_reason, ""),
        "second_reason": reasons_of(case.county_id).get(case.second_reason, ""),
        "detail": case.detail or "",
        "owner": case.owner.name if case.owner else "",
        "due_on": case.due_on.isoformat() if case.due_on else "",
    }


def version_of(case: Case, names, by, **more) -> CaseVersion:
    """What stands before the change, to be saved once the change was; `became`: what an edit made of it."""
    content = {name: case.__data__.get(name) if name not in ("detail", "conclusion") else getattr(case, name) for name in names}
    version = CaseVersion(case=case, revision=case.revision, replaced_by=by)
    version.content = json.dumps(content | more, default=str, ensure_ascii=False)
    return version


def add_step(case: Case, before: str, after: str, on: datetime.date, by, words=None, **more) -> CaseStep:
    return CaseStep.create(case=case, from_state=before, to_state=after, on=on, words=words or None, by=by, **more)


def told(action: str, case: Case, by, fields) -> None:
    record(
        action=f"cases.{action}",
        by=by,
        object_kind="case",
        object_id=case.uid,
        fields=tuple(fields),
        county_id=case.county_id,
    )
