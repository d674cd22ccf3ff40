"""The attendance report against figures that were added up from the facts."""

import datetime

import pytest

from aidtracker.orgs.scopes import scope_of
from aidtracker.reports import attended
from aidtracker.reports.registry import figures
from tests import factories
from tests.reports.invented import FIRST, LAST, InventedCounty

RANGE = {"first": FIRST, "last": LAST}
SEEDS = (1, 2, 3)


@pytest.fixture(params=SEEDS)
def made(app, request):
    return InventedCounty(request.param)


def told(figures):
    return figures["total"]


def streak_counts(streaks):
    return {str(level): sum(days >= level for days in streaks.values()) for level in (1, 3, 7)}


def test_a_county_is_the_sum_of_its_rolls(made):
    said = figures(factories.make_user("bureau_staff", made.county), "attendance", **RANGE)
    assert told(said) == made.attendance(made.schools)
    assert said["county"] == "990301" and said["as_of"] == "2026-10-30" and len(said["days"]) == 10
    for township in made.townships:
        assert said["by_school_township"][township.code] == made.attendance(made.schools_in(township))
    assert said["students_with_streak"] == streak_counts(made.streaks(made.schools))


def test_a_township_sees_its_own_schools_alone(made):
    township = made.townships[0]
    said = figures(factories.make_user("township_coordinator", township), "attendance", **RANGE)
    assert told(said) == made.attendance(made.schools_in(township))
    assert list(said["by_school_township"]) == [township.code]
    assert said["students_with_streak"] == streak_counts(made.streaks(made.schools_in(township)))
    assert [row["name"] for row in said["rows"]] == [school.name for school in made.schools_in(township)]


def test_a_school_sees_its_classes(made):
    school = next(iter(made.schools))
    said = figures(factories.make_user("school_admin", school), "attendance", **RANGE)
    assert told(said) == made.attendance([school])
    for name in ("expected", "present", "unexcused", "sessions_due", "sessions_submitted"):
        assert sum(row[name] for row in said["rows"]) == told(said)[name], name
    assert sum(row["serious"] for row in said["rows"]) == said["students_with_streak"]["3"]


def test_going_down_gives_the_parts_of_the_whole(made):
    officer = factories.make_user("bureau_staff", made.county)
    for township in made.townships:
        said = figures(officer, "attendance", org_id=township.id, **RANGE)
        assert told(said) == made.attendance(made.schools_in(township))


def test_two_schools_of_one_person_are_summed_together(made):
    one, *_, other = made.schools
    user = factories.make_user("school_admin", one)
    factories.Membership.create(user=user, role="school_admin", org=other, starts_on=datetime.date(2020, 9, 1))
    said = figures(user, "attendance", **RANGE)
    assert told(said) == made.attendance([one, other])
    assert said["place"]["kind"] == "county"


def test_whole_ids_stand_in_the_list_for_the_command_line(made):
    scope = scope_of(factories.make_user("bureau_staff", made.county))
    said = attended.sums(scope, **RANGE)
    count = attended.REPORT.reveal(said, True)
    serious = sorted([number, days] for number, days in made.streaks(made.schools).items() if days >= 3)
    assert said["streak_3_or_more"] == serious and count == len(serious)


def test_without_the_right_to_reveal_the_list_is_masked(made):
    said = attended.sums(scope_of(factories.make_user("finance", made.county)), **RANGE)
    attended.REPORT.reveal(said, False)
    assert all("***" in number for number, _ in said["streak_3_or_more"])


def test_the_table_adds_up(made):
    said = figures(factories.make_user("bureau_staff", made.county), "attendance", **RANGE)
    (table,) = attended.tables(said)
    for column, heading in enumerate(table.columns):
        if heading.kind == "integer":
            assert sum(row[column] or 0 for row in table.rows) == table.totals[column], heading.label
    assert table.title == "青石县2026年10月19日至10月30日学生出勤情况统计表"


def test_days_before_any_roll_are_no_zeros_but_nothing(made):
    said = figures(factories.make_user("bureau_staff", made.county), "attendance", first=YEAR_BEFORE, last=YEAR_BEFORE)
    assert told(said) == dict.fromkeys(told(said), 0)
    (table,) = attended.tables(said)
    assert table.totals[table.columns.index(next(c for c in table.columns if c.label == "出勤率"))] is None


YEAR_BEFORE = datetime.date(2025, 10, 20)


def test_a_list_of_names_may_be_cut_and_says_how_many_there_are(made):
    officer = factories.make_user("bureau_staff", made.county)
    scope = scope_of(officer)
    found = attended.REPORT.sums(scope, **RANGE)
    [whole], [cut] = (attended.REPORT.lists(officer, scope, found, most) for most in (None, 1))
    assert whole.count == cut.count == len(whole.table.rows) == len(whole.links) == found["students_with_streak"]["3"]
    assert (cut.table.rows, cut.links) == (whole.table.rows[:1], whole.links[:1])
    for pupil, row in zip(whole.links, whole.table.rows, strict=True):
        assert made.pupils[pupil].number[-4:] in row[4]
