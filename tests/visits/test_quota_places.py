"""What each place of the field asks for, on generated years with holidays and closures: an independent plain count says the same."""

import datetime
import random
from collections import Counter

import pytest

from aidtracker.db import transaction
from aidtracker.policies.models import PolicyValue
from aidtracker.terms.models import Closure
from aidtracker.visits.models import TUTORING, Visit, VisitStudent
from aidtracker.visits.quotas import Lesson, Quota, is_enough, month_of, months_of
from aidtracker.visits.tutoring import months_of_pupil, taught_in
from tests import factories

D = datetime.date
DAY = datetime.timedelta(days=1)
USUAL = {"basis": "month", "visits": 2, "lessons": 2, "minutes": 0, "teachers": 1, "least_days": 1, "off_months": "7,8", "make_up_days": 31, "year_lessons": 0, "year_visits": 0}
PLACES = {  # domain: who asks for what
    "a city's plan of 2023, Jinjiang": {},
    "Ningxia 2014": {"basis": "week", "visits": 1, "lessons": 2},
    "Shandong, Henan": {"basis": "week", "visits": 2, "lessons": 3, "year_lessons": 216},
    "Huaiyuan, Anhui": {"basis": "week", "visits": 2, "lessons": 1, "year_visits": 30},
    "Huaiyuan, averaged over the month": {"basis": "weeks", "visits": 2, "lessons": 1, "year_visits": 30},
    "Nantong": {"basis": "week", "visits": 1, "lessons": 1, "minutes": 60, "teachers": 2},
    "no make-up, five days at least": {"make_up_days": 0, "least_days": 5},
}
FIRST, LAST = D(2025, 9, 1), D(2026, 7, 31)


def a_year(rng):
    """Days with school: five a week, less holidays of random length and single closures; a winter and a summer without any."""
    days = [FIRST + DAY * n for n in range((LAST - FIRST).days + 1)]
    off = {day for day in days if D(2026, 1, 20) <= day <= D(2026, 2, 25) or day >= D(2026, 7, 10)}
    for _ in range(6):
        begin = rng.choice(days)
        off |= {begin + DAY * n for n in range(rng.choice((1, 2, 3, 7, 10)))}
    return [day for day in days if day.weekday() < 5 and day not in off]


def lessons(rng, days):
    found = []
    for _ in range(rng.choice((10, 40, 90))):
        on = rng.choice(days)
        missed = on - DAY * rng.randrange(1, 45) if rng.random() < 0.2 else None
        teachers = rng.choice(("张老师", "张老师、李老师", "张老师 李老师", "张老师，"))
        found.append(Lesson(on, missed, rng.choice((1, 2, 3)), rng.choice((None, 40, 60, 90)), teachers))
    return found


def counted(month, days, taught, asked):
    """(needed, done) written out once more, from the words of the rule: day by day, ISO weeks, counters."""
    ok = Counter()
    for one in taught:
        people = [name for name in one.teachers.replace("，", "、").replace(" ", "、").split("、") if name.strip()]
        if one.lessons >= asked["lessons"] and (one.minutes or 0) >= asked["minutes"] and len(people) >= asked["teachers"]:
            late = (one.on - one.makes_up_on).days if one.makes_up_on else 0
            ok[one.makes_up_on if one.makes_up_on and late <= asked["make_up_days"] else one.on] += 1
    if asked["basis"] == "month":
        here = [day for day in days if f"{day:%Y-%m}" == month]
        if len(here) < asked["least_days"]:
            return None
        return asked["visits"], sum(number for day, number in ok.items() if f"{day:%Y-%m}" == month)

    def week(day):
        return day.isocalendar()[:2]

    def month_of_week(of):
        return f"{D.fromisocalendar(*of, 4):%Y-%m}"

    here = [day for day in days if month_of_week(week(day)) == month]
    weeks = {week(day) for day in here}
    if not weeks or len(here) < asked["least_days"]:
        return None
    by_week = Counter()
    for day, number in ok.items():
        by_week[week(day)] += number
    if asked["basis"] == "week":
        return asked["visits"] * len(weeks), sum(min(by_week[of], asked["visits"]) for of in weeks)
    return asked["visits"] * len(weeks), sum(number for of, number in by_week.items() if month_of_week(of) == month)


@pytest.mark.parametrize("name", PLACES)
def test_a_years_months_are_what_a_plain_count_says(name):
    asked = USUAL | PLACES[name]
    for seed in range(12):
        rng = random.Random(f"{name}{seed}")
        days = a_year(rng)
        taught = lessons(rng, days)
        for month in months_of(FIRST, LAST):
            found = month_of(month, days, taught, Quota(**asked))
            assert (found and (found.needed, found.done)) == counted(month, days, taught, asked), (name, seed, month)


def test_a_lesson_counts_when_it_has_its_lessons_minutes_and_teachers():
    nantong = Quota(**USUAL | PLACES["Nantong"])
    on = D(2026, 3, 4)
    assert is_enough(Lesson(on, None, 1, 60, "张老师、李老师"), nantong)
    for short in (Lesson(on, None, 1, 59, "张老师、李老师"), Lesson(on, None, 1, None, "张老师、李老师"), Lesson(on, None, 1, 60, "张老师")):
        assert not is_enough(short, nantong)


@pytest.mark.parametrize("name", list(PLACES)[:6])
def test_the_same_from_the_database_with_the_countys_own_rule_and_closures(name, county, administrator, teacher):
    """Days of the product's calendar, but for the closures that are taken out of them here by hand."""
    asked, rng = PLACES[name], random.Random(name)
    pupil = factories.make_student(county.room, "陈居家", mode="home_taught")
    closed = [D(2026, 9, 14), D(2026, 9, 15), D(2026, 10, 19)]
    weekdays = [D(2026, 9, 1) + DAY * n for n in range(61)]
    holidays = [*(D(2026, 9, 25) + DAY * n for n in range(3)), *(D(2026, 10, 1) + DAY * n for n in range(7))]
    worked = [D(2026, 9, 20), D(2026, 10, 10)]
    days = sorted({day for day in weekdays if day.weekday() < 5 and day not in holidays and day not in closed} | set(worked))
    with transaction():
        for key, value in asked.items():
            PolicyValue.create(county=county.county, key=f"tutoring_{key}", value=str(value), holds_from=D(2026, 1, 1), reason="1 号文", set_by=administrator)
    for first, last in ((closed[0], closed[1]), (closed[2], closed[2])):
        Closure.create(county=county.county, org=county.school, kind="closure", first_on=first, last_on=last, reason="停课", declared_by=administrator)
    taught = []
    for _ in range(20):
        one = Lesson(rng.choice(days), None, rng.choice((1, 2, 3)), rng.choice((None, 60)), rng.choice(("张老师", "张老师、李老师")))
        visit = Visit.create(county=county.county, form=TUTORING, on=one.on, lessons=one.lessons, minutes=one.minutes, teachers=one.teachers, recorded_by=teacher, place="home", ordinal=len(taught) + 1)
        VisitStudent.create(student=pupil, visit=visit, class_org=county.room, school=county.school, force_insert=True)
        taught.append(one)
    found = {month.month: (month.needed, month.done) for month in months_of_pupil(pupil, D(2026, 9, 1), D(2026, 9, 30))}
    assert found == {"2026-09": counted("2026-09", days, taught, USUAL | asked)}
    year = taught_in(county.county.id, D(2026, 9, 1), D(2026, 10, 31))[pupil.id]
    assert (year.visits, year.lessons) == (len(taught), sum(one.lessons for one in taught))
