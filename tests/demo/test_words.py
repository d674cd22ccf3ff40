"""The table of accounts on a terminal."""

from aidtracker.demo.staff import Account
from aidtracker.demo.words import table_lines, width, words_of


def test_a_chinese_character_is_two_wide():
    assert width("教师 Teacher") == 12


def test_columns_stand_under_each_other():
    heading, rule, first, second = table_lines([("角色", "在"), ("a", "b"), ("教师们", "c")])
    assert (heading, rule, first, second) == ("角色    在", "------  --", "a       b", "教师们  c")


def test_words_name_account_password_and_address():
    text = words_of([Account("teacher", "teacher", "金寨县 三年级1班", "341524")], "http://127.0.0.1:8000/", True)
    assert "教师 Teacher  teacher" in text
    assert "Yunling-2026" in text
    assert "http://127.0.0.1:8000/" in text
