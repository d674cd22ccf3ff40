"""A practice site cannot be taken for a real one, nor a real one for it: frame, words, title, icon, cookie; and the way from the real one."""

from dataclasses import replace

import pytest

from aidtracker.accounts.actions_inviting import invite_user
from tests import factories

URL = "https://practice.example.cn"
BANNER, BANNER_EN = "练习站：数据都是编造的", "Practice site: everybody in it is invented"


@pytest.fixture
def with_url(app, monkeypatch):
    def use(url):
        monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], practice_url=url))

    return use


@pytest.mark.parametrize("address", ["/sign-in", "/nothing-here"])
def test_every_page_of_practice_says_so_in_title_frame_icon_colour_and_words(practice, client, address):
    page = client.http.get(address).text
    assert "<title>【练习】" in page
    assert '<html lang="zh-CN" class="practice">' in page
    assert "/css/practice.css?v=" in page and "/img/icon-practice.svg?v=" in page and "/img/icon.svg" not in page
    assert 'name="theme-color" content="#7a3800"' in page
    assert BANNER in page and "b-practice" in page
    assert '<b class="practice-word">练习</b>' in page


def test_in_english_too(practice, client):
    page = client.http.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert "<title>[Practice] " in page and BANNER_EN in page and '<html lang="en" class="practice">' in page


@pytest.mark.parametrize("address", ["/sign-in", "/nothing-here"])
def test_a_real_site_shows_none_of_it(app, county, client, address):
    page = client.http.get(address).text
    assert "练习" not in page and "practice" not in page
    assert "/img/icon.svg?v=" in page


def test_an_invitation_leads_back_to_the_site_that_printed_it(app, county, client, school_admin, teacher, sign_in):
    """The address on a slip is that of the page which shows it; one of the other site opens nothing here, and practice says why."""
    page = sign_in(school_admin).post("accounts.invite_user", {}, 200, user_id=teacher.id).text
    assert "http://localhost/invitation" in page
    assert "练习站" not in client.get("accounts.accept_invitation").text


def test_practice_says_whose_invitations_it_takes(practice, client):
    assert "只认练习站自己的邀请单" in client.get("accounts.accept_invitation").text
    assert "只认练习站自己的邀请单" in client.post("accounts.accept_invitation", {"token": "of-the-real-site"}, 400).text


@pytest.mark.parametrize(("base_url", "name"), [("https://aid.example.cn", "__Host-aidtracker-practice"), ("http://127.0.0.1:8001", "aidtracker-practice")])
def test_its_cookie_has_a_name_of_its_own(practice, client, base_url, name):
    sent = client.http.get("/sign-in", base_url=base_url).headers["Set-Cookie"]
    assert sent.startswith(f"{name}=")


def test_the_cookie_of_a_real_site_is_called_as_ever(app, client):
    assert client.http.get("/sign-in", base_url="https://aid.example.cn").headers["Set-Cookie"].startswith("__Host-aidtracker=")


def test_a_real_site_leads_to_the_sign_in_page_of_practice(app, county, sign_in, administrator, with_url):
    with_url(URL)
    admin = sign_in(administrator)
    for endpoint in ("web.show_me", "setup.show_setup"):
        assert f'href="{URL}/sign-in"' in admin.get(endpoint).text


def test_nothing_leads_there_when_it_is_not_set_and_nothing_from_there_to_itself(app, county, sign_in, administrator, with_url):
    admin = sign_in(administrator)
    assert "去练习" not in admin.get("web.show_me").text + admin.get("setup.show_setup").text
    with_url("http://localhost")
    assert "去练习" not in admin.http.get("/me", base_url="http://localhost").text


def test_practice_leads_to_no_practice(practice, sign_in, with_url):
    with_url(URL)
    teacher = factories.make_user("teacher", factories.make_class(factories.make_school(factories.make_org("township", "双河镇", factories.make_org("county", "云岭县")))))
    assert "去练习" not in sign_in(teacher).get("web.show_me").text


def test_who_was_just_invited_is_shown_the_way_once(app, county, client, teacher, school_admin, with_url):
    with_url(URL)
    slip = invite_user(user=teacher, by=school_admin)
    client.post("accounts.accept_invitation", {"token": slip.token, "new": "Green-river-2026", "again": "Green-river-2026"})
    assert f'href="{URL}/sign-in"' in client.get("home.show_home").text
    assert "去练习" not in client.get("home.show_home").text
