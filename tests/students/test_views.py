"""The list of pupils and a pupil's own pages: who sees what."""

import pytest

from tests import factories

TABS = ("show_student", "list_guardians", "list_enrollments", "list_tags")


def names(page):
    return {name for name in ("次仁卓玛", "王小明", "单雄信", "央金拉姆", "陈远河") if name in page.text}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("teacher", {"次仁卓玛"}),
        ("stranger", {"单雄信", "央金拉姆"}),
        ("school_admin", {"次仁卓玛", "王小明"}),
        ("coordinator", {"次仁卓玛", "王小明", "央金拉姆"}),  # the last by registered home
        ("officer", {"次仁卓玛", "王小明", "单雄信", "央金拉姆"}),
    ],
)
def test_the_list_holds_the_readers_own_pupils(who, seen, pupils, sign_in, request):
    assert names(sign_in(request.getfixturevalue(who)).get("students.list_students")) == seen


def test_a_village_officer_sees_by_registered_home(pupils, county, sign_in):
    officer = factories.make_user("village_officer", county.village)
    assert names(sign_in(officer).get("students.list_students")) == {"次仁卓玛", "央金拉姆"}


@pytest.mark.parametrize("endpoint", TABS)
@pytest.mark.parametrize(
    ("who", "inside", "outside"),
    [
        ("teacher", "mine", ("sibling", "elsewhere", "at_home", "far")),
        ("coordinator", "at_home", ("elsewhere", "far")),
        ("officer", "elsewhere", ("far",)),
    ],
)
def test_outside_the_scope_a_pupil_does_not_exist(endpoint, who, inside, outside, pupils, sign_in, request):
    client = sign_in(request.getfixturevalue(who))
    client.get(f"students.{endpoint}", student_id=getattr(pupils, inside).id)
    for name in outside:
        client.get(f"students.{endpoint}", status=404, student_id=getattr(pupils, name).id)


def test_numbers_are_masked_on_every_tab(pupils, officer, sign_in):
    client, pupil = sign_in(officer), pupils.mine
    for endpoint in (*TABS, "list_changes", "edit_student"):
        text = client.get(f"students.{endpoint}", student_id=pupil.id).text
        for secret in (pupil.id_number, pupil.student_number, pupil.phone, "13800001234"):
            assert secret not in text
    assert "990***********" in client.get("students.show_student", student_id=pupil.id).text


def test_who_may_not_see_numbers_is_not_offered_them(pupils, county, sign_in):
    client = sign_in(factories.make_user("village_officer", county.village))
    page = client.get("students.show_student", student_id=pupils.mine.id)
    assert "/reveal" not in page.text and "扎多村3组" not in page.text
    client.get("students.edit_student", status=403, student_id=pupils.mine.id)


def test_a_teacher_sees_no_changes(pupils, teacher, sign_in):
    sign_in(teacher).get("students.list_changes", status=403, student_id=pupils.mine.id)


def test_the_tabs_lead_to_pages_that_exist(pupils, officer, sign_in):
    text = sign_in(officer).get("students.show_student", student_id=pupils.mine.id).text
    for word in ("基本信息", "监护人", "就读经历", "特殊群体", "查看与变更"):
        assert word in text
    assert 'aria-current="page">基本信息' in text


@pytest.mark.parametrize(
    ("filters", "seen"),
    [
        ({"sex": "M"}, {"王小明", "单雄信"}),
        ({"grade": "四年级"}, {"王小明"}),
        ({"mode": "boarding"}, set()),
        ({"q": "雄信"}, {"单雄信"}),
        ({"q": "cr", "sex": "M"}, set()),
        ({"by": "home"}, {"次仁卓玛", "央金拉姆"}),
        ({"sex": "?", "mode": "no such", "page": "x"}, {"次仁卓玛", "王小明", "单雄信", "央金拉姆"}),
    ],
)
def test_the_list_can_be_narrowed(filters, seen, pupils, officer, sign_in):
    assert names(sign_in(officer).get("students.list_students", **filters)) == seen


def test_the_list_of_a_place(pupils, county, officer, sign_in):
    client = sign_in(officer)
    assert names(client.get("students.list_students", township=county.township.id)) == {"次仁卓玛", "王小明", "央金拉姆"}
    assert names(client.get("students.list_students", township=county.township.id, by="school")) == {"次仁卓玛", "王小明"}
    assert names(client.get("students.list_students", school=county.school.id)) == {"次仁卓玛", "王小明"}
    assert names(client.get("students.list_students", school=county.school.id, room=county.room.id)) == {"次仁卓玛"}


def test_a_place_outside_the_scope_is_not_found(pupils, county, teacher, sign_in):
    client = sign_in(teacher)
    client.get("students.list_students", status=404, school=county.school.id)
    client.get("students.list_students", status=404, room=county.sibling_room.id)


def test_the_list_sorts_by_its_headings(pupils, officer, sign_in):
    client = sign_in(officer)
    for key in ("name", "-name", "class", "-class", "born", "seat", "no-such"):
        client.get("students.list_students", sort=key)
    text = client.get("students.list_students", sort="-name").text
    assert text.index("央金拉姆") < text.index("王小明") < text.index("单雄信") < text.index("次仁卓玛")


def test_a_number_that_is_searched_stays_out_of_the_address(pupils, officer, sign_in):
    client, number = sign_in(officer), pupils.mine.id_number
    page = client.post("students.search_students", {"q": number}, status=200, page=client.url("students.list_students"))
    assert names(page) == {"次仁卓玛"}
    answer = client.post("students.search_students", {"q": "卓玛"}, page=client.url("students.list_students"))
    assert answer.location.startswith(client.url("students.list_students") + "?")


def test_few_digits_are_refused_kindly_outside_one_school(pupils, county, officer, teacher, sign_in):
    tail = pupils.mine.id_number[-4:]
    page = sign_in(officer).get("students.list_students", status=400, q=tail)
    assert "请先选学校或班级" in page.text
    assert names(sign_in(officer).get("students.list_students", q=tail, school=county.school.id)) == {"次仁卓玛"}
    assert names(sign_in(teacher).get("students.list_students", q=tail)) == {"次仁卓玛"}


def test_an_empty_list_says_what_to_do(county, officer, sign_in):
    assert "学籍名册导入后" in sign_in(officer).get("students.list_students").text
    assert "清除筛选" in sign_in(officer).get("students.list_students", q="谁").text
