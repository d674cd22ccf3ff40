"""Likely pairs, the two records side by side, merging by hand; households; who is typed in twice."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Forbidden, Refused
from aidtracker.students import actions
from aidtracker.students.actions_families import edit_household, leave_household, set_household
from aidtracker.students.likely_pairs import likely_pairs
from aidtracker.students.models import Guardian, Household, Student
from aidtracker.students.models_merging import NotSame, StudentMerge
from tests import factories
from tests.students.test_editing import RECORD

BORN = datetime.date(2017, 5, 4)


@pytest.fixture
def pair(county):
    return factories.make_student(county.room, "次仁卓玛", home=county.village), factories.make_student(county.sibling_room, "次仁卓玛", home=county.village)


def pairs(county, kind=""):
    return likely_pairs([county.county.id], kind)


def merge_page(client, pair, status=200):
    return client.get("students.merge_students", status, student_id=pair[0].id, other_id=pair[1].id)


def test_the_same_name_birthday_and_sex_are_a_pair(pair, county):
    factories.make_student(county.room, "次仁卓玛", born_on=datetime.date(2016, 1, 1))
    factories.make_student(county.room, "次仁卓玛", sex="M")
    assert pairs(county, "alike") == {(pair[0].id, pair[1].id): ["alike"]}


def test_ids_of_one_name_that_differ_in_one_digit_are_a_pair(county):
    first = factories.make_student(county.room, "央金", id_number="990101201705040021")
    second = factories.make_student(county.room, "央金", born_on=datetime.date(2018, 5, 4), id_number="990101201805040021")
    factories.make_student(county.room, "央金", born_on=datetime.date(2011, 5, 4), id_number="990101201105040033")
    factories.make_student(county.room, "卓嘎", id_number="990101201705040022")
    assert pairs(county, "one_digit") == {(first.id, second.id): ["one_digit"]}


def test_a_former_number_makes_a_pair(county, officer):
    first = factories.make_student(county.room, "央金")
    old = first.id_number
    Student.update(student_number=None, student_number_index=None).execute()
    actions.edit_student(student=first, revision=1, values={"id_number": factories.make_id_number()}, why="录错了", by=officer)
    second = factories.make_student(county.room, "白玛", id_number=old)
    assert pairs(county, "former") == {(first.id, second.id): ["former"]}
    actions.edit_student(student=second, revision=1, values={"id_number": factories.make_id_number()}, why="录错了", by=officer)
    assert pairs(county, "former") == {} and list(pairs(county, "both_former")) == [(first.id, second.id)]


def test_who_has_looked_is_not_asked_again(pair, county, officer, sign_in):
    client = sign_in(officer)
    assert "次仁卓玛" in client.get("students.list_duplicates").text
    client.post("students.set_not_same", {"reason": " "}, 400, student_id=pair[1].id, other_id=pair[0].id)
    client.post("students.set_not_same", {"reason": "同村同名"}, student_id=pair[1].id, other_id=pair[0].id)
    kept = NotSame.get()
    assert (kept.first_id, kept.second_id, kept.reason) == (pair[0].id, pair[1].id, "同村同名")
    assert "没有发现" in client.get("students.list_duplicates").text


def test_a_pair_is_listed_to_whoever_looks_after_both(county, officer, school_admin, sign_in):
    factories.make_student(county.room, "次仁卓玛")
    factories.make_student(county.other_room, "次仁卓玛")
    assert "核对并合并" in sign_in(officer).get("students.list_duplicates").text
    assert "核对并合并" not in sign_in(school_admin).get("students.list_duplicates").text
    sign_in(factories.make_user("teacher", county.room)).get("students.list_duplicates", 403)


def test_two_records_are_merged_on_the_page_and_parted_again(pair, county, officer, sign_in):
    client, (kept, dropped) = sign_in(officer), pair
    page = merge_page(client, pair)
    assert "很可能是两个孩子" in page.text and kept.id_number not in page.text
    data = {"kept_revision": "1", "dropped_revision": "1", "take": "student_number", "reason": "户口簿核对"}
    client.post("students.merge_students", {**data, "reason": ""}, 400, student_id=kept.id, other_id=dropped.id)
    client.post("students.merge_students", {**data, "kept_revision": "0"}, 409, student_id=kept.id, other_id=dropped.id)
    client.post("students.merge_students", data, student_id=kept.id, other_id=dropped.id)
    assert Student.get_by_id(kept.id).student_number == dropped.student_number
    answer = client.get("students.show_student", 303, student_id=dropped.id)
    assert answer.location.endswith(f"/students/{kept.id}")
    client.get("students.edit_student", 404, student_id=dropped.id)
    assert "并入的档案" in client.get("students.list_changes", student_id=kept.id).text
    merge = StudentMerge.get()
    client.post("students.withdraw_merge", {}, student_id=kept.id, merge_id=merge.id)
    assert Student.get_by_id(dropped.id).merged_into_id is None
    client.get("students.withdraw_merge", 404, student_id=kept.id, merge_id=merge.id)


def test_a_school_merges_no_two_valid_ids(pair, school_admin, sign_in):
    client = sign_in(school_admin)
    assert "只有县教育局" in merge_page(client, pair).text
    data = {"kept_revision": "1", "dropped_revision": "1", "reason": "同一人"}
    client.post("students.merge_students", data, 400, student_id=pair[0].id, other_id=pair[1].id)


def test_a_pupil_beyond_ones_reach_is_merged_with_nobody(pair, pupils, school_admin, sign_in):
    client = sign_in(school_admin)
    merge_page(client, (pair[0], pupils.elsewhere), 404)
    merge_page(client, (pair[0], pair[0]), 404)


def test_who_is_typed_in_twice_is_shown_first(pair, county, school_admin, sign_in):
    client = sign_in(school_admin)
    data = {**RECORD, "class_org": county.room.id, "mode": "day", "starts_on": "2026-09-01"}
    page = client.post("students.create_student", data, 400)
    assert "可能是同一个孩子" in page.text and "就是他" in page.text and Student.select().count() == 2
    client.post("students.create_student", {**data, "is_another": "y"})
    assert Student.select().count() == 3


@pytest.mark.parametrize("by", ["name", "phone", "former"])
def test_of_a_child_of_another_school_only_that_there_is_one_is_said_and_on_record(by, county, officer, school_admin, sign_in):
    other = factories.make_student(county.other_room, "次仁卓玛" if by == "name" else "隐名", phone="13911112222")
    old = other.id_number
    if by == "former":
        actions.edit_student(student=other, revision=1, values={"id_number": factories.make_id_number()}, why="录错了", by=officer)
    data = {**RECORD, "class_org": county.room.id, "mode": "day", "starts_on": "2026-09-01"}
    data |= {"name": {"phone": "13911112222"}, "phone": {"phone": "13911112222"}, "former": {"id_number": old}}[by]
    page = sign_in(school_admin).post("students.create_student", data, 400)
    assert "另一所学校已有一名" in page.text and "隐名" not in page.text and county.other_school.name not in page.text
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).first()
    assert entry.action == "students.find_twins" and old not in entry.reason


def test_guardians_say_who_has_custody_lives_with_the_child_and_holds_the_card(pupils, school_admin, sign_in):
    client, pupil = sign_in(school_admin), pupils.mine
    Guardian.update(is_guardian=False).execute()
    assert "至少登记一位" in client.get("students.list_guardians", student_id=pupil.id).text
    data = {"name": "卓玛", "relation": "母亲", "is_guardian": "y", "has_custody": "y", "lives_with": "y"}
    client.post("students.add_guardian", data, student_id=pupil.id)
    mother = Guardian.get(Guardian.name == "卓玛")
    assert (mother.has_custody, mother.lives_with, mother.holds_card) == (True, True, False)
    text = client.get("students.list_guardians", student_id=pupil.id).text
    assert "有监护权" in text and "与学生同住" in text and "至少登记一位" not in text


def test_a_household_is_made_by_hand_and_shows_brothers_and_sisters_within_reach(pair, county, school_admin, stranger, sign_in):
    client, (first, second) = sign_in(school_admin), pair
    Student.update(name="达瓦").where(Student.id == second.id).execute()
    for pupil in pair:
        factories.make_guardian(pupil, phone="13800001111")
    assert "达瓦" not in client.get("students.list_guardians", student_id=first.id).text
    client.post("students.set_household", {"also": str(second.id), "head_name": ""}, 400, student_id=first.id)
    client.post("students.set_household", {"also": str(second.id), "head_name": "扎西", "address": "扎多村"}, student_id=first.id)
    text = client.get("students.list_guardians", student_id=first.id).text
    assert "兄弟姐妹" in text and "达瓦" in text and "扎西" in text and Household.get().address == "扎多村"
    teacher = sign_in(factories.make_user("teacher", county.room))
    assert "达瓦" not in teacher.get("students.list_guardians", student_id=first.id).text
    client.post("students.leave_household", {}, student_id=second.id)
    assert "达瓦" not in client.get("students.list_guardians", student_id=first.id).text


@pytest.fixture
def families(pair, county, officer):
    """(two pupils of one household, one of another school in another one)."""
    other = factories.make_student(county.other_room, "外校生")
    set_household(student=pair[0], others=[pair[1]], head_name="扎西", address="扎多村", number="HD-1", by=officer)
    set_household(student=other, others=[], head_name="多吉", address="", number="HD-2", by=officer)
    return pair, other


def test_a_household_gets_another_head_and_a_number_and_everybody_in_it_keeps_what_it_was(families, school_admin, sign_in):
    (first, second), _ = families
    client = sign_in(school_admin)
    assert 'value="扎西"' in client.get("students.edit_household", student_id=second.id).text
    client.post("students.edit_household", {"head_name": "央金", "address": "扎多村", "number": "ＨＤ-3"}, student_id=second.id)
    home = Household.get(Household.id == Student.get_by_id(first.id).household_id)
    assert (home.head_name, home.address, home.number) == ("央金", "扎多村", "HD-3")
    entry = AuditEntry.select().where(AuditEntry.action == "students.edit_household").get()
    assert entry.fields == "head_name,household_number" and "央金" not in entry.reason
    for pupil in (first, second):
        assert "HD-3" in client.get("students.list_guardians", student_id=pupil.id).text
        text = client.get("students.list_changes", student_id=pupil.id).text
        assert "扎西 → 央金" in text and "HD-1 → HD-3" in text
    assert "没有改动" in client.post("students.edit_household", {"head_name": "央金", "address": "扎多村", "number": "HD-3"}, 400, student_id=first.id).text
    client.post("students.edit_household", {"head_name": "央金", "address": "扎多村", "number": ""}, student_id=first.id)
    assert Household.get_by_id(home.id).number is None


def test_a_number_that_another_household_has_is_refused_in_words(families, school_admin, officer, sign_in):
    (first, _), other = families
    typed = {"head_name": "扎西", "address": "扎多村", "number": "HD-2"}
    page = sign_in(school_admin).post("students.edit_household", typed, 400, student_id=first.id).text
    assert "HD-2 在本县已有另一家使用" in page and "多吉" not in page  # of another school
    assert "已经是户主多吉那一家的" in sign_in(officer).post("students.edit_household", typed, 400, student_id=first.id).text
    identity = {**typed, "number": factories.make_id_number()}
    assert "不能用身份证号" in sign_in(officer).post("students.edit_household", identity, 400, student_id=first.id).text
    leave_household(student=Student.get_by_id(other.id), by=officer)  # nobody is left in it
    sign_in(school_admin).post("students.edit_household", typed, student_id=first.id)
    assert {home.number for home in Household.select()} == {"HD-2", None}


def test_a_household_that_is_none_is_not_changed(pupils, school_admin, teacher, sign_in):
    sign_in(school_admin).get("students.edit_household", status=404, student_id=pupils.mine.id)
    with pytest.raises(Refused, match="没有编入家庭"):
        edit_household(student=pupils.mine, head_name="扎西", address="", number="", by=school_admin)
    with pytest.raises(Forbidden):
        edit_household(student=pupils.mine, head_name="扎西", address="", number="", by=teacher)


def test_a_look_says_who_it_may_be_and_saves_nothing(county, school_admin, sign_in):
    there = factories.make_student(county.room, "次仁卓玛")
    far = factories.make_student(county.other_room, "外校生", born_on=there.born_on)
    client, before = sign_in(school_admin), Student.select().count()
    typed = {"name": "次仁卓玛", "sex": "F", "born_on": there.born_on.isoformat(), "look": "1"}
    page = client.post("students.create_student", typed, status=200).text
    assert "可能是同一个孩子" in page and f"/students/{there.id}" in page
    assert "可能是同一个孩子" in client.post("students.create_student", {"id_number": there.id_number, "look": "1"}, status=200).text
    hint = client.post("students.create_student", typed | {"name": "外校生"}, status=200).text
    assert "本县另一所学校" in hint and f"/students/{far.id}" not in hint and "石门乡" not in hint
    assert "可能是同一个孩子" not in client.post("students.create_student", typed | {"name": "没有的人"}, status=200).text
    assert Student.select().count() == before


def test_an_edit_can_look_too(county, school_admin, sign_in):
    mine, other = factories.make_student(county.room, "甲"), factories.make_student(county.room, "乙")
    client = sign_in(school_admin)
    page = client.post("students.edit_student", {"name": "甲", "id_number": other.id_number, "look": "1"}, student_id=mine.id, status=200).text
    assert "可能是同一个孩子" in page and f"/students/{other.id}" in page
    assert Student.get_by_id(mine.id).id_number == mine.id_number
