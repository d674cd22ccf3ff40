"""An action decides by itself who may: the page before it is a second wall, not the only one."""

import datetime

import pytest

from aidtracker.accounts import actions as accounts
from aidtracker.accounts import actions_closing, actions_homerooms, actions_inviting, actions_leaving
from aidtracker.attendance import actions_plans
from aidtracker.attendance.models import SessionPlan
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden
from aidtracker.policies.actions import set_policy, withdraw_policy
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.registry import POLICIES
from aidtracker.students import actions_regrouping, actions_rollover, actions_years
from aidtracker.students.actions_shifting import Journal
from aidtracker.students.actions_undoing import undo_rollover
from aidtracker.students.models_rollover import Rollover, RolloverOrder
from aidtracker.terms import actions as terms
from aidtracker.terms.calendar import school_days
from aidtracker.terms.models import Closure
from aidtracker.terms.models_years import ClosedYear
from tests import factories

TODAY = today_in_china()
SOON = TODAY + datetime.timedelta(days=9)


@pytest.fixture
def stranger(county):
    """May do everything, in another county."""
    return factories.make_user("bureau_admin", county.far_school.county, "外县主任", "far.admin")


CALLS = {
    "disable_user": lambda c, t, by: accounts.disable_user(user=t, reason="x", by=by),
    "enable_user": lambda c, t, by: accounts.enable_user(user=t, by=by),
    "give_role": lambda c, t, by: accounts.give_role(user=t, role="school_admin", org=c.school, starts_on=TODAY, by=by),
    "end_role": lambda c, t, by: accounts.end_role(membership=t.memberships[0], by=by),
    "reset_password": lambda c, t, by: accounts.reset_password(user=t, password="Green-river-2026", by=by),
    "disable_users": lambda c, t, by: actions_closing.disable_users(users=[t], reason="x", by=by),
    "invite_user": lambda c, t, by: actions_inviting.invite_user(user=t, by=by),
    "invite_users": lambda c, t, by: actions_inviting.invite_users(users=[t], by=by),
    "unlock_user": lambda c, t, by: actions_inviting.unlock_user(user=t, by=by),
    "record_leaver": lambda c, t, by: actions_leaving.record_leaver(user=t, last_day=SOON, successor=None, reason="x", by=by),
    "hand_over_homerooms": lambda c, t, by: actions_homerooms.hand_over_homerooms(school=c.school, choices={}, starts_on=SOON, by=by),
    "declare_closure": lambda c, t, by: terms.declare_closure(org=c.school, kind="closure", first_on=school_day(c), last_on=school_day(c), reason="x", by=by),
    "end_closure": lambda c, t, by: terms.end_closure(closure=closure_of(c, t), by=by),
    "set_term": lambda c, t, by: terms.set_term(county=c.county, code="2026-autumn", first_on=TODAY, last_on=SOON, by=by),
    "set_rota": lambda c, t, by: terms.set_rota(school=c.school, starts_on=TODAY, days_in=10, days_off=4, by=by),
    "set_sessions": lambda c, t, by: actions_plans.set_sessions(org=c.school, sessions=("morning",), holds_from=SOON, reason="x", by=by),
    "withdraw_sessions": lambda c, t, by: actions_plans.withdraw_sessions(org=c.school, by=plan_ahead(c, t, by)),
    "ask_for_rollover": lambda c, t, by: actions_rollover.ask_for_rollover(place=c.county, by=by),
    "roll_school": lambda c, t, by: actions_rollover.roll_school(school=c.school, year=factories.YEAR, by=by),
    "withdraw_order": lambda c, t, by: actions_rollover.withdraw_rollover_order(place=order_of(c, t), by=by),
    "undo_rollover": lambda c, t, by: undo_rollover(rollover=act_on(c, t), by=by),
    "set_feeder": lambda c, t, by: actions_rollover.set_feeder(school=c.school, stage="primary", to_school=None, classes=1, by=by),
    "split_class": lambda c, t, by: actions_regrouping.split_class(room=full(c), **ACT, by=by),
    "combine_classes": lambda c, t, by: actions_regrouping.combine_classes(room=c.room, others=[full(c, factories.make_class(c.school, "三年级", "9"))], **ACT, by=by),
    "merge_school": lambda c, t, by: actions_regrouping.merge_school(school=c.school, receiving=c.other_school, way="join", **ACT, by=by),
    "close_year": lambda c, t, by: actions_years.close_year(county=c.county, school_year=2025, reason="x", by=by),
    "reopen_year": lambda c, t, by: actions_years.reopen_year(county=shut(c, t), school_year=2025, reason="x", by=by),
    "set_policy": lambda c, t, by: set_policy(county=c.county, policy=POLICIES["roll_late_days"], value=9, holds_from=SOON, reason="x", by=by),
    "withdraw_policy": lambda c, t, by: withdraw_policy(row=rule_ahead(c, t), by=by),
}


ACT = {"on_day": TODAY, "document": "", "reason": "x"}


def order_of(county, teacher):
    RolloverOrder.create(county=county.county, place=county.county, school_year=2027, asked_by=teacher)
    return county.county


def act_on(county, teacher):
    about = {"kind": "split", "school_year": 2026, "on_day": TODAY, "journal": Journal().text(), "done_by": teacher}
    return Rollover.create(county=county.county, school=county.school, **about)


def full(county, room=None):
    for name in ("王一", "王二"):
        factories.make_student(room or county.room, name)
    return room or county.room


def shut(county, teacher):
    ClosedYear.create(county=county.county, school_year=2025, closed_by=teacher)
    return county.county


def school_day(county):
    return school_days(SOON, SOON + datetime.timedelta(days=40), county.county.id)[0]


def closure_of(county, teacher):
    return Closure.create(county=county.county, org=county.school, kind="closure", first_on=SOON, last_on=SOON, reason="x", declared_by=teacher)


def plan_ahead(county, teacher, by):
    SessionPlan.create(county=county.county, org=county.school, sessions="morning", holds_from=SOON, reason="x", set_by=teacher)
    return by


def rule_ahead(county, teacher):
    return PolicyValue.create(county=county.county, key="roll_late_days", value="9", holds_from=SOON, reason="x", set_by=teacher)


@pytest.mark.parametrize("name", CALLS)
def test_an_action_refuses_who_has_no_right_there(name, county, teacher, stranger):
    with pytest.raises(Forbidden):
        CALLS[name](county, teacher, stranger)


@pytest.mark.parametrize("name", sorted(CALLS.keys() - {"hand_over_homerooms", "end_role"}))
def test_and_lets_whoever_has_it(name, county, teacher, administrator):
    CALLS[name](county, teacher, administrator)
