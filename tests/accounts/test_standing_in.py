"""Whoever only stands in for an administrator: what they may do for these days, and what would let them stay."""

import datetime

import pytest

from aidtracker.accounts import actions, actions_inviting, actions_second
from aidtracker.accounts.actions_homerooms import delegate_role, hand_over_homerooms, set_substitute
from aidtracker.accounts.models import Membership, User
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Forbidden
from tests import factories
from tests.accounts.test_staff import SCHOOL, bring, counts  # noqa: F401  the fixture

TODAY = today_in_china()


@pytest.fixture
def colleague(county):
    return factories.make_user("teacher", county.school, "周老师", "colleague")


@pytest.fixture
def acting(administrator, school_admin, colleague):
    """The colleague, in the place of the head for today."""
    mine = Membership.get(Membership.user == school_admin)
    delegate_role(membership=mine, user=colleague, starts_on=TODAY, ends_on=TODAY, reason="外出培训", by=administrator)
    return User.get_by_id(colleague.id)


def new_account(county, by, role="school_admin"):
    actions.create_user(username="second", name="周老师", password=factories.PASSWORD, role=role, org=county.school, by=by)


@pytest.mark.parametrize("role", ["school_admin", "teacher"])
def test_a_stand_in_makes_no_account(county, acting, role):
    with pytest.raises(Forbidden, match="代理期间"):
        new_account(county, acting, role)
    with pytest.raises(Forbidden, match="代理期间"):
        actions.create_users(people=[("second", "周老师", role, county.school)], password=factories.PASSWORD, starts_on=TODAY, by=acting)
    assert not User.select().where(User.username == "second").exists()


def test_a_stand_in_gives_and_lends_no_role(county, acting, teacher, school_admin):
    with pytest.raises(Forbidden, match="代理期间"):
        actions.give_role(user=teacher, role="school_admin", org=county.school, starts_on=TODAY, by=acting)
    mine = Membership.get(Membership.user == school_admin)
    with pytest.raises(Forbidden, match="代理期间"):
        delegate_role(membership=mine, user=teacher, starts_on=TODAY, ends_on=TODAY, reason="x", by=acting)
    assert Membership.select().where(Membership.user == teacher).count() == 1


def test_a_stand_in_gets_into_nobody_elses_account(acting, teacher, school_admin):
    factories.give_second_factor(school_admin)
    for user in (school_admin, teacher):
        with pytest.raises(Forbidden, match="代理期间"):
            actions_inviting.invite_user(user=user, by=acting)
        with pytest.raises(Forbidden, match="代理期间"):
            actions_inviting.invite_users(users=[user], by=acting)
        with pytest.raises(Forbidden, match="代理期间"):
            actions.reset_password(user=user, password=factories.PASSWORD, by=acting)
    with pytest.raises(Forbidden, match="代理期间"):
        actions_second.reset_second_factor(user=school_admin, reason="x", by=acting)


def test_the_page_says_why(county, acting, teacher, sign_in):
    page = sign_in(acting).post("accounts.invite_user", {}, 403, user_id=teacher.id)
    assert "代理期间" in page.text


def test_a_stand_in_brings_no_staff_in(acting, bring):  # noqa: F811
    plan = bring([("李小红", "13900990001", "T001", SCHOOL, "校级管理员")], by=acting)
    assert counts(plan) == (0, 0, 0, 1)
    assert not User.select().where(User.name == "李小红").exists()


def test_a_stand_in_still_runs_the_day(county, acting, teacher):
    set_substitute(room=county.sibling_room, user=teacher, starts_on=TODAY, ends_on=TODAY, reason="病假", by=acting)
    actions.edit_user(user=teacher, name="张小红", by=acting)
    actions.disable_user(user=teacher, reason="已调离", by=acting)


def test_whoever_is_administrator_there_too_is_not_held_back(county, administrator, officer):
    """Standing in for one more place takes nothing from what somebody holds themselves."""
    Membership.create(user=administrator, role="school_admin", org=county.school, starts_on=TODAY, ends_on=TODAY, duty="acting")
    new_account(county, User.get_by_id(administrator.id), "teacher")
    assert User.select().where(User.username == "second").exists()


def test_a_stand_in_hands_no_classes_over_and_lets_nobody_in_again(county, acting, teacher):
    tomorrow = TODAY + datetime.timedelta(days=1)
    with pytest.raises(Forbidden, match="代理期间"):
        hand_over_homerooms(school=county.school, choices={county.room.id: acting.id}, starts_on=tomorrow, by=acting)
    User.update(disabled_at=utcnow()).where(User.id == teacher.id).execute()
    with pytest.raises(Forbidden, match="代理期间"):
        actions.enable_user(user=User.get_by_id(teacher.id), by=acting)
    assert User.get_by_id(teacher.id).disabled_at
