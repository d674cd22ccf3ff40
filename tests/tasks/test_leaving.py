"""Tasks of somebody who leaves."""

import pytest

from aidtracker.attendance import actions
from aidtracker.attendance.queries import visible_class
from aidtracker.audit.models import AuditEntry
from aidtracker.db import utcnow
from aidtracker.tasks.actions import hand_task
from aidtracker.tasks.leaving import hand_tasks_over, leaves_open
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from tests import factories


@pytest.fixture
def call(county, teacher, school_admin):
    """A call that the class teacher handed to the school's administrator."""
    today, child = factories.school_day_today(), factories.make_student(county.room)
    room = visible_class(teacher, county.room.id)
    actions.submit_roll_call(class_org=room, on=today, session="morning", marks={child.id: ("unexcused", None)}, base_revision=0, by=teacher)
    task = Task.get(Task.kind == "call")
    hand_task(task=task, person_id=school_admin.id, by=teacher)
    return task


def test_they_are_counted_and_go_to_the_successor(call, county, school_admin, teacher):
    assert leaves_open(school_admin).count == 1
    assert hand_tasks_over(school_admin, teacher, None) == 1
    assert Task.get_by_id(call.id).person_id == teacher.id


def test_a_successor_who_may_not_see_the_place_gets_none(call, school_admin, stranger):
    hand_tasks_over(school_admin, stranger, None)
    assert Task.get_by_id(call.id).person_id is None


def test_what_was_handed_to_somebody_without_an_account_is_the_places_again(call, school_admin, teacher):
    assert call.id not in {task.id for task in my_open_tasks(teacher)}
    type(school_admin).update(disabled_at=utcnow()).where(type(school_admin).id == school_admin.id).execute()
    assert call.id in {task.id for task in my_open_tasks(teacher)}


def test_a_look_at_a_pupils_task_is_on_record_once_a_day(call, sign_in, teacher):
    client = sign_in(teacher)
    for _ in range(2):
        client.get("tasks.show_task", task_id=call.id)
    assert AuditEntry.select().where(AuditEntry.action == "students.view_student").count() == 1
