"""No case is kept from the bureau for ever: it is told of every seal, by number alone, and may overrule who sealed it."""

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.cases import actions_overruling, actions_sealing
from aidtracker.cases.models import Case
from aidtracker.cases.queries import visible_cases
from aidtracker.cases.sealed import reader_ids
from aidtracker.cases.timeline import timeline_of
from aidtracker.errors import Forbidden, Refused
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks


@pytest.fixture
def hidden(opened, principal, bureau_admin):  # noqa: ARG001 there is an administrator to be told
    """The teacher's case, sealed by the school alone."""
    case = opened()
    actions_sealing.seal_case(case=case, reason="雀瞒", readers=[], by=principal)
    return Case.get_by_id(case.id)


def told(kind):
    return {task.person_id for task in Task.select().where(Task.kind == kind)}


def test_the_bureau_is_told_of_a_seal_by_number_alone(hidden, pupils, bureau_admin, sign_in):
    task = my_open_tasks(bureau_admin).get()
    assert task.kind == "case_sealed"
    client = sign_in(bureau_admin)
    pages = [client.get("tasks.show_task", task_id=task.id).text, client.get("cases.overrule_readers", case_id=hidden.id).text, client.get("cases.overrule_seal", case_id=hidden.id).text]
    for page in pages:
        assert hidden.number in page and pupils.mine.name not in page and "雀" not in page
    assert "王校长" in pages[1]
    client.get("cases.show_case", status=404, case_id=hidden.id)


def test_an_administrator_names_others_without_reading_it_and_all_are_told(hidden, bureau_admin, officer, teacher, principal):
    actions_overruling.overrule_readers(case=hidden, readers=[officer.id], reason="雀局", by=bureau_admin)
    assert reader_ids(hidden) == {officer.id, teacher.id}
    assert told("seal_overruled") == {officer.id, teacher.id, principal.id}
    assert not visible_cases(bureau_admin).exists() and visible_cases(officer).exists()
    assert ("教育局改了知情人", "雀局") in [(str(event.title), event.words) for event in timeline_of(hidden)]
    assert AuditEntry.select().where(AuditEntry.action == "cases.overrule_readers").get().actor_id == bureau_admin.id


def test_an_administrator_ends_a_seal(hidden, bureau_admin, officer, teacher, principal, sign_in):
    client = sign_in(bureau_admin)
    client.post("cases.overrule_seal", {"reason": "雀消"}, case_id=hidden.id)
    assert visible_cases(officer).exists() and told("seal_overruled") == {teacher.id, principal.id}
    assert "教育局取消了保密" in client.get("cases.show_case", case_id=hidden.id).text


def test_nobody_else_overrules_and_nobody_without_a_reason(hidden, bureau_admin, officer, principal, teacher, stranger):
    for user in (officer, principal, teacher, stranger):
        with pytest.raises(Forbidden, match="教育局管理员"):
            actions_overruling.overrule_seal(case=hidden, reason="x", by=user)
    with pytest.raises(Refused, match="请写明为什么"):
        actions_overruling.overrule_readers(case=hidden, readers=[officer.id], reason=" ", by=bureau_admin)
    with pytest.raises(Refused, match="从负责这名学生的人里选"):
        actions_overruling.overrule_readers(case=hidden, readers=[stranger.id], reason="x", by=bureau_admin)
    Case.update(owner=None).execute()
    with pytest.raises(Refused, match="至少选一名"):
        actions_overruling.overrule_readers(case=Case.get(), readers=[], reason="x", by=bureau_admin)
