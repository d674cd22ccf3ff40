"""The list of who is to be visited, the dates for it, and the report that leads there."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.grades import school_year_of
from aidtracker.policies.models import PolicyValue
from aidtracker.visits.actions_plans import set_plans
from aidtracker.visits.coverage import pupils_due
from aidtracker.visits.models_plans import VisitPlan
from aidtracker.visits.rules import rules_of
from tests import factories

DAY = datetime.timedelta(days=1)


def due(county, today):
    return {one.name: one for one in pupils_due(county.room.id, "class", rules_of(county.county.id, today))}


def test_a_class_teacher_dates_the_visits_of_the_class(pupils, county, teacher, today, sign_in):
    client = sign_in(teacher)
    page = client.get("visits.list_due").text
    assert "次仁卓玛" in page and "陈居家" in page and "次仁央宗" not in page and "应访" in page
    client.post("visits.set_plans", {"pupils": [pupils.first.id, pupils.at_home.id], "planned_on": str(today + DAY)}, page=client.url("visits.list_due"))
    assert {plan.student_id: plan.planned_on for plan in VisitPlan.select()} == {pupils.first.id: today + DAY, pupils.at_home.id: today + DAY}
    assert due(county, today)["次仁卓玛"].state == "planned"
    entry = AuditEntry.select().where(AuditEntry.action == "visits.set_plans").get()
    assert (entry.count, entry.fields) == (2, "planned_on")


def test_a_date_that_passed_without_a_visit_is_late_and_a_visit_keeps_it(pupils, county, teacher, today, visit):
    set_plans(students=[pupils.first], planned_on=today, by=teacher)
    VisitPlan.update(planned_on=today - DAY).execute()
    assert due(county, today)["次仁卓玛"].state == "late"
    visit()
    found = due(county, today)["次仁卓玛"]
    assert (found.state, found.plan, found.visits, found.last_on) == ("done", None, 1, today)


def test_a_new_date_takes_the_place_of_the_former_and_dates_are_taken_back(pupils, teacher, today):
    set_plans(students=[pupils.first], planned_on=today, by=teacher)
    set_plans(students=[pupils.first], planned_on=today + DAY, by=teacher)
    assert [(plan.planned_on, plan.withdrawn_at is None) for plan in VisitPlan.select().order_by(VisitPlan.id)] == [(today, False), (today + DAY, True)]
    with pytest.raises(Refused, match="本来就定在这一天"):
        set_plans(students=[pupils.first], planned_on=today + DAY, by=teacher)
    set_plans(students=[pupils.first], planned_on=None, by=teacher)
    with pytest.raises(Refused, match="本来就没有"):
        set_plans(students=[pupils.first], planned_on=None, by=teacher)


def test_once_a_class_of_the_entry_grade_has_its_share_nobody_else_is_due_for_it(county, today, administrator, teacher, visit):
    room = factories.make_class(county.school, "一年级", "9", school_year_of(today))
    pupils = [factories.make_student(room, name) for name in ("扎西甲", "扎西乙", "扎西丙")]
    for key, value in {"entry_grade_visited": "60", "visits_a_year": "0", "key_visits_a_term": "0"}.items():
        PolicyValue.create(county=county.county, key=key, value=value, holds_from=datetime.date(2020, 1, 1), reason="1 号文", set_by=administrator)
    rules = rules_of(county.county.id, today)
    states = []
    for pupil in pupils[:2]:
        visit(pupil, by=administrator)
        states.append(sorted(one.state for one in pupils_due(room.id, "class", rules)))
    assert states == [["done", "due", "due"], ["done", "done", "done"]]


@pytest.mark.parametrize("days", [-1, 400])
def test_a_day_that_is_past_or_far_ahead_is_no_plan(pupils, teacher, today, days):
    with pytest.raises(Refused, match="一年以内"):
        set_plans(students=[pupils.first], planned_on=today + days * DAY, by=teacher)


def test_nobody_plans_for_another_class(pupils, stranger, teacher, today, sign_in):
    with pytest.raises(Forbidden):
        set_plans(students=[pupils.first], planned_on=today, by=stranger)
    client = sign_in(teacher)
    answer = client.post("visits.set_plans", {"pupils": [pupils.sibling.id], "planned_on": str(today)}, status=400, page=client.url("visits.list_due"))
    assert "不在你的范围内" in answer.text and not VisitPlan.select().exists()


def test_without_a_day_or_a_pupil_nothing_is_planned(pupils, teacher, sign_in):
    client = sign_in(teacher)
    page = client.url("visits.list_due")
    assert "请填写家访日期" in client.post("visits.set_plans", {"pupils": [pupils.first.id]}, status=400, page=page).text
    assert "请先勾选学生" in client.post("visits.set_plans", {"planned_on": str(today_in_china())}, status=400, page=page).text


def test_the_list_narrows_by_rule_and_state(pupils, teacher, visit, sign_in):
    visit()
    client = sign_in(teacher)
    assert "次仁卓玛" not in client.get("visits.list_due", state="due").text
    assert "次仁卓玛" in client.get("visits.list_due", state="done").text
    assert "没有符合条件" in client.get("visits.list_due", state="planned").text
    assert "陈居家" in client.get("visits.list_due", rule="year", sort="-last").text


def test_a_school_sees_its_classes_and_a_township_chooses_one(pupils, county, school_admin, coordinator, sign_in):
    assert "次仁央宗" in sign_in(school_admin).get("visits.list_due").text
    client = sign_in(coordinator)
    assert "请先选一所学校" in client.get("visits.list_due").text
    assert "次仁央宗" in client.get("visits.list_due", school=county.school.id).text
    client.get("visits.list_due", school=county.other_school.id, status=404)


def test_coverage_is_drilled_down_to_the_list_of_the_class(pupils, county, school_admin, coordinator, officer, visit, sign_in):
    visit()
    assert "双河镇" in sign_in(officer).get("reports.show_report", name="coverage").text
    page = sign_in(coordinator).get("reports.show_report", name="coverage").text
    assert "双河镇中心小学" in page and "33.33%" in page and "÷" in page
    page = sign_in(school_admin).get("reports.show_report", name="coverage").text
    assert f'href="/visits/due?room={county.room.id}"' in page


def test_an_empty_class_says_what_will_stand_there(county, sign_in):
    lonely = factories.make_user("teacher", factories.make_class(county.school, "五年级", "9"), "独老师")
    assert "现在班里没有学生" in sign_in(lonely).get("visits.list_due").text
