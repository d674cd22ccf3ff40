"""How a cell of a workbook of payments is read."""

import pytest

from aidtracker.aid.sheets import STATUS, card_number, money, term_code
from aidtracker.excel.cells import BadCell


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("2021年春季", "2021-spring"), ("2020年秋季", "2020-autumn"), ("2021春", "2021-spring"), ("2021-spring", "2021-spring"),
        ("2021年春季学期", "2021-spring"), ("2020-2021-1", "2020-autumn"), ("2020-2021-2", "2021-spring"), ("２０２１年 春季", "2021-spring"),
        ("2020-2021学年第一学期", "2020-autumn"), ("2020-2021学年下学期", "2021-spring"), ("2020-2021上", "2020-autumn"), ("", ""),
    ],
)  # fmt: skip
def test_a_term_in_all_its_spellings(typed, code):
    assert term_code(typed) == code


@pytest.mark.parametrize("typed", ["2021年", "春季", "2021年夏季", "2020-2022-1", "2020-2021-3", "1921年春季", 44197])
def test_what_is_no_term_is_refused(typed):
    with pytest.raises(BadCell) as caught:
        term_code(typed)
    assert caught.value.code == "bad_choice"


@pytest.mark.parametrize(
    ("typed", "fen"),
    [(312.5, 31250), (200.5, 20050), ("312.50", 31250), ("1,250.00元", 125000), (0.1 + 0.2, 30), (19.99, 1999), ("￥625", 62500), (0, 0), (None, None)],
)
def test_yuan_become_whole_fen(typed, fen):
    assert money(typed) == fen


@pytest.mark.parametrize("typed", ["312.555", -1, "-0.01", "三百", 1e12, "21474836.48", True])
def test_what_is_no_amount_is_refused(typed):
    with pytest.raises(BadCell) as caught:
        money(typed)
    assert caught.value.code == "bad_number"


def test_the_largest_amount_is_what_the_column_holds():
    assert money("21474836.47") == 2**31 - 1


@pytest.mark.parametrize(("typed", "number"), [("6217 0000 9900 9900 996", "6217000099009900996"), ("６２１７０００", "6217000"), (123456789012345, "123456789012345")])
def test_a_card_is_digits_as_text(typed, number):
    assert card_number(typed) == number


@pytest.mark.parametrize(("typed", "code"), [(6217000099009900996, "id_truncated"), ("6.217E+18", "id_truncated"), ("见存折", "bad_number"), ("123", "bad_number")])
def test_a_card_that_excel_rounded_is_refused(typed, code):
    with pytest.raises(BadCell) as caught:
        card_number(typed)
    assert caught.value.code == code
    assert "6217" not in caught.value.message


def test_states_in_other_words():
    assert [STATUS(word) for word in ("成功", "已发放", "退回", "发放失败", "待发放")] == ["paid", "paid", "returned", "returned", "pending"]
