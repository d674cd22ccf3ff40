"""Browsing the places and mending them."""

import pytest

from aidtracker.audit.models import AuditEntry
from aidtracker.orgs.models import Org, School
from tests import factories


@pytest.fixture
def pupils(county):
    factories.make_student(county.room, "次仁卓玛", seat=22, home=county.village)
    factories.make_student(county.room, "王小明", sex="M", mode="boarding")
    factories.make_student(county.other_room, "单雄信", sex="M", home=county.village)


def test_the_tree_begins_where_the_reader_stands(county, officer, coordinator, school_admin, teacher, sign_in):
    for user, name in ((officer, "云岭县"), (coordinator, "双河镇"), (school_admin, "双河镇中心小学"), (teacher, "三年级2班")):
        assert f"<h2>{name}" in sign_in(user).get("orgs.show_org").text


def test_somebody_with_two_classes_chooses(county, teacher, sign_in):
    factories.Membership.create(user=teacher, role="teacher", org=county.other_room, starts_on="2026-09-01")
    text = sign_in(teacher).get("orgs.show_org").text
    assert "双河镇中心小学 三年级2班" in text and "石门乡中心小学 三年级1班" in text


def test_each_level_shows_what_lies_below_with_its_counts(county, pupils, officer, sign_in):
    client = sign_in(officer)
    text = client.get("orgs.show_org", org_id=county.county.id).text
    assert "双河镇" in text and "石门乡" in text and "远河镇" not in text and "3 名学生" in text
    text = client.get("orgs.show_org", org_id=county.township.id).text
    assert "双河镇中心小学" in text and "扎多村" in text and "2 名学生" in text
    text = client.get("orgs.show_org", org_id=county.school.id).text
    assert "三年级2班" in text and "完全小学" in text


def test_a_class_lists_its_pupils_and_teachers(county, pupils, teacher, sign_in):
    text = sign_in(teacher).get("orgs.show_org", org_id=county.room.id).text
    assert "次仁卓玛" in text and "张老师" in text and "单雄信" not in text


def test_a_place_outside_the_scope_does_not_exist(county, teacher, officer, sign_in):
    for org in (county.school, county.sibling_room, county.other_room, county.far_school):
        sign_in(teacher).get("orgs.show_org", status=404, org_id=org.id)
    sign_in(officer).get("orgs.show_org", status=404, org_id=county.far_township.id)


def test_who_sees_no_pupils_sees_no_names_and_who_sees_no_sums_no_counts(county, pupils, sign_in):
    sums = sign_in(factories.make_user("finance", county.county))
    text = sums.get("orgs.show_org", org_id=county.room.id).text
    assert "2 名学生" in text and "次仁卓玛" not in text
    system = sign_in(factories.make_user("system_admin", county.county))
    text = system.get("orgs.show_org", org_id=county.room.id).text
    assert "名学生" not in text and "次仁卓玛" not in text


def test_edit_org_renames_a_school_and_leaves_the_rest(county, administrator, sign_in):
    data = {
        "name": "双河镇第一小学",
        "category": "九年一贯制学校",
        "sponsor": "公办",
        "code": "x",
        "kind": "county",
        "parent": "1",
        "path": "/",
    }
    sign_in(administrator).post("orgs.edit_org", data, org_id=county.school.id)
    org, school = Org.get_by_id(county.school.id), School.get_by_id(county.school.id)
    assert (org.name, school.category, org.code, org.kind, org.path) == (
        "双河镇第一小学", "九年一贯制学校", county.school.code, "school", county.school.path,
    )  # fmt: skip
    assert AuditEntry.select().where(AuditEntry.action == "orgs.edit_org").get().fields == "name,category,sponsor"


def test_a_village_has_a_name_only(county, administrator, sign_in):
    client = sign_in(administrator)
    assert "办学类型" not in client.get("orgs.edit_org", org_id=county.village.id).text
    client.post("orgs.edit_org", {"name": "扎多新村"}, org_id=county.village.id)
    client.post("orgs.edit_org", {"name": " "}, 400, org_id=county.village.id)
    assert Org.get_by_id(county.village.id).name == "扎多新村"


def test_a_school_with_pupils_stays_open(county, pupils, administrator, sign_in):
    client = sign_in(administrator)
    page = client.post("orgs.close_org", {"reason": "撤并"}, 400, org_id=county.school.id)
    assert "还有 2 名在读学生" in page.text and Org.get_by_id(county.school.id).closed_on is None


def test_a_school_closes_and_reopens(county, administrator, sign_in):
    client = sign_in(administrator)
    client.post("orgs.close_org", {"reason": ""}, 400, org_id=county.school.id)
    client.post("orgs.close_org", {"reason": "撤并到石门"}, org_id=county.school.id)
    assert Org.get_by_id(county.school.id).closed_on is not None
    assert "已停办" in client.get("orgs.show_org", org_id=county.township.id).text
    client.post("orgs.close_org", {"reason": "again"}, 400, org_id=county.school.id)
    client.post("orgs.reopen_org", {}, org_id=county.school.id)
    assert Org.get_by_id(county.school.id).closed_on is None
    client.post("orgs.close_org", {"reason": "x"}, 400, org_id=county.township.id)


@pytest.mark.parametrize("endpoint", ("edit_org", "close_org", "reopen_org"))
def test_only_the_bureaus_administrator_mends_places(endpoint, county, officer, school_admin, administrator, sign_in):
    for user in (officer, school_admin):
        sign_in(user).get(f"orgs.{endpoint}", status=403, org_id=county.school.id)
    sign_in(administrator).get(f"orgs.{endpoint}", status=404, org_id=county.far_school.id)


def test_a_teacher_is_assigned_to_a_class(county, teacher, stranger, school_admin, sign_in):
    client = sign_in(school_admin)
    text = client.get("accounts.assign_teacher", org_id=county.sibling_room.id).text
    assert "张老师" in text and "陈老师" not in text
    data = {"user": teacher.id, "starts_on": "2026-09-01"}
    client.post("accounts.assign_teacher", data, org_id=county.sibling_room.id)
    assert "张老师" in client.get("orgs.show_org", org_id=county.sibling_room.id).text
    client.post("accounts.assign_teacher", {**data, "user": stranger.id}, 400, org_id=county.sibling_room.id)
    client.get("accounts.assign_teacher", status=404, org_id=county.other_room.id)
    client.get("accounts.assign_teacher", status=404, org_id=county.school.id)
