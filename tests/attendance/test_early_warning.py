"""The ladder: which step a pupil's days away have reached, the task that it asks for, and that it is never asked for twice."""

import datetime

import pytest

from aidtracker.attendance.early_warning import escalate_late, look_at_county, make_round
from aidtracker.attendance.ladder import SPOKEN, STEPS
from aidtracker.attendance.models_warnings import AbsenceWarning
from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions import close_case
from aidtracker.cases.models import KINDS as KINDS_OF_FOLLOW_UPS
from aidtracker.cases.models import Case
from aidtracker.db import utcnow
from aidtracker.policies.actions import set_policy
from aidtracker.policies.registry import ORDERED, POLICIES
from aidtracker.students.models import Enrollment
from aidtracker.tasks.kinds import HOW, KINDS
from aidtracker.tasks.models import Task
from aidtracker.terms.actions import declare_closure
from aidtracker.terms.models import CalendarDay
from aidtracker.visits.actions import record_visit
from aidtracker.visits.models import FORMS

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def away(take, pupils, today, school_admin):
    """away(n, pupil) -> n school days in a row without leave, today the last; the earlier ones are handed in by the school."""

    def submit(number, pupil=None, last=0):
        for back in range(number - 1, last - 1, -1):
            day = today - ONE_DAY * back
            take({pupil or pupils.first: "unexcused"}, on=day, by=school_admin if back else None)

    return submit


def standing(pupil):
    return {w.step: w for w in AbsenceWarning.select().where((AbsenceWarning.student == pupil.id) & AbsenceWarning.ended_at.is_null())}


def tasks(**only):
    found = Task.select().order_by(Task.id)
    return [task for task in found if all(getattr(task, name) == value for name, value in only.items())]


def test_every_step_has_its_kind_of_task_and_its_place_in_the_order_of_the_rules():
    assert set(STEPS) <= set(KINDS) and tuple(STEPS.values()) in ORDERED


def test_what_takes_a_step_is_a_way_of_a_visit_or_of_a_follow_up():
    assert set(SPOKEN) <= {*FORMS, *KINDS_OF_FOLLOW_UPS}


def test_the_first_day_asks_the_class_teacher_to_call_and_to_visit_today(away, pupils, county, today):
    away(1)
    assert sorted(standing(pupils.first)) == ["call", "visit"]
    assert {(t.kind, t.org_id, t.due_on, t.since, t.after) for t in tasks()} == {
        ("call", county.room.id, today, today, 1),
        ("visit", county.room.id, today, today, 1),
    }


def test_each_step_goes_to_whoever_answers_for_it(away, pupils, county, school_admin, coordinator, officer):
    away(5)
    places = {task.kind: task.org_id for task in tasks()}
    assert places == {
        "call": county.room.id, "visit": county.room.id, "report_school": county.school.id,
        "report_township": county.township.id, "suspected": county.township.id,
    }  # fmt: skip


def test_a_place_where_nobody_holds_the_role_is_passed_over(away, pupils, county):
    away(3)
    assert {task.kind: task.org_id for task in tasks()}["report_township"] == county.county.id


def test_the_fifth_day_opens_the_case_of_the_child_with_its_first_day(away, pupils, today, teacher):
    away(5, last=2)
    assert not Case.select().exists()
    away(2)
    case = Case.get()
    told = (case.student_id, case.state, case.origin, case.absent_from, case.found_on, case.opened_by_id)
    assert told == (pupils.first.id, "suspected", "roll", today - ONE_DAY * 4, today, teacher.id)


def test_a_relapse_opens_the_closed_case_again(away, take, pupils, county, today, coordinator, teacher):
    away(5)
    Case.update(state="closed", outcome="returned", conclusion=None, closed_on=today, closed_by=coordinator, closed_at=utcnow()).execute()
    AbsenceWarning.delete().execute()
    look_at_county(county_id=county.county.id, today=today, by=teacher)
    assert [case.state for case in Case.select()] == ["suspected"]


def test_closing_the_case_ends_what_was_to_be_looked_into_and_says_so(away, today, coordinator):
    away(5)
    case = Case.get()
    close_case(case=case, revision=case.revision, outcome="transferred", conclusion="已到外县就读", closed_on=today, by=coordinator)
    assert [task.how for task in Task.select().where(Task.kind == "suspected")] == ["closed"] and HOW["closed"] == "个案已销号"


def test_leave_makes_no_warning(take, pupils):
    take({pupils.first: "sick_leave", pupils.second: "personal_leave", pupils.third: "late"})
    assert not AbsenceWarning.select().exists() and not tasks()


def test_the_afternoon_of_the_same_day_asks_for_nothing_more(away, take, pupils):
    away(2)
    before = len(tasks())
    take({pupils.first: "unexcused"}, session="afternoon")
    assert len(tasks()) == before == 3


def test_who_was_there_in_the_afternoon_is_warned_of_no_more(away, take, pupils):
    away(1)
    take({}, session="afternoon")
    assert standing(pupils.first) == {}
    assert {task.why for task in tasks()} == {"corrected"}


def test_who_is_back_is_warned_of_no_more_and_what_was_done_stays(away, take, pupils, yesterday, teacher):
    away(3, last=1)
    record_visit(students=[pupils.first], values=visit_on(yesterday), by=teacher)
    take({})
    assert standing(pupils.first) == {}
    assert {(t.kind, t.how, t.why) for t in tasks()} == {("call", "visit", ""), ("visit", "visit", ""), ("report_school", "", "back")}


def visit_on(day):
    return {"on": day, "form": "on_site", "teachers": "张老师", "person_met": "母亲", "relation": "母亲", "purposes": ["absence"], "at_home": "在家", "minutes": 30}


def test_a_correction_withdraws_and_taking_it_back_takes_the_same_task_up_again(away, take, pupils):
    away(2)
    first = {task.kind: task.id for task in tasks()}
    take({pupils.first: "sick_leave"}, base=1)
    assert standing(pupils.first) == {} and {t.kind: t.why for t in tasks()} == {"call": "back", "visit": "back", "report_school": "corrected"}
    take({pupils.first: "unexcused"}, base=2)
    assert sorted(standing(pupils.first)) == ["call", "report_school", "visit"]
    assert {task.kind: task.id for task in tasks()} == first and all(task.is_open for task in tasks())


def test_what_was_done_is_not_asked_again_after_a_mistake_is_undone(away, take, pupils, today, teacher):
    away(1)
    record_visit(students=[pupils.first], values=visit_on(today), by=teacher)
    take({}, base=1)
    take({pupils.first: "unexcused"}, base=2)
    assert sorted(standing(pupils.first)) == ["call", "visit"]
    assert [task.how for task in tasks()] == ["visit", "visit"]


def test_a_late_roll_that_found_the_child_at_school_breaks_the_streak(take, pupils, today, school_admin):
    for back in (4, 3, 1, 0):
        take({pupils.first: "unexcused"}, on=today - ONE_DAY * back, by=school_admin if back else None)
    assert "report_township" in standing(pupils.first)
    take({}, on=today - ONE_DAY * 2, by=school_admin)
    assert {step: w.first_on for step, w in standing(pupils.first).items()} == dict.fromkeys(("call", "visit", "report_school"), today - ONE_DAY)


def test_a_late_roll_that_fills_the_gap_moves_the_first_day(take, pupils, today, school_admin):
    take({pupils.first: "unexcused"})
    take({pupils.first: "unexcused"}, on=today - ONE_DAY, by=school_admin)
    assert {w.first_on for w in standing(pupils.first).values()} == {today - ONE_DAY}
    assert {task.since for task in tasks()} == {today - ONE_DAY} and len(tasks()) == 3


def test_a_day_that_is_closed_later_counts_no_more(away, pupils, county, administrator, today):
    away(3)
    declare_closure(org=county.school, kind="closure", first_on=today - ONE_DAY, last_on=today - ONE_DAY, reason="大雪", by=administrator)
    assert sorted(standing(pupils.first)) == ["call", "report_school", "visit"]
    assert {t.kind: t.why for t in tasks()}["report_township"] == "rule"


def test_by_the_calendar_the_days_between_count_and_the_night_finds_them(away, pupils, county, administrator, today):
    change(county, "absence_basis", "calendar", administrator, today)
    away(1)
    assert sorted(standing(pupils.first)) == ["call", "visit"]
    look_at_county(county_id=county.county.id, today=today + ONE_DAY * 2)
    assert sorted(standing(pupils.first)) == ["call", "report_school", "report_township", "visit"]


def change(county, key, value, by, today):
    set_policy(county=county.county, policy=POLICIES[key], value=value, holds_from=today, reason="县文", by=by)


def test_the_county_sets_the_days(away, take, pupils, county, administrator, today):
    change(county, "call_after", 0, administrator, today)
    change(county, "visit_after", 2, administrator, today)
    away(1)
    assert standing(pupils.first) == {}
    away(2, last=1)
    take({pupils.first: "unexcused"}, base=1)
    assert sorted(standing(pupils.first)) == ["report_school", "visit"]


def test_a_pupil_who_came_to_less_than_nine_tenths_of_twenty_days_is_named_once(take, pupils, county, school_admin, today):
    for n in range(12, 22):
        CalendarDay.create(on=today - ONE_DAY * n, county=county.county, kind="workday", name="测试")
    factories_since(pupils.first, today - ONE_DAY * 60)
    for back in range(19, -1, -1):
        take({pupils.first: "sick_leave"} if back % 7 == 0 else {}, on=today - ONE_DAY * back, by=school_admin if back else None)
    assert list(standing(pupils.first)) == ["low_rate"]
    assert [(task.kind, task.after) for task in tasks()] == [("low_rate", 90)]


def factories_since(pupil, day):
    Enrollment.update(starts_on=day).where(Enrollment.student == pupil.id).execute()


def test_a_class_without_a_roll_for_three_days_is_the_schools_task_until_it_takes_one(take, pupils, county, today, school_admin):
    take({}, on=today - ONE_DAY * 4, by=school_admin)
    assert make_round(county_id=county.county.id, today=today)
    [task] = [task for task in tasks() if task.kind != "tutoring"]  # which the last days of a month ask for
    assert (task.kind, task.org_id, task.since) == ("class_silent", county.school.id, today - ONE_DAY * 3)
    take({})
    assert tasks()[0].how == "roll"


def test_the_round_of_the_night_is_made_once(county, today):
    assert make_round(county_id=county.county.id, today=today)
    assert not make_round(county_id=county.county.id, today=today)
    assert AuditEntry.select().where(AuditEntry.action == "attendance.make_round").count() == 1


def test_what_nobody_does_goes_once_to_the_next_place_up(away, county, today, school_admin):
    away(1)
    Task.update(due_on=today - ONE_DAY * 3).execute()
    assert escalate_late(county.county.id, today) == 2
    assert {task.escalated_to_id for task in tasks()} == {county.school.id}
    assert escalate_late(county.county.id, today) == 0


def test_a_recomputation_changes_nothing(away, take, pupils, county, today):
    away(4, last=1)
    take({pupils.first: "unexcused", pupils.second: "not_returned"})
    assert look_at_county(county_id=county.county.id, today=today) == 0


def test_a_child_who_left_is_warned_of_no_more(away, pupils, county, today, school_admin):
    away(2)
    Enrollment.update(ends_on=today - ONE_DAY).where(Enrollment.student == pupils.first.id).execute()
    look_at_county(county_id=county.county.id, today=today)
    assert standing(pupils.first) == {} and {task.why for task in tasks()} == {"left"}


@pytest.mark.parametrize(("form", "left"), [("on_site", []), ("phone", ["visit"]), ("video", ["visit"]), ("invited", ["visit"])])
def test_only_whoever_stood_at_the_door_has_visited(away, pupils, today, teacher, form, left):
    away(1)
    record_visit(students=[pupils.first], values=visit_on(today) | {"form": form}, by=teacher)
    assert [task.kind for task in tasks() if task.is_open] == left
