"""A class of three who go to school and one who is taught at home; today and the days before it are school days."""

import datetime
from types import SimpleNamespace

import pytest

from aidtracker.attendance import actions
from aidtracker.attendance.models import Absence, DaySum, RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.db import today_in_china
from aidtracker.terms.models import CalendarDay
from tests import factories

DAYS = 12  # before today


@pytest.fixture
def today(county):
    """Whatever day the suite runs on: the county's own calendar says that there is school."""
    found = today_in_china()
    for place in (county.county, county.other_county):
        for n in range(DAYS):
            day = found - datetime.timedelta(days=n)
            CalendarDay.create(on=day, county=place, kind="workday", name="测试")
    return found


@pytest.fixture
def yesterday(today):
    return today - datetime.timedelta(days=1)


@pytest.fixture
def pupils(county, today):
    found = SimpleNamespace()
    found.first = factories.make_student(county.room, "次仁卓玛", seat=1, mode="boarding")
    found.second = factories.make_student(county.room, "王小明", seat=2, sex="M")
    found.third = factories.make_student(county.room, "阿卜杜热合曼·买买提", seat=3, sex="M")
    found.at_home = factories.make_student(county.room, "陈居家", mode="home_taught")
    found.sibling = factories.make_student(county.sibling_room, "单雄信", sex="M")
    found.elsewhere = factories.make_student(county.other_room, "央金拉姆")
    return found


@pytest.fixture
def take(county, today, pupils, teacher):
    """take({pupil: "late"}, on=...) -> the roll; the teacher's, of this morning, unless said otherwise."""

    def submit(marks=None, *, room=None, on=None, session="morning", base=0, by=None, reason="", receipt=""):
        by = by or teacher
        return actions.submit_roll_call(
            class_org=visible_class(by, (room or county.room).id),
            on=on or today,
            session=session,
            marks={p.id: mark if isinstance(mark, tuple) else (mark, None) for p, mark in (marks or {}).items()},
            base_revision=base,
            by=by,
            reason=reason,
            receipt=receipt,
        )

    return submit


@pytest.fixture
def marks():
    """marks(roll) -> {student id: mark} as they stand in the database."""

    def stored(roll):
        rows = Absence.select(Absence.student, Absence.mark).where(Absence.roll_call == roll.id)
        return dict(rows.tuples())

    return stored


@pytest.fixture
def sums_fit():
    """The kept sums are those of the rolls, always."""

    def check():
        names = ("expected", "present", "sick_leave", "personal_leave", "unexcused", "late", "left_early", "official")
        live, kept = {}, {}
        for roll in RollCall.select():
            key = (roll.school_id, roll.on, roll.session)
            before = live.get(key, (0,) * (len(names) + 1))
            live[key] = tuple(a + b for a, b in zip(before, (*(getattr(roll, n) for n in names), 1), strict=True))
        for row in DaySum.select():
            kept[row.school_id, row.on, row.session] = (*(getattr(row, n) for n in names), row.rolls)
        assert kept == live

    return check
