"""一人一案: who may write it, what it needs, how it ends, the goals of each term, and what a lesson made up for counts for."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.terms.calendar import term_of
from aidtracker.visits.actions import record_tutoring
from aidtracker.visits.actions_individual import add_individual_plan, end_individual_plan, set_goals
from aidtracker.visits.individual import goals_of, holding, plans_of
from aidtracker.visits.models import Visit
from aidtracker.visits.models_plans import IndividualGoal, IndividualPlan
from tests.visits.conftest import lesson

DAY = datetime.timedelta(days=1)
GOALS = "能认读 20 个常用字"


@pytest.fixture
def values(today, teacher):
    common = {"starts_on": today, "ends_on": today + 90 * DAY, "place": "home", "schedule": "每周三下午", "assessed": "肢体二级"}
    return common | {"consent_on": today, "consent_by": "陈父", "teacher": teacher.id, "second_teacher": None}


@pytest.fixture
def plan(pupils, values, teacher):
    return add_individual_plan(student=pupils.at_home, values=values, goals=GOALS, by=teacher)


def state(pupils, on):
    return holding([pupils.at_home.id], on)[pupils.at_home.id].state


def test_a_plan_holds_from_its_first_day_to_its_last_and_says_when_it_is_nearly_over(pupils, plan, today):
    assert [state(pupils, day) for day in (today, plan.ends_on - 10 * DAY, plan.ends_on + DAY)] in (["ok", "soon", "over"], ["ok", "no_goals", "over"])
    assert state(pupils, today - DAY) == "none"
    assert goals_of(pupils.at_home)[term_of(today).code].goals == GOALS
    entry = AuditEntry.select().where(AuditEntry.action == "visits.add_individual_plan").get()
    assert GOALS not in entry.fields and "goals" in entry.fields


def test_a_new_plan_ends_the_one_that_runs_on_the_day_before(pupils, plan, values, today, teacher):
    new = add_individual_plan(student=pupils.at_home, values=values | {"starts_on": today + 5 * DAY}, goals=GOALS, by=teacher)
    former = IndividualPlan.get_by_id(plan.id)
    assert (former.last_on, former.end_reason) == (today + 4 * DAY, "改用新的方案")
    assert [one.id for one in plans_of(pupils.at_home)] == [new.id, plan.id]
    assert state(pupils, today) == "ok"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"consent_on": None}, "监护人同意"),
        ({"consent_by": " "}, "签同意书的监护人"),
        ({"place": "moon"}, "地点"),
        ({"teacher": 0}, "送教教师"),
        ({"second_teacher": 0}, "同行教师"),
        ({"schedule": "长" * 101}, "太长"),
    ],
)
def test_a_plan_without_what_it_needs_is_refused(pupils, values, teacher, changes, words):
    with pytest.raises(Refused, match=words):
        add_individual_plan(student=pupils.at_home, values=values | changes, goals=GOALS, by=teacher)


def test_days_that_are_no_plan_are_refused(pupils, values, teacher, today):
    for changes in ({"ends_on": today - DAY}, {"ends_on": today + 400 * DAY}, {"starts_on": today + 200 * DAY, "ends_on": today + 210 * DAY}, {"consent_on": today + DAY}):
        with pytest.raises(Refused):
            add_individual_plan(student=pupils.at_home, values=values | changes, goals=GOALS, by=teacher)
    with pytest.raises(Refused, match="目标"):
        add_individual_plan(student=pupils.at_home, values=values, goals=" ", by=teacher)
    with pytest.raises(Refused, match="两人同行"):
        add_individual_plan(student=pupils.at_home, values=values | {"second_teacher": teacher.id}, goals=GOALS, by=teacher)


def test_only_a_pupil_taught_at_home_has_one_and_only_their_teachers_write_it(pupils, values, teacher, stranger):
    with pytest.raises(Refused, match="不是送教上门"):
        add_individual_plan(student=pupils.first, values=values, goals=GOALS, by=teacher)
    with pytest.raises(Forbidden):
        add_individual_plan(student=pupils.at_home, values=values, goals=GOALS, by=stranger)


def test_a_plan_ends_before_its_time_with_a_reason_once(pupils, plan, today, teacher):
    with pytest.raises(Refused, match="为什么"):
        end_individual_plan(plan=plan, ended_on=today, reason=" ", by=teacher)
    end_individual_plan(plan=plan, ended_on=today, reason="回校随班就读", by=teacher)
    with pytest.raises(Refused, match="已经结束"):
        end_individual_plan(plan=plan, ended_on=today, reason="回校随班就读", by=teacher)
    assert state(pupils, today + DAY) == "over"


def test_goals_are_kept_version_by_version_and_the_slower_one_is_told(pupils, plan, today, teacher):
    code = term_of(today).code
    first = goals_of(pupils.at_home)[code]
    set_goals(student=pupils.at_home, term=code, goals="能写名字", result="认了 12 个字", revision=first.id, by=teacher)
    with pytest.raises(Conflict):
        set_goals(student=pupils.at_home, term=code, goals="别的", result="", revision=first.id, by=teacher)
    assert (goals_of(pupils.at_home)[code].goals, IndividualGoal.select().count()) == ("能写名字", 2)
    with pytest.raises(Refused, match="没有这个学期"):
        set_goals(student=pupils.at_home, term="2026-winter", goals="别的", result="", revision=0, by=teacher)


def test_a_teacher_writes_the_plan_ends_it_and_sets_goals_on_pages(pupils, today, teacher, sign_in):
    client, at = sign_in(teacher), pupils.at_home.id
    assert "没有方案" in client.get("visits.show_student", student_id=at).text
    assert "还没有送教方案" in client.get("visits.show_individual", student_id=at).text
    sent = {"starts_on": str(today), "ends_on": str(today + 60 * DAY), "person": teacher.id, "place": "home", "goals": GOALS, "consent_on": str(today), "consent_by": "陈父"}
    assert "同意书" in client.post("visits.add_individual_plan", sent | {"consent_by": ""}, student_id=at, status=400).text
    client.post("visits.add_individual_plan", sent, student_id=at)
    page = client.get("visits.show_individual", student_id=at).text
    assert GOALS in page and "陈父" in page
    client.post("visits.set_goals", {"goals": "能写名字", "result": "还在学"}, student_id=at)
    assert "能写名字" in client.get("visits.show_individual", student_id=at).text
    plan_id = IndividualPlan.get().id
    client.post("visits.end_individual_plan", {"ended_on": str(today), "reason": "搬走"}, student_id=at, plan_id=plan_id)
    assert "搬走" in client.get("visits.show_individual", student_id=at).text
    client.get("visits.end_individual_plan", student_id=pupils.first.id, plan_id=plan_id, status=404)


def test_a_school_and_a_township_read_the_plan_and_a_stranger_finds_none(pupils, plan, school_admin, coordinator, stranger, sign_in):
    for reader in (school_admin, coordinator):
        assert GOALS in sign_in(reader).get("visits.show_individual", student_id=pupils.at_home.id).text
    sign_in(stranger).get("visits.show_individual", student_id=pupils.at_home.id, status=404)


def test_a_lesson_made_up_for_says_for_which_day_and_that_day_was_before(pupils, today, teacher, sign_in):
    with pytest.raises(Refused, match="补送"):
        record_tutoring(student=pupils.at_home, values=lesson(makes_up_on=today), by=teacher)
    sent = {"on": str(today), "makes_up_on": str(today - 3 * DAY), "lessons": 2, "place": "home", "subject": "语文", "teacher": "张老师"}
    sign_in(teacher).post("visits.record_tutoring", sent | {"no_photo": "unable", "unsigned": "absent"}, student_id=pupils.at_home.id)
    assert Visit.get().makes_up_on == today - 3 * DAY
