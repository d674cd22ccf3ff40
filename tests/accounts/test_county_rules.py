"""What a county has set for its accounts: sessions, passwords, invitations, accounts that nobody uses."""

import datetime

import pytest

from aidtracker.accounts import actions, actions_inviting, passwords, sessions
from aidtracker.accounts.models import Membership, User, UserSession
from aidtracker.accounts.passwords import hash_password
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Refused
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.registry import POLICIES
from tests import factories
from tests.drills.drill import swapped

ONE_DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
NEW = "Green-river-2026"


@pytest.fixture
def setting(county, administrator):
    """setting(key, value[, county]): holds from yesterday on."""

    def put(key, value, where=None):
        begun = today_in_china() - ONE_DAY
        PolicyValue.create(county=where or county.county, key=key, value=str(value), holds_from=begun, reason="县教育局文件", set_by=administrator)

    return put


def token_of(user, **more):
    return sessions.sign_in(username=user.username, password=factories.PASSWORD, network="192.0.2.7", agent="", **more)


def is_in(token, after):
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + after):
        return sessions.session_user(token) is not None


def test_every_rule_of_accounts_is_gone_by():
    assert [policy.key for policy in POLICIES.values() if policy.group == "账号与安全" and not policy.is_used] == []


def test_how_long_an_office_may_be_idle(setting, officer, county):
    before = token_of(officer)
    setting("office_idle_minutes", 10)
    after = token_of(officer)
    assert not is_in(after, 11 * MINUTE)
    assert is_in(after, 9 * MINUTE)
    assert is_in(before, 29 * MINUTE)  # what is open stays as it was opened


def test_how_long_an_office_session_lasts(setting, officer):
    setting("office_session_hours", 1)
    token = token_of(officer)
    for after, is_open in ((25, True), (50, True), (61, False)):
        assert is_in(token, after * MINUTE) is is_open, after


def test_how_long_a_teachers_phone_stays_signed_in(setting, teacher):
    setting("teacher_idle_days", 1)
    setting("teacher_session_days", 2)
    token = token_of(teacher)
    assert UserSession.get(UserSession.user == teacher).expires_at < utcnow() + 2 * ONE_DAY + MINUTE
    assert not is_in(token, ONE_DAY + MINUTE)
    assert is_in(token, ONE_DAY - MINUTE)


def test_a_shared_phone_is_no_longer_signed_in_than_the_county_allows(setting, officer):
    setting("office_idle_minutes", 5)
    token = token_of(officer, is_shared=True)
    assert not is_in(token, 6 * MINUTE) and is_in(token, 4 * MINUTE)


def test_who_works_in_two_counties_keeps_to_the_stricter_rule(setting, officer, county):
    setting("office_idle_minutes", 60)
    setting("office_idle_minutes", 20, county.other_county)
    Membership.create(user=officer, role="bureau_staff", org=county.other_county, starts_on=datetime.date(2020, 9, 1))
    token = token_of(officer)
    assert not is_in(token, 21 * MINUTE) and is_in(token, 19 * MINUTE)


def test_a_teachers_long_session_ends_when_an_office_role_begins(teacher, county):
    """A role that was given for a later day ends no session when it is given."""
    token = token_of(teacher)
    Membership.create(user=teacher, role="school_admin", org=county.school, starts_on=today_in_china() + ONE_DAY)
    assert is_in(token, MINUTE)
    assert not is_in(token, ONE_DAY)


def test_the_rule_for_new_passwords(setting, teacher, sign_in, password):
    client = sign_in(teacher)
    assert "至少 10 个字符" in client.get("accounts.change_password").text
    setting("password_rule", "asvs")
    assert "至少 12 个字符" in client.get("accounts.change_password").text
    client.post("accounts.change_password", {"old": password, "new": "K7m#92xq4@8", "again": "K7m#92xq4@8"}, status=400)
    plain = "mountainriverroad"[:13]
    client.post("accounts.change_password", {"old": password, "new": plain, "again": plain})
    sign_in(User.get_by_id(teacher.id), plain)


def test_the_rule_for_the_password_of_an_invitation(setting, teacher, school_admin):
    setting("password_rule", "asvs")
    slip = actions_inviting.invite_user(user=teacher, by=school_admin)
    found = actions_inviting.Invitation.get()
    with pytest.raises(Refused, match="至少 12 个字符"):
        actions_inviting.accept_invitation(invitation=found, password="K7m#92xq4@8", by=teacher)
    assert slip.user == teacher


def test_how_long_an_invitation_holds(setting, teacher, school_admin, sign_in):
    setting("invitation_days", 3)
    slip = actions_inviting.invite_user(user=teacher, by=school_admin)
    assert abs(slip.expires_at - utcnow() - 3 * ONE_DAY) < MINUTE
    assert "3 天" in sign_in(school_admin).get("accounts.invite_user", user_id=teacher.id).text


def test_after_how_many_days_an_account_is_unused(setting, teacher, school_admin, sign_in):
    sign_in(teacher)
    UserSession.update(seen_at=utcnow() - 20 * ONE_DAY).where(UserSession.user == teacher).execute()
    client = sign_in(school_admin)
    assert "张老师" not in client.get("accounts.list_unused", seen="idle").text
    setting("unused_days", 15)
    page = client.get("accounts.list_unused", seen="idle")
    assert "张老师" in page.text and "15 天" in page.text


@pytest.fixture
def clerk(county):
    return factories.make_user("bureau_staff", county.county, "周干事", "clerk", is_exempt=False)


def aged(user, days):
    User.update(password_set_at=utcnow() - days * ONE_DAY).where(User.id == user.id).execute()
    return User.get_by_id(user.id)


def test_an_old_password_is_changed_before_anything_else(setting, clerk, sign_in, password):
    setting("password_days", 90)
    client = sign_in(aged(clerk, 91))
    assert client.http.get("/students").location == "/me/password"
    assert "使用期限" in client.get("accounts.change_password").text
    client.post("accounts.change_password", {"old": password, "new": NEW, "again": NEW})
    assert sign_in(clerk, NEW).http.get("/students").location != "/me/password"


def test_a_password_that_is_not_old_yet_stays(setting, clerk, sign_in):
    setting("password_days", 90)
    assert sign_in(aged(clerk, 89)).http.get("/students").location != "/me/password"


def test_without_a_date_a_password_is_as_old_as_the_account(clerk):
    User.update(created_at=utcnow() - 200 * ONE_DAY).where(User.id == clerk.id).execute()
    token_of(clerk)
    assert User.get_by_id(clerk.id).must_change_password


def test_a_teachers_password_does_not_age(county, sign_in):
    teacher = factories.make_user("teacher", county.room, is_exempt=False)
    sign_in(aged(teacher, 4000)).get("web.show_me")


def test_a_new_password_begins_to_age_anew(clerk, administrator):
    aged(clerk, 400)
    actions.reset_password(user=clerk, password="Kli7-Tw9m-Rzb4", by=administrator)
    assert not sessions.has_old_password(User.get_by_id(clerk.id))


def test_a_weaker_hash_is_made_anew_at_sign_in(teacher, monkeypatch, password):
    weak = User.get_by_id(teacher.id).password_hash
    token_of(teacher)
    assert User.get_by_id(teacher.id).password_hash == weak
    monkeypatch.setattr(passwords, "_hasher", passwords.argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    with pytest.raises(Refused):
        sessions.sign_in(username="teacher", password="Wrong-password-7", network="192.0.2.7", agent="")
    assert User.get_by_id(teacher.id).password_hash == weak
    token = token_of(teacher)
    stronger = User.get_by_id(teacher.id)
    assert "m=64" in stronger.password_hash and passwords.fits(password, stronger.password_hash)
    assert sessions.session_user(token) == teacher
    monkeypatch.setattr(passwords, "_hasher", passwords.argon2.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1))
    token_of(teacher)
    assert User.get_by_id(teacher.id).password_hash == stronger.password_hash  # a lower cost weakens nothing


def test_a_hash_made_anew_does_not_undo_a_password_that_was_changed_meanwhile(teacher, monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", passwords.argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    other = hash_password(NEW)
    User.update(password_hash=other).where(User.id == teacher.id).execute()
    sessions.strengthen(teacher, factories.PASSWORD)
    assert User.get_by_id(teacher.id).password_hash == other


def test_a_request_asks_the_rules_nothing(officer, monkeypatch):
    """They are looked up at sign-in and stand with the session."""
    token = token_of(officer)
    monkeypatch.setattr("aidtracker.accounts.hooks.what_a_county_has_set", [lambda *_: pytest.fail("asked")])
    monkeypatch.setattr("aidtracker.accounts.rules.what_a_county_has_set", [lambda *_: pytest.fail("asked")])
    assert sessions.session_user(token) == officer
