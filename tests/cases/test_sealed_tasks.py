"""Tasks and seals: an alarm is ended by nobody but who was alarmed, and what the rolls asked for tells nothing of a sealed case."""

import pytest

from aidtracker.attendance import warnings
from aidtracker.cases import actions_handover, actions_sealing
from aidtracker.cases.caseload import caseload_of, reminder_of
from aidtracker.cases.models import Case
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.queries import to_open
from aidtracker.errors import Forbidden
from aidtracker.home.follow_ups import follow_ups
from aidtracker.tasks.actions import finish_task, hand_task
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks, visible_tasks


def test_whoever_breaks_a_seal_neither_sees_nor_ends_the_alarm(sealed, pupils, officer, bureau_admin, sign_in):
    sealed()
    actions_sealing.break_seal(student=pupils.mine, reason="急", by=officer)
    assert visible_tasks(officer).count() == 0
    alarm = my_open_tasks(bureau_admin).get()
    sign_in(officer).get("tasks.show_task", status=404, task_id=alarm.id)
    for act in (lambda: finish_task(task=alarm, note="x", by=officer), lambda: hand_task(task=alarm, person_id=officer.id, by=officer)):
        with pytest.raises(Forbidden):
            act()
    assert "完成" in sign_in(bureau_admin).get("tasks.show_task", task_id=alarm.id).text
    finish_task(task=alarm, note="已核对", by=bureau_admin)


def test_an_administrator_who_looks_is_not_asked_to_look_after_it(sealed, pupils, bureau_admin, teacher, coordinator):
    sealed()
    actions_sealing.break_seal(student=pupils.mine, reason="急", by=bureau_admin)
    assert {task.person_id for task in Task.select().where(Task.kind == "seal_broken")} == {teacher.id, coordinator.id}


def test_what_the_rolls_asked_for_does_not_tell_of_a_sealed_case(stay_away, pupils, coordinator, teacher, follow, officer, sign_in):
    stay_away(pupils.mine, 6)
    case = Case.get()
    actions_sealing.seal_case(case=case, reason="x", readers=[teacher.id], by=coordinator)
    follow(case, "not_returned", by=teacher)
    ended = list(Task.select().where(Task.done_at.is_null(False)))
    assert ended and {(task.how, task.done_by_id) for task in ended} == {("handled", None)}
    assert "已记跟进" not in "".join(sign_in(officer).get("tasks.show_task", task_id=task.id).text for task in ended)


def test_of_a_case_that_is_not_sealed_they_say_who_did_what(stay_away, pupils, teacher, follow):
    stay_away(pupils.mine, 6)
    follow(Case.get(), "not_returned", by=teacher)
    assert {(task.how, task.done_by_id) for task in Task.select().where(Task.done_at.is_null(False))} == {("follow_up", teacher.id)}
    assert warnings.due_of([pupils.mine.id])


def test_a_handover_that_waits_ends_when_the_case_is_sealed(opened, sealed, county, teacher):
    case = opened()
    actions_handover.hand_case(case=case, to_org_id=county.township.id, reason="x", by=teacher)
    sealed(case=case)
    assert CaseHandover.get().state == "withdrawn" and not my_open_tasks(teacher).exists()
    assert Task.get().withdrawn_at


def test_a_truant_whose_case_is_kept_from_the_reader_is_neither_asked_for_nor_missing(stay_away, pupils, county, teacher, coordinator, officer, today):
    stay_away(pupils.mine, 6)
    case = Case.get()
    actions_sealing.seal_case(case=case, reason="x", readers=[], by=coordinator)
    assert to_open(officer, today) == []
    [row] = follow_ups(officer, [county.room], today)
    assert not row.needs_case and "建案" not in str(row.next_act)
    [row] = follow_ups(coordinator, [county.room], today)
    assert row.case == case


def test_what_the_group_reads_counts_no_sealed_case(sealed, coordinator, today, days):
    case = sealed()
    Case.update(due_on=days(2)).where(Case.id == case.id).execute()
    assert caseload_of(coordinator, today).total.late == 1
    assert reminder_of(caseload_of(coordinator, today, is_for_group=True), "双河镇", today) == ""
