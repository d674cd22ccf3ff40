"""The page of the trail: who reads what of it."""

import datetime

from aidtracker.accounts.models import Membership
from aidtracker.audit.actions import record
from aidtracker.db import transaction
from tests import factories


def tell(county_id, action="students.edit_student", by=None, reason=""):
    with transaction():
        record(
            action=action, by=by, object_kind="student", object_id="1", fields=("name", "tag.disabled"), reason=reason, county_id=county_id
        )


def test_an_administrator_reads_their_countys_entries_only(county, administrator, sign_in):
    tell(county.county.id, reason="本县的")
    tell(county.other_county.id, reason="邻县的")
    text = sign_in(administrator).get("audit.list_entries").text
    assert "本县的" in text and "邻县的" not in text
    assert "修改学生资料" in text and "姓名、特殊群体" in text


def test_an_auditor_of_the_city_reads_both_and_what_belongs_to_none(county, sign_in):
    auditor = factories.make_user("auditor", county.city)
    for county_id, reason in ((county.county.id, "甲"), (county.other_county.id, "乙"), (None, "丙")):
        tell(county_id, reason=f"原因{reason}")
    text = sign_in(auditor).get("audit.list_entries").text
    assert all(f"原因{one}" in text for one in "甲乙丙")


def test_another_role_at_the_city_does_not_open_what_belongs_to_no_county(county, sign_in):
    auditor = factories.make_user("auditor", county.county)
    Membership.create(user=auditor, role="city_viewer", org=county.city, starts_on=datetime.date(2020, 9, 1))
    tell(county.county.id, reason="本县的")
    tell(None, reason="不属于哪个县的")
    text = sign_in(auditor).get("audit.list_entries").text
    assert "本县的" in text and "不属于哪个县的" not in text


def test_others_are_refused(teacher, officer, school_admin, coordinator, sign_in):
    for user in (teacher, officer, school_admin, coordinator):
        sign_in(user).get("audit.list_entries", status=403)


def test_the_list_is_narrowed_by_person_action_and_day(county, administrator, officer, sign_in):
    tell(county.county.id, by=officer, reason="要找的")
    client = sign_in(administrator)
    for filters in ({"person": "李干事"}, {"action": "students.edit_student"}, {"first": "2020-01-01", "last": "2999-01-01"}):
        assert "要找的" in client.get("audit.list_entries", **filters).text
    for filters in ({"person": "谁"}, {"action": "students.reveal"}, {"first": "2999-01-01"}, {"last": "2020-01-01"}):
        assert "要找的" not in client.get("audit.list_entries", **filters).text
    for filters in ({"first": "0001-01-01", "last": "9999-12-31"}, {"first": "0001-01-01"}, {"last": "9999-12-31"}):
        assert "要找的" in client.get("audit.list_entries", **filters).text
    assert "真实的日期" in client.get("audit.list_entries", first="不是日期").text


def test_the_list_is_paged(county, administrator, sign_in):
    for number in range(60):
        tell(county.county.id, reason=f"第{number}次。")
    client = sign_in(administrator)
    assert "第59次。" in client.get("audit.list_entries").text
    assert "第3次。" in client.get("audit.list_entries", page=2).text
