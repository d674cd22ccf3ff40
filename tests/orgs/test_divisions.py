"""Divisions and schools by their codes: parents found, moved, refused."""

import pytest

from aidtracker.excel.files import Sheet
from aidtracker.excel.reader import read_table
from aidtracker.orgs.divisions import plan_divisions, save_divisions
from aidtracker.orgs.models import Org, School
from aidtracker.orgs.schools import plan_schools, save_schools
from aidtracker.orgs.sheets import DIVISIONS, SCHOOLS

DIVISION_HEADINGS = ["代码", "名称", "级别", "上级代码"]
SCHOOL_HEADINGS = ["学校标识码", "学校名称", "办学类型", "所在乡镇代码", "举办者类型"]


def divisions(*rows, by=None):
    table = read_table(Sheet("区划", [DIVISION_HEADINGS, *map(list, rows)]), DIVISIONS)
    return plan_divisions([table], by=by)


def schools(*rows, by=None):
    table = read_table(Sheet("学校", [SCHOOL_HEADINGS, *map(list, rows)]), SCHOOLS)
    return plan_schools([table], by=by)


def codes(plan):
    return [problem.code for problem in plan.problems]


def test_parents_are_found_by_code_in_any_order(app):
    plan = divisions(
        ["990301100201", "上村", "村", ""],
        ["990301100", "上镇", "乡镇", ""],
        ["990301", "上县", "县", ""],
        ["990300", "上市", "市", ""],
    )
    save_divisions(plan, by=None)
    village = Org.get(Org.code == "990301100201")
    assert [village.parent.name, village.parent.parent.name] == ["上镇", "上县"]
    assert village.parent.parent.parent.name == "上市"
    assert village.county.name == "上县"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["990300100", "甲镇", "乡镇", "990399"], "unknown_division"),
        (["990300100", "甲镇", "小组", "990100"], "bad_choice"),
        (["99-03", "甲镇", "乡镇", "990100"], "bad_number"),
        (["", "甲镇", "乡镇", "990100"], "missing"),
        (["990100100", "甲县", "县", ""], "conflict"),
        (["990100300201", "甲村", "村", "990100100201"], "conflict"),
    ],
)
def test_a_division_that_fits_nowhere_is_refused(county, row, code):
    plan = divisions(row)
    assert codes(plan) == [code]
    assert (plan.created, plan.refused) == (0, 1)


def test_whose_parent_is_refused_is_refused(county):
    plan = divisions(["990300100", "甲镇", "乡镇", "990399"], ["990300100201", "甲村", "村", "990300100"])
    assert codes(plan) == ["unknown_division", "unknown_division"]


def test_a_township_that_comes_under_another_county_takes_all_below_along(county):
    plan = divisions(["990100100", "双河镇", "乡镇", "990200"])
    save_divisions(plan, by=None)
    room = Org.get_by_id(county.room.id)
    assert plan.updated == 1
    assert room.path.startswith(county.other_county.path)
    assert room.county_id == county.other_county.id


def test_a_bureau_keeps_to_its_own_county(county, administrator):
    plan = divisions(["990100300", "新镇", "乡镇", ""], ["990200200", "远镇", "乡镇", "990200"], by=administrator)
    assert codes(plan) == ["out_of_scope"]
    assert plan.created == 1


def test_a_bureau_neither_gives_a_township_away_nor_takes_one(county, administrator):
    plan = divisions(["990100100", "双河镇", "乡镇", "990200"], ["990200100", "远河镇", "乡镇", "990100"], by=administrator)
    assert codes(plan) == ["out_of_scope", "out_of_scope"]
    assert (plan.updated, plan.payload) == (0, [])


def test_a_bureau_brings_its_own_county_again(county, administrator):
    plan = divisions(["990100", "云岭县改名", "县", county.county.parent.code], by=administrator)
    assert (codes(plan), plan.updated) == ([], 1)


def test_a_code_that_stands_twice_counts_once(county):
    plan = divisions(["990100300", "新镇", "乡镇", ""], ["990100300", "旧镇", "乡镇", ""])
    assert codes(plan) == ["duplicate_in_file"]


def test_a_renamed_school_keeps_its_code_and_its_classes(county, administrator):
    plan = schools([county.school.code, "双河镇希望小学", "完全小学", "990100200", "公办"], by=administrator)
    save_schools(plan, by=administrator)
    room = Org.get_by_id(county.room.id)
    assert room.parent.name == "双河镇希望小学"
    assert room.path.startswith(county.other_township.path)


def test_a_new_school_is_put_under_its_township(county, administrator):
    plan = schools([2199000777, "新小学", "小学教学点", "990100100000", "公办"], by=administrator)
    save_schools(plan, by=administrator)
    school = Org.get(Org.code == "2199000777")
    assert school.parent == county.township
    assert School.get_by_id(school.id).category == "小学教学点"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (["2199000777", "新小学", "", "990199999", ""], "unknown_division"),
        (["2199000777", "", "", "990100100", ""], "missing"),
        (["2199000777", "新小学", "", "990200100", ""], "out_of_scope"),
        (["2199000003", "远河镇中心小学", "", "990100100", ""], "out_of_scope"),
    ],
)
def test_a_school_that_fits_nowhere_is_refused(county, administrator, row, code):
    assert codes(schools(row, by=administrator)) == [code]
