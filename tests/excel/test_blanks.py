"""Blank workbooks: what they offer, and that the importer takes what is typed into them and nothing else."""

import openpyxl
import pytest

from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.excel.reader import open_workbook, read_tables
from aidtracker.excel.writer import write_blank

MANY = tuple(f"民族{i:03d}号" for i in range(60))
SPEC = SheetSpec(
    None,
    (
        Column("name", "姓名", cells.name, required=True, value_required=True, example="=张三"),
        Column("sex", "性别", cells.choice(["男", "女"]), required=True, value_required=True),
        Column("id", "身份证件号", cells.id_number, hint="18 位或 15 位，按文本填写"),
        Column("nation", "民族", cells.choice(MANY)),
    ),
    ("name", "id"),
)


def test_a_blank_workbook_imports_as_nothing(tmp_path):
    write_blank(SPEC, "学生基本信息表", tmp_path / "空表.xlsx")
    (table,) = read_tables(open_workbook(tmp_path / "空表.xlsx"), SPEC)
    assert (table.sheet, len(table), table.notices, list(table.columns)) == ("学生基本信息表", 0, [], ["name", "sex", "id", "nation"])


def test_what_is_typed_into_it_is_imported(tmp_path):
    path = tmp_path / "空表.xlsx"
    write_blank(SPEC, "学生基本信息表", path)
    book = openpyxl.load_workbook(path)
    for column, value in enumerate(("张䶮", "女", "990188201112037026", MANY[59]), 1):
        book.worksheets[0].cell(3, column).value = value
    book.save(path)
    (table,) = read_tables(open_workbook(path), SPEC)
    assert table.row_numbers == [3] and not table.problems()
    assert [values[0] for values in table.columns.values()] == ["张䶮", "女", "990188201112037026", MANY[59]]


def test_it_guides_the_hand(tmp_path):
    write_blank(SPEC, "学生基本信息表", tmp_path / "空表.xlsx")
    book = openpyxl.load_workbook(tmp_path / "空表.xlsx")
    form, guide, choices = book.worksheets
    assert [cell.value for cell in form[2]] == ["姓名★", "性别★", "身份证件号", "民族"]
    assert {form.column_dimensions[letter].number_format for letter in "ABCD"} == {"@"}
    assert {rule.sqref.ranges.pop().coord: rule.formula1 for rule in form.data_validations.dataValidation} == {
        "B3:B5002": '"男,女"',
        "D3:D5002": "'选项'!$A$2:$A$61",
    }
    assert (guide.title, choices.title, choices.sheet_state) == ("填表说明", "选项", "hidden")
    lines = [[cell.value for cell in row] for row in guide.iter_rows(min_row=6)]
    assert lines[0] == ["列", "必填", "怎么填", "示例"]
    assert lines[1][0:2] == ["姓名", "是"] and lines[1][3] == "=张三"
    assert lines[2][2] == "从列表中选择：男、女"
    assert lines[3][2] == "18 位或 15 位，按文本填写"
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("has_long_list", [True, False])
def test_several_sheets(tmp_path, has_long_list):
    rolls = SheetSpec("点名", (Column("on", "日期", cells.day, required=True),))
    absences = SheetSpec("缺勤", (Column("on", "日期", cells.day, required=True), *([SPEC.columns[3]] if has_long_list else [])))
    write_blank([rolls, absences], "考勤", tmp_path / "a.xlsx")
    names = openpyxl.load_workbook(tmp_path / "a.xlsx").sheetnames
    assert names == ["点名", "缺勤", "填表说明"] + ["选项"] * has_long_list
    assert [len(read_tables(open_workbook(tmp_path / "a.xlsx"), spec)[0]) for spec in (rolls, absences)] == [0, 0]
