"""Other departments' lists: one dated snapshot each, every row judged, the same file again changes nothing."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.census.actions import remove_snapshot
from aidtracker.census.list_import import save_list
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import database, today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.files import BadWorkbook
from tests import factories
from tests.census.conftest import DAY
from tests.workbooks import counts

BORN = datetime.date(2016, 5, 1)


def registered(number, name="雷婷", **changes):
    cells = {"head": "雷海", "sex": "女", "born": "2016-05-01", "home": "990100100201", **changes}
    return [cells["head"], name, cells["sex"], "汉族", number, cells["born"], cells["home"], "子女"]


def monitored(number, name="雷婷", listed="2026-01-01", cleared=""):
    return ["990100100", "雷海", name, number, "边缘易致贫户", listed, cleared]


def girl(n=1):
    return factories.id_number("990101", "20160501", 2 * n)


def problems(plan):
    return [(p.row, p.column, p.level, p.code) for p in plan.problems]


def test_a_household_list_is_saved_whole_and_sealed(bring, county, administrator):
    assert counts(bring("household_registry", [registered(girl())])) == (1, 0, 0, 0)
    snapshot, child = Snapshot.get(), ListedChild.get()
    assert (snapshot.county_id, snapshot.kind, snapshot.dated) == (county.county.id, "household_registry", DAY)
    assert snapshot.brought_by_id == administrator.id
    assert (child.name, child.sex, child.born_on, child.ethnicity) == ("雷婷", "F", BORN, "汉族")
    assert (child.head_name, child.relation, child.home_code, child.home_id) == ("雷海", "子女", "990100100201", county.village.id)
    assert child.id_number == girl() and bytes(child.id_index) == keyed("index_id", girl())
    [(stored,)] = database.execute_sql("SELECT id_number FROM listed_child").fetchall()
    assert girl().encode() not in bytes(stored)


def test_monitored_households_keep_their_dates_and_the_id_tells_sex_and_birth(bring, county):
    bring("monitored_households", [monitored(girl(), listed="2026.1.1", cleared="20260301")])
    child = ListedChild.get()
    assert (child.listed_on, child.cleared_on, child.category) == (datetime.date(2026, 1, 1), datetime.date(2026, 3, 1), "边缘易致贫户")
    assert (child.sex, child.born_on, child.home_id) == ("F", BORN, county.township.id)


def test_disabled_children_have_their_certificate_sealed(bring):
    bring("disabled_children", [["雷婷", girl(), f"{girl()}43", "肢体残疾", "二级", "990100100"]])
    child = ListedChild.get()
    assert (child.certificate, child.category, child.level) == (f"{girl()}43", "肢体残疾", "二级")
    [(stored,)] = database.execute_sql("SELECT certificate FROM listed_child").fetchall()
    assert girl().encode() not in bytes(stored)


@pytest.mark.parametrize("kind", ["household_registry", "monitored_households", "disabled_children"])
def test_the_same_file_again_changes_nothing(bring, kind):
    rows = {
        "household_registry": [registered(girl(n)) for n in (1, 2)],
        "monitored_households": [monitored(girl(1)), monitored(girl(2), cleared="2026-02-01")],
        "disabled_children": [["雷婷", girl(1), "A1", "肢体残疾", "二级", "990100100"], ["雷雨", girl(2), "", "", "", ""]],
    }[kind]
    bring(kind, rows)
    entries, brought = AuditEntry.select().count(), Snapshot.get().brought_at
    assert counts(bring(kind, rows)) == (0, 0, 2, 0)
    assert AuditEntry.select().count() == entries and Snapshot.get().brought_at == brought and ListedChild.select().count() == 2


def test_the_same_day_again_adds_and_corrects_and_keeps_the_missing_with_a_notice(bring):
    bring("household_registry", [registered(girl(n)) for n in (1, 2, 3)])
    before = {bytes(child.id_index): child.uid for child in ListedChild.select()}
    plan = bring("household_registry", [registered(girl(1)), registered(girl(2), "雷雨"), registered(girl(4))])
    assert counts(plan) == (1, 1, 1, 0)
    assert Snapshot.select().count() == 1 and ListedChild.select().count() == 4
    changed = ListedChild.get(ListedChild.name == "雷雨")
    assert changed.uid == before[keyed("index_id", girl(2))] and changed.id_number == girl(2)
    (notice,) = plan.notices
    assert "1 人不在这次的文件里" in notice and "2026-11-01" in notice


def test_a_changed_certificate_is_sealed_anew(bring):
    bring("disabled_children", [["雷婷", girl(), "A1", "肢体残疾", "二级", "990100100"]])
    assert counts(bring("disabled_children", [["雷婷", girl(), "B2", "肢体残疾", "二级", "990100100"]])) == (0, 1, 0, 0)
    assert ListedChild.get().certificate == "B2"


def test_another_day_is_another_snapshot(bring):
    bring("household_registry", [registered(girl())])
    plan = bring("household_registry", [registered(girl(2))], on=datetime.date(2026, 11, 2))
    assert counts(plan) == (1, 0, 0, 0) and not plan.notices and Snapshot.select().count() == 2


def test_the_date_is_today_when_left_out_and_never_to_come(bring):
    bring("household_registry", [registered(girl())], on=None)
    assert Snapshot.get().dated == today_in_china()
    with pytest.raises(Refused, match="还没到"):
        bring("household_registry", [registered(girl())], on=today_in_china() + datetime.timedelta(days=1))


def test_checking_saves_nothing(bring):
    assert counts(bring("household_registry", [registered(girl())], save=False)) == (1, 0, 0, 0)
    assert Snapshot.select().count() == 0


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (registered(""), "公民身份号码", "missing"),
        (registered(girl(), ""), "姓名", "missing"),
        (registered("99010120160501"), "公民身份号码", "bad_id"),
        (registered(girl()[:-1] + "Y"), "公民身份号码", "bad_id"),
        (registered(990101201605010020), "公民身份号码", "id_truncated"),
        (registered("9.90101E+17"), "公民身份号码", "id_truncated"),
        (registered(girl(), born="2016-02-30"), "出生日期", "bad_date"),
        (registered(girl(), sex="不详"), "性别", "bad_choice"),
        (registered(girl(), home="双河镇"), "户籍地址代码", "unknown_division"),
        (registered(girl(), "雷" * 101), "姓名", "bad_choice"),
        (registered(girl(9)), "公民身份号码", "duplicate_in_file"),
    ],
)
def test_a_row_that_cannot_be_saved_is_named_and_the_good_ones_come_in(bring, row, column, code):
    plan = bring("household_registry", [registered(girl(9)), row])
    assert (4, column, "refused", code) in problems(plan)
    assert counts(plan) == (1, 0, 0, 1) and ListedChild.select().count() == 1


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (monitored(girl(), listed=""), "纳入日期", "missing"),
        (monitored(girl(), listed="去年"), "纳入日期", "bad_date"),
        (monitored(girl(), cleared="2025-12-31"), "风险消除日期", "bad_date"),
    ],
)
def test_a_household_needs_dates_that_can_be(bring, row, column, code):
    assert problems(bring("monitored_households", [row])) == [(3, column, "refused", code)]


def test_real_people_carry_wrong_ids_which_are_saved_with_a_warning(bring):
    wrong = girl()[:-1] + ("0" if girl()[-1] != "0" else "1")
    plan = bring("household_registry", [registered(wrong, sex="男", born="2015-05-01")])
    assert counts(plan) == (1, 0, 0, 0) and plan.warned == 1
    assert {(p.column, p.code) for p in plan.problems} == {("公民身份号码", "id_checksum"), ("性别", "sex_mismatch"), ("出生日期", "birth_mismatch")}
    assert (ListedChild.get().sex, ListedChild.get().born_on) == ("M", datetime.date(2015, 5, 1))


def test_an_old_id_and_a_home_in_another_county_are_accepted(bring):
    plan = bring("household_registry", [registered("990101050501002", born="1905-05-01", home="420923100200"), registered(girl(), home="")])
    assert counts(plan) == (2, 0, 0, 0) and not plan.problems
    assert [child.home_id for child in ListedChild.select()] == [None, None]


@pytest.mark.parametrize(
    ("code", "home"), [("990100100201", "village"), ("990100100999", "township"), ("990100100", "township"), ("990100", "county"), ("990200100", None)]
)
def test_the_home_is_the_village_else_the_township_else_the_county(bring, county, code, home):
    bring("household_registry", [registered(girl(), home=code)])
    assert ListedChild.get().home_id == (getattr(county, home).id if home else None)


def test_many_ways_of_writing_one_row(bring):
    headings = ["身 份 证 号★", "儿童姓名", "性别", "出生日期", "户口所在地行政区划"]
    row = [f"'{girl()[:6]} {girl()[6:].lower()}", " 雷　婷 ", "2", datetime.datetime(2016, 5, 1), 990100100201]
    assert counts(bring("household_registry", [row], headings=headings, title=False)) == (1, 0, 0, 0)
    child = ListedChild.get()
    assert (child.id_number, child.name, child.sex, child.born_on, child.home_code) == (girl(), "雷婷", "F", BORN, "990100100201")


@pytest.mark.parametrize("kind", ["household_registry", "monitored_households"])
def test_a_sheet_without_the_key_is_no_list(bring, kind):
    with pytest.raises(BadWorkbook):
        bring(kind, [["雷婷", "女"]], headings=["姓名", "性别"])


def test_only_a_county_brings_lists(bring, coordinator):
    with pytest.raises(Forbidden):
        bring("household_registry", [registered(girl())], by=coordinator)


def test_of_two_counties_the_row_says_whose_list_it_is(bring, county, officer):
    factories.Membership.create(user=officer, role="bureau_staff", org=county.other_county, starts_on=datetime.date(2020, 9, 1))
    rows = [registered(girl(1)), registered(girl(2), home="990200100"), registered(girl(3), home="420923100200")]
    plan = bring("household_registry", rows, by=officer)
    assert counts(plan) == (2, 0, 0, 1) and problems(plan) == [(5, "户籍地址代码", "refused", "unknown_division")]
    assert sorted(s.county_id for s in Snapshot.select()) == sorted([county.county.id, county.other_county.id])


def test_each_list_leaves_one_entry_in_the_trail_without_names(bring):
    bring("household_registry", [registered(girl(n)) for n in (1, 2)])
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.count, entry.reason) == ("census.save_list", 2, "household_registry 2026-11-01")


def test_what_came_in_while_the_plan_waited_stays_and_is_not_doubled(bring, administrator):
    plan = bring("household_registry", [registered(girl(1)), registered(girl(2))], save=False)
    bring("household_registry", [registered(girl(1), "雷雨")])
    save_list(plan, by=administrator)
    assert sorted(child.name for child in ListedChild.select()) == ["雷婷", "雷雨"]
    assert [entry.count for entry in AuditEntry.select().where(AuditEntry.action == "census.save_list")] == [1, 1]


def test_a_list_that_was_removed_meanwhile_is_not_half_written(bring, administrator):
    bring("household_registry", [registered(girl(1)), registered(girl(2))])
    plan = bring("household_registry", [registered(girl(1), "雷雨"), registered(girl(3))], save=False)
    remove_snapshot(snapshot=Snapshot.get(), by=administrator)
    with pytest.raises(Refused, match="刚被删除"):
        save_list(plan, by=administrator)
    assert ListedChild.select().count() == 0 and Snapshot.select().count() == 0
