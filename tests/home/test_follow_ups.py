"""Whom a teacher's first page names, and in which order."""

import datetime

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.cases.models import Case
from aidtracker.db import today_in_china
from aidtracker.home.follow_ups import follow_ups
from aidtracker.terms.calendar import school_days
from tests import factories

ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def today():
    """The newest past school day: rolls of it can be handed in whatever day the tests run on."""
    return [day for day in school_days(today_in_china() - 30 * ONE_DAY, today_in_china()) if day < today_in_china()][-1]


@pytest.fixture
def absent(county, school_admin, today):
    """absent({pupil: days}): unexcused up to the day, so many school days in a row."""

    def take(wanted):
        days = [day for day in school_days(today - 30 * ONE_DAY, today)]
        for back in range(max(wanted.values())):
            marks = {pupil.id: ("unexcused", None) for pupil, number in wanted.items() if number > back}
            submit_roll_call(class_org=county.room, on=days[-1 - back], session="morning", marks=marks, base_revision=0, by=school_admin)

    return take


def open_case(pupil, number, due_on, **more):
    return Case.create(student=pupil, county=pupil.county, number=f"990100-2026-{number:04}", origin="roll", found_on=due_on, due_on=due_on, **more)


def test_what_is_late_comes_first_then_who_needs_a_case_then_the_rest(county, absent, teacher, today):
    pupils = [factories.make_student(county.room, f"雀{n}") for n in "甲乙丙丁戊"]
    factories.make_student(county.sibling_room, "雀己")
    absent({pupils[0]: 1, pupils[1]: 3, pupils[2]: 4})
    open_case(pupils[2], 1, today + 2 * ONE_DAY)
    open_case(pupils[3], 2, today - ONE_DAY, state="returned")
    found = follow_ups(teacher, [county.room], today)
    assert [each.name for each in found] == ["雀丁", "雀乙", "雀甲", "雀丙"]
    assert [each.next_act for each in found] == ["回访，看学生是否稳定到校", "第 3 天缺勤 · 应联系家长，请建案", "第 1 天缺勤 · 应联系家长", "联系家长或上门，查清没有到校的原因"]


def test_a_closed_case_is_nobody_to_follow_up(county, teacher, today):
    pupil = factories.make_student(county.room, "雀甲")
    now = datetime.datetime(2026, 11, 2)
    open_case(pupil, 1, today, state="closed", outcome="returned", closed_on=today, closed_at=now)
    assert follow_ups(teacher, [county.room], today) == []


def test_the_page_leads_to_the_case_or_to_opening_one(county, absent, today, teacher, sign_in):
    away, cared_for = factories.make_student(county.room, "雀甲"), factories.make_student(county.room, "雀乙")
    absent({away: 3})
    case = open_case(cared_for, 1, today - ONE_DAY)
    client = sign_in(teacher)
    page = client.get("home.show_home").text
    assert client.url("cases.open_case", student_id=away.id) in page
    assert client.url("cases.show_case", case_id=case.id) in page and "已超期" in page
