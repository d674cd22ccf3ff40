"""Refused rows given back: as they came, with their reasons, and ready to be sent again."""

import datetime

import openpyxl

from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.excel.reader import open_workbook, read_tables
from aidtracker.excel.writer import refused_rows, write_refused, write_refused_sheets
from tests.excel.packages import workbook

SPEC = SheetSpec(
    None,
    (
        Column("name", "姓名", cells.name, required=True, value_required=True),
        Column("born", "出生日期", cells.day, required=True),
        Column("id", "身份证件号", cells.id_number),
        Column("school", "学校标识码", cells.code),
    ),
    ("name", "id"),
)
ROWS = [
    ["花名册"],
    ["姓名★", "出生\n日期★", "身份证件号", "学校标识码", "备注"],
    ["张三", "20120305", "990188201112037026", "2134000001", ""],
    ["=李四", datetime.date(2012, 3, 5), 990188201201127000, 2134000001, "转入"],
    ["", "二〇一二年", "99018820111203702x", "2134000001", ""],
]


def test_refused_rows_come_back_with_their_reasons(tmp_path):
    source, target = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(workbook({"一年级": ROWS}))
    (table,) = read_tables(open_workbook(source), SPEC)
    write_refused(table.raw_headings, refused_rows(table, table.problems()), target)
    sheet = openpyxl.load_workbook(target).active
    rows = [[cell.value for cell in row] for row in sheet]
    assert rows[0] == ["问题", "姓名★", "出生\n日期★", "身份证件号", "学校标识码", "备注"]
    assert rows[1][1:] == ["=李四", datetime.datetime(2012, 3, 5), 9.90188201201127e17, "2134000001", "转入"]
    assert rows[2][1:] == [None, "二〇一二年", "99018820111203702x", "2134000001", None]
    assert rows[1][0].startswith("原第 4 行：身份证件号：")
    assert rows[2][0] == "原第 5 行：姓名：「姓名」没有填写。出生日期：「二〇一二年」不是日期，请写成 2012-03-05 这样。"
    yellow = {cell.coordinate for row in sheet for cell in row if cell.fill.fgColor.rgb == "FFFFFF00"}
    assert yellow == {"D2", "B3", "C3"}
    assert sheet["B2"].data_type == "s"

    (again,) = read_tables(open_workbook(target), SPEC)
    assert again.notices == ["工作表「退回的行」中这些列不认识，没有读取：备注。"]
    assert [(p.row, p.column, p.code) for p in again.problems()] == [
        (2, "身份证件号", "id_truncated"),
        (3, "姓名", "missing"),
        (3, "出生日期", "bad_date"),
    ]
    write_refused(again.raw_headings, refused_rows(again, again.problems()), source)
    assert [cell.value for cell in openpyxl.load_workbook(source).active[1]] == rows[0]


def test_sheets_keep_their_names(tmp_path):
    write_refused_sheets([("点名", ["日期"], []), ("缺勤", ["日期"], [])], tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["点名", "缺勤"]
    assert [cell.value for cell in book["缺勤"][1]] == ["问题", "日期"]
