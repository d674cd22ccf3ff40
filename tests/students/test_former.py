"""Numbers and names over time: what was replaced is kept, says why, and still finds the child."""

import json

import pytest

from aidtracker.crypto.keyed_index import keyed
from aidtracker.excel.reader import Sheet, read_table
from aidtracker.students import actions
from aidtracker.students.lookup import students_by_number
from aidtracker.students.models import Student
from aidtracker.students.models_history import FormerName, FormerNumber, StudentVersion
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.search import search
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.students.test_editing import edit


def now(pupil):
    return Student.get_by_id(pupil.id)


@pytest.fixture
def temporary(county):
    """A child who holds a temporary 学籍号."""
    pupil = factories.make_student(county.room, "央金")
    number = "L990101201705041234"
    Student.update(student_number=pupil.student_number and None, student_number_index=None).where(Student.id == pupil.id).execute()
    pupil = now(pupil)
    pupil.student_number, pupil.student_number_index = number, keyed("index_student_number", number)
    pupil.save()
    return pupil


def test_another_id_needs_a_reason_and_the_old_one_is_kept_with_it(pupils, school_admin, officer, sign_in):
    old, fresh = pupils.mine.id_number, factories.make_id_number()
    page = edit(sign_in(school_admin), pupils.mine, 400, id_number=fresh, why="")
    assert "请选择更改原因" in page.text and now(pupils.mine).id_number == old and not FormerNumber.select().exists()
    edit(sign_in(school_admin), pupils.mine, id_number=fresh, why="new_card")
    kept = FormerNumber.get()
    assert (kept.number, kept.kind, kept.reason, kept.student_id) == (old, "id_number", "换发身份证", pupils.mine.id)
    assert search(officer, old).ids == search(officer, fresh).ids == [pupils.mine.id]


def test_other_as_a_reason_wants_words(pupils, school_admin, sign_in):
    edit(sign_in(school_admin), pupils.mine, 400, name="次仁央宗", why="other")
    edit(sign_in(school_admin), pupils.mine, name="次仁央宗", why="other", why_words="户口簿更正")
    assert FormerName.get().reason == "其他：户口簿更正"


def test_a_number_filled_in_for_the_first_time_needs_no_reason(county, officer, temporary):
    Student.update(student_number=None, student_number_index=None).where(Student.id == temporary.id).execute()
    actions.edit_student(student=now(temporary), revision=1, values={"student_number": "G990101201705041234"}, by=officer)
    assert not FormerNumber.select().exists()


def test_a_former_name_finds_the_child_by_character_and_pinyin_and_stands_beside_it(pupils, school_admin, officer, stranger, sign_in):
    edit(sign_in(school_admin), pupils.mine, name="索朗央宗", why="renamed")
    for typed in ("次仁卓", "次仁卓玛", "ciren", "crzm", "索朗"):
        assert search(officer, typed).ids == [pupils.mine.id]
    assert search(stranger, "次仁卓").ids == []
    page = sign_in(officer).get("students.list_students", q="次仁卓玛")
    assert "曾用名 次仁卓玛" in page.text and "索朗央宗" in page.text


def test_a_wrong_typing_put_right_at_once_is_kept_too(pupils, school_admin, sign_in):
    first, second = factories.make_id_number(), factories.make_id_number()
    edit(sign_in(school_admin), pupils.mine, id_number=first)
    edit(sign_in(school_admin), pupils.mine, id_number=second, revision=2)
    assert {each.number for each in FormerNumber.select()} == {pupils.mine.id_number, first}


def test_a_name_taken_back_keeps_its_readings(pupils, officer):
    for revision, name in enumerate(("索朗", "次仁卓玛", "索朗"), start=1):
        actions.edit_student(student=now(pupils.mine), revision=revision, values={"name": name}, why="录错了", by=officer)
    assert search(officer, "suolang").ids == search(officer, "crzm").ids == [pupils.mine.id]


def test_every_edit_keeps_what_stood_before_and_the_tab_tells_it_masked(pupils, school_admin, sign_in):
    client, old = sign_in(school_admin), pupils.mine.id_number
    fresh = factories.make_id_number()
    edit(client, pupils.mine, ethnicity="汉族", id_number=fresh)
    edit(client, pupils.mine, ethnicity="彝族", revision=2)
    versions = list(StudentVersion.select().order_by(StudentVersion.id))
    assert [(v.revision, v.cause) for v in versions] == [(1, "edit"), (2, "edit")]
    assert json.loads(versions[0].content)["fields"]["id_number"] == old
    text = client.get("students.list_changes", student_id=pupils.mine.id).text
    assert "藏族 → 汉族" in text and "汉族 → 彝族" in text and "用过的号码" in text
    assert old not in text and fresh not in text


def roster_of(pupil, county, officer, **changes):
    row = {
        "学校标识码": county.school.code,
        "姓名": pupil.name,
        "性别": "女",
        "出生日期": pupil.born_on.isoformat(),
        "年级": "三年级",
        "班级": "2班",
    } | changes
    plan = plan_roster([read_table(Sheet("名册", [list(row), list(row.values())]), ROSTER)], by=officer, school_year=factories.YEAR)
    if not plan.refused:
        save_roster(plan, by=officer)
    return plan


def test_a_roster_with_the_temporary_number_finds_the_child_who_has_the_formal_one(county, officer, temporary):
    formal, old = f"G{temporary.id_number}", temporary.student_number
    actions.edit_student(student=temporary, revision=1, values={"student_number": formal}, why="临时学籍号转正", by=officer)
    plan = roster_of(temporary, county, officer, 学籍号=old, 民族="汉族")
    assert (plan.created, plan.updated) == (0, 1)
    after = now(temporary)
    assert (after.student_number, after.ethnicity) == (formal, "汉族") and Student.select().count() == 1
    assert roster_of(temporary, county, officer, 学籍号=old).unchanged == 1


def test_a_roster_with_a_former_id_does_not_put_it_back(county, officer, temporary):
    old, fresh = temporary.id_number, factories.make_id_number()
    actions.edit_student(student=temporary, revision=1, values={"id_number": fresh}, why="换发身份证", by=officer)
    assert roster_of(temporary, county, officer, 身份证件号=old).unchanged == 1
    assert now(temporary).id_number == fresh


def test_a_roster_turns_the_temporary_number_into_the_formal_one_and_keeps_the_old(county, officer, temporary):
    formal, old = f"G{temporary.id_number}", temporary.student_number
    assert roster_of(temporary, county, officer, 身份证件号=temporary.id_number, 学籍号=formal).updated == 1
    assert now(temporary).student_number == formal and FormerNumber.get().number == old
    assert students_by_number([old], [county.county.id])[old].id == temporary.id


def test_a_number_that_two_children_once_bore_finds_neither_by_itself(pupils, county, officer):
    number = factories.make_id_number()
    for pupil in (pupils.mine, pupils.sibling):
        actions.edit_student(student=now(pupil), revision=1, values={"student_number": f"G{number}"}, why="录错了", by=officer)
        actions.edit_student(
            student=now(pupil), revision=2, values={"student_number": f"G{factories.make_id_number()}"}, why="录错了", by=officer
        )
    assert students_by_number([f"G{number}"], [county.county.id]) == {}
