"""Changing a pupil: the form, the rules, the trail."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.students.models import Enrollment, Guardian, NameReading, Student, Tag
from tests import factories

RECORD = {
    "name": "次仁卓玛", "sex": "F", "born_on": "2017-05-04", "ethnicity": "藏族", "id_kind": "居民身份证", "home_code": "990100100201",
    "address": "扎多村3组", "entered_on": "202309",
}  # fmt: skip
URLS = ("edit_student", "add_guardian", "add_tag", "enroll_student", "change_mode", "leave_class")


def last_entry():
    return AuditEntry.select().order_by(AuditEntry.id.desc()).first()


def edit(client, pupil, status=303, revision=1, **changes):
    data = {**RECORD, "revision": str(revision), "why": "typing", **changes}
    return client.post("students.edit_student", data, status, student_id=pupil.id)


def test_edit_student_writes_what_changed_and_names_it_in_the_trail(pupils, school_admin, sign_in):
    edit(sign_in(school_admin), pupils.mine, name="次仁央宗", ethnicity="汉族")
    student = Student.get_by_id(pupils.mine.id)
    assert (student.name, student.ethnicity, student.revision, student.pinyin) == ("次仁央宗", "汉族", 2, "cirenyangzong")
    entry = last_entry()
    assert (entry.action, entry.object_id, entry.fields) == ("students.edit_student", student.uid, "name,ethnicity")
    assert "央宗" not in entry.reason


def test_edit_student_keeps_what_is_left_empty_of_the_sealed_numbers(pupils, school_admin, sign_in):
    before = pupils.mine.id_number, pupils.mine.student_number, pupils.mine.phone
    edit(sign_in(school_admin), pupils.mine, ethnicity="汉族")
    after = Student.get_by_id(pupils.mine.id)
    assert (after.id_number, after.student_number, after.phone) == before


def test_edit_student_empties_a_number_on_the_word(pupils, school_admin, sign_in):
    edit(sign_in(school_admin), pupils.mine, phone="无")
    assert Student.get_by_id(pupils.mine.id).phone is None


def test_edit_student_renames_the_readings(pupils, school_admin, sign_in):
    edit(sign_in(school_admin), pupils.mine, name="单晓")
    found = {reading for (reading,) in NameReading.select(NameReading.reading).where(NameReading.student == pupils.mine.id).tuples()}
    assert {"shanxiao", "danxiao", "sx"} <= found
    assert {"crzm", "次仁卓玛"} <= found  # the former name still finds the child


def test_edit_student_changes_nothing_that_the_form_does_not_hold(pupils, county, school_admin, sign_in):
    extra = {"county": county.other_county.id, "class_org": county.far_room.id, "uid": "x", "mode": "boarding", "id": "7", "pinyin": "x"}
    edit(sign_in(school_admin), pupils.mine, ethnicity="汉族", **extra)
    after = Student.get_by_id(pupils.mine.id)
    assert (after.county_id, after.class_org_id, after.uid) == (county.county.id, county.room.id, pupils.mine.uid)
    assert (after.mode, after.pinyin) == ("day", pupils.mine.pinyin)


def test_a_revision_that_is_no_number_is_a_conflict_and_no_error(pupils, school_admin, sign_in):
    for revision in ("", "²", "-1", "9" * 30):
        edit(sign_in(school_admin), pupils.mine, revision=revision, ethnicity="彝族", status=409)


def test_a_second_save_on_the_same_revision_shows_both_sides(pupils, school_admin, officer, sign_in):
    mine, theirs = sign_in(school_admin), sign_in(officer)
    edit(theirs, pupils.mine, ethnicity="汉族")
    page = edit(mine, pupils.mine, 409, ethnicity="彝族")
    assert "汉族" in page.text and "彝族" in page.text and "刚被别人改过" in page.text
    assert Student.get_by_id(pupils.mine.id).ethnicity == "汉族"
    edit(mine, pupils.mine, revision=2, ethnicity="彝族")
    assert Student.get_by_id(pupils.mine.id).ethnicity == "彝族"


def test_the_id_of_another_child_is_refused(pupils, officer, school_admin, sign_in):
    number = pupils.elsewhere.id_number
    page = edit(sign_in(officer), pupils.mine, 400, id_number=number)
    assert "已登记在单雄信名下" in page.text
    page = edit(sign_in(school_admin), pupils.mine, 400, id_number=number)
    assert "单雄信" not in page.text and "另一名学生" in page.text
    edit(sign_in(officer), pupils.mine, id_number=pupils.far.id_number)  # the next county's register is not ours


def test_a_wrong_check_digit_warns_and_is_saved(pupils, officer, sign_in):
    client, number = sign_in(officer), pupils.mine.id_number
    wrong = number[:-1] + ("1" if number[-1] == "0" else "0")
    answer = edit(client, pupils.mine, id_number=wrong.lower(), sex="M")
    page = client.http.get(answer.location)
    assert "校验位不对" in page.text and "性别不一致" in page.text and wrong not in page.text
    assert Student.get_by_id(pupils.mine.id).id_number == wrong


def test_what_is_no_id_is_refused_and_nothing_typed_is_lost(pupils, officer, sign_in):
    page = edit(sign_in(officer), pupils.mine, 400, id_number="12345", ethnicity="彝族")
    assert "17 位数字" in page.text and "彝族" in page.text


@pytest.mark.parametrize("endpoint", URLS)
def test_who_may_only_look_is_refused(endpoint, pupils, teacher, coordinator, sign_in):
    for user in (teacher, coordinator):
        sign_in(user).get(f"students.{endpoint}", status=403, student_id=pupils.mine.id)


@pytest.mark.parametrize("endpoint", URLS)
def test_the_pupil_of_another_school_does_not_exist_for_a_school_admin(endpoint, pupils, school_admin, sign_in):
    client = sign_in(school_admin)
    client.get(f"students.{endpoint}", student_id=pupils.sibling.id)
    client.get(f"students.{endpoint}", status=404, student_id=pupils.elsewhere.id)


def test_create_student_fills_the_record_the_class_and_the_readings(county, school_admin, sign_in):
    client = sign_in(school_admin)
    number = factories.make_id_number(datetime.date(2017, 5, 4), "F")
    data = {**RECORD, "id_number": number, "class_org": county.room.id, "mode": "boarding", "seat": "7", "starts_on": "2026-09-01"}
    client.post("students.create_student", data)
    student = Student.get(Student.name == "次仁卓玛")
    assert (student.class_org_id, student.mode, student.home_id, student.id_number) == (county.room.id, "boarding", county.village.id, number)
    spell = Enrollment.get(Enrollment.student == student)
    assert (spell.seat, spell.starts_on, spell.ends_on) == (7, datetime.date(2026, 9, 1), None)
    assert NameReading.select().where(NameReading.reading == "crzm").exists()
    assert last_entry().action == "students.create_student"
    client.post("students.create_student", data, 400)  # the same child again


def test_create_student_in_a_class_of_another_school_is_not_found(county, school_admin, sign_in):
    data = {**RECORD, "class_org": county.other_room.id, "mode": "day", "starts_on": "2026-09-01"}
    page = sign_in(school_admin).post("students.create_student", data, 400)
    assert not Student.select().exists() and "没有找到" in page.text


def test_a_double_tap_is_one_pupil(county, school_admin, sign_in):
    client = sign_in(school_admin)
    key, data = "5f0d4a3e-6f4f-4a52-9a6c-0f3f2a7c1b11", {**RECORD, "class_org": county.room.id, "mode": "day", "starts_on": "2026-09-01"}
    first = client.post("students.create_student", {**data, "key": key})
    second = client.post("students.create_student", {**data, "key": key})
    assert first.location == second.location and Student.select().count() == 1


def test_guardians_are_added_changed_and_removed(pupils, school_admin, sign_in):
    client, pupil = sign_in(school_admin), pupils.mine
    client.post("students.add_guardian", {"name": "卓玛", "relation": "母亲", "phone": "13700009999", "is_guardian": "y"}, student_id=pupil.id)
    mother = Guardian.get(Guardian.name == "卓玛")
    assert (mother.position, mother.phone, mother.is_guardian) == (2, "13700009999", True)
    client.post("students.edit_guardian", {"name": "卓嘎", "relation": "母亲", "phone": ""}, student_id=pupil.id, position=2)
    mother = Guardian.get(Guardian.position == 2)
    assert (mother.name, mother.phone, mother.is_guardian) == ("卓嘎", "13700009999", False)
    client.post("students.remove_guardian", {}, student_id=pupil.id, position=1)
    assert [g.name for g in Guardian.select()] == ["卓嘎"]
    client.get("students.edit_guardian", status=404, student_id=pupil.id, position=1)
    assert AuditEntry.select().where(AuditEntry.action.contains("guardian")).count() == 3


@pytest.mark.parametrize(("typed", "status"), [("错误x1", 400), ("137", 400), ("0564-7350000 转 12", 303), ("+86 13700009999", 303)])
def test_a_phone_is_something_that_can_be_dialled(pupils, school_admin, sign_in, typed, status):
    data = {"name": "卓玛", "relation": "母亲", "phone": typed}
    answer = sign_in(school_admin).post("students.add_guardian", data, status, student_id=pupils.mine.id)
    assert status == 303 or "电话只写数字" in answer.text


def test_a_tag_opens_once_and_ends(pupils, school_admin, sign_in):
    client, pupil = sign_in(school_admin), pupils.mine
    data = {"kind": "left_behind", "detail": "", "starts_on": "2026-10-01", "source": "班主任家访"}
    client.post("students.add_tag", data, student_id=pupil.id)
    assert "已经在「留守儿童」里" in client.post("students.add_tag", data, 400, student_id=pupil.id).text
    tag = Tag.get()
    client.post("students.end_tag", {"ends_on": "2026-09-01"}, 400, student_id=pupil.id, tag_id=tag.id)
    client.post("students.end_tag", {"ends_on": "2026-11-01"}, student_id=pupil.id, tag_id=tag.id)
    assert Tag.get().ends_on == datetime.date(2026, 11, 1)
    client.get("students.end_tag", status=404, student_id=pupils.sibling.id, tag_id=tag.id)


def test_a_new_spell_ends_the_old_one(pupils, county, school_admin, sign_in):
    data = {"class_org": county.sibling_room.id, "mode": "boarding", "seat": "3", "starts_on": "2026-10-08"}
    sign_in(school_admin).post("students.enroll_student", data, student_id=pupils.mine.id)
    spells = list(Enrollment.select().where(Enrollment.student == pupils.mine).order_by(Enrollment.starts_on))
    assert [(s.class_org_id, s.ends_on) for s in spells] == [
        (county.room.id, datetime.date(2026, 10, 7)),
        (county.sibling_room.id, None),
    ]
    student = Student.get_by_id(pupils.mine.id)
    assert (student.class_org_id, student.mode, student.revision) == (county.sibling_room.id, "boarding", 2)


def test_a_spell_never_begins_before_the_last_one_or_after_today(pupils, county, school_admin, sign_in):
    client = sign_in(school_admin)
    for day in ("2026-08-31", "2999-01-01"):
        data = {"class_org": county.sibling_room.id, "mode": "day", "starts_on": day}
        client.post("students.enroll_student", data, 400, student_id=pupils.mine.id)
    data = {"class_org": county.sibling_room.id, "mode": "day", "starts_on": "2026-09-01"}  # corrects the spell of that day
    client.post("students.enroll_student", data, student_id=pupils.mine.id)
    assert Enrollment.select().where(Enrollment.student == pupils.mine).count() == 1


def test_change_mode_keeps_the_class(pupils, county, school_admin, sign_in):
    client = sign_in(school_admin)
    client.post("students.change_mode", {"mode": "home_taught", "starts_on": "2026-11-01"}, student_id=pupils.mine.id)
    student = Student.get_by_id(pupils.mine.id)
    assert (student.mode, student.class_org_id) == ("home_taught", county.room.id)
    assert Enrollment.get(Enrollment.student == student, Enrollment.ends_on.is_null()).seat == 22


def test_leave_class_needs_a_reason_and_keeps_the_record(pupils, county, school_admin, officer, sign_in):
    client = sign_in(school_admin)
    client.post("students.leave_class", {"kind": "move_away", "place": "外县", "left_on": "2026-11-20", "reason": " "}, 400, student_id=pupils.mine.id)
    answer = client.post("students.leave_class", {"kind": "move_away", "place": "外县", "left_on": "2026-11-20", "reason": "随父母到外县就读"}, student_id=pupils.mine.id)
    assert answer.location == client.url("students.list_students")
    student = Student.get_by_id(pupils.mine.id)
    assert student.class_org_id is None and last_entry().reason == "随家庭迁走"
    page = sign_in(officer).get("students.show_student", student_id=student.id)
    assert "现在不在任何班级" in page.text and "编入班级" in page.text


def test_the_next_school_cannot_take_a_pupil_that_it_does_not_see(pupils, county, sign_in):
    head = factories.make_user("school_admin", county.other_school)
    sign_in(head).get("students.enroll_student", status=404, student_id=pupils.mine.id)
