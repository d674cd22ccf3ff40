"""因病缺课: when like cases are an alert, that it is made once, and that recomputing finds what stands."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aidtracker import db
from aidtracker.attendance.actions_illness import handle_alert, record_symptoms
from aidtracker.attendance.illness import ALIKE, DAYS, IllCase, Limits, alerts_of
from aidtracker.attendance.models import SessionPlan
from aidtracker.attendance.models_illness import IllnessAlert, SymptomReport
from aidtracker.attendance.queries_illness import cases_of, limits_of
from aidtracker.errors import Forbidden, Refused
from aidtracker.terms.days import ONE_DAY
from tests import factories

DAY = datetime.date(2026, 11, 16)
FEW = Limits(3, 5)


def case(pupil, room=1, on=DAY, *symptoms):
    return IllCase(pupil, room, on, frozenset(symptoms or ("fever",)))


def found(cases, limits=FEW):
    return alerts_of(cases, DAY, DAY + 5 * ONE_DAY, lambda _day: limits)


def test_three_of_a_class_on_one_day():
    assert found([case(1), case(2)]) == {}
    assert found([case(1), case(2), case(3)]) == {(1, DAY, "fever"): 3}
    assert found([case(1), case(2), case(3, 2)]) == {}
    assert found([case(1), case(2), case(3, 1, DAY + ONE_DAY)]) == {}
    assert found([case(1), case(2), case(3, 1, DAY, "rash")]) == {}


def test_five_of_a_school_within_three_days():
    days = [case(1, 1), case(2, 2), case(3, 3, DAY + ONE_DAY), case(4, 4, DAY + ONE_DAY), case(5, 5, DAY + 2 * ONE_DAY)]
    assert found(days) == {(None, DAY + 2 * ONE_DAY, "fever"): 5}
    assert found([*days[:4], case(5, 5, DAY + 3 * ONE_DAY)]) == {}
    assert found([*days[:4], case(1, 1, DAY + 2 * ONE_DAY)]) == {}  # the same pupil is one case


@pytest.mark.parametrize("symptom", ["injury", "other"])
def test_injuries_have_no_common_cause(symptom):
    assert found([case(n, 1, DAY, symptom) for n in range(9)]) == {}


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 3), st.integers(0, 5), st.sampled_from(ALIKE[:3])), max_size=30))
def test_the_order_of_cases_and_repeating_them_change_nothing(drawn):
    cases = [case(pupil, room, DAY + n * ONE_DAY, symptom) for pupil, room, n, symptom in drawn]
    assert found(cases) == found(list(reversed(cases)) + cases)
    for (room, day, symptom), count in found(cases).items():
        days = [day] if room else [day - n * ONE_DAY for n in range(DAYS)]
        pupils = {one.student_id for one in cases if one.on in days and symptom in one.symptoms and room in (None, one.class_id)}
        assert count == len(pupils) >= (FEW.in_a_day if room else FEW.in_three_days)


@pytest.fixture
def ill(county, today, take, teacher, school_admin):
    """Six pupils of the class, and six of the next, all marked ill for the last three days."""
    rooms = (county.room, county.sibling_room)
    pupils = [factories.make_student(room, f"王{n}") for room in rooms for n in "一二三四五六"]
    for room, group in zip(rooms, (pupils[:6], pupils[6:]), strict=True):
        for n in range(3):
            take(dict.fromkeys(group, "sick_leave"), room=room, on=today - n * ONE_DAY, by=school_admin)
    return pupils


def standing():
    rows = IllnessAlert.select().where(IllnessAlert.lifted_at.is_null())
    return {(row.class_org_id, row.on, row.symptom): row.cases for row in rows}


def recomputed(county, today):
    first = today - 6 * ONE_DAY
    cases = cases_of(county.school.id, first - 2 * ONE_DAY, today + 3 * ONE_DAY)
    return alerts_of(cases, first, today + 3 * ONE_DAY, lambda day: limits_of(county.county.id, day))


def note(pupil, on, symptoms, by):
    record_symptoms(student=pupil, on=on, onset_on=None, symptoms=symptoms, by=by)


def test_an_alert_is_made_once_and_lifted_by_a_correction(county, ill, school_admin, today):
    for pupil in ill[:3]:
        note(pupil, today, ["fever", "cough"], school_admin)
        note(pupil, today, ["fever"], school_admin)
    assert standing() == {(county.room.id, today, "fever"): 3}
    note(ill[3], today, ["fever"], school_admin)
    assert standing() == {(county.room.id, today, "fever"): 4} and IllnessAlert.select().where(IllnessAlert.symptom == "fever").count() == 1
    for pupil in ill[:2]:
        note(pupil, today, [], school_admin)
    assert standing() == {} and SymptomReport.select().where(SymptomReport.withdrawn_at.is_null()).count() == 2
    note(ill[0], today, ["fever"], school_admin)
    assert standing() == {(county.room.id, today, "fever"): 3}


STEPS = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 2), st.sets(st.sampled_from(("fever", "rash", "injury")), max_size=2)), max_size=25)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_recomputing_finds_what_stands(county, ill, school_admin, today, steps):
    with db.database.atomic() as all_of_it:
        for number, back, symptoms in steps:
            note(ill[number], today - back * ONE_DAY, symptoms, school_admin)
        found, wanted = standing(), recomputed(county, today)
        keys = [(row.school_id, row.class_org_id, row.on, row.symptom) for row in IllnessAlert.select()]
        all_of_it.rollback()
    assert found == wanted
    assert len(keys) == len(set(keys))


def test_the_health_check_of_the_morning_counts_in_its_own_transaction(county, take, pupils, school_admin, today):
    four = [factories.make_student(county.room, f"李{n}") for n in "一二三四"]
    set_sessions_early(county, school_admin, today)
    take({pupil: ("unwell", "发热") for pupil in four}, session="early")
    assert standing() == {(county.room.id, today, "fever"): 4} == recomputed(county, today)
    take({pupil: ("unwell", "发热") for pupil in four[:2]}, session="early", base=1)
    assert standing() == {} == recomputed(county, today)


def set_sessions_early(county, by, today):
    SessionPlan.create(county=county.county, org=county.county, sessions="early,morning,afternoon", holds_from=today - 30 * ONE_DAY, reason="x", set_by=by)


def test_who_is_not_ill_has_no_symptoms(county, pupils, teacher, stranger, take, today):
    with pytest.raises(Refused, match="没有病假"):
        note(pupils.first, today, ["fever"], teacher)
    take({pupils.first: "sick_leave"})
    with pytest.raises(Forbidden):
        note(pupils.first, today, ["fever"], stranger)
    with pytest.raises(Refused, match="还没到这一天"):
        note(pupils.first, today + ONE_DAY, [], teacher)
    with pytest.raises(Refused, match="发病日期"):
        record_symptoms(student=pupils.first, on=today, onset_on=today + ONE_DAY, symptoms=["fever"], by=teacher)
    with pytest.raises(Refused, match="没有这种症状"):
        note(pupils.first, today, ["plague"], teacher)
    note(pupils.first, today, ["fever"], teacher)


def test_who_is_told_and_who_reads_names(county, ill, school_admin, coordinator, teacher, stranger, today, sign_in):
    for pupil in ill[:3]:
        note(pupil, today, ["fever"], school_admin)
    alert = IllnessAlert.get()
    for user in (school_admin, coordinator):
        assert "聚集性病例待处置" in sign_in(user).get("home.show_home").text
    assert "王一" in sign_in(teacher).get("attendance.show_alert", alert_id=alert.id).text
    viewer = factories.make_user("city_viewer", county.city)
    page = sign_in(viewer).get("attendance.show_alert", alert_id=alert.id).text
    assert "3 例" in page and "王一" not in page
    sign_in(stranger).get("attendance.show_alert", status=404, alert_id=alert.id)
    with pytest.raises(Forbidden):
        handle_alert(alert=alert, measures="消毒", reported_on=None, by=teacher)
    with pytest.raises(Refused, match="做了什么"):
        handle_alert(alert=alert, measures=" ", reported_on=None, by=school_admin)
    sign_in(school_admin).post("attendance.handle_alert", {"measures": "已报疾控", "reported_on": today.isoformat()}, alert_id=alert.id)
    row = IllnessAlert.get()
    assert (row.measures, row.handled_by_id, row.reported_on) == ("已报疾控", school_admin.id, today)
    assert "聚集性病例待处置" not in sign_in(coordinator).get("home.show_home").text
