"""Finding pupils by what is typed, within the reader's scope."""

import pytest

from aidtracker.db import database, is_sqlite
from aidtracker.errors import Refused
from aidtracker.students import search as searching
from aidtracker.students.actions_phones import index_phones
from aidtracker.students.models import Guardian, NameReading, Student
from aidtracker.students.search import LAST, is_number, search
from tests import factories


def found(user, text, **options):
    return {student.name for student in Student.select().where(Student.id.in_(search(user, text, **options).ids))}


@pytest.mark.parametrize("text", ["次仁卓玛", "次仁\x00", "卓玛", "玛", "ciren", "CIREN", "ci ren zhuo ma", "crz", "renzhuoma", " 卓玛 ", "zhuo", "cìrén"])
def test_a_pupil_is_found_by(text, pupils, officer):
    expected = set() if text == "zhuo" else {"次仁卓玛"}
    assert found(officer, text) == expected


@pytest.mark.parametrize("text", ["单雄信", "shan", "dan", "sxx", "dxx", "雄"])
def test_both_readings_of_a_surname_count(text, pupils, officer):
    assert "单雄信" in found(officer, text)


@pytest.mark.parametrize("text", ["阿卜杜热合曼·买买提", "阿卜杜热合曼.买买提", "阿卜杜热合曼买买提", "买买提", "maimaiti", "abd"])
def test_a_long_name_with_or_without_its_dot(text, county, officer):
    factories.make_student(county.room, "阿卜杜热合曼·买买提")
    assert found(officer, text) == {"阿卜杜热合曼·买买提"}


def test_rare_characters_are_found(county, officer):
    factories.make_student(county.room, "王𠮷䶮")
    for text in ("王𠮷", "𠮷䶮", "䶮", "wangji", "wjy"):
        assert found(officer, text) == {"王𠮷䶮"}


def test_numbers_are_found_whole_and_by_their_last_six(pupils, officer):
    pupil = pupils.mine
    for text in (pupil.id_number, pupil.id_number.lower(), f" {pupil.id_number[:6]} {pupil.id_number[6:]}", pupil.student_number):
        assert found(officer, text) == {"次仁卓玛"}
    assert found(officer, pupil.id_number[-6:]) == {"次仁卓玛"}


def test_an_x_at_the_end_counts_large_and_small(county, officer):
    factories.make_student(county.room, "王小明", id_number="99010120170504001X")
    assert found(officer, "04001x") == found(officer, "04001X") == found(officer, "99010120170504001x") == {"王小明"}
    assert found(officer, "1x", is_one_school=True) == {"王小明"}


def test_fewer_than_six_digits_only_within_one_school(pupils, officer):
    tail = pupils.mine.id_number[-4:]
    with pytest.raises(Refused, match="请先选学校或班级"):
        search(officer, tail)
    assert "次仁卓玛" in found(officer, tail, is_one_school=True)


@pytest.mark.parametrize("text", ["99010120170504", "9901012017050", "G12"])
def test_other_numbers_are_refused(text, officer):
    with pytest.raises(Refused, match="后六位"):
        search(officer, text)


@pytest.mark.parametrize("typed", ["13800001234", "138 0000 1234", "+86 13800001234", "0564-7350000", "05647350000"])
def test_a_whole_telephone_finds_the_pupil_and_whom_its_owner_guards(typed, county, officer, teacher, stranger):
    own = factories.make_student(county.room, "索朗", phone="13800001234")
    guarded = factories.make_student(county.room, "达瓦")
    factories.make_guardian(guarded, phone="13800001234")
    far = factories.make_student(county.other_room, "平措")
    factories.make_guardian(far, phone="05647350000")
    assert is_number(typed)  # and so stays out of the address
    expected = {own.name, guarded.name} if "138" in typed else {far.name}
    assert found(officer, typed) == expected and found(stranger, typed) == expected - {own.name, guarded.name}
    assert found(teacher, typed) == expected - {far.name}


def test_telephones_of_before_get_their_index(county, officer):
    pupil = factories.make_student(county.room, "达瓦", phone="13800004321")
    guardian = factories.make_guardian(pupil, phone="0564-7350001")
    Student.update(phone_index=None).execute()
    Guardian.update(phone_index=None).execute()
    assert found(officer, "13800004321") == set()
    index_phones()
    assert found(officer, "13800004321") == found(officer, "05647350001") == {"达瓦"} and guardian.phone


@pytest.mark.parametrize("text", ["", " ", "·", "%", "_", "\\", "'", "*", "zzzz", "王%", "\x00", "\ud800"])
def test_what_fits_nobody_finds_nobody(text, pupils, officer):
    assert found(officer, text) == set()


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("teacher", {"次仁卓玛"}),
        ("school_admin", {"次仁卓玛", "次仁"}),
        ("coordinator", {"次仁卓玛", "次仁", "次仁央金"}),
        ("officer", {"次仁卓玛", "次仁", "次仁央金", "次仁多吉"}),
    ],
)
@pytest.mark.parametrize("batch", [400, 1])
def test_nobody_outside_the_scope_is_found(who, seen, batch, pupils, county, request, monkeypatch):
    monkeypatch.setattr(searching, "BATCH", batch)  # 1: as if thousands began so
    factories.make_student(county.sibling_room, "次仁")
    factories.make_student(county.other_room, "次仁央金", home=county.village)
    factories.make_student(county.other_room, "次仁多吉")
    far = factories.make_student(county.far_room, "次仁远")
    user = request.getfixturevalue(who)
    assert found(user, "次仁") == found(user, "ciren") == found(user, "cr") == seen
    assert found(user, far.id_number) == found(user, far.id_number[-6:]) == set()


def test_more_than_fits_is_cut_and_said(pupils, county, officer, monkeypatch):
    monkeypatch.setattr(searching, "MOST", 2)
    for name in ("次仁", "次仁央金", "次仁多吉"):
        factories.make_student(county.room, name)
    answer = search(officer, "次仁")
    assert (len(answer.ids), answer.is_cut) == (2, True)


def test_names_and_readings_are_ranges_of_an_index(pupils, county):
    """On both databases; otherwise a county's search would read every pupil."""
    queries = (
        Student.select(Student.id).where((Student.county == county.county) & (Student.name >= "王") & (Student.name < "王" + LAST)),
        NameReading.select(NameReading.student).where(
            (NameReading.county_id == county.county.id) & (NameReading.reading >= "wx") & (NameReading.reading < "wx" + LAST)
        ),
    )
    for query in queries:
        plan = plan_of(query)
        assert "scan student" not in plan and "seq scan" not in plan, plan
        assert "county_id" in plan and (">" in plan)


def plan_of(query):
    sql, values = query.sql()
    if is_sqlite():
        return " ".join(str(row[3]) for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)).lower()
    database.execute_sql("SET enable_seqscan = off")
    database.execute_sql("SET enable_bitmapscan = off")
    return " ".join(row[0] for row in database.execute_sql(f"EXPLAIN {sql}", values)).lower()
