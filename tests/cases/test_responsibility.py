"""包保: who answers for a child on a day, of both lines; naming, ending and withdrawing; a person's own children."""

import datetime
import io

import pytest
from openpyxl import load_workbook

from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions_responsibility import add_responsibility, end_responsibility, withdraw_responsibility
from aidtracker.cases.models import Case
from aidtracker.cases.models_responsibility import Responsibility
from aidtracker.cases.responsibles import my_children, my_overdue, responsible_for
from aidtracker.db import run_sql
from aidtracker.errors import Forbidden, Refused
from tests import factories


@pytest.fixture
def name(officer, days):
    """name(org=..., name="王校长") -> the row."""

    def make(by=None, org=None, student=None, **values):
        told = {"line": "edu", "duty": "principal", "name": "王校长", "post": "校长", "phone": "13900001111", "person": None, "starts_on": days(10), "ends_on": None}
        return add_responsibility(values=told | values, by=by or officer, org=org, student=student)

    return make


def names(pupil, on):
    return [(each.line, each.name) for each in responsible_for(pupil, on)]


def test_of_both_lines_the_nearest_first(name, pupils, county, today):
    name(org=county.county, line="gov", duty="county", name="马县长", post="县长")
    name(org=county.village, line="gov", duty="village", name="王主任")
    name(org=county.school)
    name(org=county.room, duty="teacher", name="张老师")
    name(student=pupils.mine, line="edu", duty="other", name="包生人")
    name(org=county.other_school, name="别校长")
    assert names(pupils.mine, today) == [("edu", "包生人"), ("edu", "张老师"), ("edu", "王校长"), ("gov", "王主任"), ("gov", "马县长")]


def test_it_is_who_answered_on_that_day(name, pupils, county, officer, today, days):
    old = name(org=county.school)
    end_responsibility(responsibility=old, ends_on=days(5), by=officer)
    name(org=county.school, name="李校长", starts_on=days(4))
    assert names(pupils.mine, days(6)) == [("edu", "王校长")] == names(pupils.mine, days(5))
    assert names(pupils.mine, today) == [("edu", "李校长")]
    assert names(pupils.mine, days(20)) == []


def test_a_mistake_holds_on_no_day_and_is_kept(name, pupils, county, officer, today, days):
    row = name(org=county.school)
    withdraw_responsibility(responsibility=row, by=officer)
    assert names(pupils.mine, today) == [] and Responsibility.get().withdrawn_by_id == officer.id
    with pytest.raises(Refused, match="已经撤销"):
        end_responsibility(responsibility=row, ends_on=today, by=officer)


def test_school_township_and_bureau_name_people_within_their_scope(name, pupils, county, teacher, stranger, village_officer, school_admin, coordinator, officer):
    for by in (teacher, stranger, village_officer):
        with pytest.raises(Forbidden):
            name(by, org=county.school)
        with pytest.raises(Forbidden):
            name(by, student=pupils.mine)
    for by, org in ((school_admin, county.township), (school_admin, county.other_school), (coordinator, county.county), (coordinator, county.other_school)):
        with pytest.raises(Forbidden):
            name(by, org=org)
    name(school_admin, org=county.room)
    name(coordinator, org=county.village)
    name(coordinator, student=pupils.at_home)
    name(officer, org=county.other_township)
    assert AuditEntry.select().where(AuditEntry.action == "cases.add_responsibility").count() == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"line": "x"}, "没有这个选项"),
        ({"duty": "x"}, "没有这个选项"),
        ({"name": " "}, "姓名"),
        ({"person": 999_999}, "从名单里选"),
        ({"ends_on": datetime.date(2020, 1, 1)}, "不能早于开始日期"),
        ({"starts_on": None}, "从哪天起"),
    ],
)
def test_what_cannot_be_is_refused(name, county, values, words):
    with pytest.raises(Refused, match=words):
        name(org=county.school, **values)


def test_the_same_person_is_named_once_for_the_same_days(name, county, days):
    name(org=county.school, ends_on=days(5))
    with pytest.raises(Refused, match="已经是这里的责任人"):
        name(org=county.school, starts_on=days(6))
    name(org=county.school, starts_on=days(4))


def test_my_children_come_with_what_is_overdue_first(name, county, pupils, opened, teacher, today, days):
    name(org=county.room, name="张老师", person=teacher.id)
    factories.make_student(county.room, "阿安")
    opened()
    Case.update(due_on=days(1)).execute()
    rows = list(my_children(teacher, today))
    assert [row["name"] for row in rows] == ["次仁卓玛", "阿安"] and rows[0]["state"] == "suspected"
    assert my_overdue(teacher, today) == 1 and my_overdue(teacher, days(11)) == 0


def test_being_named_opens_nothing_that_the_account_may_not_see(name, county, pupils, village_officer, today):
    name(org=county.county, name="王支书", person=None)
    Responsibility.update(person=village_officer).execute()
    assert {row["name"] for row in my_children(village_officer, today)} == {"次仁卓玛", "央金拉姆"}


def test_the_phone_is_sealed(name, county):
    name(org=county.school)
    assert b"13900001111" not in bytes(run_sql("SELECT phone FROM responsibility").fetchone()[0])


def test_pages_of_responsibility(sign_in, county, school_admin, teacher, pupils, opened, today):
    school = sign_in(school_admin)
    told = {"line": "edu", "duty": "teacher", "name": "包保甲", "post": "教师", "phone": "13900001111", "person": str(teacher.id), "starts_on": today.isoformat()}
    school.post("cases.add_responsibility", told, org_id=county.room.id)
    school.post("cases.add_child_responsibility", told | {"name": "包生乙"}, student_id=pupils.mine.id)
    school.post("cases.add_responsibility", told, status=404, org_id=county.other_school.id)
    page = school.get("cases.list_responsibilities").text
    assert "包保甲" in page and "13900001111" not in page and "安排责任人" in page
    case = opened()
    shown = sign_in(teacher).get("cases.show_case", case_id=case.id).text
    assert "包保甲" in shown and "包生乙" in shown
    assert "次仁卓玛" in sign_in(teacher).get("cases.list_my_children").text
    row = Responsibility.get(Responsibility.name == "包保甲")
    school.post("cases.end_responsibility", {"ends_on": today.isoformat()}, responsibility_id=row.id)
    school.post("cases.withdraw_responsibility", page=school.url("cases.end_responsibility", responsibility_id=row.id), responsibility_id=row.id)
    assert "包保甲" not in school.get("cases.list_responsibilities", tab="all").text


def test_the_list_is_taken_away_as_a_workbook_with_masked_telephones(name, sign_in, county, school_admin, village_officer):
    name(org=county.school)
    name(org=county.other_school, name="别校长")
    client = sign_in(school_admin)
    assert "下载工作簿" in client.get("cases.list_responsibilities").text
    book = load_workbook(io.BytesIO(client.get("cases.fetch_responsibilities").data))
    cells = [str(cell) for row in book.active.iter_rows(values_only=True) for cell in row if cell]
    assert "王校长" in cells and "别校长" not in cells and "139****1111" in cells and "13900001111" not in cells
    entry = AuditEntry.select().where(AuditEntry.action == "cases.export_responsibilities").get()
    assert (entry.count, entry.fields) == (1, "name,phone")
    sign_in(village_officer).get("cases.fetch_responsibilities", status=403)
