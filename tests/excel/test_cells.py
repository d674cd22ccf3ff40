"""Parsers of one cell: what schools write, and what must be refused."""

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtracker.excel import cells
from aidtracker.excel.cells import BadCell

BORN = datetime.date(2012, 3, 5)


def refusal(parse, value) -> str:
    with pytest.raises(BadCell) as refused:
        parse(value)
    assert "\n" not in refused.value.message
    return refused.value.code


@pytest.mark.parametrize(
    "value",
    [
        "20120305", 20120305, 20120305.0, "2012.3.5", "2012.03.05", "2012年3月5日", "2012年03月05号", "2012-03-05", "2012/3/5",
        " 2012-3-5 ", "２０１２－０３－０５", "2012年3月5日\u3000", "2012-03-05 00:00:00", "2012-03-05T08:30", "2012。3。5",
        BORN, datetime.datetime(2012, 3, 5), datetime.datetime(2012, 3, 5, 13, 5), 40973, 40973.0, "40973", "\u200b20120305",
    ],
)  # fmt: skip
def test_day_understands_every_way_of_writing_it(value):
    assert cells.day(value) == BORN


@pytest.mark.parametrize(
    "value",
    [
        "二〇一二年", "20121332", 20121332, "2012-02-30", "2012", 2012, "2012-03", "5/3/12", "1899-12-31", "2101-01-01", "#REF!",
        True, float("nan"), float("inf"), -5, 0, 99999, "20120305a", "3月5日", datetime.time(8, 0), datetime.date(1800, 1, 1), 1e300,
    ],
)  # fmt: skip
def test_day_is_refused_when_there_is_no_such_day(value):
    assert refusal(cells.day, value) == "bad_date"


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31)))
def test_a_day_written_in_any_form_is_that_day(on):
    for written in (
        f"{on:%Y%m%d}",
        f"{on.year}.{on.month}.{on.day}",
        f"{on.year}年{on.month}月{on.day}日",
        on.isoformat(),
        float(f"{on:%Y%m%d}"),
    ):
        assert cells.day(written) == on


@given(st.dates(datetime.date(1930, 1, 1), datetime.date(2100, 12, 31)))
def test_a_serial_number_is_the_day_that_excel_shows(on):
    from openpyxl.utils.datetime import to_excel

    assert cells.day(to_excel(on)) == on


@pytest.mark.parametrize(
    "value",
    ["201809", 201809, 201809.0, "2018-09", "2018.9", 2018.9, 2018.09, "2018年9月", "2018/09", "20180901", "２０１８０９", datetime.date(2018, 9, 30)],
)  # fmt: skip
def test_month_is_its_first_day(value):
    assert cells.month(value) == datetime.date(2018, 9, 1)


@pytest.mark.parametrize("value", ["201813", "2018", "九月", 2018.1, "2018-00", True, "189909"])
def test_month_is_refused(value):
    assert refusal(cells.month, value) == "bad_date"


@pytest.mark.parametrize("value", ["990188201112037026", " 990188201112037026\u3000", "９９０１８８２０１１１２０３７０２６", "'990188201112037026", '="990188201112037026"', "990188 20111203 7026"])  # fmt: skip
def test_id_number_is_cleaned(value):
    assert cells.id_number(value) == "990188201112037026"


def test_id_number_keeps_an_x_in_capitals_and_an_end_of_zeros():
    assert cells.id_number("99018820111215736x") == "99018820111215736X"
    assert cells.id_number("99018820111215736Ｘ") == "99018820111215736X"
    assert cells.id_number("990188201112157000") == "990188201112157000"
    assert cells.id_number("990188111215736") == "990188111215736"
    assert cells.id_number(990188111215736) == "990188111215736"


@pytest.mark.parametrize("value", [9.90188201201127e17, 990188201201127000, "9.90188E+17", "9.9e17", "１.2Ｅ＋17", 1e15])
def test_id_number_that_excel_rounded_is_refused(value):
    assert refusal(cells.id_number, value) == "id_truncated"


@pytest.mark.parametrize("value", ["12345", "99018820111203702", "9901882011120370261", "99018820111203702Y", "X90188201112037026", 12345, "#REF!", "99018811121573X", True, "无"])  # fmt: skip
def test_id_number_of_another_shape_is_refused_without_repeating_it(value):
    assert refusal(cells.id_number, value) == "bad_id"
    with pytest.raises(BadCell) as refused:
        cells.id_number("99018820111203702Y")
    assert "99018820111203702" not in refused.value.message


def test_student_number():
    assert cells.student_number(" g99018820111203702６") == "G990188201112037026"
    assert cells.student_number("L99018820111203702X") == "L99018820111203702X"
    assert cells.student_number("") == ""
    assert refusal(cells.student_number, 9.9e17) == "id_truncated"
    assert refusal(cells.student_number, "9.9E+17") == "id_truncated"
    assert refusal(cells.student_number, "9E17") == "id_truncated"
    assert refusal(cells.student_number, "学籍号不详") == "bad_id"


def test_code_typed_as_a_number_is_the_same_code():
    for value in ("2134000001", 2134000001, 2134000001.0, "2134000001.0", "２１３４０００００１", " 2134000001\n", "'2134000001"):
        assert cells.code(value) == "2134000001"
    assert cells.code(341524100001.0) == "341524100001"
    assert cells.code("3415 24") == "341524"
    assert refusal(cells.code, 6.2170086761087e18) == "id_truncated"
    assert refusal(cells.code, "6.21701E+18") == "id_truncated"


@pytest.mark.parametrize(("value", "expected"), [("312.5", 31250), (312.5, 31250), (625, 62500), ("1,250.00", 125000), ("￥312.50元", 31250), ("３１２．５", 31250), (0, 0), ("-12.34", -1234), (0.1 + 0.2, 30), (7949787.5, 794978750), ("", None), (None, None), ("1250.500", 125050)])  # fmt: skip
def test_fen_is_exact(value, expected):
    assert cells.fen(value) == expected


@pytest.mark.parametrize("value", ["312.505", 312.505, "三百", "1e400", "nan", float("nan"), float("inf"), "1_000", True, "12.5.1", "#VALUE!", "1" * 40, datetime.date(2020, 1, 1)])  # fmt: skip
def test_fen_is_refused(value):
    assert refusal(cells.fen, value) == "bad_number"


@given(st.integers(-(10**11), 10**11))
def test_fen_of_a_written_amount_is_that_amount(amount):
    yuan = Decimal(amount) / 100
    assert cells.fen(f"{yuan:,.2f}") == amount
    assert cells.fen(float(yuan)) == amount


def test_integer_and_count():
    assert [cells.integer(value) for value in ("32", 32.0, "３２", "1,234", "-3", "32.0", "", None)] == [
        32,
        32,
        32,
        1234,
        -3,
        32,
        None,
        None,
    ]
    for value in ("3.5", 3.5, "32人", True, 2**31, "99999999999999999999", float("nan")):
        assert refusal(cells.integer, value) == "bad_number"
    assert refusal(cells.count, -1) == "bad_number"


def test_a_name_keeps_its_characters():
    for written in ("阿依古丽·买买提", "张䶮", "𠮷䶮", "欧阳\ue863", "José", "王Ａ", "㐂（大）"):
        assert cells.name(written) == written
    assert cells.name(" 龚明天\u3000") == "龚明天"
    assert cells.name("张\u3000三") == "张三"
    assert cells.name("阿依古丽 · 买买提") == "阿依古丽·买买提"
    assert cells.name("John  Smith") == "John Smith"
    assert cells.name("\u200b李\u200d四\ufeff\x00\x07") == "李四"


def test_text_keeps_lines_and_loses_what_is_invisible():
    assert cells.text("  在家表现\t良好\r\n  第二行\u200b ") == "在家表现 良好\n 第二行"
    assert cells.text(5.0) == "5"
    assert cells.text(0.5) == "0.5"
    assert cells.text(datetime.datetime(2020, 1, 2)) == "2020-01-02"
    assert cells.text(None) == ""
    assert refusal(cells.text, "#REF!") == "missing"


def test_yes_no_and_choice():
    assert [cells.yes_no(value) for value in ("是", " 否 ", "√", 1.0, True, False, "", None)] == [
        True,
        False,
        True,
        True,
        True,
        False,
        None,
        None,
    ]
    assert refusal(cells.yes_no, "可能") == "bad_choice"
    sex = cells.choice({"男": "m", "女": "f"}, also={"男性": "m"})
    assert (sex("男"), sex(" 女\u3000"), sex("男性"), sex(""), sex.labels) == ("m", "f", "m", None, ("男", "女"))
    assert refusal(sex, "未知道") == "bad_choice"
    bracket = cells.choice(["完全小学(含学前)"])
    assert bracket("完全小学（含学前）") == "完全小学(含学前)"


def test_phone_is_lenient():
    assert [cells.phone(value) for value in (13900000000.0, "139 0000 0000", "１３９-0000-0000", "0564-7356111", "无", "")] == [
        "13900000000", "13900000000", "13900000000", "0564-7356111", "无", "",
    ]  # fmt: skip


def test_parse_column_parses_each_distinct_value_once():
    calls = []

    def parse(value):
        calls.append(value)
        return cells.integer(value)

    values, bad = cells.parse_column(["1", "x", "1", "", "x"], parse)
    assert values == [1, None, 1, None, None]
    assert sorted(bad) == [1, 4]
    assert calls == ["1", "x", ""]


ANYTHING = st.one_of(
    st.text(), st.none(), st.booleans(), st.integers(), st.floats(), st.dates(), st.datetimes(), st.times(), st.timedeltas(),
    st.text("0123456789.-/年月日Ee+xXGJL,￥%_= \u3000\u200b'\"#", max_size=24),
)  # fmt: skip
PARSERS = [cells.text, cells.name, cells.day, cells.month, cells.integer, cells.count, cells.fen, cells.id_number, cells.student_number, cells.code, cells.phone, cells.yes_no, cells.choice(["男", "女"])]  # fmt: skip


@given(ANYTHING)
def test_no_parser_ever_fails_in_another_way(value):
    for parse in PARSERS:
        try:
            clean = parse(value)
        except BadCell as bad:
            assert bad.code in {"missing", "bad_date", "bad_number", "bad_choice", "bad_id", "id_truncated"}
            assert len(bad.message) < 200
        else:
            if isinstance(clean, str):
                clean.encode()
                assert "\0" not in clean


@given(ANYTHING)
def test_what_is_clean_stays_as_it_is(value):
    for parse in (cells.text, cells.name, cells.day, cells.month, cells.integer, cells.id_number, cells.student_number):
        try:
            clean = parse(value)
        except BadCell:
            continue
        assert parse(clean) == clean
