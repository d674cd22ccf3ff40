"""The watch period after a return: until when, how the child attended, the worker's task on an absence, a relapse of the same case."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.queries import visible_class
from aidtracker.cases import actions, actions_closing
from aidtracker.cases.actions_following import relapse_case
from aidtracker.cases.models import Case, CaseStep
from aidtracker.cases.timeline import timeline_of
from aidtracker.cases.watch import watch_of
from aidtracker.errors import Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import my_open_tasks


@pytest.fixture
def watched(county, officer, days):
    """watched(5): the county watches for five school days."""

    def rule(number):
        PolicyValue.create(county=county.county, key="watch_days", value=str(number), holds_from=days(12), reason="县文件", set_by=officer)

    return rule


@pytest.fixture
def back(opened, follow, days, coordinator):
    """back(2): the teacher's pupil, back at school two days ago."""

    def make(ago=2):
        case = opened(found_on=days(4), by=None)
        follow(case, "returned", by=coordinator, on=days(ago))
        return Case.get_by_id(case.id)

    return make


@pytest.fixture
def call(county, pupils, teacher, days):
    """call(0, "unexcused"): the roll of so many days ago, with a mark of the pupil, or none."""

    def make(ago, mark=None, revision=0):
        marks = {pupils.mine.id: (mark, None)} if mark else {}
        room = visible_class(teacher, county.room.id)
        submit_roll_call(class_org=room, on=days(ago), session="morning", marks=marks, base_revision=revision, by=teacher)

    return make


def tasks(state="open"):
    return [task for task in Task.select().where(Task.kind == "relapse").order_by(Task.id) if task.is_open == (state == "open")]


def close(case, coordinator, on):
    actions.close_case(case=case, revision=case.revision, outcome="returned", conclusion="雀结", closed_on=on, by=coordinator)


def test_it_counts_school_days_from_the_return(watched, back, call, today, days):
    watched(5)
    case = back(2)
    call(2), call(1, "sick_leave"), call(0)
    watch = watch_of(case, today)
    assert (watch.first_on, watch.last_on, watch.days) == (days(2), today + datetime.timedelta(days=2), 5)
    assert (watch.school_days, watch.called, watch.present, watch.unexcused) == (3, 3, 2, [])


def test_by_default_it_is_twenty_school_days(back, today):
    assert watch_of(back(), today).days == 20


def test_who_is_not_back_is_not_watched_and_a_county_may_watch_nobody(opened, back, watched, today):
    assert watch_of(opened(found_on=today), today) is None
    watched(0)
    assert watch_of(Case.get(), today) is None


def test_closing_as_returned_before_its_end_is_refused_with_the_day(watched, back, coordinator, teacher, today):
    watched(5)
    case = back(2)
    end = today + datetime.timedelta(days=2)
    with pytest.raises(Refused, match=end.isoformat()):
        close(case, coordinator, today)
    with pytest.raises(Refused, match="巩固期"):
        actions_closing.ask_closing(case=case, revision=case.revision, outcome="returned", conclusion="x", closed_on=today, by=teacher)
    assert Case.get().state == "returned"


def test_on_its_last_day_it_may_be_closed(watched, back, coordinator, today):
    watched(3)
    close(back(2), coordinator, today)
    assert Case.get().state == "closed"


def test_an_absence_in_it_is_a_task_of_the_worker_once_a_day(watched, back, call, teacher):
    watched(5)
    back(2)
    call(0, "unexcused")
    assert [task.kind for task in my_open_tasks(teacher) if task.kind == "relapse"] == ["relapse"]
    assert tasks()[0].person == teacher


def test_leave_and_days_before_the_return_are_none(watched, back, call):
    watched(5)
    back(1)
    call(2, "unexcused"), call(0, "sick_leave")
    assert tasks() == []


def test_a_corrected_roll_takes_the_task_back(watched, back, call):
    watched(5)
    back(2)
    call(0, "unexcused")
    call(0, None, revision=1)
    assert tasks() == [] and tasks("over")[0].why == "corrected"


def test_a_follow_up_does_the_task_and_takes_the_same_case_back_to_persuading(watched, back, call, follow, today):
    watched(5)
    case = back(2)
    call(0, "unexcused")
    follow(case, "not_returned")
    assert tasks() == [] and tasks("over")[0].how == "follow_up"
    assert Case.get().state == "dropout" and Case.select().count() == 1 and watch_of(Case.get(), today) is None


def test_the_watch_begins_anew_with_the_next_return(watched, back, follow, coordinator, today):
    watched(3)
    case = back(2)
    follow(case, "not_returned")
    follow(case, "returned")
    assert watch_of(Case.get(), today).first_on == today
    with pytest.raises(Refused, match="巩固期"):
        close(Case.get(), coordinator, today)


def test_a_long_streak_in_it_is_a_relapse_by_itself(watched, county, opened, follow, teacher, coordinator, pupils, days, today):
    PolicyValue.create(county=county.county, key="suspected_after", value="2", holds_from=days(12), reason="县文件", set_by=coordinator)
    watched(9)
    case = opened(found_on=days(6))
    follow(case, "returned", by=coordinator, on=days(5))
    room = visible_class(teacher, county.room.id)
    for ago in (1, 0):
        submit_roll_call(class_org=room, on=days(ago), session="morning", marks={pupils.mine.id: ("unexcused", None)}, base_revision=0, by=teacher)
    assert Case.get().state == "dropout" and Case.select().count() == 1
    step = CaseStep.select().order_by(CaseStep.id.desc()).first()
    assert (step.from_state, step.to_state, step.by_id, step.on) == ("returned", "dropout", teacher.id, today)
    assert str(timeline_of(Case.get())[0].title) == "状态：复学（巩固期） → 辍学（劝返中）"
    assert relapse_case(case=case, on=today, words="x", by=teacher) is False


def test_the_case_says_until_when_and_how_it_goes(watched, back, call, sign_in, teacher, today):
    watched(5)
    case = back(2)
    call(1), call(0, "unexcused")
    page = sign_in(teacher).get("cases.show_case", case_id=case.id).text
    assert "巩固期到" in page and "点名 2 天，全天到校 1 天" in page and "旷课 1 天" in page
