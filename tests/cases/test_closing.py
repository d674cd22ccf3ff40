"""销号 by two: asking, approving, sending back, withdrawing; what is refused, whom it waits for, what stays on the case."""

import datetime

import pytest
from peewee import IntegrityError

from aidtracker.accounts.models import Membership, User
from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions, actions_closing
from aidtracker.cases.case_tasks import about_tasks
from aidtracker.cases.closings import closings_in, sent_back_to
from aidtracker.cases.models import Case, CaseStep
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import run_sql, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.home.waiting import waiting_for
from aidtracker.policies.models import PolicyValue
from aidtracker.tasks.actions import finish_task
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from tests import factories


@pytest.fixture
def ask(teacher, today):
    """ask(case, by=..., outcome=...) -> the request, of the case as it stands."""

    def make(case, by=None, **ending):
        told = {"outcome": "transferred", "conclusion": "雀据", "closed_on": today, **ending}
        now = Case.get_by_id(case.id)
        return actions_closing.ask_closing(case=now, revision=now.revision, **told, by=by or teacher)

    return make


@pytest.fixture
def bureau_approves(county, officer, today):
    PolicyValue.create(county=county.county, key="closing_by", value="bureau", holds_from=today, reason="县文件", set_by=officer)


def kinds(user):
    return [task.kind for task in my_open_tasks(user)]


def waits(user, today):
    return {str(each.label): each.number for each in waiting_for(user, today)}


def test_a_school_asks_and_the_township_approves(opened, ask, teacher, coordinator, today):
    case = opened()
    closing = ask(case)
    assert (closing.state, closing.level, Case.get().state) == ("asked", "township", "suspected")
    assert kinds(coordinator) == ["closing"] and waits(coordinator, today)["待我批准的销号"] == 1
    actions_closing.approve_closing(closing=closing, by=coordinator)
    after = Case.get()
    assert (after.state, after.outcome, after.conclusion, after.closed_on, after.closed_by_id) == ("closed", "transferred", "雀据", today, coordinator.id)
    step = CaseStep.select().order_by(CaseStep.id.desc()).first()
    assert (step.from_state, step.to_state, step.by_id, step.outcome) == ("suspected", "closed", coordinator.id, "transferred")
    ended = CaseClosing.get()
    assert (ended.state, ended.ended_by_id, ended.asked_by_id) == ("approved", coordinator.id, teacher.id)
    assert kinds(coordinator) == [] and "待我批准的销号" not in waits(coordinator, today)
    assert [e.action for e in AuditEntry.select().where(AuditEntry.action.contains("_closing")).order_by(AuditEntry.id)] == ["cases.ask_closing", "cases.approve_closing"]


def test_what_is_sent_back_becomes_a_task_of_who_asked_until_they_ask_again(opened, ask, teacher, coordinator, today):
    case = opened()
    closing = ask(case)
    with pytest.raises(Refused, match="请写明退回的原因"):
        actions_closing.send_back_closing(closing=closing, words=" ", by=coordinator)
    actions_closing.send_back_closing(closing=closing, words="雀缺", by=coordinator)
    assert kinds(teacher) == ["closing_back"] and kinds(coordinator) == []
    assert Task.select().order_by(Task.id.desc()).first().person == teacher
    assert waits(teacher, today)["退回给我的销号申请"] == 1 and sent_back_to(teacher).count() == 1
    titles = [(str(event.title), event.words, event.who) for event in timeline_of(Case.get())]
    assert titles[:2] == [("退回销号申请", "雀缺", coordinator.name), ("申请销号：已转学", "雀据", teacher.name)]
    again = ask(case)
    assert kinds(teacher) == [] and kinds(coordinator) == ["closing"] and sent_back_to(teacher).count() == 0
    actions_closing.approve_closing(closing=again, by=coordinator)
    assert [each.state for each in CaseClosing.select().order_by(CaseClosing.id)] == ["sent_back", "approved"]


def test_nobody_approves_or_sends_back_what_they_asked_for(opened, ask, county, coordinator):
    two_hats = factories.make_user("teacher", county.room, "双帽人", "two.hats")
    case = opened()
    closing = ask(case, by=two_hats)
    actions_closing.withdraw_closing(closing=closing, words="", by=two_hats)
    closing = ask(case, by=two_hats)
    Membership.create(user=two_hats, role="township_coordinator", org=county.township, starts_on=datetime.date(2020, 9, 1))
    two_hats = User.get_by_id(two_hats.id)
    for act in (lambda by: actions_closing.approve_closing(closing=closing, by=by), lambda by: actions_closing.send_back_closing(closing=closing, words="x", by=by)):
        with pytest.raises(Forbidden, match="另一个人"):
            act(two_hats)
    with pytest.raises(Refused, match="已经有人申请销号"):
        actions.close_case(case=case, revision=case.revision, outcome="transferred", conclusion="x", closed_on=closing.closed_on, by=two_hats)
    assert closings_in(two_hats, "decide").count() == 0 and closings_in(coordinator, "decide").count() == 1


def test_the_database_itself_keeps_the_two_apart(opened, ask, teacher):
    closing = ask(opened())
    with pytest.raises(IntegrityError):
        CaseClosing.update(state="approved", ended_by=teacher, ended_at=utcnow()).where(CaseClosing.id == closing.id).execute()


def test_only_who_asked_withdraws_and_a_case_waits_once(opened, ask, teacher, school_admin, coordinator):
    case = opened()
    closing = ask(case)
    with pytest.raises(Refused, match="不用再申请"):
        ask(case, by=school_admin)
    for by in (school_admin, coordinator):
        with pytest.raises(Forbidden, match="只有申请的人"):
            actions_closing.withdraw_closing(closing=closing, words="x", by=by)
    actions_closing.withdraw_closing(closing=closing, words="雀撤", by=teacher)
    assert kinds(coordinator) == [] and CaseClosing.get().words == "雀撤"
    with pytest.raises(Refused, match="已撤回"):
        actions_closing.approve_closing(closing=closing, by=coordinator)
    ask(case, by=school_admin)


def test_strangers_the_village_and_other_townships_approve_nothing(opened, ask, county, stranger, school_admin, village_officer):
    closing = ask(opened())
    elsewhere = factories.make_user("township_coordinator", county.other_township, "孙专干", "elsewhere")
    for by in (stranger, school_admin, village_officer, elsewhere):
        with pytest.raises(Forbidden):
            actions_closing.approve_closing(closing=closing, by=by)
        with pytest.raises(Forbidden):
            actions_closing.send_back_closing(closing=closing, words="x", by=by)


def test_a_case_that_changed_since_is_not_approved(opened, ask, follow, coordinator):
    case = opened()
    closing = ask(case)
    follow(case, "refused")
    with pytest.raises(Refused, match="又有新的跟进或修改"):
        actions_closing.approve_closing(closing=closing, by=coordinator)
    assert Case.get().state == "dropout" and CaseClosing.get().state == "asked"
    actions_closing.send_back_closing(closing=closing, words="核对", by=coordinator)


@pytest.mark.parametrize(
    ("ending", "words"),
    [({"outcome": "not_attending"}, "请继续劝返"), ({"outcome": "returned"}, "还没有返校的记录"), ({"conclusion": " "}, "请写明销号依据"), ({"outcome": ""}, "请选择核查结论")],
)
def test_what_no_closing_takes_is_not_asked_for_either(opened, ask, ending, words):
    case = opened()
    with pytest.raises(Refused, match=words):
        ask(case, **ending)
    assert not CaseClosing.select().exists() and not Task.select().where(Task.kind == "closing").exists()


def test_a_child_who_is_away_again_is_not_closed_as_at_school(opened, ask, stay_away, coordinator, pupils):
    case = opened()
    closing = ask(case, outcome="studying_here")
    stay_away(pupils.mine, 1)
    with pytest.raises(Refused, match="一直旷课"):
        actions_closing.approve_closing(closing=closing, by=coordinator)
    actions_closing.withdraw_closing(closing=closing, words="", by=closing.asked_by)
    with pytest.raises(Refused, match="一直旷课"):
        ask(case, outcome="studying_here")


def test_asking_on_an_old_revision_is_a_conflict(opened, follow, teacher, today):
    case = opened()
    follow(case)
    with pytest.raises(Conflict):
        actions_closing.ask_closing(case=Case.get(), revision=1, outcome="transferred", conclusion="x", closed_on=today, by=teacher)


def test_who_closes_at_once_does_not_ask(opened, ask, coordinator, officer):
    case = opened()
    for by in (coordinator, officer):
        with pytest.raises(Refused, match="直接销号"):
            ask(case, by=by)


@pytest.mark.usefixtures("bureau_approves")
def test_where_the_county_wants_it_the_townships_own_closing_needs_the_bureau(opened, ask, county, coordinator, officer, today):
    case = opened()
    with pytest.raises(Forbidden, match="由教育局批准"):
        actions.close_case(case=case, revision=case.revision, outcome="transferred", conclusion="x", closed_on=today, by=coordinator)
    closing = ask(case, by=coordinator)
    other = factories.make_user("township_coordinator", county.township, "周专干", "other.coordinator")
    with pytest.raises(Forbidden, match="教育局批准"):
        actions_closing.approve_closing(closing=closing, by=other)
    assert closing.level == "county" and kinds(officer) == ["closing"] and closings_in(other, "decide").count() == 0
    actions_closing.approve_closing(closing=closing, by=officer)
    assert Case.get().state == "closed"


def test_a_task_to_approve_is_not_done_by_hand_and_one_that_is_late_goes_up(opened, ask, coordinator):
    ask(opened())
    task = my_open_tasks(coordinator).get()
    with pytest.raises(Refused, match="不能手工完成"):
        finish_task(task=task, note="看过", by=coordinator)


def test_reopening_keeps_what_was_asked_and_answered(opened, ask, coordinator, teacher, today):
    closing = ask(opened())
    actions_closing.approve_closing(closing=closing, by=coordinator)
    actions.reopen_case(case=Case.get(), values={"found_on": today}, reason="又没有到校", by=teacher)
    titles = [str(event.title) for event in timeline_of(Case.get())]
    assert titles == ["重新开案", "销号：已转学", "申请销号：已转学", "建案"] and CaseClosing.get().state == "approved"
    ask(Case.get())


def test_what_was_written_of_a_closing_is_sealed(opened, ask, coordinator):
    actions_closing.send_back_closing(closing=ask(opened()), words="雀缺", by=coordinator)
    for column in ("conclusion", "words"):
        assert "雀".encode() not in bytes(run_sql(f"SELECT {column} FROM case_closing").fetchone()[0])


def test_pages_of_a_closing_from_asking_to_approval(opened, sign_in, teacher, coordinator, stranger, today):
    case = opened()
    school, township = sign_in(teacher), sign_in(coordinator)
    assert "申请销号" in school.get("cases.show_case", case_id=case.id).text
    told = {"outcome": "transferred", "conclusion": "学籍已接转", "closed_on": today.isoformat(), "revision": case.revision}
    school.post("cases.ask_closing", told, case_id=case.id)
    closing = CaseClosing.get()
    assert "等批准" in school.get("cases.show_case", case_id=case.id).text and "撤回申请" in school.get("cases.show_closing", closing_id=closing.id).text
    assert "待我批准的销号" in township.get("home.show_home").text and "次仁卓玛" in township.get("cases.list_closings").text
    assert "打开个案" in township.get("tasks.show_task", task_id=my_open_tasks(coordinator).get().id).text
    township.post("cases.send_back_closing", {"words": "请补充就读证明"}, closing_id=closing.id)
    assert "请补充就读证明" in school.get("cases.show_case", case_id=case.id).text
    school.post("cases.ask_closing", told, case_id=case.id)
    again = CaseClosing.select().order_by(CaseClosing.id.desc()).first()
    school.post("cases.approve_closing", status=403, closing_id=again.id)
    sign_in(stranger).get("cases.show_closing", status=404, closing_id=again.id)
    township.post("cases.approve_closing", page=township.url("cases.show_closing", closing_id=again.id), closing_id=again.id)
    assert Case.get().state == "closed" and "待我批准的销号" not in township.get("home.show_home").text
    for tab in ("decide", "asked", "sent_back", "ended"):
        township.get("cases.list_closings", tab=tab)


def test_a_task_of_a_case_says_whom_it_is_about(opened, ask, coordinator, stranger):
    ask(opened())
    task = my_open_tasks(coordinator).get()
    assert about_tasks(coordinator, [task.id])[task.id].name == "次仁卓玛" and about_tasks(stranger, [task.id]) == {}


def test_a_refused_approval_stays_on_its_page_and_says_why(opened, ask, follow, sign_in, coordinator):
    case = opened()
    closing = ask(case)
    follow(case)
    township = sign_in(coordinator)
    answer = township.post("cases.approve_closing", status=400, page=township.url("cases.show_closing", closing_id=closing.id), closing_id=closing.id)
    assert "请退回，由申请的人核对后重新申请" in answer.text
