"""Signing in and out, and the password that one chooses."""

import contextlib
import datetime

import pytest

from aidtracker.accounts import sessions
from aidtracker.accounts.actions import disable_user
from aidtracker.accounts.models import SignInAttempt, User, UserSession
from aidtracker.audit.models import AuditEntry
from aidtracker.errors import Refused
from tests.drills.drill import swapped


def test_sign_in_opens_the_site(teacher, sign_in):
    page = sign_in(teacher).get("web.show_me")
    assert "张老师" in page.text


def test_sign_in_with_a_wrong_password_says_the_same_as_with_a_wrong_name(client, teacher):
    wrong = client.post("accounts.sign_in", {"username": "teacher", "password": "wrong"}, status=400)
    nobody = client.post("accounts.sign_in", {"username": "nobody", "password": "wrong"}, status=400)
    words = "用户名或密码不对"
    assert words in wrong.text and words in nobody.text


def test_sign_in_never_shows_the_password_again(client, teacher):
    page = client.post("accounts.sign_in", {"username": "teacher", "password": "Wrong-pass-77"}, status=400)
    assert "Wrong-pass-77" not in page.text


def test_five_wrong_guesses_are_enough(client, teacher):
    for _ in range(4):
        client.post("accounts.sign_in", {"username": "teacher", "password": "wrong"}, status=400)
    page = client.post("accounts.sign_in", {"username": "teacher", "password": "wrong"}, status=429)
    assert "15 分钟" in page.text


def test_a_password_from_the_administrator_is_changed_before_anything_else(teacher, sign_in):
    User.update(must_change_password=True).where(User.id == teacher.id).execute()
    client = sign_in(teacher)
    assert client.http.get(client.url("web.show_me")).location == client.url("accounts.change_password")
    page = client.get("accounts.change_password")
    assert "管理员设的" in page.text


def test_change_password_ends_every_session_and_the_new_one_works(teacher, sign_in, password):
    client, other = sign_in(teacher), sign_in(teacher)
    new = "Green-river-2026"
    client.post("accounts.change_password", {"old": password, "new": new, "again": new})
    assert other.http.get(other.url("web.show_me")).status_code == 302
    sign_in(teacher, new).get("web.show_me")


def test_change_password_refuses_a_weak_one_and_keeps_the_old(teacher, sign_in, password):
    client = sign_in(teacher)
    page = client.post("accounts.change_password", {"old": password, "new": "12345", "again": "12345"}, status=400)
    assert "至少 10 个字符" in page.text
    sign_in(teacher)


def test_a_phone_left_open_gives_five_guesses_at_the_old_password(teacher, sign_in, password):
    client, new = sign_in(teacher), "Green-river-2026"
    for _ in range(5):
        client.post("accounts.change_password", {"old": "x", "new": new, "again": new}, status=400)
    page = client.post("accounts.change_password", {"old": password, "new": new, "again": new}, status=429)
    assert "15 分钟" in page.text
    sign_in(teacher)  # the door is another matter


def test_new_passwords_that_are_refused_are_no_wrong_guesses(teacher, sign_in, password):
    client = sign_in(teacher)
    for _ in range(6):
        client.post("accounts.change_password", {"old": password, "new": "12345", "again": "12345"}, status=400)


def test_sign_out_ends_the_session(teacher, sign_in):
    client = sign_in(teacher)
    client.post("accounts.sign_out", page=client.url("web.show_me"))
    assert client.http.get(client.url("web.show_me")).status_code == 302


def guess(password, network="192.0.2.7"):
    return sessions.sign_in(username="teacher", password=password, network=network, agent="")


def test_guesses_count_while_they_are_looked_at(teacher, password, monkeypatch):
    """Six at once: when the sixth comes none of the others has been found wrong yet."""
    looked_at = []

    def fits(*_):
        looked_at.append(SignInAttempt.select().count())
        with contextlib.suppress(sessions.TooManyGuesses, Refused):
            guess(password)  # meanwhile
        return False

    monkeypatch.setattr(sessions, "fits", fits)
    with pytest.raises(sessions.TooManyGuesses):
        guess("x")
    assert looked_at == [1, 2, 3, 4, 5]
    assert AuditEntry.select().where(AuditEntry.action == "accounts.refuse_sign_in").count() == 5
    assert not UserSession.select().exists()


def test_a_right_password_makes_the_guesses_before_it_forgotten(teacher, password):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Refused):
                guess("x")
        guess(password)
    assert SignInAttempt.select().where(SignInAttempt.succeeded).count() == 3


def test_the_window_and_the_day_end(teacher, password):
    for network in ("192.0.2.7", *(f"10.0.{n}.1" for n in range(20))):
        for _ in range(5):
            with contextlib.suppress(Refused):
                guess("x", network)
    with pytest.raises(sessions.TooManyGuesses, match="今天"):
        guess(password, "10.9.9.9")
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + datetime.timedelta(hours=24, seconds=1)):
        guess(password, "10.9.9.9")
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + datetime.timedelta(minutes=14)), pytest.raises(sessions.TooManyGuesses, match="15"):
        guess(password)


def test_who_guesses_from_everywhere_does_not_lock_out_the_holder(teacher, password):
    guess(password)
    for n in range(25):
        for _ in range(4):
            with contextlib.suppress(Refused):
                guess("x", f"10.0.{n}.1")
    with pytest.raises(sessions.TooManyGuesses, match="今天"):
        guess(password, "10.9.9.9")
    guess(password)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0"), ("::ffff:192.0.2.7", "192.0.2.0"), ("2001:db8:1:2:3::4", "2001:db8:1:2::"), ("fe80::1%eth0", "fe80::"),
        ("", ""), ("unix:", ""),
    ],
)  # fmt: skip
def test_addresses_are_counted_by_their_network(address, network):
    """A socket of both kinds says ::ffff:192.0.2.7: of all those the first 64 bits are the same."""
    assert sessions.network_of(address) == network


@pytest.mark.parametrize("place", ["fits", "session_user"])
def test_an_account_that_is_closed_while_its_holder_signs_in_stays_closed(client, teacher, school_admin, password, monkeypatch, place):
    real = getattr(sessions, place)

    def meanwhile(*given):
        monkeypatch.setattr(sessions, place, real)
        disable_user(user=teacher, reason="已调离", by=school_admin)
        return real(*given)

    monkeypatch.setattr(sessions, place, meanwhile)
    page = client.post("accounts.sign_in", {"username": "teacher", "password": password}, status=400)
    assert "刚有变动" in page.text
    assert client.http.get(client.url("web.show_me")).status_code == 302


@pytest.mark.parametrize("ahead", [datetime.timedelta(days=400), datetime.timedelta(days=-400)])
def test_a_session_of_a_wrong_clock_ends_when_the_clock_is_put_right(teacher, password, ahead):
    with swapped("aidtracker.db.utcnow", lambda real: lambda: real() + ahead):
        token = guess(password)
        assert sessions.session_user(token) == teacher
    assert sessions.session_user(token) is None
