"""The report command: what it writes, what it refuses, what stays on record."""

import datetime
import json

import pytest
from python_calamine import CalamineWorkbook

from aidtracker.audit.models import AuditEntry
from aidtracker.cli import report_command
from aidtracker.reports.registry import REPORTS
from tests import factories
from tests.reports.invented import InventedCounty

RANGE = ("--from", "2026-10-19", "--to", "2026-10-30")


@pytest.fixture
def made(app):
    made = InventedCounty(5)
    factories.make_user("bureau_staff", made.county, "李干事", "officer")
    return made


@pytest.fixture
def report(app, tmp_path):
    """report('attendance', *words) -> (result, path of the file)"""

    def run(name, *words, actor="officer", to="out.file"):
        path = tmp_path / to
        return app.test_cli_runner().invoke(args=["report", name, *words, "--as", actor, "--out", str(path)]), path

    return run


def test_the_attendance_as_json_names_whole_ids_and_says_so_in_the_trail(made, report):
    result, path = report("attendance", *RANGE)
    assert result.exit_code == 0, result.output
    said = json.loads(path.read_text())
    assert said["total"] == made.attendance(made.schools)
    serious = sorted([number, days] for number, days in made.streaks(made.schools).items() if days >= 3)
    assert said["streak_3_or_more"] == serious
    assert not [key for key in said if key.startswith("_")]
    entry = AuditEntry.get(AuditEntry.action == "reports.reveal_ids")
    assert (entry.actor_name, entry.object_id, entry.count) == ("李干事", "attendance", len(serious))
    assert entry.reason == "990301 from=2026-10-19 to=2026-10-30"


def test_the_workbook_holds_the_figures_of_the_json(made, report):
    _, path = report("attendance", *RANGE)
    figures = json.loads(path.read_text())
    result, path = report("attendance", *RANGE, "--format", "xlsx", to="report.xlsx")
    assert result.exit_code == 0, result.output
    book = CalamineWorkbook.from_path(str(path))
    rows = book.get_sheet_by_name("出勤情况").to_python(skip_empty_area=False)
    totals = next(row for row in rows if row[0] == "合计")
    total = figures["total"]
    wanted = ["expected", "present", "sick_leave", "personal_leave", "unexcused", "late", "left_early", "official"]
    assert totals[1:9] == [total[name] for name in wanted]
    assert totals[10:12] == [total["sessions_due"], total["sessions_submitted"]]
    for row in figures["rows"]:
        line = next(cells for cells in rows if cells[0] == row["name"])
        assert line[1:9] == [row[name] if row["sessions_submitted"] else "" for name in wanted]  # a missing roll is no zero
    stamps = [cell for row in rows for cell in row if "李干事（officer）" in str(cell)]
    assert stamps
    listed = book.get_sheet_by_name("连续旷课3天以上").to_python(skip_empty_area=False)
    assert not [cell for row in listed for cell in row if str(cell) in {number for number, _ in figures["streak_3_or_more"]}]
    assert AuditEntry.get(AuditEntry.action == "reports.export_report").count == len(figures["rows"]) + figures["students_with_streak"]["3"]


def test_the_registry_needs_no_dates(made, report):
    result, path = report("registry", "--school-year", "2026-2027", "--json")
    assert json.loads(result.output)["rows"] == 3
    said = json.loads(path.read_text())
    assert said["county"] == "990301" and said["students"] == sum(said["students_by_township"].values())
    assert not AuditEntry.select().where(AuditEntry.action == "reports.reveal_ids").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nothing",), "没有叫「nothing」的报表"),
        (("attendance", "--term", "2021-spring"), "没有选项 --term"),
        (("registry", "--from", "2021-03-01"), "没有选项 --from"),
        (("attendance", "--from", "2021-02-30"), "2021-02-30"),
        (("attendance", "--from", "20210301"), "20210301"),
        (("attendance", "--from", "2021-03-02", "--to", "2021-03-01"), "早于"),
        (("attendance", "--from", "2011-03-02", "--to", "2021-03-01"), "三个学年"),
        (("registry", "--school-year", "2020-2022"), "两个连续年份"),
        (("registry", "--format", "pdf"), "json 或 xlsx"),
        (("registry", "--county", "990200"), "990200"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_2(made, report, words, why):
    result, path = report(*words)
    assert result.exit_code == 2 and not path.exists()
    assert why in result.stderr and result.stderr.strip().count("\n") == 0


def test_an_unknown_or_closed_account_and_a_missing_folder_are_refused(made, report):
    assert report("registry", actor="nobody")[0].exit_code == 2
    result, _ = report("registry", to="no/such/folder/out.json")
    assert result.exit_code == 2 and "不能写入" in result.stderr


def test_a_teacher_gets_no_report(made, report):
    factories.make_user("teacher", next(iter(made.rooms)), "张老师", "teacher")
    result, path = report("registry", actor="teacher")
    assert result.exit_code == 2 and not path.exists()


def test_a_coordinator_gets_the_township_alone(made, report):
    factories.make_user("township_coordinator", made.townships[0], "钱专干", "coordinator")
    _, path = report("attendance", *RANGE, actor="coordinator")
    said = json.loads(path.read_text())
    assert said["total"] == made.attendance(made.schools_in(made.townships[0]))
    mine = made.streaks(made.schools_in(made.townships[0]))
    assert {number for number, _ in said["streak_3_or_more"]} == {number for number, days in mine.items() if days >= 3}


def test_finance_may_not_reveal_ids(made, report):
    factories.make_user("finance", made.county, "会计", "finance")
    _, path = report("attendance", *RANGE, actor="finance")
    listed = json.loads(path.read_text())["streak_3_or_more"]
    assert all("***" in number for number, _ in listed)
    result, path = report("attendance", *RANGE, "--format", "xlsx", actor="finance", to="f.xlsx")
    assert CalamineWorkbook.from_path(str(path)).sheet_names == ["出勤情况"]


def test_a_city_viewer_says_which_county(made, report):
    factories.make_org("county", "邻山县", made.city, "990399")
    factories.make_user("city_viewer", made.city, "市里", "city")
    result, _ = report("registry", actor="city")
    assert result.exit_code == 2 and "--county" in result.stderr
    result, path = report("registry", "--county", "990301", actor="city")
    assert result.exit_code == 0 and json.loads(path.read_text())["county_name"] == "青石县"


def test_the_default_range_is_this_month(made, report):
    _, path = report("attendance")
    said = json.loads(path.read_text())
    assert said["from"].endswith("-01") and datetime.date.fromisoformat(said["to"]) >= datetime.date(2026, 1, 1)


def test_the_commands_help_names_every_report():
    assert all(name in report_command.help for name in REPORTS)
