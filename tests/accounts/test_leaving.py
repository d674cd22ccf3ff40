"""Leavers: their roles, their account, their open work; and accounts that nobody uses."""

import datetime
import io

import openpyxl
import pytest

from aidtracker.accounts import actions
from aidtracker.accounts.actions import give_role
from aidtracker.accounts.actions_closing import disable_leavers
from aidtracker.accounts.actions_leaving import record_leaver
from aidtracker.accounts.models import Membership, User, UserSession
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.audit.models import AuditEntry
from aidtracker.cases.actions import open_case
from aidtracker.cases.models import Case, CaseVersion
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Refused
from aidtracker.visits.models import Visit
from tests import factories
from tests.drills.drill import swapped

TODAY = today_in_china()
ONE_DAY = datetime.timedelta(days=1)


@pytest.fixture
def colleague(county):
    return factories.make_user("teacher", county.school, "周老师", "colleague")


def test_the_page_says_what_is_left_open_and_the_case_goes_to_the_successor(county, pupils, teacher, colleague, school_admin, sign_in):
    case = open_case(student=pupils.mine, values={"main_reason": "01"}, by=teacher)
    Visit.create(county=county.county, form="on_site", on=TODAY, teachers="张老师", recorded_by=teacher, state="sent_back", remark="补", checked_at=utcnow())
    admin = sign_in(school_admin)
    page = admin.get("accounts.record_leaver", user_id=teacher.id).text
    assert "负责的未销号个案" in page and "被退回" in page and "没有别的教师了" in page
    values = {"last_day": str(TODAY + ONE_DAY), "user": colleague.id, "reason": "调往外县"}
    admin.post("accounts.record_leaver", values, user_id=teacher.id)
    assert Case.get_by_id(case.id).owner == colleague and CaseVersion.select().where(CaseVersion.case == case).count() == 1
    assert Membership.get(Membership.user == teacher).ends_on == TODAY + ONE_DAY
    entry = AuditEntry.select().order_by(AuditEntry.id.desc()).get()
    assert (entry.action, entry.reason, "owner" in entry.fields) == ("accounts.record_leaver", "调往外县", True)


def test_the_account_is_disabled_after_the_last_day_and_not_before(teacher, school_admin, sign_in, password):
    record_leaver(user=teacher, last_day=TODAY + ONE_DAY, successor=None, reason="退休", by=school_admin)
    assert disable_leavers() == 0
    sign_in(teacher, password).get("web.show_me")
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + 2 * ONE_DAY):
        assert disable_leavers() == 1
        assert disable_leavers() == 0
    assert not User.get_by_id(teacher.id).is_active


def test_a_last_day_that_has_passed_disables_at_once(teacher, school_admin, sign_in):
    theirs = sign_in(teacher)
    record_leaver(user=teacher, last_day=TODAY - ONE_DAY, successor=None, reason="退休", by=school_admin)
    assert theirs.http.get(theirs.url("web.show_me")).status_code == 302
    assert not User.get_by_id(teacher.id).is_active


def test_whoever_comes_back_stays(teacher, school_admin, county, sign_in):
    record_leaver(user=teacher, last_day=TODAY - ONE_DAY, successor=None, reason="退休", by=school_admin)
    admin = sign_in(school_admin)
    admin.post("accounts.enable_user", {}, user_id=teacher.id)
    assert disable_leavers() == 0 and User.get_by_id(teacher.id).is_active
    assert StaffRecord.get(StaffRecord.user == teacher).leaves_on is None


def test_whoever_is_given_a_role_again_before_the_last_day_is_not_disabled(teacher, school_admin, county):
    record_leaver(user=teacher, last_day=TODAY, successor=None, reason="退休", by=school_admin)
    give_role(user=teacher, role="teacher", org=county.sibling_room, starts_on=TODAY, by=school_admin)
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + 2 * ONE_DAY):
        assert disable_leavers() == 0


def test_nobody_records_their_own_leaving_and_no_stranger_takes_over(teacher, stranger, school_admin):
    with pytest.raises(Refused, match="另一位"):
        record_leaver(user=school_admin, last_day=TODAY, successor=None, reason="x", by=school_admin)
    with pytest.raises(Refused, match="在岗"):
        record_leaver(user=teacher, last_day=TODAY, successor=stranger, reason="x", by=school_admin)


def idle(user, days):
    User.update(created_at=utcnow() - 400 * ONE_DAY).where(User.id == user.id).execute()
    UserSession.update(seen_at=utcnow() - days * ONE_DAY).where(UserSession.user == user).execute()


def test_accounts_that_nobody_uses_are_listed_exported_and_disabled_together(teacher, colleague, stranger, administrator, school_admin, sign_in):
    for user, days in ((teacher, 91), (stranger, 89), (school_admin, 200)):
        sign_in(user)
        idle(user, days)
    admin = sign_in(administrator)
    page = admin.get("accounts.list_unused", seen="idle", days="90").text
    assert "张老师" in page and "王校长" in page and "陈老师" not in page and "周老师" not in page
    assert "周老师" in admin.get("accounts.list_unused").text
    assert "陈老师" in admin.get("accounts.list_unused", seen="idle", days="30").text
    book = admin.post("accounts.export_unused", {"seen": "idle", "days": "90"}, 200, page=admin.url("accounts.list_unused", seen="idle"))
    rows = list(openpyxl.load_workbook(io.BytesIO(book.data)).active.values)
    assert [row[0] for row in rows[1:]] == ["王校长", "张老师"]
    sent = {"seen": "idle", "days": "90", "users": [teacher.id, school_admin.id, stranger.id], "reason": "长期不用"}
    admin.post("accounts.disable_users", sent, 400, page=admin.url("accounts.list_unused", seen="idle"))  # one is none of the list
    admin.post("accounts.disable_users", {**sent, "users": [teacher.id, school_admin.id]}, page=admin.url("accounts.list_unused", seen="idle"))
    assert {u.username for u in User.select().where(User.disabled_at.is_null(False))} == {"teacher", "principal"}
    entry = AuditEntry.select().where(AuditEntry.action == "accounts.disable_users").get()
    assert entry.count == 2 and "teacher" in entry.reason and "principal" in entry.reason


def test_the_staff_list_goes_out_on_record_with_masked_phones(teacher, county, school_admin, sign_in):
    StaffRecord.create(user=teacher, county=county.county, staff_number="T7", phone="13900990001", phone_index=b"0" * 16)
    answer = sign_in(school_admin).post("accounts.export_staff", {}, 200)
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert rows[0][0] == "姓名" and any(row[0] == "张老师" and row[1] == "139****0001" and row[2] == "T7" for row in rows)
    assert AuditEntry.select().where(AuditEntry.action == "accounts.export_staff").count() == 1


def test_on_the_last_day_itself_the_account_still_works(teacher, school_admin, sign_in):
    record_leaver(user=teacher, last_day=TODAY, successor=None, reason="退休", by=school_admin)
    assert User.get_by_id(teacher.id).is_active
    sign_in(teacher).get("web.show_me")
    assert disable_leavers() == 0


def test_nobody_leaves_before_they_came(teacher, school_admin):
    """The history of roles stays, and with it whoever may look after the account."""
    with pytest.raises(Refused, match="不能早于"):
        record_leaver(user=teacher, last_day=datetime.date(2000, 1, 1), successor=None, reason="退休", by=school_admin)
    assert User.get_by_id(teacher.id).is_active and Membership.select().where(Membership.user == teacher).count() == 1


def counties_told(action):
    return [entry.county_id for entry in AuditEntry.select().where(AuditEntry.action == action).order_by(AuditEntry.id)]


def test_what_is_done_to_a_leaver_stands_in_the_countys_trail(county, teacher, school_admin, administrator):
    """Whoever holds no role any more still belongs to the county that they left."""
    yesterday = TODAY - datetime.timedelta(days=1)
    Membership.update(ends_on=yesterday).where(Membership.user == teacher).execute()
    gone = User.get_by_id(teacher.id)
    actions.disable_user(user=gone, reason="已调离", by=administrator)
    actions.enable_user(user=User.get_by_id(gone.id), by=administrator)
    record_leaver(user=school_admin, last_day=yesterday, successor=None, reason="退休", by=administrator)
    for action in ("disable_user", "enable_user", "record_leaver"):
        assert counties_told(f"accounts.{action}") == [county.county.id], action


def test_the_staff_record_says_whose_leaver_it_is_when_a_role_of_the_city_came_last(county, teacher):
    StaffRecord.create(user=teacher, county=county.county)
    Membership.update(ends_on=TODAY - datetime.timedelta(days=1)).where(Membership.user == teacher).execute()
    Membership.create(user=teacher, role="city_viewer", org=county.city, starts_on=TODAY)
    actions.set_language(user=User.get_by_id(teacher.id), language="en", by=teacher)
    assert counties_told("accounts.set_language") == [county.county.id]


def test_the_nightly_closing_is_told_to_each_county(county, teacher, stranger):
    far = factories.make_user("teacher", county.far_room, "陈远", "far")
    yesterday = TODAY - datetime.timedelta(days=1)
    for user, place in ((teacher, county.county), (stranger, county.county), (far, county.other_county)):
        Membership.update(ends_on=yesterday).where(Membership.user == user).execute()
        StaffRecord.create(user=user, county=place, leaves_on=yesterday)
    assert disable_leavers() == 3
    told = AuditEntry.select().where(AuditEntry.action == "accounts.disable_leavers")
    assert sorted((entry.county_id, entry.count) for entry in told) == [(county.county.id, 2), (county.other_county.id, 1)]


def test_a_leavers_password_that_is_tried_is_told_to_the_county(county, teacher, client):
    Membership.update(ends_on=TODAY - datetime.timedelta(days=1)).where(Membership.user == teacher).execute()
    User.update(disabled_at=utcnow()).where(User.id == teacher.id).execute()
    client.post("accounts.sign_in", {"username": teacher.username, "password": "Wrong-pass-2026"}, 400)
    assert counties_told("accounts.refuse_sign_in") == [county.county.id]
