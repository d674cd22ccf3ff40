"""Sums for reports: what was submitted, what was due, who has been away how long."""

import datetime
import random

import pytest

from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.attendance.marks import UNEXCUSED
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.sessions import TEACHING
from aidtracker.attendance.streaks import streaks
from aidtracker.attendance.sums import sessions_due, sums_by_school
from aidtracker.students.models import Enrollment
from aidtracker.terms.calendar import school_days
from aidtracker.terms.days import Calendar
from aidtracker.terms.models import CalendarDay
from tests import factories

ONE_DAY = datetime.timedelta(days=1)
MONDAY = datetime.date(2026, 10, 12)
DAYS = [MONDAY + n * ONE_DAY for n in range(5)]


def week(county) -> Calendar:
    return Calendar(county.county.id, DAYS[0], DAYS[-1])


def move(student, room, on, mode="day"):
    """Ends the open spell the day before and opens another."""
    open_spell = (Enrollment.student == student) & Enrollment.ends_on.is_null()
    Enrollment.update(ends_on=on - ONE_DAY).where(open_spell).execute()
    if room:
        Enrollment.create(student=student, class_org=room, mode=mode, starts_on=on)


@pytest.fixture
def rolls(county, administrator):
    """rolls({(room, day, session): {pupil: mark}}) saves them at once."""

    def save(asked):
        made = [
            WholeRoll(room.id, room.parent_id, on, session, 20, {p.id: (mark, None) for p, mark in marks.items()})
            for (room, on, session), marks in asked.items()
        ]
        return save_day_of_rolls(rolls=made, by=administrator, why="", county_id=county.county.id)

    return save


def test_sums_are_by_school_and_within_the_range(county, rolls, sums_fit):
    pupil, other = factories.make_student(county.room), factories.make_student(county.other_room)
    rolls({(county.room, day, "morning"): {pupil: "sick_leave"} for day in DAYS})
    rolls({(county.other_room, DAYS[0], "afternoon"): {other: "late"}})
    sums = sums_by_school(county.county.id, Calendar(county.county.id, DAYS[0], DAYS[1]))
    mine, theirs = sums[county.school.id], sums[county.other_school.id]
    assert (mine["expected"], mine["present"], mine["sick_leave"], mine["rolls"]) == (40, 38, 2, 2)
    assert (theirs["present"], theirs["late"], theirs["rolls"]) == (20, 1, 1)
    assert sums_by_school(county.other_county.id, Calendar(county.other_county.id, DAYS[0], DAYS[1])) == {}
    sums_fit()


def test_sessions_due_are_classes_times_days_times_sessions(county):
    for room in (county.room, county.sibling_room, county.other_room, county.far_room):
        factories.make_student(room)
    assert sessions_due(county.county.id, week(county)) == {county.school.id: 20, county.other_school.id: 10}
    assert sessions_due(county.county.id, week(county), ["morning"])[county.school.id] == 10
    assert sessions_due(county.county.id, Calendar(county.county.id, DAYS[4] + ONE_DAY, DAYS[4] + 2 * ONE_DAY)) == {}


def test_a_class_is_due_only_on_days_when_a_pupil_of_it_attends(county):
    pupil = factories.make_student(county.room)
    move(pupil, county.sibling_room, DAYS[2])
    assert sessions_due(county.county.id, week(county)) == {county.school.id: 2 * 2 + 3 * 2}
    late = factories.make_student(county.room)
    Enrollment.update(starts_on=DAYS[4]).where(Enrollment.student == late).execute()
    assert sessions_due(county.county.id, week(county)) == {county.school.id: 3 * 2 + 3 * 2}


def test_a_class_of_pupils_taught_at_home_is_never_due(county):
    pupil = factories.make_student(county.room, mode="home_taught")
    assert sessions_due(county.county.id, week(county)) == {}
    move(pupil, county.room, DAYS[3])
    assert sessions_due(county.county.id, week(county)) == {county.school.id: 4}


@pytest.fixture
def pupil(county):
    return factories.make_student(county.room)


def unexcused(room, pupil, days, sessions=TEACHING, mark="unexcused"):
    return {(room, day, session): {pupil: mark} for day in days for session in sessions}


def test_a_streak_counts_days_on_which_every_session_was_unexcused(county, pupil, rolls):
    rolls(unexcused(county.room, pupil, DAYS[2:]) | unexcused(county.room, pupil, DAYS[:2], ["morning"]))
    rolls({(county.room, DAYS[1], "afternoon"): {}})
    assert streaks(county.county.id, DAYS[4]) == {pupil.id: 3}
    assert streaks(county.county.id, DAYS[3]) == {pupil.id: 2}
    assert streaks(county.county.id, DAYS[1]) == {}


def test_a_streak_ends_at_leave_and_is_not_there_once_the_pupil_came_back(county, pupil, rolls):
    rolls(unexcused(county.room, pupil, DAYS[:2], mark="sick_leave") | unexcused(county.room, pupil, DAYS[2:4]))
    assert streaks(county.county.id, DAYS[3]) == {pupil.id: 2}
    rolls({(county.room, DAYS[4], "morning"): {}})
    assert streaks(county.county.id, DAYS[4]) == {}


def test_a_streak_skips_days_that_the_class_did_not_report(county, pupil, rolls):
    rolls(unexcused(county.room, pupil, [DAYS[0], DAYS[2]]))
    assert streaks(county.county.id, DAYS[4]) == {pupil.id: 2}


def test_a_streak_reaches_over_weekends_and_skips_days_without_school(county, pupil, rolls):
    friday, next_monday = DAYS[4], DAYS[4] + 3 * ONE_DAY
    rolls(unexcused(county.room, pupil, [DAYS[3], friday, next_monday]))
    CalendarDay.create(on=friday, county=county.county, kind="closure", name="停课")
    assert streaks(county.county.id, next_monday) == {pupil.id: 2}
    assert streaks(county.county.id, friday) == {pupil.id: 1}


def test_unexplained_and_not_returned_count_as_unexcused(county, pupil, rolls):
    rolls(unexcused(county.room, pupil, DAYS[:1], mark="unexplained") | unexcused(county.room, pupil, DAYS[1:2], mark="not_returned"))
    assert streaks(county.county.id, DAYS[1]) == {pupil.id: 2}


def test_a_streak_goes_with_the_pupil_to_the_next_class(county, pupil, rolls):
    rolls(unexcused(county.room, pupil, DAYS[:2]))
    move(pupil, county.other_room, DAYS[2])
    assert streaks(county.county.id, DAYS[4]) == {pupil.id: 2}
    rolls(unexcused(county.other_room, pupil, DAYS[3:4]))
    assert streaks(county.county.id, DAYS[4]) == {pupil.id: 3}


def test_who_left_or_is_taught_at_home_has_no_streak(county, pupil, rolls):
    gone = factories.make_student(county.room)
    rolls({(county.room, day, s): {pupil: "unexcused", gone: "unexcused"} for day in DAYS[:2] for s in TEACHING})
    move(gone, None, DAYS[2])
    move(pupil, county.room, DAYS[2], mode="home_taught")
    assert streaks(county.county.id, DAYS[3]) == {}
    assert streaks(county.county.id, DAYS[1]) == {pupil.id: 2, gone.id: 2}


def test_a_streak_may_be_longer_than_the_first_window(county, pupil, rolls):
    days = school_days(datetime.date(2026, 9, 1), datetime.date(2026, 11, 20), county.county.id)
    rolls(unexcused(county.room, pupil, days))
    assert streaks(county.county.id, datetime.date(2026, 11, 20)) == {pupil.id: len(days)}


@pytest.mark.parametrize("seed", range(12))
def test_streaks_are_what_a_naive_reckoning_finds(county, rolls, seed):
    """Random rosters, moves, closures, reported and unreported sessions."""
    draw = random.Random(seed)
    rooms = [county.room, county.sibling_room, county.other_room, county.far_room]
    pupils = [factories.make_student(draw.choice(rooms)) for _ in range(10)]
    days = [datetime.date(2026, 9, 1) + n * ONE_DAY for n in range(40)]
    for day in draw.sample(days, 4):
        CalendarDay.create(on=day, county=county.county, kind=draw.choice(["closure", "workday"]), name="测试")
    for one in draw.sample(pupils, 5):
        move(one, draw.choice([*rooms, None]), draw.choice(days[1:]), draw.choice(["day", "day", "home_taught"]))
    chance = draw.choice([0.5, 0.8, 0.97])
    asked = {}
    for room in rooms:
        for day in days:
            for session in TEACHING:
                if draw.random() < 0.8:
                    asked[room, day, session] = {p: draw.choice([*UNEXCUSED, "late"]) for p in pupils if draw.random() < chance}
    rolls(asked)
    for as_of in (days[-1], draw.choice(days), draw.choice(days)):
        assert streaks(county.county.id, as_of) == naive(county.county, pupils, as_of)


def naive(county, pupils, as_of):
    """Every pupil, every day back, one at a time."""
    found = {}
    for pupil in pupils:
        spells = list(Enrollment.select().where((Enrollment.student == pupil) & (Enrollment.mode != "home_taught")))
        here = next((s for s in spells if covers(s, as_of)), None)
        if here is None or here.class_org.county != county:
            continue
        length = 0
        for day in school_days(datetime.date(2026, 8, 31), as_of, county.id)[::-1]:
            spell = next((s for s in spells if covers(s, day)), None)
            rolls = list(RollCall.select().where((RollCall.class_org == spell.class_org) & (RollCall.on == day))) if spell else []
            away = Absence.select().where(Absence.roll_call.in_(rolls) & (Absence.student == pupil) & Absence.mark.in_(UNEXCUSED))
            if not rolls:
                continue
            if away.count() < len(rolls):
                break
            length += 1
        if length:
            found[pupil.id] = length
    return found


def covers(spell, day):
    return spell.starts_on <= day and (spell.ends_on is None or spell.ends_on >= day)
