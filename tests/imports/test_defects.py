"""A roster with two hundred mistakes in it comes out as the clean one does, and every mistake is named; twice, in halves, out of order."""

import random

import pytest

from aidtracker.excel.reader import Sheet, read_table
from aidtracker.imports.intake import commit_plan
from aidtracker.imports.kinds import KINDS
from aidtracker.students.actions_undoing_roster import undo_roster
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student, Tag
from aidtracker.students.roster import plan_roster
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.imports.test_undoing import records

ROWS, DEFECTS = 300, 200
HEADINGS = ["学校标识码", "姓名", "性别", "出生日期", "身份证件号", "学籍号", "年级", "班级", "就读方式", "是否留守儿童", "残疾类型", "成员1姓名", "成员1关系", "成员1联系电话"]
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级")
FAMILY, GIVEN = "王李张刘陈杨单曾解䶮", "小明华芳强丽军娜杰婷"


@pytest.fixture
def chance():
    return random.Random(20260901)


def roster(county, chance) -> list[dict]:
    """Two schools, six grades, two classes each; no two with one number."""
    rows = []
    for n in range(ROWS):
        born, boy = f"201{chance.randrange(2, 10)}{chance.randrange(1, 13):02}{chance.randrange(1, 29):02}", n % 2
        number = factories.id_number("990101", born, (n % 480) * 2 + boy + 1)
        rows.append({
            "学校标识码": (county.school if n % 3 else county.other_school).code, "姓名": "".join(chance.choice(part) for part in (FAMILY, GIVEN, GIVEN)),
            "性别": "男" if n % 2 == 0 else "女", "出生日期": born, "身份证件号": number, "学籍号": f"G{number}", "年级": chance.choice(GRADES), "班级": f"{n % 2 + 1}班",
            "就读方式": chance.choice(("走读", "住校")), "是否留守儿童": chance.choice(("是", "否")), "残疾类型": chance.choice(("", "", "肢体残疾")),
            "成员1姓名": f"家长{n}", "成员1关系": "父亲", "成员1联系电话": f"139{n:08}",
        })  # fmt: skip
    known = {}
    for row in rows:  # dates and numbers by chance may meet
        known.setdefault(row["身份证件号"], row)
    return list(known.values())


def spoil(row: dict, kind: str, rows: list[dict]) -> dict:
    other = rows[0]
    return row | {
        "missing": {"姓名": " "},
        "bad_date": {"出生日期": "2016年13月40日"},
        "bad_choice": {"年级": "十二年级半"},
        "bad_id": {"身份证件号": row["身份证件号"][:16]},
        "id_truncated": {"身份证件号": float(row["身份证件号"][:15] + "000")},
        "unknown_school": {"学校标识码": "2199999999"},
        "out_of_scope": {"学校标识码": "2199000003"},
        "duplicate_in_file": {"身份证件号": other["身份证件号"], "学籍号": other["学籍号"]},
    }[kind]


KINDS_OF_DEFECT = ("missing", "bad_date", "bad_choice", "bad_id", "id_truncated", "unknown_school", "out_of_scope", "duplicate_in_file")


def spoiled(rows, chance):
    """(rows with 200 more that are wrong among them, {row in the sheet: code})."""
    kinds = [chance.choice(KINDS_OF_DEFECT) for _ in range(DEFECTS)]
    bad = [(spoil(row, kind, rows), kind) for row, kind in zip(chance.sample(rows[1:], DEFECTS), kinds, strict=True)]
    mixed = [(row, "") for row in rows[1:]] + bad
    chance.shuffle(mixed)
    mixed.insert(0, (rows[0], ""))
    # The first of two rows with one key counts: a copy that is wrong in another way must not take the place of the right one.
    for n, (row, kind) in enumerate(mixed):
        if kind and kind != "duplicate_in_file":
            keeps_id = kind in ("bad_id", "id_truncated")
            mixed[n] = (row | {"身份证件号": row["身份证件号"] if keeps_id else "", "学籍号": f"L{n:018}"}, kind)
    return [row for row, _ in mixed], {number: kind for number, (_, kind) in enumerate(mixed, 2) if kind}


def bring_in(rows, by, uid=""):
    kind = KINDS["students"]
    sheet = Sheet("名册", [HEADINGS, *([row[heading] for heading in HEADINGS] for row in rows)])
    plan = plan_roster([read_table(sheet, ROSTER)], by=by, school_year=factories.YEAR)
    commit_plan(kind, plan, by=by, uid=uid)
    return plan


def pupils() -> dict:
    """What a roster says of everybody, by ID: whatever order it came in."""
    found = {}
    for student in Student.select():
        home = [(spell.class_org.code, spell.mode, spell.starts_on, spell.ends_on) for spell in Enrollment.select().where(Enrollment.student == student)]
        guardians = [(each.position, each.name, each.relation, each.phone) for each in Guardian.select().where(Guardian.student == student)]
        tags = sorted((tag.kind, tag.detail, tag.ends_on) for tag in Tag.select().where(Tag.student == student))
        readings = NameReading.select().where(NameReading.student == student.id).count()
        found[student.id_number] = (student.name, student.sex, student.born_on, student.student_number, student.class_org.code, student.mode, home, guardians, tags, readings)
    return found


def test_two_hundred_mistakes_are_named_and_change_nothing(county, officer, chance):
    rows = roster(county, chance)
    dirty, wrong = spoiled(rows, chance)
    plan = bring_in(dirty, officer)
    assert {(problem.row, problem.code) for problem in plan.problems if problem.level == "refused"} == set(wrong.items())
    assert len(wrong) == plan.refused == DEFECTS and plan.created == len(rows)
    found = pupils()
    assert len(found) == len(rows)
    Student.delete().execute()
    NameReading.delete().execute()
    bring_in(rows, officer)
    assert pupils() == found


def test_twice_in_halves_and_out_of_order_is_once(county, officer, chance):
    rows = roster(county, chance)
    bring_in(rows, officer)
    whole = pupils()
    assert bring_in(rows, officer).unchanged == len(rows)
    Student.delete().execute()
    NameReading.delete().execute()
    mixed = chance.sample(rows, len(rows))
    for part in (mixed[: len(rows) // 2], mixed[len(rows) // 3 :], rows):
        bring_in(part, officer)
    assert pupils() == whole


def test_undo_brings_back_the_figures_of_before(county, officer, chance):
    rows = roster(county, chance)
    bring_in(rows[:200], officer)
    before = records()
    changed = [row | {"姓名": row["姓名"] + "儿", "班级": "3班", "成员1姓名": "改了", "是否留守儿童": "是", "残疾类型": "视力残疾"} for row in rows[100:]]
    plan = bring_in(changed, officer, uid="a" * 32)
    assert (plan.created, plan.updated) == (len(rows) - 200, 100)
    undo_roster(import_uid="a" * 32, since=factories.datetime.datetime(2100, 1, 1), by=officer)
    assert records() == before
