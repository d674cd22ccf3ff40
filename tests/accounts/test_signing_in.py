"""Signing in and out, and the password that one chooses."""

import pytest

from aidtracker.accounts import sessions
from aidtracker.accounts.models import SignInAttempt, User, UserSession


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


def test_sign_out_ends_the_session(teacher, sign_in):
    client = sign_in(teacher)
    client.post("accounts.sign_out", page=client.url("web.show_me"))
    assert client.http.get(client.url("web.show_me")).status_code == 302


def test_a_right_guess_among_many_at_once_comes_too_late(teacher, password, monkeypatch):
    def meanwhile(*_):
        for _number in range(sessions.GUESSES):
            SignInAttempt.create(account="teacher", network="192.0.2.0", succeeded=False)
        return True

    monkeypatch.setattr(sessions, "fits", meanwhile)
    with pytest.raises(sessions.TooManyGuesses):
        sessions.sign_in(username="teacher", password=password, network="192.0.2.7", agent="")
    assert not UserSession.select().exists()
