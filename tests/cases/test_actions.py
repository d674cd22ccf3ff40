"""Opening, editing, closing and reopening: what is written, what is refused, and what happens when two do it at once."""

import datetime
import threading

import pytest

from aidtracker.attendance.models import Absence
from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions
from aidtracker.cases.models import Case, CaseStep, CaseVersion, FollowUp
from aidtracker.cases.outcomes import CLOSING, OUTCOMES
from aidtracker.cases.queries import workers_for
from aidtracker.cases.refusals import CaseAlreadyOpen
from aidtracker.cases.states import due_after
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import database, run_sql
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.terms.models import CalendarDay
from tests import factories


def trail():
    return [(entry.action, entry.fields) for entry in AuditEntry.select().where(AuditEntry.action.startswith("cases.")).order_by(AuditEntry.id)]


def reopened(case, by, today, **values):
    return actions.reopen_case(case=case, values={"found_on": today, **values}, reason="又没有到校", by=by)


def test_open_case_numbers_it_and_keeps_who_when_and_why(opened, pupils, teacher, county, today, days):
    case = Case.get_by_id(opened(second_reason="03", absent_from=days(5), due_on=None, owner=None).id)
    assert (case.number, case.state, case.found_on, case.absent_from) == (f"990100-{today.year}-0001", "suspected", days(3), days(5))
    assert (case.owner_id, case.opened_by_id, case.class_org_id, case.school_id) == (teacher.id, teacher.id, county.room.id, county.school.id)
    assert (case.main_reason, case.second_reason, case.detail, case.revision) == ("01", "03", "雀案", 1)
    assert case.due_on == due_after(today, county.county.id) == today + datetime.timedelta(days=3)
    step = CaseStep.get()
    assert (step.from_state, step.to_state, step.on, step.by_id) == ("", "suspected", days(3), teacher.id)
    assert trail() == [("cases.open_case", "origin,absent_from,found_on,main_reason,second_reason,detail,owner,due_on")]


def test_the_next_step_is_due_in_three_school_days_and_no_calendar_days(county):
    CalendarDay.create(on=datetime.date(2026, 6, 4), county=county.county, kind="closure", name="汛期")
    assert due_after(datetime.date(2026, 6, 3), county.county.id) == datetime.date(2026, 6, 9)  # Thursday closed, a weekend between


def test_numbers_run_by_county_and_year(opened, pupils, officer, county, today):
    far = factories.make_user("bureau_staff", county.other_county)
    numbers = [opened().number, opened(pupils.sibling, officer).number, opened(pupils.far, far).number]
    assert numbers == [f"990100-{today.year}-0001", f"990100-{today.year}-0002", f"990200-{today.year}-0001"]
    Case.update(number=f"990100-{today.year}-9999").where(Case.number == numbers[1]).execute()
    assert opened(pupils.elsewhere, officer).number == f"990100-{today.year}-10000"
    assert opened(pupils.at_home, officer).number == f"990100-{today.year}-10001"


def test_a_child_has_one_case_and_the_refusal_says_whose_and_since_when(opened, pupils, officer, today):
    case = opened()
    with pytest.raises(CaseAlreadyOpen) as refused:
        opened(by=officer)
    assert refused.value.case.id == case.id
    assert case.number in refused.value.message and "张老师" in refused.value.message and today.isoformat() in refused.value.message


def test_a_closed_case_is_reopened_and_no_second_one_opened(opened, closed, pupils):
    closed(opened())
    with pytest.raises(Refused, match="请重新开案"):
        opened()
    assert Case.select().count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"origin": "rumour"}, "没有这个选项"),
        ({"main_reason": "42"}, "没有这个选项"),
        ({"main_reason": "", "second_reason": "01"}, "请先选主要原因"),
        ({"main_reason": "01", "second_reason": "01"}, "请先选主要原因"),
        ({"found_on": datetime.date(2999, 1, 1)}, "不能晚于今天"),
        ({"absent_from": datetime.date(2999, 1, 1)}, "不能晚于发现日期"),
        ({"due_on": datetime.date(2020, 1, 1)}, "不能早于今天"),
        ({"owner": 999_999}, "请从名单里选责任人"),
    ],
)
def test_open_case_refuses_what_cannot_be(opened, values, words):
    with pytest.raises(Refused, match=words):
        opened(**values)
    assert not Case.select().exists() and not trail()


def test_the_owner_is_somebody_who_may_work_on_this_child(opened, pupils, teacher, stranger, coordinator, village_officer, officer, school_admin, county):
    auditor = factories.make_user("auditor", county.county)
    assert {user_id for user_id, _ in workers_for(pupils.mine)} == {user.id for user in (teacher, coordinator, village_officer, officer, school_admin)}
    assert workers_for(pupils.mine)[0][0] == teacher.id
    for outsider in (stranger, auditor):
        with pytest.raises(Refused):
            opened(owner=outsider.id)
    assert opened(owner=village_officer.id).owner_id == village_officer.id


def test_who_may_not_work_on_the_child_is_refused(opened, follow, pupils, stranger, county, today):
    case, auditor = opened(), factories.make_user("auditor", county.county)
    for by in (stranger, auditor):
        with pytest.raises(Forbidden):
            opened(pupils.sibling, by)
        with pytest.raises(Forbidden):
            follow(case, by=by)
        with pytest.raises(Forbidden):
            actions.edit_case(case=case, revision=1, values={"main_reason": "02"}, by=by)
        with pytest.raises(Forbidden):
            reopened(case, by, today)


def test_what_was_written_of_a_child_is_sealed(opened, follow, closed, teacher, today):
    case = closed(opened())
    reopened(case, teacher, today, detail="雀又")
    for table, column in (
        ("dropout_case", "detail"), ("follow_up", "words"), ("case_step", "words"), ("case_version", "content"),
    ):  # fmt: skip
        found = [bytes(row[0]) for row in run_sql(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL")]
        assert found and not any("雀".encode() in blob for blob in found), table


def test_edit_case_keeps_what_stood_before(opened, teacher, village_officer, today):
    case = opened()
    due = today + datetime.timedelta(days=5)
    values = {"main_reason": "02", "second_reason": "", "detail": "雀改", "owner": village_officer.id, "due_on": due}
    assert actions.edit_case(case=case, revision=1, values=values, by=teacher) == ["main_reason", "detail", "owner", "due_on"]
    after = Case.get_by_id(case.id)
    assert (after.main_reason, after.detail, after.owner_id, after.due_on, after.revision) == ("02", "雀改", village_officer.id, due, 2)
    assert '"detail": "雀案"' in CaseVersion.get().content
    lines = timeline_of(after)[0].lines
    assert "主要原因：厌学/学习困难 → 家庭经济困难" in lines and "责任人：张老师 → 王支书" in lines and "情况说明：雀案 → 雀改" in lines
    assert trail()[-1] == ("cases.edit_case", "main_reason,detail,owner,due_on")


def test_edit_case_that_changes_nothing_writes_nothing(opened, teacher):
    case = opened()
    assert actions.edit_case(case=case, revision=1, values={"main_reason": "01", "detail": "雀案"}, by=teacher) == []
    assert not CaseVersion.select().exists() and Case.get().revision == 1


def test_an_edit_on_an_old_revision_is_a_conflict_with_what_stands(opened, follow, teacher, officer):
    case = opened()
    follow(case, "promised")
    with pytest.raises(Conflict) as conflict:
        actions.edit_case(case=Case.get_by_id(case.id), revision=1, values={"main_reason": "02"}, by=officer)
    assert conflict.value.theirs["state"] == "承诺返校" and conflict.value.theirs["revision"] == 2
    with pytest.raises(Conflict):  # loaded before the other wrote
        actions.edit_case(case=case, revision=1, values={"main_reason": "02"}, by=officer)
    assert Case.get().main_reason == "01"


def test_close_case_is_for_township_and_bureau(opened, teacher, school_admin, village_officer, coordinator, officer, pupils, today):
    ending = {"outcome": "transferred", "conclusion": "雀结", "closed_on": today}
    case = opened()
    for by in (teacher, school_admin, village_officer):
        with pytest.raises(Forbidden, match="乡镇或教育局"):
            actions.close_case(case=case, revision=1, **ending, by=by)
    actions.close_case(case=case, revision=1, **ending, by=coordinator)
    after = Case.get_by_id(case.id)
    assert (after.state, after.outcome, after.conclusion, after.closed_on, after.closed_by_id) == ("closed", "transferred", "雀结", today, coordinator.id)
    step = CaseStep.select().order_by(CaseStep.id.desc()).first()
    assert (step.from_state, step.to_state, step.outcome, step.words) == ("suspected", "closed", "transferred", "雀结")
    assert trail()[-1] == ("cases.close_case", "state,outcome,conclusion")
    actions.close_case(case=opened(pupils.sibling, officer), revision=1, **ending, by=officer)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ({"outcome": "nothing"}, "请选择核查结论"),
        ({"outcome": "not_attending"}, "请继续劝返"),
        ({"outcome": "returned"}, "还没有返校的记录"),
        ({"conclusion": "  "}, "请写明销号依据"),
        ({"closed_on": datetime.date(2999, 1, 1)}, "销号日期要在"),
        ({"closed_on": datetime.date(2020, 1, 1)}, "销号日期要在"),
    ],
)
def test_close_case_refuses_what_cannot_be(opened, coordinator, today, ending, words):
    case = opened()
    told = {"outcome": "transferred", "conclusion": "雀结", "closed_on": today, **ending}
    with pytest.raises(Refused, match=words):
        actions.close_case(case=case, revision=1, **told, by=coordinator)
    assert Case.get().state == "suspected"


def test_only_a_child_who_still_stays_away_closes_no_case():
    assert set(OUTCOMES) - set(CLOSING) == {"not_attending"}
    assert [code for code, outcome in OUTCOMES.items() if outcome.counts == "unresolved"] == ["missing"]
    assert OUTCOMES["deferred"].in_denominator and not OUTCOMES["died"].in_denominator


def test_close_case_on_an_old_revision_is_a_conflict(opened, follow, coordinator, today):
    case = opened()
    follow(case)
    for loaded in (case, Case.get_by_id(case.id)):
        with pytest.raises(Conflict):
            actions.close_case(case=loaded, revision=1, outcome="transferred", conclusion="雀结", closed_on=today, by=coordinator)


def test_a_closed_case_takes_no_edit_no_follow_up_and_no_second_closing(opened, closed, follow, teacher, coordinator, today):
    case = closed(opened())
    with pytest.raises(Refused, match="已销号"):
        actions.edit_case(case=case, revision=case.revision, values={"main_reason": "02"}, by=teacher)
    with pytest.raises(Refused, match="已销号"):
        follow(case)
    with pytest.raises(Refused, match="已销号"):
        actions.close_case(case=case, revision=case.revision, outcome="transferred", conclusion="x", closed_on=today, by=coordinator)


def test_a_relapse_reopens_the_same_case_and_keeps_its_history(opened, closed, teacher, coordinator, today):
    case = closed(opened())
    reopened(case, teacher, today, main_reason="03")
    after = Case.get_by_id(case.id)
    assert (after.number, after.state, after.outcome, after.conclusion, after.closed_on, after.closed_by) == (case.number, "suspected", "", None, None, None)
    assert (after.found_on, after.main_reason, after.owner_id) == (today, "03", teacher.id)
    steps = [(step.from_state, step.to_state) for step in CaseStep.select().order_by(CaseStep.id)]
    assert steps == [("", "suspected"), ("suspected", "returned"), ("returned", "closed"), ("closed", "suspected")]
    titles = [str(event.title) for event in timeline_of(after)]
    assert titles == ["重新开案", "销号：已复学，巩固期满", "第 1 次跟进：电话", "建案"]
    events = timeline_of(after)
    assert (events[0].words, events[1].words, events[1].who) == ("又没有到校", "雀结", "钱专干")
    assert '"conclusion": "雀结"' in CaseVersion.get().content
    assert trail()[-1] == ("cases.reopen_case", "state")


def test_reopen_case_refuses_without_reason_before_the_closing_and_what_is_open(opened, closed, teacher, days, today):
    case = opened()
    with pytest.raises(Refused, match="不用重新开案"):
        reopened(case, teacher, today)
    case = closed(case)
    with pytest.raises(Refused, match="不能早于上次销号"):
        reopened(case, teacher, days(1))
    with pytest.raises(Refused, match="请写明为什么"):
        actions.reopen_case(case=case, values={"found_on": today}, reason=" ", by=teacher)
    again = Case.get_by_id(case.id)
    reopened(case, teacher, today)
    with pytest.raises((Conflict, Refused)):
        reopened(again, teacher, today)


def at_once(*doings):
    """Runs them in threads that start together; what each returned or raised."""
    start, outcomes = threading.Barrier(len(doings)), []

    def run(do):
        with database.connection_context():
            start.wait()
            try:
                outcomes.append(do())
            except Refused as refused:
                outcomes.append(refused)

    threads = [threading.Thread(target=run, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_two_cases_opened_at_once_get_two_numbers(opened, pupils, teacher, officer, today):
    for user in (teacher, officer):
        user.memberships  # noqa: B018 read before the threads start
    found = at_once(lambda: opened(pupils.mine).number, lambda: opened(pupils.elsewhere, officer).number)
    assert sorted(found) == [f"990100-{today.year}-0001", f"990100-{today.year}-0002"]


def test_of_two_who_open_a_case_of_one_child_at_once_one_is_told(opened, pupils, teacher, officer):
    for user in (teacher, officer):
        user.memberships  # noqa: B018
    found = at_once(lambda: opened(pupils.mine), lambda: opened(pupils.mine, officer))
    assert sorted(type(each).__name__ for each in found) == ["Case", "CaseAlreadyOpen"] and Case.select().count() == 1


def test_two_follow_ups_at_once_are_the_first_and_the_second(opened, follow, teacher, officer):
    case = opened()
    for user in (teacher, officer):
        user.memberships  # noqa: B018
    found = at_once(lambda: follow(case).ordinal, lambda: follow(case, by=officer).ordinal)
    assert sorted(found) == [1, 2] and FollowUp.select().count() == 2 and Case.get().revision == 3


def test_a_case_leaves_the_rolls_alone(opened, stay_away, pupils):
    stay_away(pupils.mine)
    before = Absence.select().count()
    opened()
    assert Absence.select().count() == before
