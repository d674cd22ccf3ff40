"""What a real office program makes of our workbooks, and we of its: LibreOffice, headless."""

import csv
import os
import shutil
import subprocess

import pytest

from aidtracker.excel.reader import BadWorkbook, open_workbook
from aidtracker.excel.tables import Heading, Table
from aidtracker.excel.writer import write_blank, write_plain, write_table
from tests.excel.packages import workbook
from tests.excel.test_blanks import SPEC
from tests.excel.test_writer import DANGEROUS, FORM, WRITABLE

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
pytestmark = pytest.mark.skipif(
    SOFFICE is None and os.environ.get("CI") != "true", reason="LIBREOFFICE IS MISSING: workbooks were not opened by an office program"
)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    profile = tmp_path_factory.mktemp("office")

    def convert(path, to: str):
        assert SOFFICE, "install libreoffice-calc"
        subprocess.run(
            [SOFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", to, "--outdir", str(path.parent), str(path)],
            check=True, capture_output=True, timeout=180,
        )  # fmt: skip
        return path.with_suffix("." + to.partition(":")[0])

    return convert


def csv_rows(path) -> list[list[str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


UTF8 = "csv:Text - txt - csv (StarCalc):44,34,76,1"


def test_a_form_shows_the_figures_that_a_page_shows(office, tmp_path):
    write_table(FORM, tmp_path / "form.xlsx")
    rows = csv_rows(office(tmp_path / "form.xlsx", UTF8))
    assert rows[4:6] == list(FORM.shown_rows())
    assert rows[6] == FORM.shown_totals()


def test_a_form_becomes_numbered_pages(office, tmp_path):
    rows = [(f"第{i}小学", i) for i in range(120)]
    write_table(Table("统计表", [Heading("学校"), Heading("人数", kind="integer")], rows), tmp_path / "form.xlsx")
    pdf = office(tmp_path / "form.xlsx", "pdf")
    if not shutil.which("pdftotext"):
        pytest.skip("pdftotext is missing")
    pages = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True).stdout.decode().split("\f")[:-1]
    assert len(pages) > 1
    for number, page in enumerate(pages, 1):
        assert "学校" in page and "人数" in page
        assert f"第{number}页共{len(pages)}页" in page.replace(" ", "")


def test_dangerous_texts_are_texts(office, tmp_path):
    write_plain(["a", "b"], [(value, "x") for value in DANGEROUS], tmp_path / "plain.xlsx")
    rows = csv_rows(office(tmp_path / "plain.xlsx", UTF8))
    assert [row[0] for row in rows[1:]] == [WRITABLE.get(value, value) for value in DANGEROUS]


def test_a_blank_workbook_is_opened_and_saved(office, tmp_path):
    write_blank(SPEC, "学生", tmp_path / "blank.xlsx")
    (tmp_path / "saved").mkdir()
    shutil.copy(tmp_path / "blank.xlsx", tmp_path / "saved" / "blank.xlsx")
    ods = office(tmp_path / "saved" / "blank.xlsx", "ods")
    assert open_workbook(office(ods, "xlsx")).sheets[0].rows[1] == ["姓名★", "性别★", "身份证件号", "民族"]


def test_an_old_workbook_is_read(office, tmp_path):
    import datetime

    (tmp_path / "a.xlsx").write_bytes(
        workbook({"花名册": [["姓名", "生日"], ["张䶮", datetime.date(2012, 3, 5)], [], ["李四", 20120305]], "乙": [["x"]]})
    )
    opened = open_workbook(office(tmp_path / "a.xlsx", "xls"))
    assert [(sheet.name, sheet.rows) for sheet in opened.sheets] == [
        ("花名册", [["姓名", "生日"], ["张䶮", datetime.date(2012, 3, 5)], ["", ""], ["李四", 20120305]]),
        ("乙", [["x"]]),
    ]


def test_damaged_old_workbooks_are_refused_or_read(office, tmp_path):
    import random

    (tmp_path / "a.xlsx").write_bytes(workbook({"甲": [["姓名", "年龄"], ["张三", 7]] * 30}))
    data = office(tmp_path / "a.xlsx", "xls").read_bytes()
    chance, path = random.Random(3), tmp_path / "b.xls"
    for _ in range(12):
        changed = bytearray(data[: chance.choice([len(data), len(data) // 2])])
        for _ in range(40):
            changed[chance.randrange(8, len(changed))] = chance.randrange(256)
        path.write_bytes(changed)
        try:
            open_workbook(path)
        except BadWorkbook as bad:
            assert "\n" not in bad.message
