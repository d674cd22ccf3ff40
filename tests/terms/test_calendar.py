"""School days, terms and school years, by the days that everything else is counted on."""

import datetime

import pytest

from aidtracker.orgs.grades import school_year_of
from aidtracker.terms.calendar import (
    first_day_of,
    is_school_day,
    school_days,
    school_year_label,
    seed_national_days,
    term,
    term_of,
    why_closed,
)
from aidtracker.terms.models import CalendarDay


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("on", "is_open"),
    [
        ("2026-11-23", True),  # a Monday
        ("2026-11-21", False),  # a Saturday
        ("2026-10-01", False),  # 国庆节
        ("2026-10-10", True),  # 调休: a Saturday that is worked
    ],
)
def test_a_school_day_is_a_weekday_unless_the_nation_says_otherwise(app, on, is_open):
    assert is_school_day(day(on)) == is_open


def test_the_countys_own_calendar_outranks_the_national_one(county):
    CalendarDay.create(county=county.county, on=day("2026-11-23"), kind="closure", name="暴雪停课")
    CalendarDay.create(county=county.county, on=day("2026-10-01"), kind="workday", name="补课")
    assert not is_school_day(day("2026-11-23"), county.county.id)
    assert why_closed(day("2026-11-23"), county.county.id) == "暴雪停课"
    assert is_school_day(day("2026-10-01"), county.county.id)
    assert is_school_day(day("2026-11-23"), county.other_county.id)
    assert not is_school_day(day("2026-10-01"), county.other_county.id)


def test_school_days_hold_both_ends_and_skip_the_weekend(app):
    assert school_days(day("2026-11-20"), day("2026-11-23")) == [day("2026-11-20"), day("2026-11-23")]
    assert school_days(day("2026-11-23"), day("2026-11-20")) == []


def test_a_closed_day_is_told_by_its_name(app):
    assert why_closed(day("2026-10-01")) == "国庆节"
    assert why_closed(day("2026-11-21")) == "周末"


def test_the_national_days_are_seeded_once(app):
    assert seed_national_days() == 0


@pytest.mark.parametrize(
    ("on", "code"),
    [("2021-02-01", "2021-spring"), ("2021-07-31", "2021-spring"), ("2021-08-01", "2021-autumn"), ("2022-01-31", "2021-autumn")],
)
def test_a_term_is_a_half_year_and_autumn_reaches_into_january(on, code):
    found = term_of(day(on))
    assert found.code == code
    assert found.starts_on <= day(on) <= found.ends_on


@pytest.mark.parametrize("code", ["2021", "2021-winter", "spring-2021", ""])
def test_what_is_no_term_is_refused(code):
    with pytest.raises(ValueError):
        term(code)


def test_a_school_year_begins_on_the_first_of_september():
    assert [school_year_of(day(on)) for on in ("2026-08-31", "2026-09-01", "2027-08-31")] == [2025, 2026, 2026]
    assert (school_year_label(2026), first_day_of(2026)) == ("2026-2027", day("2026-09-01"))
