"""The registry report against the facts."""

import datetime
from collections import Counter

import pytest

from aidtracker.reports import enrolled
from aidtracker.reports.registry import figures
from tests import factories
from tests.reports.invented import InventedCounty

TODAY = datetime.date(2026, 10, 26)


@pytest.fixture(params=(1, 2, 3))
def made(app, request, monkeypatch):
    monkeypatch.setattr(enrolled, "today_in_china", lambda: TODAY)
    return InventedCounty(request.param)


def test_a_county_today(made):
    said = figures(factories.make_user("bureau_staff", made.county), "registry", school_year=2026)
    pupils = made.enrolled(made.schools, TODAY)
    assert said["as_of"] == "2026-10-26"
    assert (said["students"], said["classes"]) == (len(pupils), len({room for room, _, _ in pupils}))
    assert (said["townships"], said["villages"], said["schools"]) == (3, 3, 4)
    for township in made.townships:
        assert said["students_by_township"][township.code] == len(made.enrolled(made.schools_in(township), TODAY))
    sexes, modes = Counter(sex for _, sex, _ in pupils), Counter(mode for _, _, mode in pupils)
    assert (said["total"]["male"], said["total"]["female"]) == (sexes["M"], sexes["F"])
    assert [said["total"][mode] for mode in ("day", "boarding", "home_taught")] == [modes[m] for m in ("day", "boarding", "home_taught")]


def test_a_past_year_is_counted_on_its_first_of_september(made):
    said = figures(factories.make_user("bureau_staff", made.county), "registry", school_year=2025)
    assert (said["as_of"], said["students"], said["classes"]) == ("2025-09-01", 0, 0)


def test_a_school_shows_its_grades_and_a_township_its_schools(made):
    school = next(iter(made.schools))
    said = figures(factories.make_user("school_admin", school), "registry", school_year=2026)
    assert said["students"] == len(made.enrolled([school], TODAY)) == sum(row["students"] for row in said["rows"])
    assert {row["name"] for row in said["rows"]} <= {"一年级", "三年级", "六年级"}
    township = made.schools[school]
    said = figures(factories.make_user("township_coordinator", township), "registry", school_year=2026)
    assert [row["name"] for row in said["rows"]] == [each.name for each in made.schools_in(township)]
    assert said["students"] == len(made.enrolled(made.schools_in(township), TODAY))


def test_the_table_adds_up(made):
    (table,) = enrolled.tables(figures(factories.make_user("finance", made.county), "registry", school_year=2026))
    for column in range(1, len(table.columns)):
        assert sum(row[column] for row in table.rows) == table.totals[column], table.columns[column].label
