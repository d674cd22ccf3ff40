"""The national workbook: what goes out comes back in and changes nothing."""

import datetime

import pytest

from aidtracker.db import today_in_china
from aidtracker.excel.reader import open_workbook, read_tables
from aidtracker.excel.writer import write_plain
from aidtracker.ledgers.national import HEADINGS, LEDGER
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.roster import plan_roster
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.ledgers.test_ledgers import look


@pytest.fixture
def pupils(county):
    made = [factories.make_student(county.room, name, home=county.village, phone="13900990011", address="扎多村一组", seat=n) for n, name in enumerate(("李䶮", "阿卜杜·买买提"), 1)]
    factories.make_guardian(made[0], name="李大山", phone="13800990011")
    factories.make_guardian(made[0], name="王芳", relation="母亲", phone="13800990012", position=2)
    Tag.create(student=made[0], kind="disabled", detail="肢体残疾", starts_on=datetime.date(2026, 9, 1), source="残疾证")
    Tag.create(student=made[0], kind="left_behind", detail="", starts_on=datetime.date(2026, 9, 1), source="学籍名册")
    Student.update(home_code="990100100201", entered_on="202409").execute()
    return made


def rows_of(officer, county, whole=True):
    ledger, reading = look(officer, "national", county.school, whole=whole)
    keys = [key for part in ledger.parts(reading) for key in reading.read(part)]
    return [ledger.lines(reading, keys)[tuple(key)] for key in keys]


def test_it_has_every_column_of_the_national_workbook_once():
    assert len(HEADINGS) == len(set(HEADINGS)) == len(LEDGER.columns)
    ours = {column.heading for column in ROSTER.columns}
    assert ours <= set(HEADINGS)


def test_what_goes_out_comes_back_in_and_changes_nothing(county, officer, pupils, tmp_path):
    path = tmp_path / "national.xlsx"
    write_plain(LEDGER.headings, [(n, *row) for n, row in enumerate(rows_of(officer, county), 1)], str(path), LEDGER.kinds)
    tables = read_tables(open_workbook(path, path.name), ROSTER)
    plan = plan_roster(tables, by=officer, school_year=factories.YEAR)
    assert not plan.problems and (plan.rows, plan.unchanged) == (2, 2)


def test_each_column_stands_under_its_heading(county, officer, pupils):
    line = dict(zip(HEADINGS, rows_of(officer, county)[0], strict=True))
    assert (line["姓名"], line["学校标识码"], line["年级"], line["班级"], line["班内学号"]) == ("李䶮", county.school.code, "三年级", "2班", 1)
    assert (line["残疾类型"], line["是否留守儿童"], line["是否孤儿"], line["就读方式"]) == ("肢体残疾", "是", "否", "走读")
    assert (line["成员1姓名"], line["成员2姓名"], line["成员2关系"], line["成员1是否监护人"]) == ("李大山", "王芳", "母亲", "是")
    assert (line["身份证件号"], line["联系电话"], line["成员1联系电话"], line["特长"]) == (pupils[0].id_number, "13900990011", "13800990011", None)


def test_without_the_right_to_whole_numbers_none_is_whole(county, officer, pupils):
    text = str(rows_of(officer, county, whole=False))
    assert not any(secret in text for secret in (pupils[0].id_number, "13900990011", "13800990011", "13800990012"))


def test_who_sits_in_no_class_has_no_place(county, officer, pupils):
    Enrollment.update(ends_on=today_in_china()).execute()
    Student.update(class_org=None).execute()
    ledger, reading = look(officer, "national", county.county, whole=True, state="left")
    keys = [key for part in ledger.parts(reading) for key in reading.read(part)]
    line = dict(zip(HEADINGS, ledger.lines(reading, keys)[tuple(keys[0])], strict=True))
    assert (line["学校标识码"], line["年级"], line["班级"], line["就读方式"]) == ("", "", "", "")

