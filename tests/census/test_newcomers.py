"""Children of school age against those who came: each is counted once, within the reader's scope."""

import datetime

import pytest

from aidtracker.census import matching, newcomers
from aidtracker.census.listing import Filters
from aidtracker.db import today_in_china
from tests import factories
from tests.census.conftest import list_child

BORN = datetime.date(2020, 3, 4)  # six on 31 August 2026


@pytest.fixture
def autumn(county, snapshot):
    """One at school here, one in kindergarten, one nowhere, one nowhere of the other township, one outside, one too young; and one on no list."""
    registry = snapshot()
    first, below = factories.make_class(county.school, "一年级", "1"), factories.make_class(county.school, "大班", "1")
    here = {"home": county.village, "born_on": BORN}
    came = factories.make_student(first, "王来", **here)
    small = factories.make_student(below, "王小", **here)
    for pupil in (came, small):
        list_child(registry, pupil.name, id_number=pupil.id_number, **here)
    list_child(registry, "王不来", **here)
    list_child(registry, "石不来", home=county.other_township, born_on=BORN)
    list_child(registry, "外不来", home=None, born_on=BORN)
    list_child(registry, "王太小", home=county.village, born_on=datetime.date(2020, 9, 1))
    list_child(registry, "王太大", home=county.village, born_on=datetime.date(2019, 8, 31))
    factories.make_student(first, "王多出", **here)
    return matching.lists_on(county.county.id, today_in_china())


def names(user, lists, state, township=None):
    cohort = newcomers.cohort_of(lists.county_id, 2026)
    return sorted(one.name for one in newcomers.listed(user, lists, cohort, state, Filters(township)))


def test_the_year_is_that_of_the_age_at_which_school_begins(county):
    assert newcomers.cohort_of(county.county.id, 2026) == (2026, datetime.date(2019, 9, 1), datetime.date(2020, 8, 31))


def test_every_child_is_in_one_list(autumn, administrator):
    assert names(administrator, autumn, "school") == ["王来"]
    assert names(administrator, autumn, "preschool") == ["王小"]
    assert names(administrator, autumn, "none") == ["外不来", "王不来", "石不来"]
    assert names(administrator, autumn, "extra") == ["王多出"]


def test_the_figures_add_up_to_the_lists(autumn, county, administrator):
    cohort = newcomers.cohort_of(county.county.id, 2026)
    lines, total = newcomers.figures(administrator, autumn, cohort, county.county, None)
    assert [line[1:] for line in lines] == [("双河镇", 3, 1, 1, 1, 1), ("石门乡", 1, 0, 0, 1, 0), ("", 1, 0, 0, 1, 0)]
    assert total[2:] == (5, 1, 1, 3, 1)
    for line in (*lines, total):
        assert line.listed == line.school + line.preschool + line.none
    villages, sum_ = newcomers.figures(administrator, autumn, cohort, county.county, county.township)
    assert [line[1:] for line in villages] == [("扎多村", 3, 1, 1, 1, 1)]
    assert sum_[2:] == lines[0][2:]


def test_a_township_sees_its_own(autumn, county, coordinator):
    assert names(coordinator, autumn, "none") == ["王不来"]
    lines, _total = newcomers.figures(coordinator, autumn, newcomers.cohort_of(county.county.id, 2026), county.county, None)
    assert [line.name for line in lines] == ["双河镇"]


def test_the_page_shows_figures_and_list_and_no_whole_number(autumn, county, administrator, coordinator, teacher, sign_in):
    officer = sign_in(administrator)
    page = officer.get("census.list_newcomers")
    assert "王不来" in page.text and "石不来" in page.text and "王来" not in page.text
    assert "王来" in officer.get("census.list_newcomers", state="school").text
    assert "石不来" not in officer.get("census.list_newcomers", township=county.township.id).text
    assert "没有符合条件的孩子" in officer.get("census.list_newcomers", q="查无此人").text
    assert "990101" not in page.text
    assert sign_in(coordinator).get("census.list_newcomers", township=county.other_township.id, status=404).status_code == 404
    assert sign_in(teacher).get("census.list_newcomers", status=403).status_code == 403


def test_without_a_list_the_page_says_what_is_missing(county, administrator, sign_in):
    assert "还没有户籍适龄儿童名单" in sign_in(administrator).get("census.list_newcomers").text


def test_a_school_is_offered_no_township(county, snapshot, school_admin, sign_in):
    """It sees pupils of its own alone, and may narrow the page to no place."""
    list_child(snapshot(), born_on=datetime.date(2016, 5, 1), home=county.village)
    factories.make_student(factories.make_class(county.school, "一年级", "1"), "新生甲", born_on=BORN, home=county.village)
    said = sign_in(school_admin).get("census.list_newcomers").text
    assert county.township.name in said and "township=" not in said
