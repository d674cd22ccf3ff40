"""What an identity number says of itself, against python-stdnum for the check digit."""

import datetime

from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from aidtracker.excel.identity import card_checksum_ok, id_birth, id_checksum_ok, id_sex


@given(st.text("0123456789", min_size=17, max_size=17))
def test_exactly_one_check_digit_is_right(first):
    right = [last for last in "0123456789X" if id_checksum_ok(first + last)]
    assert right == [ric.calc_check_digit(first + "0")]


def test_old_numbers_have_no_check_digit():
    assert id_checksum_ok("990188111215736")
    assert not id_checksum_ok("99018811121573")
    assert not id_checksum_ok("99018820111215736x")


def test_birth_and_sex():
    assert id_birth("990188201112037026") == datetime.date(2011, 12, 3)
    assert id_birth("990188991231001") == datetime.date(1999, 12, 31)
    assert id_birth("990188201113037026") is None
    assert id_birth("") is None
    assert id_sex("990188201112037026") == "女"
    assert id_sex("990188201112037016") == "男"
    assert id_sex("990188991231001") == "男"
    assert id_sex("") is None


def test_card_checksum():
    assert card_checksum_ok("4111111111111111")
    assert not card_checksum_ok("4111111111111112")
    assert not card_checksum_ok("41")
    assert not card_checksum_ok("４111111111111111")
