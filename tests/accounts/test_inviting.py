"""Invitations: who gets one, how it is opened, and everything that ends it."""

import contextlib
import datetime
import re

import pytest
from flask import url_for

from aidtracker.accounts import actions, actions_inviting, sessions
from aidtracker.accounts.invitations import open_invitation
from aidtracker.accounts.models import SignInAttempt, User
from aidtracker.accounts.models_staff import Invitation
from aidtracker.accounts.sessions import SLIP, token_hash
from aidtracker.audit.models import AuditEntry
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.receipts.models import Receipt
from tests.drills.drill import swapped

NEW = "Green-river-2026"


@pytest.fixture
def slip(teacher, school_admin):
    return actions_inviting.invite_user(user=teacher, by=school_admin)


def opened(slip):
    return open_invitation(token=slip.token, username="", code="", network="192.0.2.7")


def by_code(slip, code=None):
    return open_invitation(token="", username=slip.user.username.upper(), code=code or slip.code, network="192.0.2.7")


def shown(page):
    code, name = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", page.text), re.search(r"用户名 <b>(.*?)</b>", page.text)
    return name[1], code[0]


def test_a_slip_has_a_qr_code_and_leads_to_a_password_of_ones_own(teacher, school_admin, sign_in, client):
    page = sign_in(school_admin).post("accounts.invite_user", {}, 200, user_id=teacher.id)
    assert "<article" in page.text and "张老师" in page.text
    username, code = shown(page)
    second = client.post("accounts.accept_invitation", {"username": username, "code": code.lower()}, 200)
    assert "张老师" in second.text and "双河镇中心小学" in second.text
    sent = {"username": username, "code": code, "new": NEW, "again": NEW}
    client.post("accounts.accept_invitation", sent)
    assert "张老师" in client.get("web.show_me").text
    assert "无效" in client.post("accounts.accept_invitation", sent, 400).text
    sign_in(teacher, NEW)


def test_the_token_opens_it_by_itself_and_stands_in_no_address_row_or_entry(slip, client):
    assert opened(slip).user == slip.user
    with client.app.test_request_context():
        assert url_for("accounts.accept_invitation", _anchor=slip.token).partition("#")[2] == slip.token
    kept = Invitation.get()
    assert bytes(kept.token_hash) == token_hash(slip.token) and slip.code.encode() not in bytes(kept.code_hash)
    written = repr([list(entry.__data__.values()) for entry in AuditEntry.select()]) + repr([each.__data__ for each in Receipt.select()])
    assert slip.token not in written and slip.code not in written
    page = client.post("accounts.accept_invitation", {"token": slip.token}, 200)
    assert page.headers["Cache-Control"] == "no-store" and "张老师" in page.text


def test_the_old_password_and_the_sessions_end_with_an_invitation(teacher, school_admin, sign_in, client, password):
    theirs = sign_in(teacher)
    actions_inviting.invite_user(user=teacher, by=school_admin)
    assert theirs.http.get(theirs.url("web.show_me")).status_code == 302
    client.post("accounts.sign_in", {"username": "teacher", "password": password}, 400)


def accept(slip, teacher, school_admin):
    actions_inviting.accept_invitation(invitation=opened(slip), password=NEW, by=slip.user)


def newer(slip, teacher, school_admin):
    actions_inviting.invite_user(user=teacher, by=school_admin)


def disabled(slip, teacher, school_admin):
    actions.disable_user(user=teacher, reason="调离", by=school_admin)
    actions.enable_user(user=teacher, by=school_admin)


def other_role(slip, teacher, school_admin):
    org = school_admin.memberships[0].org
    actions.give_role(user=teacher, role="teacher", org=org, starts_on=today_in_china(), by=school_admin)


@pytest.mark.parametrize("end", [accept, newer, disabled, other_role])
def test_an_invitation_ends_with(end, slip, teacher, school_admin):
    end(slip, teacher, school_admin)
    for way in (opened, by_code):
        with pytest.raises(Refused, match="无效"):
            way(slip)


def test_an_invitation_ends_by_time(slip):
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + datetime.timedelta(days=14) - datetime.timedelta(minutes=1)):
        opened(slip)
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + datetime.timedelta(days=14) + datetime.timedelta(seconds=1)), pytest.raises(Refused):
        opened(slip)


def test_two_who_hold_one_slip_do_not_both_get_in(slip):
    first, second = opened(slip), opened(slip)
    actions_inviting.accept_invitation(invitation=first, password=NEW, by=slip.user)
    with pytest.raises(Refused, match="无效"):
        actions_inviting.accept_invitation(invitation=second, password="Other-river-2026", by=slip.user)


def test_a_weak_password_uses_nothing_up(slip):
    with pytest.raises(Refused):
        actions_inviting.accept_invitation(invitation=opened(slip), password="12345", by=slip.user)
    actions_inviting.accept_invitation(invitation=opened(slip), password=NEW, by=slip.user)


def test_guesses_at_a_code_are_counted_like_those_at_the_door_and_a_new_slip_forgets_them(slip, school_admin, client):
    for number in range(5):
        client.post("accounts.accept_invitation", {"username": "teacher", "code": "22222-22222"}, 400 if number < 4 else 429)
    with pytest.raises(Refused, match="15 分钟"):
        open_invitation(token="", username="teacher", code=slip.code, network="127.0.0.1")
    opened(slip)  # the QR code is no guess
    new = actions_inviting.invite_user(user=slip.user, by=school_admin)
    by_code(new)
    assert AuditEntry.select().where(AuditEntry.action == "accounts.refuse_invitation").count() == 5


def test_wrong_codes_do_not_close_the_door_of_whoever_has_a_password(teacher, client, sign_in):
    """Whoever sits in the same office and types five wrong codes keeps nobody from signing in."""
    for number in range(5):
        client.post("accounts.accept_invitation", {"username": "teacher", "code": "22222-22222"}, 400 if number < 4 else 429)
    sign_in(teacher).get("web.show_me")


def test_wrong_passwords_do_not_close_the_invitation(slip):
    for _ in range(5):
        with contextlib.suppress(Refused):
            sessions.sign_in(username="teacher", password="Wrong-pass-2026", network="192.0.2.7", agent="")
    assert by_code(slip).user == slip.user


@pytest.mark.parametrize("at_the_door", [True, False])
def test_a_hundred_guesses_of_a_day_close_what_they_were_at_and_not_the_other(teacher, password, at_the_door):
    for number in range(100):
        place = f"198.51.{number}.0"
        SignInAttempt.create(account="teacher", network=place if at_the_door else f"{SLIP}{place}", succeeded=False)
    is_open = {}
    for name, enter in {
        "door": lambda: sessions.sign_in(username="teacher", password=password, network="192.0.2.7", agent=""),
        "slip": lambda: open_invitation(token="", username="teacher", code="22222-22222", network="192.0.2.7"),
    }.items():
        try:
            enter()
            is_open[name] = True
        except Refused as refused:
            is_open[name] = refused.status != 429
    assert is_open == {"door": not at_the_door, "slip": at_the_door}


def test_a_name_that_nobody_has_is_answered_the_same(client, slip):
    known = client.post("accounts.accept_invitation", {"username": "teacher", "code": "22222-22222"}, 400)
    unknown = client.post("accounts.accept_invitation", {"username": "nobody", "code": "22222-22222"}, 400)
    assert re.sub(r'value="[^"]*"', "", known.text) == re.sub(r'value="[^"]*"', "", unknown.text)
    assert not SignInAttempt.select().where(SignInAttempt.account == "nobody").exists()


def test_unlocking_lets_in_at_once_and_is_on_record(teacher, school_admin, client, sign_in, password):
    for number in range(5):
        client.post("accounts.sign_in", {"username": "teacher", "password": "x"}, status=400 if number < 4 else 429)
    admin = sign_in(school_admin)
    assert "输错 5 次" in admin.get("accounts.show_user", user_id=teacher.id).text
    admin.post("accounts.unlock_user", {}, user_id=teacher.id)
    sign_in(teacher, password)
    admin.post("accounts.unlock_user", {}, user_id=teacher.id)
    assert AuditEntry.select().where(AuditEntry.action == "accounts.unlock_user").count() == 1


def test_nobody_invites_beyond_their_reach(officer, stranger, teacher, school_admin, sign_in):
    with pytest.raises(Forbidden):
        actions_inviting.invite_user(user=stranger, by=school_admin)
    sign_in(school_admin).get("accounts.invite_user", status=404, user_id=stranger.id)
    with pytest.raises(Refused, match="修改密码"):
        actions_inviting.invite_user(user=school_admin, by=school_admin)


def test_a_sheet_of_slips_for_all_who_never_came(county, school_admin, administrator, teacher, stranger, sign_in):
    sign_in(teacher)
    admin = sign_in(administrator)
    listed = admin.get("accounts.invite_users").text
    assert "陈老师" in listed and "王校长" in listed and "张老师" not in listed
    page = admin.post("accounts.invite_users", {"org": county.other_school.id}, 200)
    assert page.text.count("<article") == 1 and "陈老师" in page.text
    rest = admin.post("accounts.invite_users", {}, 200)
    assert rest.text.count("<article") == 1 and "王校长" in rest.text
    assert "没有需要邀请的人" in admin.post("accounts.invite_users", {}, 400).text
    entries = AuditEntry.select(AuditEntry.count).where(AuditEntry.action == "accounts.invite_users").order_by(AuditEntry.id)
    assert [count for (count,) in entries.tuples()] == [1, 1]


def test_the_same_page_sent_twice_shows_no_second_slip(teacher, school_admin, sign_in):
    admin = sign_in(school_admin)
    key = "11111111-1111-4111-8111-111111111111"
    admin.post("accounts.invite_user", {"key": key}, 200, user_id=teacher.id)
    again = admin.post("accounts.invite_user", {"key": key}, 200, user_id=teacher.id)
    assert "只显示一次" in again.text and "<article" not in again.text and Invitation.select().count() == 1


def test_the_sign_in_page_says_whom_to_ask(client):
    page = client.get("accounts.sign_in").text
    assert "找本校管理员" in page and "/invitation" in page


def test_a_shared_phone_signs_out_by_itself(teacher, client, password):
    client.post("accounts.sign_in", {"username": "teacher", "password": password, "is_shared": "y"})
    client.get("web.show_me")
    minutes = datetime.timedelta(minutes=1)
    for later, status in ((14 * minutes, 200), (30 * minutes, 302)):
        with swapped("aidtracker.db.utcnow", lambda real, later=later: lambda: real() + later):
            assert client.http.get(client.url("web.show_me")).status_code == status
    for step in range(1, 13):
        with swapped("aidtracker.db.utcnow", lambda real, step=step: lambda: real() + 10 * step * minutes - minutes):
            assert client.http.get(client.url("web.show_me")).status_code == 200
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + 121 * minutes):
        assert client.http.get(client.url("web.show_me")).status_code == 302


def test_an_account_without_a_password_lets_nobody_in(teacher, client):
    User.update(password_hash="").where(User.id == teacher.id).execute()
    client.post("accounts.sign_in", {"username": "teacher", "password": " "}, 400)


def test_what_must_be_filled_in_is_not_called_optional(client):
    assert "可不填" not in client.get("accounts.accept_invitation").text


def test_inviting_many_says_that_passwords_end(county, teacher, administrator, sign_in):
    text = sign_in(administrator).get("accounts.invite_users").text
    assert "原来的密码" in text and text.index("原来的密码") < text.index("生成并打印邀请单")
