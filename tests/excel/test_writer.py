"""County forms as workbooks: what they hold, how they print, and that nothing in them is ever a formula."""

import datetime
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from aidtracker.excel.tables import Heading, Table
from aidtracker.excel.writer import write_csv, write_plain, write_table, write_tables

MONTHS = Heading("缺勤", (Heading("病假", kind="integer"), Heading("旷课", kind="integer")))
FORM = Table(
    "金寨县学生考勤统计表",
    [Heading("学校"), Heading("学籍号", kind="long_number"), Heading("日期", kind="day"), MONTHS, Heading("出勤率", kind="percent"), Heading("金额", kind="wan")],
    rows=[
        ("梅山镇中心小学", "G991524201210030021", datetime.date(2021, 3, 1), 3, None, Decimal("0.9773"), Decimal("794.97875")),
        ("𠮷䶮学校", "99152420121003002X", None, 1200, 0, 1, Decimal("0.5")),
    ],
    totals=("合计", "", "", 1203, 0, Decimal("0.98"), Decimal("795.47875")),
    organization="金寨县教育局",
    period="2021年3月",
    unit="人次、万元",
    notes=["数据截至 2021-03-31。", "注：率按人次计算。"],
)  # fmt: skip


def written(table: Table, **options) -> io.BytesIO:
    target = io.BytesIO()
    write_table(table, target, **options)
    target.seek(0)
    return target


def rows_of(target) -> list[list]:
    target.seek(0)
    return python_calamine.CalamineWorkbook.from_filelike(target).get_sheet_by_index(0).to_python(skip_empty_area=False)


def test_a_form_reads_back_as_it_was():
    assert rows_of(written(FORM)) == [
        ["金寨县学生考勤统计表", "", "", "", "", "", ""],
        ["填报单位：金寨县教育局", "", "2021年3月", "", "单位：人次、万元", "", ""],
        ["学校", "学籍号", "日期", "缺勤", "", "出勤率", "金额"],
        ["", "", "", "病假", "旷课", "", ""],
        ["梅山镇中心小学", "G991524201210030021", datetime.date(2021, 3, 1), 3.0, "", 0.9773, 794.97875],
        ["𠮷䶮学校", "99152420121003002X", "", 1200.0, 0.0, 1.0, 0.5],
        ["合计", "", "", 1203.0, 0.0, 0.98, 795.47875],
        ["数据截至 2021-03-31。", "", "", "", "", "", ""],
        ["注：率按人次计算。", "", "", "", "", "", ""],
        [rows_of(written(FORM))[-1][0], "", "", "", "", "", ""],
    ]
    signatures = rows_of(written(FORM))[-1][0]
    assert [part for part in signatures.split("\u3000") if part] == ["填表人：", "审核人：", "单位负责人（盖章）：", "填报日期："]


def test_a_form_is_laid_out_for_paper():
    sheet = openpyxl.load_workbook(written(FORM)).active
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A1:G1", "A3:A4", "B3:B4", "D3:E3", "F3:F4", "A8:G8", "A10:G10"} <= merged
    assert sheet.print_title_rows == "$3:$4"
    assert sheet.print_area == "'金寨县学生考勤统计表'!$A$1:$G$10"
    assert sheet.freeze_panes == "A5"
    assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.oddFooter.center.text == "第 &P 页 共 &N 页"
    assert sheet["A1"].font.b and sheet["A7"].font.b and not sheet["A5"].font.b
    assert [sheet[f"{letter}5"].number_format for letter in "BCDFG"] == ["@", "yyyy-mm-dd", "#,##0", "0.00%", "#,##0.00####"]
    assert [sheet[f"{letter}5"].alignment.horizontal for letter in "ADG"] == ["center", "right", "right"]
    assert all(sheet.cell(row, column).border.bottom.style == "thin" for row in range(3, 8) for column in range(1, 8))
    assert sheet.column_dimensions["B"].width > 20


def test_wide_tables_lie_down_and_narrow_ones_stand():
    wide = Table("宽表", [Heading(f"第{i}列", width=12) for i in range(12)])
    assert openpyxl.load_workbook(written(wide)).active.page_setup.orientation == "landscape"
    narrow = Table("窄表", [Heading("学校"), Heading("人数", kind="integer")])
    assert openpyxl.load_workbook(written(narrow)).active.page_setup.orientation == "portrait"


def test_a_table_of_one_column_with_every_line():
    table = Table("单列", [Heading("姓名")], [("张三",)], organization="某校", period="2021年", unit="人", notes=["注"])
    assert [row[0] for row in rows_of(written(table))][:5] == ["单列", "填报单位：某校　　2021年　　单位：人", "姓名", "张三", "注"]


def test_a_table_without_rows_still_has_its_head():
    assert [row[0] for row in rows_of(written(Table("空表", [Heading("学校")], signatures=())))] == ["空表", "学校"]


def test_long_texts_get_taller_rows_and_no_rows_pile_up():
    table = Table("表", [Heading("备注", width=20)], [("短",), ("很长的备注" * 10,), ("短",)])
    sheet = openpyxl.load_workbook(written(table)).active
    assert sheet.row_dimensions[4].height > 60
    assert sheet.row_dimensions[3].height is None and sheet.row_dimensions[5].height is None


def test_the_watermark_is_on_every_page_and_under_the_table():
    target = written(FORM, watermark="仅供核对 张三&李四 2026-11-23 编号 A7F3")
    book = openpyxl.load_workbook(target)
    assert "张三&&李四" in book.active.oddHeader.center.text
    assert book.active["A11"].value == "仅供核对 张三&李四 2026-11-23 编号 A7F3"
    assert book.properties.identifier == "仅供核对 张三&李四 2026-11-23 编号 A7F3"


def test_the_same_content_gives_the_same_bytes():
    made_at = datetime.datetime(2021, 3, 31, 8)
    assert written(FORM, made_at=made_at).getvalue() == written(FORM, made_at=made_at).getvalue()


def test_several_tables_are_sheets_under_names_that_excel_takes():
    target = io.BytesIO()
    names = ["按学校", "按学校", "a/b:c*d?[e]", "很" * 40, "很" * 40, ""]
    write_tables([Table("标题", [Heading("x")], sheet_name=name) for name in names], target)
    assert openpyxl.load_workbook(target).sheetnames == ["按学校", "按学校(2)", "a b c d  e", "很" * 31, "很" * 28 + "(2)", "标题"]


DANGEROUS = ["=1+1", '=HYPERLINK("http://x")', "+1", "-1+2", "@SUM(A1)", "\t=1", "'=1", "=", "{=1}", "#REF!", "_x0041_", "a\x00\x08\x0b\x1fb", "行一\n行二", "\ufffe", "<&>\"'", "  x ", "1E5", "12/3", "𠮷䶮\ue863"]  # fmt: skip
WRITABLE = {"a\x00\x08\x0b\x1fb": "ab", "\ufffe": ""}


def formula_free(target) -> bool:
    with zipfile.ZipFile(target) as archive:
        return not any(b"<f>" in archive.read(name) or b"<f " in archive.read(name) for name in archive.namelist() if "sheet" in name)


def plain(headings, rows, **options) -> io.BytesIO:
    target = io.BytesIO()
    write_plain(headings, rows, target, **options)
    target.seek(0)
    return target


@pytest.fixture(params=["rust", "openpyxl"])
def either_writer(request, monkeypatch):
    if request.param == "openpyxl":
        monkeypatch.setattr("aidtracker.excel.plain.rust", None)


def test_no_text_becomes_a_formula_in_a_form():
    table = Table(
        "=1+1", [Heading("=A1")], [(value,) for value in DANGEROUS], totals=("=SUM(A1)",), notes=["=1"], organization="=1", signatures=()
    )
    target = written(table)
    assert formula_free(target)
    texts = [row[0] for row in rows_of(target)]
    assert texts[3 : 3 + len(DANGEROUS)] == [WRITABLE.get(value, value) for value in DANGEROUS]


def test_no_text_becomes_a_formula_in_a_ledger(either_writer):
    target = plain(["=A1", "b"], [(value, value) for value in DANGEROUS], kinds=["text", "long_number"])
    assert formula_free(target)
    assert rows_of(target) == [["=A1", "b"]] + [[WRITABLE.get(value, value)] * 2 for value in DANGEROUS]
    assert all(cell.data_type != "f" for row in openpyxl.load_workbook(target).active.iter_rows() for cell in row)


def test_a_ledger_keeps_long_numbers_as_text_and_numbers_as_numbers(either_writer):
    rows = [
        ("991524201210030021", "张三", 3, Decimal("312.50"), datetime.date(2021, 5, 20), None),
        ("99152420121003002X", "", None, 0.25, None, ""),
    ]
    kinds = ["long_number", "text", "integer", "decimal", "day", "text"]
    target = plain(["身份证号", "姓名", "次数", "金额", "日期", "备注"], rows, kinds=kinds)
    read = rows_of(target)
    assert read[1] == ["991524201210030021", "张三", 3.0, 312.5, datetime.date(2021, 5, 20), ""]
    assert read[2] == ["99152420121003002X", "", "", 0.25, "", ""]
    sheet = openpyxl.load_workbook(target).active
    assert [sheet.cell(2, column).number_format for column in range(1, 6)] == ["@", "@", "#,##0", "#,##0.00", "yyyy-mm-dd"]
    assert sheet.freeze_panes == "A2" and sheet.print_title_rows == "$1:$1"


def test_a_ledger_without_rows_still_has_its_headings(either_writer):
    assert rows_of(plain(["学校", "人数"], iter(()))) == [["学校", "人数"]]
    assert rows_of(plain(["学校", "人数"], [])) == [["学校", "人数"]]


def test_what_does_not_fit_a_sheet_goes_to_a_further_one(either_writer, monkeypatch):
    monkeypatch.setattr("aidtracker.excel.plain.MAX_ROWS", 10)
    rows = [(i,) for i in range(25)]
    for source, options in ((rows, {}), (iter(rows), {"count": 25}), (lambda: iter(rows), {})):
        target = plain(["号"], source, kinds=["integer"], sheet_name="台账", **options)
        book = python_calamine.CalamineWorkbook.from_filelike(target)
        assert book.sheet_names == ["台账", "台账2", "台账3"]
        sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
        assert all(sheet[0] == ["号"] for sheet in sheets)
        assert [row[0] for sheet in sheets for row in sheet[1:]] == list(range(25))


def test_a_ledger_to_a_file(either_writer, tmp_path):
    write_plain(["学校"], [("甲",)], tmp_path / "台账.xlsx", watermark="2026 张三")
    sheet = openpyxl.load_workbook(tmp_path / "台账.xlsx").active
    assert sheet["A2"].value == "甲"
    assert "2026 张三" in str(sheet.oddHeader.center.text)


def test_equal_headings_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="differ"):
        plain(["甲", "甲"], [])


@settings(max_examples=60)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_any_text_survives_both_writers(values):
    from aidtracker.excel.output import clean

    expected = [clean(value).strip() for value in values]  # readers drop the blanks around, and blank cells
    table = Table("表", [Heading("x")], [(value,) for value in values], totals=("末",), signatures=())
    assert [row[0].strip() for row in rows_of(written(table))][2:-1] == expected
    assert [row[1].strip() for row in rows_of(plain(["x", "y"], [("末", value) for value in values]))][1:] == expected


def test_csv_is_guarded_and_read_back(tmp_path):
    from aidtracker.excel.reader import open_workbook

    rows = [("=1+1", "+1", "-1", "@x", "张三", -5, Decimal("312.50"), datetime.date(2021, 1, 2), None, "\t=1")]
    assert write_csv(list("abcdefghij"), rows, tmp_path / "a.csv") == 1
    text = (tmp_path / "a.csv").read_bytes().decode("utf-8-sig")
    assert text.splitlines()[1] == "'=1+1,'+1,'-1,'@x,张三,-5,312.50,2021-01-02,,'\t=1"
    assert open_workbook(tmp_path / "a.csv").sheets[0].rows[1] == [
        "=1+1",
        "+1",
        "-1",
        "@x",
        "张三",
        "-5",
        "312.50",
        "2021-01-02",
        "",
        "\t=1",
    ]
