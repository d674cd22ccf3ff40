"""Roles that may not meet in one person, at every door by which a role is given."""

import datetime

import pytest

from aidtracker.accounts.actions import end_role, give_role
from aidtracker.accounts.actions_homerooms import delegate_role
from aidtracker.accounts.actions_staff_saving import save_staff
from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.separation import APART, Span, why_apart
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import LOOKS, ROLES, Permission
from tests import factories
from tests.accounts.test_staff import bring  # noqa: F401  the fixture

TODAY = today_in_china()
ONE_DAY = datetime.timedelta(days=1)


def span(role, org, starts_on=TODAY, ends_on=None):
    return Span(role, org, starts_on, ends_on)


def fresh(user):
    return User.get_by_id(user.id)


def test_what_only_looks_is_named_by_its_words():
    """A new permission counts as one that changes something until it is listed."""
    verbs = {permission.value.split()[0] for permission in LOOKS}
    assert verbs <= {"see", "read", "download", "look"}
    assert not {permission for permission in set(Permission) - LOOKS if permission.value.startswith(("see ", "read ", "look "))}


@pytest.mark.parametrize(
    ("one", "other", "is_apart"),
    [
        ("finance", "bureau_staff", True), ("finance", "bureau_admin", True), ("finance", "teacher", False), ("finance", "city_viewer", False),
        ("auditor", "teacher", True), ("auditor", "village_officer", True), ("auditor", "system_admin", True), ("auditor", "bureau_admin", True),
        ("auditor", "finance", False), ("auditor", "city_viewer", False),
        ("system_admin", "bureau_admin", True), ("system_admin", "teacher", True), ("system_admin", "finance", False),
        ("system_admin", "city_viewer", False), ("teacher", "school_admin", False), ("bureau_staff", "bureau_admin", False),
    ],
)  # fmt: skip
def test_which_roles_are_apart(county, one, other, is_apart):
    places = {"class": county.room, "school": county.school, "village": county.village, "township": county.township, "county": county.county, "city": county.city}
    a, b = (span(role, places[ROLES[role].held_at[0]]) for role in (one, other))
    assert bool(why_apart(a, b)) is is_apart
    assert bool(why_apart(b, a)) is is_apart


def test_every_role_is_still_one_that_can_be_held_alone():
    assert {rule.role for rule in APART} <= set(ROLES)


def test_money_is_apart_within_one_county_only(county):
    here, there = span("finance", county.county), span("bureau_staff", county.other_county)
    assert not why_apart(here, there)
    assert why_apart(span("auditor", county.county), there)


def test_days_that_do_not_meet_are_no_pair(county):
    before = span("auditor", county.county, TODAY - 9 * ONE_DAY, TODAY - ONE_DAY)
    assert not why_apart(before, span("teacher", county.room))
    assert why_apart(before._replace(ends_on=TODAY), span("teacher", county.room))


@pytest.fixture
def auditor(county):
    return factories.make_user("auditor", county.county, "孙审计", "auditor")


def test_giving_a_role_is_refused_in_words(county, auditor, administrator):
    with pytest.raises(Refused) as said:
        give_role(user=auditor, role="bureau_staff", org=county.county, starts_on=TODAY + 9 * ONE_DAY, by=administrator)
    assert "孙审计" in said.value.message and "审计员" in said.value.message and "只查看" in said.value.message
    epoch = fresh(auditor).epoch
    with pytest.raises(Refused):
        give_role(user=fresh(auditor), role="teacher", org=county.room, starts_on=TODAY, by=None)
    assert fresh(auditor).epoch == epoch and Membership.select().where(Membership.user == auditor).count() == 1


def test_after_the_other_role_has_ended_it_may_be_given(county, auditor, administrator):
    end_role(membership=Membership.get(Membership.user == auditor), by=administrator)
    give_role(user=fresh(auditor), role="bureau_staff", org=county.county, starts_on=TODAY, by=administrator)


def test_the_page_says_why(county, auditor, administrator, sign_in):
    client = sign_in(administrator)
    data = {"role": "bureau_staff", "starts_on": TODAY.isoformat()}
    page = client.post("accounts.give_role", data, 400, user_id=auditor.id, org=county.county.id)
    assert "不能同时任教育局工作人员" in page.text


def test_nobody_stands_in_for_a_role_that_is_apart_from_their_own(county, officer, administrator):
    clerk = factories.make_user("finance", county.county, "吴会计")
    days = {"starts_on": TODAY, "ends_on": TODAY + 9 * ONE_DAY, "reason": "出差"}
    with pytest.raises(Refused, match="管钱"):
        delegate_role(membership=Membership.get(Membership.user == officer), user=clerk, **days, by=administrator)


def test_a_row_of_the_staff_workbook_is_refused(county, auditor, bring):  # noqa: F811
    rows = [
        ("孙审计", "13900990001", "T1", "990100", "教育局工作人员", "", "", "", "", "auditor"),
        ("赵六", "13900990002", "T2", "990100", "财务人员"),
        ("赵六", "13900990002", "T2", "990100", "教育局工作人员"),
        ("钱七", "13900990003", "T3", "990100", "财务人员"),
    ]
    plan = bring(rows)
    assert [(problem.row, problem.column, problem.code) for problem in plan.problems] == [(2, "角色", "conflict"), (4, "角色", "conflict")]
    assert "不能同时任" in plan.problems[0].message and "不能同时任" in plan.problems[1].message
    assert {m.role for m in Membership.select().join(User).where(User.name == "赵六")} == {"finance"}
    assert User.select().where(User.name == "钱七").exists()


def test_a_workbook_may_end_the_one_and_give_the_other(county, auditor, bring):  # noqa: F811
    yesterday = TODAY - ONE_DAY
    rows = [
        ("孙审计", "13900990001", "T1", "990100", "教育局工作人员", "", "", TODAY.isoformat(), "", "auditor"),
        ("孙审计", "13900990001", "T1", "990100", "审计员", "", "", "2020-09-01", yesterday.isoformat(), "auditor"),
    ]
    assert bring(rows).refused == 0
    assert bring(rows).refused == 0  # and the same again


def test_pairs_from_before_are_listed_and_come_in_again_unchanged(county, auditor, administrator, sign_in, bring):  # noqa: F811
    client = sign_in(administrator)
    assert "不相容" not in client.get("accounts.list_users").text
    Membership.create(user=auditor, role="teacher", org=county.room, starts_on=TODAY)
    text = client.get("accounts.list_users").text
    assert "不相容" in text and "只查看" in text
    rows = [("孙审计", "13900990001", "T1", "990100", "审计员", "", "", "2020-09-01", "", "auditor")]
    assert bring(rows).refused == 0
    User.update(disabled_at=datetime.datetime(2026, 1, 1)).where(User.id == auditor.id).execute()
    assert "不相容" not in client.get("accounts.list_users").text


def test_pairs_elsewhere_are_nobodys_to_see(county, sign_in):
    far = factories.make_user("auditor", county.other_county, "远审计")
    Membership.create(user=far, role="teacher", org=county.far_room, starts_on=TODAY)
    near = factories.make_user("system_admin", county.county)
    assert "不相容" not in sign_in(near).get("accounts.list_users").text


def test_a_row_that_is_refused_makes_room_for_nothing(county, bring, administrator):  # noqa: F811
    """The bureau's clerk would stop being one, but that row is refused: so money is still not for the clerk."""
    yesterday = TODAY - ONE_DAY
    auditor = factories.make_user("auditor", county.county, "孙审计", "auditor")
    Membership.update(ends_on=yesterday + 30 * ONE_DAY).where(Membership.user == auditor).execute()
    Membership.create(user=auditor, role="teacher", org=county.room, starts_on=TODAY + 60 * ONE_DAY)
    late, later = (TODAY + n * ONE_DAY for n in (70, 100))
    rows = [
        # moved to where it meets the teacher: refused, so the auditor stays for these thirty days
        ("孙审计", "13900990001", "T1", "990100", "审计员", "", "", late.isoformat(), later.isoformat(), "auditor"),
        ("孙审计", "13900990001", "T1", "990100", "教育局工作人员", "", "", TODAY.isoformat(), (TODAY + 5 * ONE_DAY).isoformat(), "auditor"),
    ]
    plan = bring(rows)
    assert [problem.code for problem in plan.problems] == ["conflict", "conflict"]
    held = {m.role for m in Membership.select().where(Membership.user == auditor)}
    assert held == {"auditor", "teacher"}


def test_a_class_that_is_taken_keeps_its_row_from_counting(county, teacher, bring):  # noqa: F811
    """Who is refused as homeroom teacher of somebody else's class may be auditor."""
    Membership.update(duty="homeroom").where(Membership.user == teacher).execute()
    rows = [
        ("孙审计", "13900990001", "T1", "2199000001", "班主任", "三年级", "2"),
        ("孙审计", "13900990001", "T1", "990100", "审计员"),
    ]
    plan = bring(rows)
    assert [(problem.row, problem.code) for problem in plan.problems] == [(2, "conflict")]
    assert [m.role for m in Membership.select().join(User, on=Membership.user).where(User.name == "孙审计")] == ["auditor"]


def test_two_workbooks_that_were_checked_side_by_side_do_not_join_what_is_apart(county, bring, administrator):  # noqa: F811
    officer = factories.make_user("bureau_staff", county.county, "李干事", "officer")
    Membership.update(ends_on=TODAY + 5 * ONE_DAY).where(Membership.user == officer).execute()
    first = bring([("李干事", "", "", "990100", "教育局工作人员", "", "", "", (TODAY + 90 * ONE_DAY).isoformat(), "officer")], save=None)
    second = bring([("李干事", "", "", "990100", "财务人员", "", "", (TODAY + 9 * ONE_DAY).isoformat(), "", "officer")], save=None)
    assert (first.refused, second.refused) == (0, 0)
    save_staff(first, by=administrator)
    before = AuditEntry.select().count()
    with pytest.raises(Refused, match="李干事"):
        save_staff(second, by=administrator)
    assert [m.role for m in Membership.select().where(Membership.user == officer)] == ["bureau_staff"]
    assert AuditEntry.select().count() == before
