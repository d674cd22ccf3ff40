"""Before a month ends the teacher whom the plan names is asked for the lessons that it lacks; what is met, or over, asks nobody."""

import datetime

import pytest

from aidtracker.attendance.early_warning import make_round
from aidtracker.audit.models import AuditEntry
from aidtracker.policies.models import PolicyValue
from aidtracker.students.models import Enrollment
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from aidtracker.visits.actions import edit_visit, record_tutoring
from aidtracker.visits.actions_reminding import remind_county
from aidtracker.visits.models_plans import IndividualPlan, QuotaReminder
from aidtracker.visits.records import content_of
from tests import factories
from tests.visits.conftest import lesson

D = datetime.date
EARLY, NEAR, LAST = D(2026, 10, 20), D(2026, 10, 26), D(2026, 10, 30)  # five days with school are left from the 26th on


@pytest.fixture
def named(county, pupils, officer):
    """A second teacher of the class, whom the plan names."""
    found = factories.make_user("teacher", county.room, "送老师")
    days = {"starts_on": D(2026, 9, 1), "ends_on": D(2027, 1, 31), "consent_on": D(2026, 9, 1)}
    IndividualPlan.create(county=county.county, student=pupils.at_home, place="home", schedule="", consent_by="陈父", teacher=found, made_by=officer, **days)
    return found


def remind(county, on):
    return remind_county(county_id=county.county.id, today=on)


def teach(pupils, teacher, *days, **changes):
    return [record_tutoring(student=pupils.at_home, values=lesson(on=day, **changes), by=teacher) for day in days]


def test_the_named_teacher_is_asked_once_when_the_month_draws_to_its_end(county, pupils, named, teacher):
    assert remind(county, EARLY) == 0
    assert [remind(county, on) for on in (NEAR, NEAR, LAST)] == [1, 0, 0]
    task = Task.get(Task.kind == "tutoring")
    assert (task.person, task.due_on, task.since, task.after) == (named, LAST, D(2026, 10, 1), 5)
    assert [one.id for one in my_open_tasks(named)] == [task.id] and not my_open_tasks(teacher).count()
    assert AuditEntry.select().where(AuditEntry.action == "visits.remind_tutoring").count() == 1


def test_without_a_plan_the_class_teacher_is_asked(county, pupils, teacher):
    remind(county, NEAR)
    task = Task.get(Task.kind == "tutoring")
    assert task.person is None and [one.id for one in my_open_tasks(teacher)] == [task.id]


def test_enough_lessons_end_the_task_at_once(county, pupils, named, teacher):
    remind(county, NEAR)
    teach(pupils, teacher, D(2026, 10, 27))
    assert Task.get(Task.kind == "tutoring").is_open
    teach(pupils, teacher, D(2026, 10, 28))
    task = Task.get(Task.kind == "tutoring")
    assert (task.how, task.done_by) == ("lesson", teacher)


def test_a_lesson_that_was_too_short_and_is_mended_ends_it_too(county, pupils, named, teacher):
    teach(pupils, teacher, D(2026, 10, 13))
    short = teach(pupils, teacher, D(2026, 10, 14), lessons=1)[0]
    remind(county, NEAR)
    assert Task.get(Task.kind == "tutoring").is_open
    edit_visit(visit=short, revision=1, values=content_of(short) | {"on": short.on, "makes_up_on": None, "follow_up_on": None, "lessons": 2}, by=teacher)
    assert Task.get(Task.kind == "tutoring").how == "lesson"


def test_a_month_that_is_met_asks_nobody(county, pupils, named, teacher):
    teach(pupils, teacher, D(2026, 10, 13), D(2026, 10, 14))
    assert remind(county, NEAR) == 0 and not QuotaReminder.select().exists()


def test_a_lesson_made_up_for_in_the_next_month_ends_the_task_of_the_former(county, pupils, named, teacher):
    remind(county, NEAR)
    teach(pupils, teacher, D(2026, 10, 28))
    teach(pupils, teacher, D(2026, 11, 3), makes_up_on=D(2026, 10, 21))
    assert Task.get(Task.kind == "tutoring").how == "lesson"


def test_whoever_comes_to_school_again_is_asked_for_no_more(county, pupils, named):
    remind(county, NEAR)
    Enrollment.update(mode="day").where(Enrollment.student == pupils.at_home).execute()
    remind(county, LAST)
    assert Task.get(Task.kind == "tutoring").why == "left"
    Enrollment.update(mode="home_taught").where(Enrollment.student == pupils.at_home).execute()
    remind(county, LAST)
    assert Task.get(Task.kind == "tutoring").is_open


def test_a_county_that_wants_no_reminders_gets_none(county, pupils, named, officer):
    PolicyValue.create(county=county.county, key="tutoring_remind_days", value="0", holds_from=D(2026, 9, 1), reason="县里定的", set_by=officer)
    assert remind(county, LAST) == 0


def test_the_night_reminds_and_the_teacher_goes_from_the_task_to_the_lesson(county, pupils, named, sign_in):
    assert make_round(county_id=county.county.id, today=NEAR)
    task, client = Task.get(Task.kind == "tutoring"), sign_in(named)
    page = client.get("tasks.show_task", task_id=task.id).text
    assert "陈居家" in page and f"/students/{pupils.at_home.id}/tutoring/new" in page and "送教还不够次数" in page
    assert "补上送教" in client.get("tasks.list_tasks").text
