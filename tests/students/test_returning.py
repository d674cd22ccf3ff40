"""复学: the township and the bureau record it, the school where the county's rule says so; always into the school of before."""

import datetime

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.students.actions_moving import suspend_student, withdraw_move
from aidtracker.students.actions_placing import enroll_student
from aidtracker.students.actions_returning import record_return
from aidtracker.students.models import Student
from aidtracker.students.queries_away import visible_away
from aidtracker.students.timeline import last_move
from tests import factories

LEFT = today_in_china() - datetime.timedelta(days=20)
ABOUT = {"left_on": LEFT, "reason": "骨折", "document": "乡批9号"}
PLACE = {"mode": "day", "seat": None, "starts_on": today_in_china(), "document": "复学申请", "reason": ""}


@pytest.fixture
def township(county):
    return factories.make_user("township_coordinator", county.township, "乡镇", "township.back")


@pytest.fixture
def away(pupils, officer):
    """The 休学 of a pupil of the school."""
    suspend_student(student=pupils.mine, until_on=today_in_china() + datetime.timedelta(days=30), **ABOUT, by=officer)
    return last_move(pupils.mine.id)


@pytest.fixture
def schools_may(county, officer):
    about = {"key": "school_records_return", "value": "yes", "holds_from": LEFT, "reason": "本县规定", "set_by": officer}
    PolicyValue.create(county=county.county, **about)


def test_the_township_records_it_and_the_school_does_not(away, pupils, county, school_admin, township, sign_in):
    page = sign_in(school_admin).get("students.list_away").text
    assert pupils.mine.name in page and "由乡镇或教育局登记" in page and "登记复学" not in page
    sign_in(school_admin).get("students.record_return", 403, away_id=away.id)
    with pytest.raises(Forbidden, match="乡镇或教育局"):
        record_return(away=away, class_org=county.room, **PLACE, by=school_admin)
    client = sign_in(township)
    assert "登记复学" in client.get("students.list_away").text and "休学在外" in client.get("students.list_moves").text
    data = {"class_org": str(county.sibling_room.id), "mode": "boarding", "starts_on": str(today_in_china()), "document": "复学申请"}
    client.post("students.record_return", data, away_id=away.id)
    now, move = Student.get_by_id(pupils.mine.id), last_move(pupils.mine.id)
    assert (now.class_org_id, now.mode) == (county.sibling_room.id, "boarding")
    assert (move.kind, move.document, move.to_class_id) == ("return", "复学申请", county.sibling_room.id)
    entry = AuditEntry.select().where(AuditEntry.action == "students.record_return").get()
    assert entry.fields == "class_org,mode,seat,starts_on" and entry.reason == "复学"
    assert pupils.mine.name not in client.get("students.list_away").text


def test_the_school_records_it_where_the_rule_says_so(away, pupils, county, school_admin, schools_may, sign_in):
    client = sign_in(school_admin)
    assert "登记复学" in client.get("students.list_away").text
    client.post("students.record_return", {"class_org": str(county.room.id), "mode": "day", "starts_on": str(today_in_china())}, away_id=away.id)
    assert Student.get_by_id(pupils.mine.id).class_org_id == county.room.id
    client.get("students.record_return", 404, away_id=away.id)


def test_a_child_of_another_school_is_not_found(away, county, schools_may, sign_in):
    stranger = factories.make_user("school_admin", county.other_school, "别校", "other.head")
    client = sign_in(stranger)
    assert away.student.name not in client.get("students.list_away").text
    client.get("students.record_return", 404, away_id=away.id)
    with pytest.raises(Forbidden):
        record_return(away=away, class_org=county.room, **PLACE, by=stranger)


def test_it_is_into_the_school_of_before_and_once(away, pupils, county, officer):
    with pytest.raises(Refused, match="先回原来的学校"):
        record_return(away=away, class_org=county.other_room, **PLACE, by=officer)
    with pytest.raises(Refused, match="开始日期要晚于"):
        record_return(away=away, class_org=county.room, **(PLACE | {"starts_on": LEFT}), by=officer)
    record_return(away=away, class_org=county.room, **PLACE, by=officer)
    with pytest.raises(Refused, match="已经结束"):
        record_return(away=away, class_org=county.room, **PLACE, by=officer)


def test_who_is_back_by_another_way_or_whose_leave_was_withdrawn_is_not_out(away, pupils, county, officer, township):
    assert [one.id for one in visible_away(township)] == [away.id]
    withdraw_move(move=away, reason="录错了", by=officer)
    assert not list(visible_away(township))
    suspend_student(student=pupils.sibling, until_on=today_in_china(), **ABOUT, by=officer)
    enroll_student(student=Student.get_by_id(pupils.sibling.id), class_org=county.room, mode="day", seat=None, starts_on=today_in_china(), by=officer, kind="return")
    assert not list(visible_away(township))
    assert last_move(pupils.sibling.id).kind == "return"


def test_whose_time_is_over_stands_first_and_says_so(away, pupils, officer, township, sign_in):
    suspend_student(student=pupils.sibling, until_on=today_in_china() - datetime.timedelta(days=1), **ABOUT, by=officer)
    page = sign_in(township).get("students.list_away").text
    assert page.index(pupils.sibling.name) < page.index(pupils.mine.name) and page.count("期限已过") == 1
