"""Sheets as columns of clean values: headings wherever they are, rows that are rows, problems by place."""

import datetime

import pytest

from aidtracker.excel import cells, fast_reader, slow_reader
from aidtracker.excel.cells import choice
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.excel.files import Sheet, Workbook
from aidtracker.excel.guards import check_package
from aidtracker.excel.reader import BadWorkbook, open_workbook, read_table, read_tables
from tests.excel.packages import with_rows, workbook

ROSTER = SheetSpec(
    None,
    (
        Column("school", "学校标识码", cells.code, required=True, value_required=True),
        Column("name", "姓名", cells.name, required=True, value_required=True, aliases=("学生姓名",)),
        Column("sex", "性别", choice(["男", "女"]), required=True, value_required=True),
        Column("born", "出生日期", cells.day, required=True, value_required=True),
        Column("id", "身份证件号", cells.id_number, aliases=("身份证号", "公民身份号码")),
        Column("phone", "联系电话", cells.phone),
    ),
    row_identity=("name", "id"),
)
HEADINGS = ["序号", "学校标识码 ★", "姓名★", "性 别★", "出生\n日期★", "身份证件号", "备注（校内）"]
MESSY = [
    ["学生基本信息表(学校自填)"],
    ["填报单位:"],
    HEADINGS,
    [1, "2134000001", "魏文琪", "女", datetime.date(2011, 12, 3), "990188201112037026"],
    [2, 2134000001, " 龚明天 ", "男", "2011.11.5", " 990188201111057172\u3000"],
    [3, "2134000001", "闫霞伟", "未知道", "二〇一二年", 990188201201127000],
    [],
    [4, "2134000001", "", "女", "20120102", "990188201201027268", "转入"],
    [5, "2134000001", "阿依古丽·买买提", "女", "20110914", ""],
    ["", "\u3000", " "],
    ["填表人:", "", "", "审核人:"],
]


def read(rows, spec=ROSTER):
    width = max(map(len, rows))
    return read_table(Sheet("表", [[*row, *[""] * (width - len(row))] for row in rows]), spec)


def test_a_messy_roster(tmp_path):
    path = tmp_path / "花名册.xlsx"
    path.write_bytes(workbook({"学生基本信息": MESSY, "填表说明": [["请勿修改表头"]]}))
    (table,) = read_tables(open_workbook(path), ROSTER)
    assert table.row_numbers == [4, 5, 6, 8, 9]
    assert table.columns["school"] == ["2134000001"] * 5
    assert table.columns["name"] == ["魏文琪", "龚明天", "闫霞伟", "", "阿依古丽·买买提"]
    assert table.columns["born"][:2] == [datetime.date(2011, 12, 3), datetime.date(2011, 11, 5)]
    assert table.columns["id"] == ["990188201112037026", "990188201111057172", None, "990188201201027268", ""]
    assert [(p.row, p.column, p.code, p.level) for p in table.problems()] == [
        (6, "性别", "bad_choice", "refused"),
        (6, "出生日期", "bad_date", "refused"),
        (6, "身份证件号", "id_truncated", "refused"),
        (8, "姓名", "missing", "refused"),
    ]
    assert table.notices == ["工作表「学生基本信息」中这些列不认识，没有读取：备注（校内）。"]
    assert table.column("phone", "") == [""] * 5
    assert table.bad_positions() == {2, 3}


@pytest.mark.parametrize("above", [0, 1, 5, 19])
def test_the_header_is_found_in_the_first_twenty_rows(above):
    table = read([["金寨县学生花名册"]] * above + MESSY[2:6])
    assert table.row_numbers == [above + 2, above + 3, above + 4]


def test_a_header_further_down_is_not_looked_for():
    with pytest.raises(BadWorkbook, match="缺少必需的列：学校标识码、姓名、性别、出生日期"):
        read([["说明"]] * 20 + MESSY[2:6])


def test_missing_headings_are_named():
    with pytest.raises(BadWorkbook) as refused:
        read([["学校标识码", "姓名★"], ["2134000001", "张三"]])
    assert refused.value.message == "工作表「表」缺少必需的列：性别、出生日期。请检查表头。"


def test_headings_in_other_clothes():
    table = read([["学校标识码★", "学生姓名", "＊性　别", "出生日期", "公民身份号码"], ["2134000001", "张三", "男", "20120305", ""]])
    assert table.columns["name"] == ["张三"]
    assert table.headings == {"school": "学校标识码", "name": "学生姓名", "sex": "性别", "born": "出生日期", "id": "公民身份号码"}


def test_the_first_of_two_equal_headings_wins():
    table = read([["学校标识码", "姓名", "性别", "出生日期", "姓名", "学生姓名"], ["2134000001", "张三", "男", "20120305", "李四", "王五"]])
    assert table.columns["name"] == ["张三"]
    assert table.notices == ["工作表「表」中这些列重复，只读取了第一列：姓名、学生姓名。"]


def test_the_heading_itself_wins_over_an_alias_before_it():
    table = read([["学校标识码", "学生姓名", "姓名", "性别", "出生日期"], ["2134000001", "甲", "乙", "男", "20120305"]])
    assert table.columns["name"] == ["乙"]


def test_footers_in_the_name_column_are_no_rows():
    footers = [["", "填表人：张三"], ["", "合计"], ["", "合  计", "", "", ""], ["", "注：以上属实"]]
    assert len(read([["学校标识码", "姓名", "性别", "出生日期", "身份证号"], ["2134000001", "张三", "男", "20120305", ""], *footers])) == 1


def test_a_row_with_an_id_only_is_a_row():
    table = read([["学校标识码", "姓名", "性别", "出生日期", "身份证号"], ["", "", "", "", "12345"]])
    assert [(p.column, p.code) for p in table.problems()] == [
        ("学校标识码", "missing"), ("姓名", "missing"), ("性别", "missing"), ("出生日期", "missing"), ("身份证号", "bad_id"),
    ]  # fmt: skip


def test_a_header_without_rows_is_an_empty_table():
    table = read([["学校标识码", "姓名", "性别", "出生日期"]])
    assert (len(table), table.columns["name"], table.problems()) == (0, [], [])


def test_every_sheet_with_the_headings_is_read_and_others_are_left(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"说明": [["姓名", "怎么填"]], "一年级": MESSY[2:5], "二年级": MESSY[2:4], "空": []}))
    assert [(table.sheet, len(table)) for table in read_tables(open_workbook(path), ROSTER)] == [("一年级", 2), ("二年级", 1)]


def test_a_sheet_by_name(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(workbook({"甲": [["姓名"], ["张三"]], "缺勤": [["姓名"], ["李四"]]}))
    spec = SheetSpec("缺勤", (Column("name", "姓名", required=True),))
    assert read_tables(open_workbook(path), spec)[0].columns["name"] == ["李四"]
    with pytest.raises(BadWorkbook, match="没有名为「点名」的工作表"):
        read_tables(open_workbook(path), SheetSpec("点名", spec.columns))


def test_row_numbers_are_those_of_the_spreadsheet(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        with_rows(
            '<row r="3"><c r="B3" t="inlineStr"><is><t>姓名</t></is></c></row>'
            '<row r="7"><c r="B7" t="inlineStr"><is><t>张三</t></is></c></row>'
            '<row r="12"><c r="B12" t="inlineStr"><is><t>李四</t></is></c></row>'
        )
    )
    (table,) = read_tables(open_workbook(path), SheetSpec(None, (Column("name", "姓名", required=True),), ("name",)))
    assert table.row_numbers == [7, 12]


def test_formulas_give_their_cached_values_and_broken_ones_are_bad(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        with_rows(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>金额</t></is></c><c r="B1" t="inlineStr"><is><t>身份证号</t></is></c></row>'
            '<row r="2"><c r="A2"><f>312.25*2</f><v>624.5</v></c><c r="B2" t="e"><f>A9</f><v>#REF!</v></c></row>'
            '<row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B3" t="str"><f>B9</f><v>990188201112037026</v></c></row>'
        )
    )
    spec = SheetSpec(None, (Column("amount", "金额", cells.fen, required=True), Column("id", "身份证号", cells.id_number)))
    (table,) = read_tables(open_workbook(path), spec)
    assert table.columns == {"amount": [62450, None], "id": [None, "990188201112037026"]}
    assert [(p.row, p.column, p.code) for p in table.problems()] == [(2, "身份证号", "bad_id"), (3, "金额", "bad_number")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_csv(tmp_path, encoding, delimiter):
    path = tmp_path / "区划.csv"
    rows = [["代码", "名称"], ["341524100", '"梅山镇\n(城关)"'], [], ["'=1", "𠮷镇"]]
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    (sheet,) = open_workbook(path).sheets
    assert sheet.name == "区划"
    assert sheet.rows == [["代码", "名称"], ["341524100", "梅山镇\n(城关)"], ["", ""], ["=1", "𠮷镇"]]


def test_openpyxl_reads_the_same_when_calamine_is_missing():
    package = check_package(workbook({"学生基本信息": MESSY, "说明": [["x"]], "空": []}), "花名册.xlsx")
    tables = []
    for reader in (fast_reader, slow_reader):
        opened = Workbook("花名册.xlsx", [Sheet(name, list(rows)) for name, rows in reader.package_sheets(package, "花名册.xlsx")])
        assert [sheet.name for sheet in opened.sheets] == ["学生基本信息", "说明", "空"]
        tables.append(read_tables(opened, ROSTER)[0])
    assert tables[0].columns == tables[1].columns
    assert tables[0].row_numbers == tables[1].row_numbers
    assert tables[0].problems() == tables[1].problems()
