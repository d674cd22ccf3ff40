"""The first road through the house: a roll on a phone, seen by township and bureau, out as the county's report."""

import re
import subprocess

import python_calamine

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.db import database
from tests.browser.looks import calm


def take_roll_with_two_absences(page):
    page.get_by_role("link", name=re.compile("上午点名")).first.click()
    calm(page)
    assert page.locator(".tile").count() == 9
    for name in ("次仁卓玛", "陈丹"):
        page.locator(".tile", has_text=name).locator(".face").click()
    page.get_by_role("button", name=re.compile("缺勤 2 人")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("提交")).click()
    page.wait_for_load_state()


def test_from_a_roll_on_a_phone_to_the_countys_workbook(
    site, enter, small_page, desktop_page, teacher, coordinator, officer, tmp_path
):
    enter(small_page, teacher)
    calm(small_page)
    take_roll_with_two_absences(small_page)
    small_page.wait_for_selector("text=回执号")
    calm(small_page)
    database.close()
    database.connect()
    roll = RollCall.get()
    assert (roll.expected, roll.present, Absence.select().count()) == (9, 7, 2)

    enter(desktop_page, coordinator)
    desktop_page.goto(f"{site}/roll")
    assert "双河镇中心小学" in desktop_page.inner_text("#main")

    enter(desktop_page, officer)
    desktop_page.goto(f"{site}/reports/attendance")
    shown = desktop_page.inner_text("#main")
    assert "双河镇" in shown
    book = download_report(desktop_page, tmp_path)
    agree(book, desktop_page, tmp_path)


def download_report(page, folder):
    page.get_by_role("button", name=re.compile("导出")).first.click()
    link = page.get_by_role("link", name=re.compile("下载"))
    link.wait_for(timeout=30_000)
    with page.expect_download() as download:
        link.click()
    path = folder / "report.xlsx"
    download.value.save_as(path)
    assert download.value.suggested_filename.endswith(".xlsx")
    page.go_back()
    return path


def agree(book, page, folder):
    """The page's total row, what calamine reads and what an office program makes of the workbook are the same."""
    page.goto(page.url.split("/jobs/")[0].rstrip("/").split("/reports")[0] + "/reports/attendance")
    totals = [re.sub(r"[,\s]", "", text) for text in page.locator(".paper tr.strong").first.locator("th, td").all_inner_texts()]
    cells = [plain(cell) for row in python_calamine.load_workbook(str(book)).get_sheet_by_index(0).to_python() for cell in row]
    converted = subprocess.run(
        ["soffice", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76", "--outdir", folder, book],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/local/bin"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert converted.returncode == 0, converted.stderr
    office = re.sub(r'[,"\s]+', " ", next(folder.glob("*.csv")).read_text(encoding="utf-8"))
    numbers = [text for text in totals if text.isdigit()]
    assert {"9", "7"} <= set(numbers)
    for number in numbers:
        assert number in cells, f"{number} is not in the workbook"
        assert f" {number} " in f" {office} ", f"{number} is not in what the office program reads"


def plain(cell):
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
