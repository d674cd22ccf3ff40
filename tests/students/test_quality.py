"""What is wrong with records: found, shown by school within the reader's scope, gone once mended."""

import datetime

import pytest

from aidtracker.crypto.field import sealed_column
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import today_in_china
from aidtracker.students.actions import edit_student
from aidtracker.students.actions_placing import leave_class
from aidtracker.students.actions_quality import check_quality, check_quality_when_due
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.models_quality import QualityFinding, QualitySum
from aidtracker.students.quality import KINDS, is_odd_age
from tests import factories

BORN = datetime.date(2018, 3, 5)  # eight in 三年级 of 2026
TODAY = today_in_china()


@pytest.fixture
def good(county):
    """Nothing is wrong with three of them."""
    return [make(county, sex="F", born_on=BORN + datetime.timedelta(days=n)) for n in range(3)]


def make(county, room=None, **values):
    student = factories.make_student(room or county.room, home=county.village, **values)
    factories.make_guardian(student)
    number = f"G{student.id_number}"
    sealed = {"student_number": sealed_column(Student.student_number)(student.uid, number), "student_number_index": keyed("index_student_number", number)}
    Student.update(home_code="990100100201", **sealed).where(Student.id == student.id).execute()
    return Student.get_by_id(student.id)


def kinds_of(student):
    return {finding.kind for finding in QualityFinding.select().where(QualityFinding.student == student)}


def look(county, on=TODAY):
    return check_quality(county_id=county.county.id, on=on)


def test_nothing_is_found_where_nothing_is_wrong(county, good):
    assert sum(look(county).values()) == 0


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("no_id", {"id_number": None, "id_index": None, "last_six_index": None}),
        ("mismatch", {"sex": "M"}),
        ("mismatch", {"born_on": BORN + datetime.timedelta(days=9)}),
        ("no_number", {"student_number": None, "student_number_index": None}),
        ("age", {"born_on": BORN.replace(year=2013)}),
        ("no_home", {"home_code": ""}),
    ],
)
def test_each_thing_that_is_wrong_is_found(county, good, kind, values):
    Student.update(values).where(Student.id == good[0].id).execute()
    look(county)
    assert kind in kinds_of(good[0]) and not kinds_of(good[1])


def test_a_wrong_check_digit_and_a_temporary_number_are_found(county, good):
    good[0].id_number = good[0].id_number[:-1] + ("0" if good[0].id_number[-1] != "0" else "1")
    good[0].student_number = "L" + good[0].student_number[1:]
    good[0].save(only=[Student.id_number, Student.student_number])
    look(county)
    assert kinds_of(good[0]) == {"bad_id", "temporary"}


def test_a_child_of_a_passport_has_no_id_of_a_resident(county, good):
    good[0].id_number = "P1234567"
    good[0].id_kind = "护照"
    good[0].save(only=[Student.id_number, Student.id_kind])
    look(county)
    assert kinds_of(good[0]) == set()


def test_no_guardian_no_phone_and_namesakes(county, good):
    alone = factories.make_student(county.room, good[1].name, born_on=good[1].born_on, home=county.village)
    look(county)
    assert {"no_guardian", "no_phone", "twice"} <= kinds_of(alone) and kinds_of(good[1]) == {"twice"}


def test_a_class_of_one_and_a_child_that_left_without_a_word(county, good):
    lonely = make(county, county.sibling_room, born_on=BORN.replace(year=2017))
    Student.update(class_org=None).where(Student.id == good[0].id).execute()
    look(county)
    assert kinds_of(lonely) == {"small_class"} and kinds_of(good[0]) == {"nowhere"}


def test_who_left_with_a_reason_is_not_nowhere(county, good, officer):
    leave_class(student=good[0], left_on=TODAY, reason="随父母到外县", by=officer, kind="move_away", place="邻县")
    assert look(county)["nowhere"] == 0
    Move.update(withdrawn_by=officer, withdrawn_at=datetime.datetime(2026, 11, 1)).execute()
    assert look(county)["nowhere"] == 1


def test_what_stays_keeps_its_day_and_what_is_mended_goes(county, good, officer):
    Student.update(home_code="").where(Student.id.in_([good[0].id, good[1].id])).execute()
    first = TODAY - datetime.timedelta(days=3)
    look(county, first)
    edit_student(student=Student.get_by_id(good[0].id), revision=Student.get_by_id(good[0].id).revision, values={"home_code": "990100100201"}, by=officer)
    look(county)
    [left] = QualityFinding.select()
    assert (left.student_id, left.found_on) == (good[1].id, first)
    days = [(each.on, each.number) for each in QualitySum.select().where(QualitySum.kind == "no_home").order_by(QualitySum.on)]
    assert days == [(first, 2), (TODAY, 1)]


def test_twice_on_one_day_is_once(county, good):
    Student.update(home_code="").execute()
    look(county)
    before = QualitySum.select().count()
    look(county)
    assert QualitySum.select().count() == before and QualityFinding.select().count() == 3


def test_the_server_looks_once_a_day_after_three(county, good, monkeypatch):
    monkeypatch.setattr("aidtracker.students.actions_quality.china_time", lambda _now: datetime.datetime(2026, 11, 27, 2, 59))
    check_quality_when_due()
    assert not QualitySum.select().exists()
    monkeypatch.setattr("aidtracker.students.actions_quality.china_time", lambda _now: datetime.datetime(2026, 11, 27, 3, 0))
    check_quality_when_due()
    looked = QualitySum.select().count()
    check_quality_when_due()
    assert looked and QualitySum.select().count() == looked


@pytest.mark.parametrize(("born", "is_odd"), [("2020-08-31", False), ("2020-09-01", False), ("2016-08-31", True), ("2022-08-31", False), ("2022-09-01", True)])
def test_the_age_of_a_grade_is_reckoned_on_the_first_of_september(born, is_odd):
    assert is_odd_age(datetime.date.fromisoformat(born), "primary", 2026, 2026, 3) == is_odd


def test_the_board_shows_the_readers_schools_and_who_mends(county, good, officer, school_admin, teacher, sign_in):
    factories.make_student(county.other_room, "外校生")
    Student.update(home_code="").execute()
    look(county)
    page = sign_in(officer).get("students.show_quality").text
    assert "双河镇中心小学" in page and "石门乡中心小学" in page and school_admin.name in page
    mine = sign_in(school_admin)
    page = mine.get("students.show_quality").text
    assert "双河镇中心小学" in page and "石门乡中心小学" not in page
    listed = mine.get("students.list_findings", kind="no_home").text
    assert "共 3 人" in listed and "外校生" not in listed and "去改" in listed
    assert "去改" not in sign_in(teacher).get("students.list_findings", kind="no_home").text
    mine.get("students.list_findings", kind="nothing", status=404)
    mine.get("students.list_findings", kind="no_home", school=county.other_school.id, status=404)


def test_each_number_of_the_board_is_the_length_of_its_list(county, good, officer, sign_in):
    Student.update(home_code="", student_number=None, student_number_index=None).execute()
    sums = look(county)
    client = sign_in(officer)
    for kind in KINDS:
        assert f"共 {sums[kind]} 人" in client.get("students.list_findings", kind=kind).text


def test_only_whoever_manages_the_county_has_it_looked_through(county, good, administrator, school_admin, sign_in):
    client = sign_in(administrator)
    client.post("students.start_quality_check", page=client.url("students.show_quality"))
    assert "已开始检查" in client.get("students.show_quality").text
    other = sign_in(school_admin)
    other.post("students.start_quality_check", page=other.url("students.show_quality"), status=403)


def test_a_record_that_was_merged_is_no_finding(county, good):
    gone = factories.make_student(None, "并掉的", home=county.village)
    look(county)
    assert "nowhere" in kinds_of(gone)
    Student.update(merged_into=good[0].id).where(Student.id == gone.id).execute()
    look(county)
    assert kinds_of(gone) == set()
