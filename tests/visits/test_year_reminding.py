"""Where a county asks for so many lessons a year, the teacher is told in good time that the pace is too slow; enough lessons end it."""

import datetime

import pytest

from aidtracker.attendance.early_warning import make_round
from aidtracker.audit.models import AuditEntry
from aidtracker.policies.models import PolicyValue
from aidtracker.students.models import Enrollment
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks
from aidtracker.terms.calendar import school_days
from aidtracker.visits.actions import record_tutoring
from aidtracker.visits.actions_year import remind_of_year
from aidtracker.visits.models_plans import IndividualPlan, YearReminder
from aidtracker.visits.year_pace import Pace, Taught, paces_of, year_at
from tests import factories
from tests.visits.conftest import lesson

D = datetime.date
TODAY = D(2026, 11, 27)


@pytest.fixture
def asked(county, pupils, officer):
    """asked(year_lessons=..., remind_days=...): what the county asks for; by default it reminds all year long."""

    def put(remind_days=200, **values):
        for key, value in {"year_remind_days": remind_days, **values}.items():
            PolicyValue.create(county=county.county, key=f"tutoring_{key}", value=str(value), holds_from=D(2026, 1, 1), reason="1 号文", set_by=officer)

    return put


def remind(county, on=TODAY):
    return remind_of_year(county_id=county.county.id, today=on)


def taught(pupils, teacher, count, **changes):
    for day in range(count):
        record_tutoring(student=pupils.at_home, values=lesson(on=D(2026, 10, 1) + datetime.timedelta(days=day), **changes), by=teacher)


@pytest.mark.parametrize(("done", "gone", "is_behind"), [(54, 50, False), (53, 50, True), (0, 0, False), (216, 199, False), (215, 200, True)])
def test_the_pace_is_what_was_done_against_the_days_that_are_gone(done, gone, is_behind):
    assert Pace(1, Taught(0, 216), Taught(3, done), 200, gone).is_behind == is_behind


def test_nobody_is_asked_where_the_county_asks_for_nothing(county, pupils, asked):
    asked()
    assert remind(county) == 0


def test_whoever_is_behind_is_asked_once_and_by_name(county, pupils, asked, officer, teacher):
    asked(year_lessons=216)
    named = factories.make_user("teacher", county.room, "送老师")
    days = {"starts_on": D(2026, 9, 1), "ends_on": D(2027, 1, 31), "consent_on": D(2026, 9, 1)}
    IndividualPlan.create(county=county.county, student=pupils.at_home, place="home", schedule="", consent_by="陈父", teacher=named, made_by=officer, **days)
    taught(pupils, teacher, 2)
    assert [remind(county), remind(county)] == [1, 0]
    task = Task.get(Task.kind == "tutoring_year")
    assert (task.person, task.after, task.due_on) == (named, 200, year_at(county.county.id, TODAY).last)
    assert [one.id for one in my_open_tasks(named)] == [task.id]
    assert AuditEntry.select().where(AuditEntry.action == "visits.remind_of_year").count() == 1


def test_whoever_keeps_the_pace_is_not_asked(county, pupils, asked, teacher):
    asked(year_visits=4)
    taught(pupils, teacher, 3)
    assert remind(county) == 0


def test_it_is_told_only_when_so_many_days_are_left(county, pupils, asked, teacher):
    asked(remind_days=20, year_lessons=216)
    left = school_days(TODAY, year_at(county.county.id, TODAY).last, county.county.id)
    assert [remind(county, on) for on in (TODAY, left[-21], left[-20])] == [0, 0, 1]


def test_enough_lessons_end_the_task_at_once(county, pupils, asked, teacher):
    asked(year_visits=3)
    taught(pupils, teacher, 0)
    remind(county)
    taught(pupils, teacher, 2)
    assert Task.get(Task.kind == "tutoring_year").is_open
    taught(pupils, teacher, 1)
    task = Task.get(Task.kind == "tutoring_year")
    assert (task.is_open, task.how, task.done_by) == (False, "lesson", teacher)


def test_a_pupil_who_is_at_school_again_asks_nobody_and_asks_again_when_back_home(county, pupils, asked):
    asked(year_lessons=216)
    remind(county)
    Enrollment.update(mode="day").where(Enrollment.student == pupils.at_home).execute()
    assert remind(county) == 1 and Task.get(Task.kind == "tutoring_year").why == "left"
    Enrollment.update(mode="home_taught").where(Enrollment.student == pupils.at_home).execute()
    assert remind(county) == 1 and Task.get(Task.kind == "tutoring_year").is_open and YearReminder.select().count() == 1


def test_whoever_is_taught_at_home_for_a_part_of_the_year_is_asked_for_that_part(county, pupils, asked):
    asked(year_lessons=216)
    year = year_at(county.county.id, TODAY)
    whole = paces_of(county.county.id, year, TODAY)[pupils.at_home.id]
    Enrollment.update(starts_on=D(2026, 11, 2)).where(Enrollment.student == pupils.at_home).execute()
    part = paces_of(county.county.id, year, TODAY)[pupils.at_home.id]
    assert whole.needed.lessons == 216 and 100 < part.needed.lessons < 200 and part.days < whole.days


def test_the_night_reminds(county, pupils, asked):
    asked(year_lessons=216)
    make_round(county_id=county.county.id, today=TODAY)
    assert Task.select().where(Task.kind == "tutoring_year").count() == 1


def test_the_task_names_the_pupil_on_the_teachers_page(county, pupils, asked, teacher, sign_in):
    asked(year_lessons=216)
    remind(county)
    page = sign_in(teacher).get("tasks.list_tasks").text
    assert "补上学年送教" in page and "陈居家" in page
