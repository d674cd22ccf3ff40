"""The staff workbook: who comes in with which role, what is refused, and that the list that goes out comes in unchanged."""

import datetime
import time

import pytest

from aidtracker.accounts.actions_staff import plan_staff
from aidtracker.accounts.actions_staff_saving import save_staff
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.sheets import HEADINGS, STAFF
from aidtracker.accounts.staff import staff_rows
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from tests import factories
from tests.workbooks import bring_in

HEAD = ["姓名★", "手机号", "工号", "单位代码★", "角色★", "年级", "班级", "起始日期", "结束日期", "用户名"]
SCHOOL, OTHER = "2199000001", "2199000002"
TODAY = today_in_china()
YESTERDAY, TOMORROW = TODAY - datetime.timedelta(days=1), TODAY + datetime.timedelta(days=1)


@pytest.fixture
def bring(county, administrator, tmp_path):
    """bring(rows, by=…, save=…) -> the plan; a row is name, phone, number, unit, role and what follows."""

    def make(rows, by=administrator, save=save_staff, head=HEAD):
        by = User.get_by_id(by.id)
        padded = [list(row) + [""] * (len(head) - len(row)) for row in rows]
        return bring_in(tmp_path / "staff.xlsx", {"人员": [head, *padded]}, (STAFF,), plan_staff, save, by=by)

    return make


def counts(plan):
    return (plan.created, plan.updated, plan.unchanged, plan.refused)


def codes(plan):
    return [(problem.column, problem.code) for problem in plan.problems]


ROWS = [
    ("李小红", "13900990001", "T001", SCHOOL, "班主任", "三年级", "2班"),
    ("王强", "13900990002", "T002", SCHOOL, "校级管理员"),
    ("李小红", "13900990001", "T001", SCHOOL, "教师", "4年级", "（1）班"),
    ("赵六", "13900990003", "", "990100", "finance", "", "", "2026-09-01"),
]


def test_people_come_in_with_their_roles_and_without_a_password(county, bring):
    plan = bring(ROWS)
    assert counts(plan) == (4, 0, 0, 0)
    user = User.get(User.username == "lixiaohong.shzz")
    assert user.password_hash == "" and not user.must_change_password
    held = {(m.role, m.org_id, m.duty) for m in Membership.select().where(Membership.user == user)}
    assert held == {("teacher", county.room.id, "homeroom"), ("teacher", county.sibling_room.id, "")}
    record = StaffRecord.get(StaffRecord.user == user)
    assert (record.staff_number, record.phone, record.county_id) == ("T001", "13900990001", county.county.id)
    assert "lixiaohong.shzz" in "".join(plan.notices)
    entries = list(AuditEntry.select().where(AuditEntry.action == "accounts.import_staff"))
    assert [entry.count for entry in entries] == [4]


def test_the_same_workbook_again_changes_nothing(bring):
    bring(ROWS)
    before = (User.select().count(), Membership.select().count(), AuditEntry.select().count(), sorted(User.select(User.id, User.epoch).tuples()))
    assert counts(bring(ROWS)) == (0, 0, 4, 0)
    assert before == (User.select().count(), Membership.select().count(), AuditEntry.select().count(), sorted(User.select(User.id, User.epoch).tuples()))


def test_what_goes_out_comes_in_unchanged(bring, administrator, teacher, school_admin):
    bring([*ROWS, ("钱七", "", "T009", SCHOOL, "教师", "", "", "", str(TOMORROW))])
    rows = [[cell.isoformat() if isinstance(cell, datetime.date) else cell or "" for cell in row] for row in staff_rows(User.get_by_id(administrator.id))]
    assert len(rows) == 8 and any("****" in row[1] for row in rows)
    assert not any("13900990001" in row for row in rows)
    plan = bring(rows, head=list(HEADINGS))
    assert counts(plan) == (0, 0, 8, 0), plan.problems


def test_a_last_day_that_has_passed_ends_the_role_and_the_sessions(county, bring, sign_in, password, teacher):
    row = ("张老师", "", "", SCHOOL, "教师", "三年级", "2", "", "", "teacher")
    theirs = sign_in(teacher)
    assert counts(bring([row])) == (0, 0, 1, 0)
    theirs.get("web.show_me")
    assert counts(bring([(*row[:8], str(YESTERDAY), "teacher")])) == (0, 1, 0, 0)
    assert Membership.get(Membership.user == teacher).ends_on == YESTERDAY
    assert theirs.http.get(theirs.url("web.show_me")).status_code == 302
    assert counts(bring([(*row[:8], str(YESTERDAY), "teacher")])) == (0, 0, 1, 0)


def test_a_class_changes_hands_in_one_workbook(county, bring):
    bring(ROWS[:1])
    new = ("孙八", "", "T010", SCHOOL, "班主任", "三年级", "2")
    plan = bring([new])
    assert codes(plan) == [("角色", "conflict")]
    assert counts(bring([new, (*ROWS[0], "", str(YESTERDAY))])) == (1, 1, 0, 0)
    assert Membership.select().where((Membership.duty == "homeroom") & Membership.ends_on.is_null()).count() == 1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("", "", "T1", SCHOOL, "教师"), ("姓名", "missing")),
        (("甲", "", "", SCHOOL, "教师"), ("工号", "missing")),
        (("甲", "", "T1", "9", "教师"), ("单位代码", "unknown_school")),
        (("甲", "", "T1", "990200", "教育局工作人员"), ("单位代码", "out_of_scope")),
        (("甲", "", "T1", SCHOOL, "园丁"), ("角色", "bad_choice")),
        (("甲", "", "T1", SCHOOL, "财务人员"), ("角色", "bad_choice")),
        (("甲", "", "T1", SCHOOL, "班主任"), ("年级", "missing")),
        (("甲", "", "T1", SCHOOL, "教师", "九年级", "7"), ("班级", "unknown_class")),
        (("甲", "", "T1", SCHOOL, "教师", "", "", "2026-13-01"), ("起始日期", "bad_date")),
        (("甲", "", "T1", SCHOOL, "教师", "", "", "2026-11-02", "2026-11-01"), ("结束日期", "bad_date")),
        (("甲", "", "T1", SCHOOL, "教师", "", "", "", "", "王"), ("用户名", "bad_choice")),
        (("甲", "", "T1", SCHOOL, "教师", "", "", "", "", "administrator"), ("用户名", "conflict")),
        (("甲", "139****0001", "T1", SCHOOL, "教师"), ("手机号", "bad_number")),
        (("甲" * 101, "", "T1", SCHOOL, "教师"), ("姓名", "bad_choice")),
    ],
)
def test_a_bad_cell_is_refused_with_its_code_and_the_good_row_beside_it_saved(bring, row, problem):
    plan = bring([("好老师", "", "T0", SCHOOL, "教师"), row])
    assert codes(plan) == [problem] and plan.created == 1


def test_rows_of_one_person_agree(bring):
    plan = bring([
        ("甲", "13900990001", "T1", SCHOOL, "教师"), ("乙", "", "T1", SCHOOL, "校级管理员"), ("甲", "", "T1", SCHOOL, "教师"),
        ("甲", "13900990009", "T1", SCHOOL, "校级管理员"), ("丙", "", "T2", SCHOOL, "教师", "", "", "", "", "c.c"), ("丁", "", "T3", SCHOOL, "教师", "", "", "", "", "c.c"),
    ])  # fmt: skip
    assert [code for _, code in codes(plan)] == ["conflict", "duplicate_in_file", "conflict", "conflict"]


def test_a_school_brings_in_its_own_teachers_only(county, bring, school_admin, stranger):
    plan = bring(
        [("甲", "", "T1", SCHOOL, "教师"), ("乙", "", "T2", OTHER, "教师"), ("丙", "", "T3", "990100", "教育局管理员"),
         ("陈老师", "", "", SCHOOL, "教师", "", "", "", "", "stranger")],
        by=school_admin,
    )  # fmt: skip
    assert counts(plan) == (1, 0, 0, 3) and {code for _, code in codes(plan)} == {"out_of_scope"}
    assert Membership.select().where(Membership.user == stranger).count() == 1


def test_nobody_gives_themselves_more(county, bring):
    keeper = factories.make_user("system_admin", county.county, "周管理", "keeper")
    plan = bring([("周管理", "", "", "990100", "教育局管理员", "", "", "", "", "keeper")], by=keeper)
    assert codes(plan) == [("角色", "out_of_scope")]


def test_nobody_prolongs_their_own_role(county, bring, administrator):
    Membership.update(ends_on=TOMORROW).where(Membership.user == administrator).execute()
    row = ("赵主任", "", "", "990100", "教育局管理员", "", "", "", "2030-12-31", "administrator")
    assert codes(bring([row])) == [("结束日期", "out_of_scope")]
    assert counts(bring([(*row[:8], str(TOMORROW), row[9])])) == (0, 0, 1, 0)


def test_who_is_missing_is_named_and_not_touched(bring, teacher, stranger):
    plan = bring([("甲", "", "T1", SCHOOL, "教师")], save=None)
    assert any("张老师" in notice for notice in plan.notices) and not any("陈老师" in notice for notice in plan.notices)


def test_a_changed_name_number_and_phone_are_kept_sealed(bring):
    bring(ROWS[:1])
    plan = bring([("李晓红", "13900990077", "T001", SCHOOL, "班主任", "三年级", "2班")])
    assert counts(plan) == (0, 1, 0, 0)
    record = StaffRecord.get(StaffRecord.staff_number == "T001")
    assert (record.phone, record.user.name) == ("13900990077", "李晓红")
    assert counts(bring([("李晓红", "13900990077", "", SCHOOL, "班主任", "三年级", "2班")])) == (0, 0, 1, 0)


def test_a_county_of_3500_comes_in_within_a_minute_of_cpu(county, administrator, tmp_path, bring):
    """Measured here: see docs/proof.md."""
    rows = [(f"王{n % 97:02}{'一二三四五六七八九'[n % 9]}", f"139{n:08}", f"T{n:05}", SCHOOL if n % 2 else OTHER, "教师") for n in range(3500)]
    began = time.process_time()
    plan = bring(rows)
    took = time.process_time() - began
    assert plan.created == 3500 and User.select().where(User.password_hash == "").count() == 3500
    print(f"3,500 accounts: {took:.2f} s of CPU")
    assert took < 60
