"""A sealed case: named people read it, for all others it stands nowhere; whoever looks in need says why, and is seen."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions, actions_closing, actions_found, actions_handing, actions_handover, actions_notice, actions_sealing
from aidtracker.cases.models import Case, FollowUp
from aidtracker.cases.models_sealed import CaseGlance
from aidtracker.cases.queries import open_case_ids, visible_cases
from aidtracker.cases.sealed import hidden_count, readers_of
from aidtracker.cases.timeline import timeline_of
from aidtracker.db import run_sql, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks, visible_tasks

BIRDS = ("雀案", "雀话", "雀密", "雀据")


def seen(user):
    return visible_cases(user).count()


def test_named_people_the_owner_and_who_sealed_it_read_it_and_nobody_else(sealed, teacher, coordinator, officer, principal):
    case = sealed([officer])
    assert [seen(user) for user in (teacher, coordinator, officer, principal)] == [1, 1, 1, 0]
    assert {reader.user_id for reader in readers_of(case)} == {teacher.id, coordinator.id, officer.id}
    assert hidden_count(principal, Permission.CASE_VIEW) == 1 and hidden_count(officer, Permission.CASE_VIEW) == 0
    assert open_case_ids([case.student_id]) == {}
    for column in ("reason",):
        assert "雀".encode() not in bytes(run_sql(f"SELECT {column} FROM case_seal").fetchone()[0])


def test_only_who_may_seals_and_only_with_a_reason_and_people_of_the_child(opened, teacher, coordinator, stranger):
    case = opened()
    with pytest.raises(Forbidden):
        actions_sealing.seal_case(case=case, reason="x", readers=[], by=teacher)
    with pytest.raises(Refused, match="请写明为什么保密"):
        actions_sealing.seal_case(case=case, reason=" ", readers=[], by=coordinator)
    with pytest.raises(Refused, match="从负责这名学生的人里选"):
        actions_sealing.seal_case(case=case, reason="x", readers=[stranger.id], by=coordinator)
    actions_sealing.seal_case(case=case, reason="x", readers=[], by=coordinator)
    with pytest.raises(Refused, match="已经保密"):
        actions_sealing.seal_case(case=case, reason="x", readers=[], by=coordinator)


def test_what_is_done_on_it_is_refused_to_who_is_not_named(sealed, follow, pupils, principal, officer, today):
    case = sealed()
    told = {"outcome": "transferred", "conclusion": "x", "closed_on": today}
    acts = (
        lambda: follow(case, "returned", by=principal),
        lambda: actions.edit_case(case=case, revision=case.revision, values={"detail": "y"}, by=principal),
        lambda: actions.close_case(case=case, revision=case.revision, **told, by=officer),
        lambda: actions_closing.ask_closing(case=case, revision=case.revision, **told, by=principal),
        lambda: actions.open_case(student=pupils.mine, values={}, by=principal),
        lambda: actions_sealing.set_readers(case=case, readers=[principal.id], by=principal),
        lambda: actions_sealing.lift_seal(case=case, words="z", by=officer),
    )
    for act in acts:
        with pytest.raises(Forbidden, match="由专人负责") as refused:
            act()
        assert case.number not in str(refused.value)


def test_its_people_change_and_the_seal_is_lifted_with_a_word(sealed, coordinator, officer, principal, teacher):
    case = sealed([officer])
    actions_sealing.set_readers(case=case, readers=[principal.id], by=coordinator)
    assert [seen(user) for user in (teacher, coordinator, officer, principal)] == [1, 1, 0, 1]
    with pytest.raises(Refused, match="不用再保密"):
        actions_sealing.lift_seal(case=case, words="", by=coordinator)
    actions_sealing.lift_seal(case=case, words="已结案", by=coordinator)
    assert seen(officer) == 1 and hidden_count(officer, Permission.CASE_VIEW) == 0
    titles = [str(event.title) for event in timeline_of(case)]
    assert "设为保密个案" in titles and "不再保密" in titles


def test_a_new_owner_is_named_first_and_a_sealed_case_is_not_handed_away(sealed, coordinator, principal, teacher, county):
    case = sealed()
    with pytest.raises(Refused, match="先把新的责任人加为知情人"):
        actions.edit_case(case=case, revision=case.revision, values={"owner": principal.id}, by=coordinator)
    with pytest.raises(Refused, match="不能移交"):
        actions_handover.hand_case(case=case, to_org_id=county.township.id, reason="x", by=teacher)
    assert actions_handing.hand_cases_over(teacher, principal, principal) == 0
    actions_sealing.set_readers(case=case, readers=[principal.id], by=coordinator)
    assert actions.edit_case(case=case, revision=case.revision, values={"owner": principal.id}, by=coordinator) == ["owner"]


def test_looking_in_need_has_a_reason_an_end_and_is_told(sealed, pupils, officer, bureau_admin, teacher, coordinator, principal):
    case = sealed()
    with pytest.raises(Forbidden):
        actions_sealing.break_seal(student=pupils.mine, reason="x", by=principal)
    with pytest.raises(Refused, match="紧急查看"):
        actions_sealing.break_seal(student=pupils.mine, reason=" ", by=officer)
    with pytest.raises(Refused, match="没有对你保密的个案"):
        actions_sealing.break_seal(student=pupils.sibling, reason="x", by=officer)
    actions_sealing.break_seal(student=pupils.mine, reason="雀急", by=officer)
    assert seen(officer) == 1 and AuditEntry.select().where(AuditEntry.action == "cases.break_seal").get().actor_id == officer.id
    told = Task.select().where(Task.kind == "seal_broken")
    assert {task.person_id for task in told} == {teacher.id, coordinator.id, bureau_admin.id}
    assert ("紧急查看", "雀急") in [(str(event.title), event.words) for event in timeline_of(case)]
    assert [task.kind for task in my_open_tasks(bureau_admin)] == ["seal_broken"]
    with pytest.raises(Forbidden, match="由专人负责"):
        actions.edit_case(case=case, revision=case.revision, values={"detail": "y"}, by=officer)
    CaseGlance.update(until=utcnow(), at=utcnow() - datetime.timedelta(hours=1)).execute()
    assert seen(officer) == 0


def test_its_tasks_go_to_named_people_and_stand_in_nobody_elses_list(sealed, opened, teacher, coordinator, officer, principal, today):
    case = opened()
    now = Case.get_by_id(case.id)
    actions_closing.ask_closing(case=now, revision=now.revision, outcome="transferred", conclusion="雀据", closed_on=today, by=teacher)
    sealed(case=case)
    assert Task.get().person_id == coordinator.id, "the teacher may not approve"
    for user in (officer, principal):
        assert visible_tasks(user).count() == 0
    again = sealed_closing(case, teacher, today)
    assert Task.select().where(Task.id == again).get().person_id == coordinator.id


def sealed_closing(case, teacher, today):
    """Withdraws what was asked, asks again; returns the task."""
    closing = case.closings.get()
    actions_closing.withdraw_closing(closing=closing, words="", by=teacher)
    now = Case.get_by_id(case.id)
    actions_closing.ask_closing(case=now, revision=now.revision, outcome="transferred", conclusion="雀据", closed_on=today, by=teacher)
    return Task.select().order_by(Task.id.desc()).get().id


def test_a_relapse_by_the_rolls_is_in_the_name_of_a_named_person(sealed, closed, follow, principal, teacher, pupils, today):
    case = sealed()
    follow(case, "returned")
    actions_found.open_for_streak(pupils.mine, today, principal)
    assert Case.get().state == "dropout" and Case.get().steps.order_by(Case.id).count() >= 3


def pages_of(client):
    """All that a person sees without being led to the case: lists, search, home, tasks, ledgers and their workbooks."""
    for endpoint in ("home.show_home", "cases.list_cases", "cases.list_closings", "cases.list_handovers", "cases.list_notices", "cases.list_my_children", "tasks.list_tasks", "cases.list_responsibilities"):
        yield endpoint, client.get(endpoint).text
    for tab in ("asked", "sent_back", "ended"):
        yield f"closings {tab}", client.get("cases.list_closings", tab=tab).text
    yield "all tasks", client.get("tasks.list_tasks", which="all").text


@pytest.mark.parametrize("role", ["principal", "officer", "village_officer"])
def test_nothing_of_it_stands_anywhere_for_who_is_not_named(sealed, opened, ask_and_notice, pupils, sign_in, request, role, county):
    user = request.getfixturevalue(role)
    case = ask_and_notice(opened())
    client = sign_in(user)
    words = dict(pages_of(client))
    assert any(case.number in text for text in words.values()), "the pages do show it while it is not sealed"
    case = sealed(case=case)
    for where, text in pages_of(client):
        assert case.number not in text and not [bird for bird in BIRDS if bird in text], where
    for endpoint in ("cases.show_case", "cases.edit_case", "cases.add_follow_up", "cases.reopen_case", "cases.ask_closing"):
        client.get(endpoint, status=404, case_id=case.id)
    client.get("cases.show_closing", status=404, closing_id=case.closings.get().id)
    notice = case.notices.get()
    for endpoint in ("cases.show_notice", "cases.show_notice_page"):
        client.get(endpoint, status=404, notice_id=notice.id)
    page = client.get("cases.show_student", student_id=pupils.mine.id).text
    assert case.number not in page and not [bird for bird in BIRDS if bird in page]
    assert case.number not in client.http.post(client.url("cases.search_cases"), data={"q": case.number}, follow_redirects=True).text


@pytest.fixture
def ask_and_notice(teacher, coordinator, county, today):
    """With a closing that waits and a notice that was issued."""

    def make(case):
        from_now = today + datetime.timedelta(days=7)
        told = {"text_id": 0, "office_id": county.township.id, "addressee": "次仁", "relation": "父亲", "due_on": from_now}
        actions_notice.issue_notice(case=Case.get_by_id(case.id), **told, by=coordinator)
        now = Case.get_by_id(case.id)
        actions_closing.ask_closing(case=now, revision=now.revision, outcome="transferred", conclusion="雀据", closed_on=today, by=teacher)
        return now

    return make


@pytest.mark.parametrize("name", ["suspected", "dropouts", "follow_ups"])
def test_the_ledgers_leave_it_out_for_who_is_not_named(sealed, opened, pupils, coordinator, officer, sign_in, name):
    other = opened(pupils.sibling, coordinator)
    case = sealed()
    follow_up_words = FollowUp.get().words
    named, unnamed = (sign_in(user).get("ledgers.show_ledger", name=name).text for user in (coordinator, officer))
    assert (case.number in named) and case.number not in unnamed and follow_up_words not in unnamed
    assert name != "suspected" or other.number in unnamed


def test_the_pages_of_a_seal(opened, pupils, sign_in, coordinator, officer, principal, teacher):
    case, township = opened(), sign_in(coordinator)
    assert "设为保密个案" in township.get("cases.show_case", case_id=case.id).text
    assert "王校长" in township.get("cases.seal_case", case_id=case.id).text
    township.post("cases.seal_case", {"reason": "雀密", "readers": [principal.id]}, case_id=case.id)
    assert "知情人" in sign_in(principal).get("cases.show_case", case_id=case.id).text
    township.post("cases.set_readers", {"readers": []}, case_id=case.id)
    sign_in(principal).get("cases.show_case", status=404, case_id=case.id)
    bureau = sign_in(officer)
    assert "另有 1 个未销号的保密个案" in bureau.get("cases.list_cases").text
    for pupil in (pupils.mine, pupils.sibling):
        assert "紧急查看" in bureau.get("cases.show_student", student_id=pupil.id).text
    bureau.post("cases.break_seal", {"reason": "雀急"}, student_id=pupils.mine.id)
    assert "雀密" in bureau.get("cases.show_case", case_id=case.id).text
    sign_in(teacher).get("cases.break_seal", status=403, student_id=pupils.mine.id)
    township.post("cases.lift_seal", {"words": "已结案"}, case_id=case.id)
    sign_in(principal).get("cases.show_case", case_id=case.id)
