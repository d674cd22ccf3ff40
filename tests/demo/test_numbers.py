"""Invented numbers look real and belong to nobody."""

import datetime
import random

from aidtracker.demo.numbers import Numbers, with_check, with_wrong_check
from aidtracker.excel.cells import id_birth, id_checksum_ok, id_sex

BORN = datetime.date(2016, 2, 29)


def test_an_id_says_birthday_and_sex_and_has_the_right_check_digit():
    numbers = Numbers(random.Random(1))
    for sex in "MF":
        number = numbers.resident_id("990100", BORN, sex)
        assert (id_birth(number), id_sex(number), id_checksum_ok(number)) == (BORN, "男" if sex == "M" else "女", True)


def test_no_id_is_drawn_twice():
    numbers = Numbers(random.Random(1))
    drawn = [numbers.resident_id("990100", BORN, sex) for sex in "MFMFMFMF" for _ in range(10)]
    assert len(set(drawn)) == len(drawn)
    assert all(len(number) == 18 for number in drawn)


def test_a_wrong_check_digit_is_wrong():
    right = with_check("99010020160229101")
    assert id_checksum_ok(right)
    assert not id_checksum_ok(with_wrong_check(right))
