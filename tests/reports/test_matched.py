"""The report 名单比对: its figures, its lists, and whose they are."""

import datetime
import json

import pytest
from python_calamine import CalamineWorkbook

from aidtracker.aid.models import Batch, Payment, Program
from aidtracker.census.models import Snapshot
from aidtracker.orgs.scopes import scope_of
from aidtracker.permissions import Permission
from aidtracker.reports import matched
from aidtracker.reports.registry import figures
from aidtracker.reports.run import run_report
from aidtracker.students.models import Enrollment
from tests import factories
from tests.census.conftest import DAY, list_child

ON = datetime.date(2026, 11, 10)
BORN = datetime.date(2016, 5, 1)


@pytest.fixture
def lists(county):
    return {kind: Snapshot.create(county=county.county, kind=kind, dated=DAY) for kind in ("household_registry", "monitored_households", "disabled_children")}


@pytest.fixture
def pay(county):
    """pay(pupil, term, status) -> a line of aid."""

    def paid(pupil, term="2026-autumn", status="paid", **more):
        program, _ = Program.get_or_create(county=county.county, name="补助")
        batch, _ = Batch.get_or_create(county=county.county, program=program, term=term, name=f"{term}-{status}")
        values = {"stage": "primary", "grade": "三年级", "is_boarding": False, "amount_fen": 31250, "paid_on": datetime.date(2027, 1, 5)}
        return Payment.create(batch=batch, program=program, term=term, student=pupil, status=status, **(values | more))

    return paid


@pytest.fixture
def made(county, lists):
    """Five children: enrolled here and registered; registered alone (one monitored); enrolled alone; one registered outside."""
    room, village = county.room, county.village
    both = factories.make_student(room, "两边都有", born_on=BORN, home=village)
    alone = factories.make_student(room, "只在读", born_on=BORN, home=county.other_township)
    registry, monitored, disabled = lists.values()
    list_child(registry, "两边都有", id_number=both.id_number, home=village, born_on=BORN)
    poor = list_child(registry, "监测未就读", home=village, born_on=BORN)
    away = list_child(registry, "未就读", home=county.other_township, born_on=BORN)
    outside = list_child(registry, "外县未就读", born_on=BORN)
    list_child(monitored, "监测未就读", id_number=poor.id_number, home=county.township, born_on=BORN)
    list_child(monitored, "两边都有", id_number=both.id_number, home=county.township, born_on=BORN)
    list_child(disabled, "两边都有", id_number=both.id_number, home=county.township, born_on=BORN)
    list_child(disabled, "残疾未就读", home=county.other_township, born_on=BORN)
    return {"both": both, "alone": alone, "poor": poor, "away": away, "outside": outside}


WHOLE = {
    "registered": 4,
    "registered_not_enrolled": 3,
    "registered_not_enrolled_and_monitored": 1,
    "enrolled": 2,
    "enrolled_not_registered": 1,
    "monitored": 2,
    "monitored_without_aid": 2,
    "disabled_listed": 2,
    "disabled_enrolled": 1,
}


def test_a_county_is_the_sum_of_its_homes(made, officer, county):
    said = figures(officer, "matching", as_of=ON)
    assert said["total"] == WHOLE
    assert {name: said[name] for name in matched.TOLD} == {name: WHOLE[name] for name in matched.TOLD}
    rows = {row["code"]: row for row in said["rows"]}
    assert list(rows) == ["990100100", "990100200", "外县"]
    assert [rows[code]["registered_not_enrolled"] for code in rows] == [1, 1, 1]
    for name in WHOLE:
        assert sum(row[name] for row in said["rows"]) == WHOLE[name], name
    assert said["lists"] == dict.fromkeys(said["lists"], DAY.isoformat()) and said["term"] == "2026-autumn"


def test_a_township_counts_its_homes_and_pupils_by_village(made, coordinator, county):
    said = figures(coordinator, "matching", as_of=ON)
    assert said["total"] | {"registered": 2, "registered_not_enrolled": 1, "monitored": 2, "enrolled": 2, "disabled_listed": 1} == said["total"]
    assert [(row["kind"], row["registered"], row["enrolled_not_registered"]) for row in said["rows"]] == [("home", 0, 0), ("village", 2, 0), ("outside", 0, 1)]
    for name in WHOLE:
        assert sum(row[name] for row in said["rows"]) == said["total"][name], name


@pytest.mark.parametrize(
    ("term", "status", "is_aid"),
    [("2026-autumn", "paid", True), ("2026-spring", "paid", False), ("2026-autumn", "returned", False), ("2026-autumn", "pending", False)],
)
def test_aid_is_a_payment_of_the_term_that_arrived_whatever_the_day(made, pay, officer, term, status, is_aid):
    pay(made["both"], term, status)
    assert figures(officer, "matching", as_of=ON)["monitored_without_aid"] == (1 if is_aid else 2)


def test_a_term_begins_in_august_and_in_february(made, pay, officer):
    pay(made["both"], "2026-autumn")
    for on, without in ((datetime.date(2027, 1, 31), 1), (datetime.date(2027, 2, 1), 2)):
        assert figures(officer, "matching", as_of=on)["monitored_without_aid"] == without


def test_whole_ids_are_told_to_the_command_line_alone_and_sorted(made, officer, county):
    scope = scope_of(officer, permission=Permission.CENSUS_VIEW)
    said = matched.sums(scope, as_of=ON)
    assert matched.REPORT.reveal(said, True) == 3
    assert said["registered_not_enrolled"] == sorted(made[label].id_number for label in ("poor", "away", "outside"))
    assert said["registered_not_enrolled_and_monitored"] == [made["poor"].id_number]
    masked = matched.sums(scope, as_of=ON)
    matched.REPORT.reveal(masked, False)
    assert all("***" in number for number in masked["registered_not_enrolled"])


def test_json_and_workbook_hold_the_figures_and_the_lists(made, officer, tmp_path):
    out = tmp_path / "matching.json"
    run_report("matching", user=officer, options={"as-of": "2026-11-10"}, format="json", out=str(out))
    said = json.loads(out.read_text())
    assert len(said["registered_not_enrolled"]) == 3 and not any(name.startswith("_") for name in said)
    book = tmp_path / "matching.xlsx"
    run_report("matching", user=officer, options={"as-of": "2026-11-10"}, format="xlsx", out=str(book))
    opened = CalamineWorkbook.from_path(str(book))
    assert opened.sheet_names == ["名单比对", "户籍在册未就读", "在读不在户籍名单", "监测对象未受助", "残疾未就读"]
    cells = str([opened.get_sheet_by_name(name).to_python() for name in opened.sheet_names])
    assert all(word in cells for word in ("监测未就读", "外县未就读", "只在读", "残疾未就读", "***"))
    assert not any(made[label].id_number in cells for label in made)


def test_without_lists_there_are_zeros_and_words(county, officer, sign_in):
    factories.make_student(county.room)
    said = figures(officer, "matching", as_of=ON)
    assert set(said["total"].values()) == {0} and said["lists"] == dict.fromkeys(said["lists"])
    page = sign_in(officer).get("reports.show_report", name="matching").get_data(as_text=True)
    assert "户籍适龄儿童少年名单还没有，先按 0 计" in page and "还没有这份名单" in page


def test_the_page_leads_to_the_workbench_and_masks(made, officer, coordinator, sign_in):
    page = sign_in(officer).get("reports.show_report", name="matching", **{"as-of": "2026-11-10"}).get_data(as_text=True)
    assert "kind=household_registry&amp;list=not_enrolled" in page and "as-of=2026-11-10" in page and "外县未就读" in page
    assert not any(made[label].id_number in page for label in made)
    page = sign_in(coordinator).get("reports.show_report", name="matching", **{"as-of": "2026-11-10"}).get_data(as_text=True)
    assert "监测未就读" in page and "外县未就读" not in page


def test_the_table_adds_up(made, officer):
    (table,) = matched.tables(figures(officer, "matching", as_of=ON))
    for column, heading in enumerate(table.columns):
        if heading.kind == "integer":
            assert sum(row[column] for row in table.rows) == table.totals[column], heading.label


def test_a_county_of_which_nobody_is_listed_stays_apart(made, county, officer):
    Enrollment.delete().execute()
    far = factories.make_user("bureau_staff", county.other_county)
    assert set(figures(far, "matching", as_of=ON)["total"].values()) == {0}
    assert figures(officer, "matching", as_of=ON)["total"]["registered_not_enrolled"] == 4
