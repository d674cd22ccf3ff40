"""Managing accounts: who sees whom, and what a manager can and cannot do."""

import datetime
import re

import pytest

from aidtracker.accounts import actions
from aidtracker.accounts.actions_homerooms import set_substitute
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.passwords import RULES, check_password, new_password
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china, utcnow
from aidtracker.jobs.models import Job
from tests import factories
from tests.accounts.test_staff import bring  # noqa: F401  the fixture

PAGES = ("show_user", "edit_user", "give_role", "disable_user", "enable_user", "reset_password")


def shown_password(page):
    return re.search(r"<b>([A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){2})</b>", page.text)[1]


def test_the_list_holds_the_managers_own_people(teacher, stranger, school_admin, administrator, sign_in):
    text = sign_in(school_admin).get("accounts.list_users").text
    assert "张老师" in text and "陈老师" not in text and "赵主任" not in text
    text = sign_in(administrator).get("accounts.list_users").text
    assert "张老师" in text and "陈老师" in text


def test_the_list_can_be_narrowed(teacher, stranger, administrator, county, sign_in):
    client = sign_in(administrator)
    for filters in ({"q": "张"}, {"q": "TEACH"}, {"q": "张", "role": "teacher", "state": "active"}, {"org": county.school.id}):
        text = client.get("accounts.list_users", **filters).text
        assert "张老师" in text and "陈老师" not in text
    assert "没有符合条件" in client.get("accounts.list_users", state="disabled").text
    client.get("accounts.list_users", role="no such", page="x")
    client.get("accounts.list_users", status=404, org=county.far_school.id)


@pytest.mark.parametrize("endpoint", PAGES)
def test_somebody_of_another_school_does_not_exist(endpoint, teacher, stranger, school_admin, sign_in):
    client = sign_in(school_admin)
    client.get(f"accounts.{endpoint}", user_id=teacher.id)
    client.get(f"accounts.{endpoint}", status=404, user_id=stranger.id)


@pytest.mark.parametrize("endpoint", ("edit_user", "disable_user", "enable_user", "reset_password"))
def test_somebody_with_a_role_elsewhere_is_left_to_those_above(endpoint, teacher, county, school_admin, sign_in):
    Membership.create(user=teacher, role="bureau_staff", org=county.county, starts_on="2026-09-01")
    client = sign_in(school_admin)
    client.get(f"accounts.{endpoint}", status=403, user_id=teacher.id)
    assert "联系上级管理员" in client.get("accounts.show_user", user_id=teacher.id).text


def test_create_user_shows_the_first_password_once(county, school_admin, sign_in):
    client = sign_in(school_admin)
    page = client.post("accounts.create_user", {"name": "李老师", "username": "li.laoshi", "role": "teacher"}, 200, org=county.room.id)
    password = shown_password(page)
    user = User.get(User.username == "li.laoshi")
    assert user.must_change_password and password not in str(page.headers)
    assert password not in client.get("accounts.show_user", user_id=user.id).text
    new = sign_in(user, password)
    assert new.http.get(new.url("web.show_me")).location == new.url("accounts.change_password")
    entry = AuditEntry.select().where(AuditEntry.action == "accounts.create_user").get()
    assert entry.object_id == user.uid and password not in entry.reason


def test_a_double_tap_is_one_account(county, school_admin, sign_in):
    client, key = sign_in(school_admin), "5f0d4a3e-6f4f-4a52-9a6c-0f3f2a7c1b13"
    data = {"name": "李老师", "username": "li.laoshi", "role": "teacher", "key": key}
    shown_password(client.post("accounts.create_user", data, 200, org=county.room.id))
    page = client.post("accounts.create_user", data, 200, org=county.room.id)
    assert "请重置密码" in page.text and User.select().where(User.username == "li.laoshi").count() == 1


def test_a_school_admin_cannot_give_more_than_they_have(county, school_admin, sign_in):
    client = sign_in(school_admin)
    assert "教育局" not in client.get("accounts.create_user", org=county.school.id).text
    client.post("accounts.create_user", {"name": "x", "username": "xx", "role": "bureau_admin"}, 400, org=county.school.id)
    for org in (county.county, county.other_school, county.far_room):
        client.get("accounts.create_user", status=404, org=org.id)
        client.post("accounts.create_user", {"name": "x", "username": "xx", "role": "teacher", "org": org.id}, 404)
    assert not User.select().where(User.username == "xx").exists()


def test_a_posted_place_outside_the_scope_is_not_found(county, school_admin, teacher, sign_in):
    data = {"role": "teacher", "starts_on": "2026-09-01", "org": county.other_room.id}
    sign_in(school_admin).post("accounts.give_role", data, 404, user_id=teacher.id)
    assert Membership.select().where(Membership.user == teacher).count() == 1


def test_extra_fields_change_nothing(county, school_admin, sign_in):
    data = {
        "name": "李老师",
        "username": "li",
        "role": "teacher",
        "epoch": "9",
        "must_change_password": "",
        "password": "Known-pass-99",
        "uid": "x",
    }
    sign_in(school_admin).post("accounts.create_user", data, 200, org=county.room.id)
    user = User.get(User.username == "li")
    assert user.must_change_password and user.epoch == 1 and user.uid != "x"
    with pytest.raises(AssertionError):
        sign_in(user, "Known-pass-99").get("web.show_me")


def test_the_place_is_found_by_part_of_its_name(county, administrator, sign_in):
    client = sign_in(administrator)
    text = client.get("accounts.create_user", q="双河").text
    assert "双河镇中心小学" in text and "石门乡中心小学" not in text
    assert "没有找到这个单位" in client.get("accounts.create_user", q="远河").text


def test_a_role_is_given_and_ended(county, teacher, school_admin, sign_in):
    client = sign_in(school_admin)
    data = {"role": "teacher", "starts_on": "2026-09-01"}
    client.post("accounts.give_role", data, user_id=teacher.id, org=county.sibling_room.id)
    client.post("accounts.give_role", data, 400, user_id=teacher.id, org=county.sibling_room.id)
    given = Membership.get(Membership.org == county.sibling_room)
    client.post("accounts.end_role", {}, user_id=teacher.id, membership_id=given.id)
    assert Membership.get_by_id(given.id).ends_on is not None
    client.get("accounts.end_role", status=404, user_id=teacher.id, membership_id=given.id)


def test_disable_user_ends_the_sessions_and_enable_user_lets_them_in_again(teacher, school_admin, sign_in):
    theirs, client = sign_in(teacher), sign_in(school_admin)
    client.post("accounts.disable_user", {"reason": ""}, 400, user_id=teacher.id)
    client.post("accounts.disable_user", {"reason": "已调离"}, user_id=teacher.id)
    assert theirs.http.get(theirs.url("web.show_me")).status_code == 302
    assert AuditEntry.select().where(AuditEntry.action == "accounts.disable_user").get().reason == "已调离"
    for _ in range(2):  # the second time nothing is left to change, and nothing to tell
        client.post("accounts.enable_user", {}, user_id=teacher.id)
    assert AuditEntry.select().where(AuditEntry.action == "accounts.enable_user").count() == 1
    sign_in(teacher).get("web.show_me")
    client.post("accounts.disable_user", {"reason": "x"}, 400, user_id=school_admin.id)


def test_reset_password_gives_a_new_one_and_ends_the_old(teacher, school_admin, sign_in, password):
    theirs, client = sign_in(teacher), sign_in(school_admin)
    new = shown_password(client.post("accounts.reset_password", {}, 200, user_id=teacher.id))
    assert theirs.http.get(theirs.url("web.show_me")).status_code == 302
    sign_in(teacher, new).get("accounts.change_password")


def test_edit_user_changes_the_name_only(teacher, school_admin, sign_in):
    sign_in(school_admin).post(
        "accounts.edit_user", {"name": "张晓红", "username": "other", "disabled_at": "2020-01-01"}, user_id=teacher.id
    )
    user = User.get_by_id(teacher.id)
    assert (user.name, user.username, user.disabled_at) == ("张晓红", "teacher", None)


def test_whoever_manages_nobody_is_refused(teacher, coordinator, officer, sign_in):
    for user in (teacher, coordinator, officer):
        sign_in(user).get("accounts.list_users", status=403)


def test_made_passwords_are_acceptable():
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for one in made:
        check_password(one, "teacher", RULES)


def test_ones_own_devices_are_listed_and_ended(teacher, stranger, sign_in):
    phone, desk, other = sign_in(teacher), sign_in(teacher), sign_in(stranger)
    text = desk.get("accounts.list_sessions").text
    codes = re.findall(r"/me/sessions/([a-z2-7]{16})/end", text)[1:]  # this device stands first
    assert len(codes) == 1 and "这台设备" in text
    other.post("accounts.end_session", {}, 404, code=codes[0], page=other.url("accounts.list_sessions"))
    desk.post("accounts.end_session", {}, code=codes[0], page=desk.url("accounts.list_sessions"))
    assert phone.http.get(phone.url("web.show_me")).status_code == 302
    desk.get("web.show_me")


def test_the_trail_keeps_sign_ins_with_their_county(county, teacher, sign_in):
    sign_in(teacher)
    assert AuditEntry.select().where(AuditEntry.action == "accounts.sign_in").get().county_id == county.county.id


def test_a_system_admin_manages_accounts_and_sees_no_pupils(county, sign_in):
    client = sign_in(factories.make_user("system_admin", county.county))
    client.get("accounts.list_users")
    client.get("students.list_students", status=403)


def test_nobody_gives_themselves_what_they_do_not_have(county, sign_in):
    keeper = factories.make_user("system_admin", county.county, "周管理", "keeper")
    client, before = sign_in(keeper), Membership.select().count()
    data = {"role": "bureau_admin", "starts_on": "2026-11-01", "org": county.county.id}
    page = client.post("accounts.give_role", data, 403, user_id=keeper.id, org=county.county.id)
    assert "不能给自己" in page.text and Membership.select().count() == before
    sign_in(keeper).get("students.list_students", status=403)


def test_a_principal_may_take_a_class_of_their_own(county, school_admin, sign_in):
    client = sign_in(school_admin)
    client.post("accounts.assign_teacher", {"user": school_admin.id, "starts_on": "2026-11-01"}, org_id=county.room.id)
    assert Membership.select().where((Membership.user == school_admin) & (Membership.role == "teacher")).exists()


def test_ones_own_password_is_not_reset_without_the_old_one(school_admin, sign_in, password):
    client = sign_in(school_admin)
    assert "/password" not in client.get("accounts.show_user", user_id=school_admin.id).text.replace("/me/password", "")
    page = client.post("accounts.reset_password", {}, 400, user_id=school_admin.id)
    assert "自己的密码" in page.text
    sign_in(school_admin, password)


def test_somebody_who_will_hold_a_role_elsewhere_is_left_to_those_above(teacher, county, school_admin, sign_in):
    Membership.update(ends_on="2026-10-01").where(Membership.user == teacher).execute()
    Membership.create(user=teacher, role="bureau_staff", org=county.county, starts_on="2999-01-01")
    sign_in(school_admin).get("accounts.reset_password", status=403, user_id=teacher.id)


def test_a_new_password_from_the_administrator_lets_a_locked_person_in(teacher, school_admin, client, sign_in):
    for number in range(5):
        client.post("accounts.sign_in", {"username": "teacher", "password": "wrong"}, status=400 if number < 4 else 429)
    page = sign_in(school_admin).post("accounts.reset_password", {}, 200, user_id=teacher.id)
    sign_in(teacher, shown_password(page))


@pytest.mark.parametrize("verb", ["end_role", "disable_user"])
def test_what_was_made_with_a_role_goes_with_it(verb, officer, administrator):
    later = utcnow() + datetime.timedelta(hours=20)
    job = Job.create(kind="tests.nothing", owner_id=officer.id, state="done", result_file="x", expires_at=later)
    other = Job.create(kind="tests.nothing", owner_id=administrator.id, state="done", result_file="y", expires_at=later)
    if verb == "end_role":
        actions.end_role(membership=Membership.get(Membership.user == officer), by=administrator)
    else:
        actions.disable_user(user=officer, reason="已调离", by=administrator)
    assert Job.get_by_id(job.id).expires_at <= utcnow() and Job.get_by_id(other.id).expires_at == later


def epoch_of(user):
    return User.get_by_id(user.id).epoch


@pytest.fixture
def former(county, officer):
    """The county's officer, who once taught at the school: still seen by its head, and not managed."""
    Membership.create(user=officer, role="teacher", org=county.room, starts_on="2019-09-01", ends_on="2020-08-31")
    return officer


def test_a_role_of_one_school_does_not_throw_the_countys_officer_out(county, former, school_admin, sign_in):
    """Or any head could sign anybody out who ever taught there, as often as they like. What the role opens is seen at once anyway."""
    theirs = sign_in(former)
    data = {"role": "teacher", "starts_on": str(today_in_china())}
    sign_in(school_admin).post("accounts.give_role", data, user_id=former.id, org=county.room.id)
    theirs.get("web.show_me")
    assert epoch_of(former) == 1 and county.room.id in {m.org_id for m in User.get_by_id(former.id).memberships}


def test_neither_does_a_row_of_the_schools_staff_workbook_nor_standing_in(county, former, school_admin, bring):  # noqa: F811
    rows = [("李干事", "", "", county.school.code, "教师", "", "", "", "", "officer")]
    assert bring(rows, by=school_admin).created == 1
    set_substitute(room=county.room, user=former, starts_on=today_in_china(), ends_on=today_in_china(), reason="病假", by=school_admin)
    assert epoch_of(former) == 1 and Membership.select().where(Membership.user == former).count() == 4


def test_who_is_wholly_managed_signs_in_again_with_the_new_role(county, teacher, school_admin):
    actions.give_role(user=teacher, role="teacher", org=county.sibling_room, starts_on=today_in_china(), by=school_admin)
    assert epoch_of(teacher) == 2
