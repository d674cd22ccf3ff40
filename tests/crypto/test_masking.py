import pytest

from aidtracker.crypto.masking import mask_bank, mask_id, mask_name, mask_phone, mask_student_number


def test_masks_show_the_ends_and_keep_the_length():
    assert mask_id("990121201001012345") == "990***********2345"
    assert mask_student_number("G990121201001012345") == "G990***********2345"
    assert mask_student_number("990121201001012345") == "990***********2345"
    assert mask_phone("13800001234") == "138****1234"
    assert mask_bank("6217000000000001234") == "***************1234"


def test_names_show_the_first_character():
    names = ("张三丰", "张三", "张", "阿卜杜热合曼·买买提")
    assert [mask_name(name) for name in names] == ["张**", "张*", "*", "阿***"]


@pytest.mark.parametrize("mask", [mask_id, mask_student_number, mask_phone, mask_bank, mask_name])
def test_nothing_gives_nothing(mask):
    assert mask(None) == "" and mask("") == ""


@pytest.mark.parametrize("length", range(1, 10))
def test_a_short_number_is_hidden_whole(length):
    assert mask_id("1" * length) == "*" * length
    assert mask_phone("1" * length) == "*" * length
