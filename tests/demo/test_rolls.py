"""The rolls of the small demo county: who took them, who is missing, who stays away, what was corrected."""

import datetime

import peewee
import pytest

from aidtracker.accounts.models import Membership, User
from aidtracker.attendance.marks import COUNTS
from aidtracker.attendance.missing import nights_missing
from aidtracker.attendance.models import Absence, DaySum, RollCall, RollCallVersion
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.sessions import FOR_BOARDERS, TEACHING
from aidtracker.demo.actions import build_demo
from aidtracker.orgs.models import Org
from aidtracker.students.models import Enrollment
from aidtracker.students.queries import attending_counts
from aidtracker.terms.calendar import school_days
from tests.demo.conftest import ON


def days_with_rolls():
    return [day for (day,) in RollCall.select(RollCall.on).distinct().order_by(RollCall.on).tuples()]


def test_rolls_of_three_months_of_school_days_and_of_this_morning(demo):
    days = days_with_rolls()
    assert days == school_days(datetime.date(2026, 9, 1), ON)
    assert len(days) == 55
    assert {session for (session,) in RollCall.select(RollCall.session).where(RollCall.on == ON).tuples()} == {"morning"}
    assert 9 <= RollCall.select().where(RollCall.on == ON).count() <= 17  # of 20 classes, two of which wait


def test_the_teacher_of_the_table_has_a_roll_to_take(demo):
    for name in ("teacher", "teacher2"):
        room = User.get(User.username == name).memberships[0].org
        assert room.name == "三年级1班"
        taken = RollCall.select().where(RollCall.class_org == room)
        assert taken.count() > 20
        assert not taken.where(RollCall.on == ON).exists()


def test_a_roll_was_submitted_by_the_teacher_of_the_class(demo):
    theirs = (Membership.user == RollCall.submitted_by) & (Membership.org == RollCall.class_org) & (Membership.role == "teacher")
    first = RollCall.select(RollCall.on, RollCall.submitted_at).where(RollCall.revision == 1)
    submitted = first.join(Membership, on=theirs).tuples()
    assert len(submitted) == first.count()
    assert all((at + datetime.timedelta(hours=8)).date() == day for day, at in submitted)


def test_those_taught_at_home_are_not_expected(demo):
    at_home = Enrollment.select(Enrollment.student).where(Enrollment.mode == "home_taught")
    assert at_home.count() > 0
    assert not Absence.select().where(Absence.student.in_(at_home)).exists()


def test_some_pupils_have_stayed_away_for_days(demo):
    lengths = sorted(streaks().values())
    assert [length for length in lengths if length >= 3] == [3, 3, 3, 5, 5, 8, 12]


def streaks():
    """{student: days in a row, back from today, on which every roll that their class took marked them unexcused}."""
    found = {}
    unexcused = Absence.select(Absence.student_id, Absence.roll_call_id).where(Absence.mark == "unexcused").tuples()
    marked = set(unexcused)
    for student in {student for student, _ in marked}:
        room = Enrollment.get((Enrollment.student == student) & Enrollment.ends_on.is_null()).class_org_id
        rolls = {}
        for roll in RollCall.select().where((RollCall.class_org == room) & RollCall.session.in_(TEACHING)):
            rolls.setdefault(roll.on, []).append((student, roll.id) in marked)
        found[student] = 0
        for day in sorted(rolls, reverse=True):
            if not all(rolls[day]):
                break
            found[student] += 1
    return found


def test_corrections_keep_what_stood_before_and_say_why(demo):
    versions = list(RollCallVersion.select())
    assert len(versions) == 4
    for version in versions:
        assert version.reason
        assert version.roll_call.revision == 2
        assert version.replaced_by.has_role("school_admin")
        assert version.submitted_by.has_role("teacher")


def test_the_sums_of_the_days_are_those_of_the_rolls(demo):
    assert sums_of(RollCall) == sums_of(DaySum)
    assert len(sums_of(DaySum)) > 100


def sums_of(model):
    sums = [peewee.fn.SUM(getattr(model, name)) for name in ("expected", "present", *COUNTS)]
    found = model.select(model.school, model.on, model.session, *sums).group_by(model.school, model.on, model.session)
    return {tuple(map(str, row)) for row in found.tuples()}


@pytest.mark.parametrize(("on", "rolls"), [(datetime.date(2026, 9, 1), 1), (datetime.date(2026, 11, 21), 55), (datetime.date(2026, 9, 10), 8)])
def test_the_year_begins_and_weekends_have_no_roll(app, on, rolls):
    build_demo(on=on, by=None, small=True)
    assert len(days_with_rolls()) == rolls


def test_a_boarding_school_takes_the_evening_and_the_night_and_somebody_is_missing(demo):
    looks_after = User.get(User.username == "township")
    school = Org.get(Org.name == "麻埠镇初级中学")
    evenings = RollCall.select().where(RollCall.session.in_(FOR_BOARDERS))
    assert {roll.school_id for roll in evenings} == {school.id} and evenings.count() > 30
    boarders = attending_counts(ON, None, ("boarding",))
    assert all(roll.expected == boarders[roll.class_org_id] for roll in evenings)
    assert sessions_taken(school.county_id, school.id, ON) == (*TEACHING, *FOR_BOARDERS)
    missing = nights_missing(looks_after, ON)
    assert any(one.nights == 1 and one.on == ON - datetime.timedelta(days=1) for one in missing)
    assert {one.student_id for one in missing} <= {row.student_id for row in Enrollment.select().where(Enrollment.mode == "boarding")}
