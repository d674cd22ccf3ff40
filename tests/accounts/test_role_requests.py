"""Roles that could give every other role: one administrator asks, another confirms in time."""

import datetime
import re

import pytest

from aidtracker.accounts import actions
from aidtracker.accounts.actions_homerooms import delegate_role
from aidtracker.accounts.actions_inviting import invite_user, invite_users
from aidtracker.accounts.actions_requests import confirm_role, request_role, request_user, withdraw_role
from aidtracker.accounts.actions_second import reset_second_factor
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import ROLES, TWO_PERSON_ROLES, Permission
from tests import factories
from tests.accounts.test_staff import bring, counts  # noqa: F401  the fixture
from tests.drills.drill import swapped

TODAY = today_in_china()
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def second(county):
    return factories.make_user("system_admin", county.county, "孙系统", "second")


@pytest.fixture
def asked(county, administrator, second, officer):
    return request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)


def held(user):
    return {(m.role, m.duty) for m in Membership.select().where(Membership.user == user)}


def told(*actions):
    return [(e.action, e.actor_id, e.county_id) for e in AuditEntry.select().where(AuditEntry.action.in_(actions)).order_by(AuditEntry.id)]


def test_these_are_the_roles_that_can_give_all_others():
    assert set(TWO_PERSON_ROLES) == {code for code, role in ROLES.items() if Permission.ACCOUNT_MANAGE in role.permissions} - {"school_admin"}


@pytest.mark.parametrize("role", TWO_PERSON_ROLES)
def test_nobody_gives_it_alone(county, administrator, second, officer, role, bring):  # noqa: F811
    with pytest.raises(Refused, match="不能一个人"):
        actions.give_role(user=officer, role=role, org=county.county, starts_on=TODAY, by=administrator)
    with pytest.raises(Refused, match="不能一个人"):
        actions.create_user(username="third", name="x", password=factories.PASSWORD, role=role, org=county.county, by=administrator)
    with pytest.raises(Refused, match="不能一个人"):
        actions.create_users(people=[("third", "x", role, county.county)], password=factories.PASSWORD, starts_on=TODAY, by=administrator)
    rows = [("李小红", "13900990001", "", "990100", ROLES[role].label), ("李干事", "", "", "990100", ROLES[role].label, "", "", "", "", "officer")]
    assert counts(bring(rows)) == (0, 0, 0, 2)
    assert not User.select().where(User.username.in_(["third"]) | (User.name == "李小红")).exists() and held(officer) == {("bureau_staff", "")}


def test_a_row_of_the_staff_workbook_ends_and_does_not_prolong(county, administrator, second, bring):  # noqa: F811
    soon, later = str(TODAY + 9 * ONE_DAY), str(TODAY + 90 * ONE_DAY)
    row = ["孙系统", "", "", "990100", "系统管理员", "", "", "", "", "second"]
    assert counts(bring([row])) == (0, 0, 1, 0)
    for ends_on, wanted in ((soon, (0, 1, 0, 0)), (later, (0, 0, 0, 1))):
        row[8] = ends_on
        assert counts(bring([row])) == wanted
    assert Membership.get(Membership.user == second).ends_on == TODAY + 9 * ONE_DAY


def test_the_command_line_needs_nobody(county):
    actions.create_user(username="first", name="x", password=factories.PASSWORD, role="bureau_admin", org=county.county, by=None)


def test_one_asks_and_another_confirms_and_both_are_told(county, administrator, second, officer, asked):
    assert held(officer) == {("bureau_staff", "")}
    confirm_role(request=asked, by=second)
    assert held(officer) == {("bureau_staff", ""), ("bureau_admin", "")}
    given = Membership.get((Membership.user == officer) & (Membership.role == "bureau_admin"))
    assert given.given_by == administrator and RoleRequest.get().decided_by == second
    assert told("accounts.request_role", "accounts.confirm_role") == [
        ("accounts.request_role", administrator.id, county.county.id),
        ("accounts.confirm_role", second.id, county.county.id),
    ]
    with pytest.raises(Refused, match="已经办过"):
        confirm_role(request=asked, by=second)


def test_neither_who_asked_nor_whose_it_is_nor_who_may_not_give_it_confirms(county, administrator, second, officer, school_admin, asked):
    with pytest.raises(Forbidden, match="另一位"):
        confirm_role(request=asked, by=administrator)
    Membership.create(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY - ONE_DAY, ends_on=TODAY)
    with pytest.raises(Forbidden, match="另一位"):
        confirm_role(request=asked, by=User.get_by_id(officer.id))
    for other in (school_admin, factories.make_user("bureau_admin", county.other_county)):
        with pytest.raises(Forbidden):
            confirm_role(request=asked, by=other)
    assert RoleRequest.get().decided_at is None


def test_a_stand_in_neither_asks_nor_confirms(county, administrator, second, officer, asked):
    clerk = factories.make_user("bureau_staff", county.county)
    Membership.create(user=clerk, role="bureau_admin", org=county.county, starts_on=TODAY, ends_on=TODAY, duty="acting")
    acting = User.get_by_id(clerk.id)
    with pytest.raises(Forbidden, match="代理期间"):
        confirm_role(request=asked, by=acting)
    with pytest.raises(Forbidden, match="代理期间"):
        request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=acting)


def test_it_lapses_and_may_be_asked_for_again(county, administrator, second, officer, asked):
    with pytest.raises(Refused, match="正等"):
        request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)
    RoleRequest.update(expires_at=utcnow() - ONE_DAY).execute()
    with pytest.raises(Refused, match="已经过期"):
        confirm_role(request=asked, by=second)
    again = request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)
    confirm_role(request=again, by=second)


def test_what_whoever_asked_may_no_longer_give_is_not_given(county, administrator, second, officer, asked):
    User.update(disabled_at=utcnow()).where(User.id == administrator.id).execute()
    with pytest.raises(Refused, match="重新申请"):
        confirm_role(request=asked, by=second)
    assert held(officer) == {("bureau_staff", "")}


def test_it_is_taken_back_or_turned_down(administrator, second, officer, asked):
    withdraw_role(request=asked, by=second)
    for act in (confirm_role, withdraw_role):
        with pytest.raises(Refused, match="已经办过"):
            act(request=asked, by=second)
    assert [action for action, *_ in told("accounts.withdraw_role")] == ["accounts.withdraw_role"] and len(held(officer)) == 1


def test_where_nobody_else_could_confirm_the_page_says_what_to_do(county, administrator, officer, sign_in):
    data = {"role": "bureau_admin", "starts_on": str(TODAY), "org": county.county.id}
    page = sign_in(administrator).post("accounts.give_role", data, 400, user_id=officer.id, org=county.county.id)
    assert "create-user" in page.text and not RoleRequest.select().exists()


def test_roles_that_may_not_meet_are_refused_when_asked_for_and_when_confirmed(county, administrator, second, officer):
    with pytest.raises(Refused, match="不接触学生"):
        request_role(user=officer, role="system_admin", org=county.county, starts_on=TODAY, by=administrator)
    clerk = factories.make_user("city_viewer", county.city)
    asked = request_role(user=clerk, role="system_admin", org=county.county, starts_on=TODAY, by=administrator)
    Membership.create(user=clerk, role="teacher", org=county.room, starts_on=TODAY)
    with pytest.raises(Refused, match="不接触学生"):
        confirm_role(request=asked, by=second)
    assert RoleRequest.get().decided_at is None


def test_standing_in_for_an_administrator_is_given_by_two_as_well(county, administrator, second, officer):
    mine = Membership.get(Membership.user == administrator)
    delegate_role(membership=mine, user=officer, starts_on=TODAY, ends_on=TODAY + ONE_DAY, reason="外出", by=administrator)
    assert held(officer) == {("bureau_staff", "")}
    confirm_role(request=RoleRequest.get(), by=second)
    acting = Membership.get((Membership.user == officer) & (Membership.role == "bureau_admin"))
    assert (acting.duty, acting.ends_on, acting.stands_in_for, acting.reason) == ("acting", TODAY + ONE_DAY, administrator, "外出")


def test_a_new_administrator_in_the_browser(county, administrator, second, sign_in, password):
    client = sign_in(administrator)
    page = client.post("accounts.create_user", {"name": "周主任", "username": "zhou", "role": "bureau_admin"}, 200, org=county.county.id)
    first = re.search(r"<b>([A-Za-z0-9]{4}(?:-[A-Za-z0-9]{4}){2})</b>", page.text)[1]
    user = User.get(User.username == "zhou")
    assert held(user) == set() and first
    client.get("accounts.show_user", user_id=user.id)
    own = client.get("accounts.list_role_requests").text
    asked = RoleRequest.get()
    confirm = client.url("accounts.confirm_role", request_id=asked.id)
    assert "等另一位管理员确认" in own and confirm not in own
    other = sign_in(second)
    assert "1 个角色等待确认" in other.get("accounts.list_users").text
    shown = other.get("accounts.list_role_requests").text
    assert confirm in shown and "赵主任" in shown and "周主任" in shown
    other.post("accounts.confirm_role", page=other.url("accounts.list_role_requests"), request_id=asked.id)
    assert held(user) == {("bureau_admin", "")}
    assert "等待确认" not in other.get("accounts.list_users").text


def test_an_account_that_was_asked_for_holds_nothing_until_then(county, administrator, second):
    user = request_user(username="zhou", name="周主任", password=factories.PASSWORD, role="bureau_admin", org=county.county, by=administrator)
    assert not User.get_by_id(user.id).memberships
    assert [action for action, *_ in told("accounts.create_user", "accounts.request_role")] == ["accounts.create_user", "accounts.request_role"]


@pytest.mark.parametrize("way", ["password", "second factor", "one slip", "many slips"])
def test_who_could_be_both_does_not_confirm(county, administrator, second, officer, asked, way):
    """Whoever asked has lately had a way into the other administrator's account."""
    factories.give_second_factor(second)
    {
        "password": lambda: actions.reset_password(user=second, password=factories.PASSWORD, by=administrator),
        "second factor": lambda: reset_second_factor(user=second, reason="x", by=administrator),
        "one slip": lambda: invite_user(user=second, by=administrator),
        "many slips": lambda: invite_users(users=[second], by=administrator),
    }[way]()
    with pytest.raises(Forbidden, match="30 天"):
        confirm_role(request=asked, by=User.get_by_id(second.id))
    clerk = factories.make_user("bureau_staff", county.county)
    with pytest.raises(Refused, match="create-user"):
        request_role(user=clerk, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)
    third = factories.make_user("bureau_admin", county.county)
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + 31 * ONE_DAY):
        later = request_role(user=clerk, role="bureau_admin", org=county.county, starts_on=today_in_china(), by=administrator)
        confirm_role(request=later, by=User.get_by_id(second.id))
    confirm_role(request=asked, by=third)


def test_an_administrator_who_was_taken_over_asks_for_nobody_who_did_it(county, administrator, second, officer):
    """The other way round, and through a third."""
    asked = request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=second)
    actions.reset_password(user=second, password=factories.PASSWORD, by=administrator)
    with pytest.raises(Forbidden, match="30 天"):
        confirm_role(request=asked, by=administrator)
    third = factories.make_user("bureau_admin", county.county, "吴主任")
    actions.reset_password(user=third, password=factories.PASSWORD, by=User.get_by_id(second.id))
    for one in (third, administrator):
        with pytest.raises(Forbidden, match="30 天"):
            confirm_role(request=asked, by=User.get_by_id(one.id))
    stranger = factories.make_user("bureau_admin", county.county, "郑主任")
    confirm_role(request=asked, by=stranger)


def test_two_who_were_let_in_by_one_do_not_confirm_for_each_other(county, administrator, second, officer):
    third = factories.make_user("bureau_admin", county.county, "吴主任")
    for one in (second, third):
        invite_user(user=one, by=administrator)
    asked = request_role(user=officer, role="bureau_admin", org=county.county, starts_on=TODAY, by=factories.make_user("bureau_admin", county.county))
    RoleRequest.update(requested_by=second).execute()
    with pytest.raises(Forbidden, match="30 天"):
        confirm_role(request=RoleRequest.get_by_id(asked.id), by=third)


def test_whoever_looks_after_a_lower_place_has_no_way_into_an_account_that_waits(county, administrator, second, school_admin, teacher):
    asked = request_role(user=teacher, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)
    with pytest.raises(Forbidden):
        actions.reset_password(user=teacher, password=factories.PASSWORD, by=school_admin)
    RoleRequest.update(expires_at=utcnow() - ONE_DAY).execute()
    actions.reset_password(user=teacher, password=factories.PASSWORD, by=school_admin)
    again = request_role(user=teacher, role="bureau_admin", org=county.county, starts_on=TODAY, by=administrator)
    with pytest.raises(Refused, match="下级"):
        confirm_role(request=again, by=second)
    actions.reset_password(user=teacher, password=factories.PASSWORD, by=administrator)
    confirm_role(request=again, by=second)
    assert asked.id != again.id and ("bureau_admin", "") in held(teacher)
