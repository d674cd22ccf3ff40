"""Chinese first, English for whoever wants it."""

import re

import pytest

from aidtracker.web import language


def html_lang(page):
    return re.search(r'<html lang="([^"]+)"', page.text)[1]


def switch(visitor, **form):
    token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/").text)[1]
    return visitor.post("/language", data={"csrf_token": token, **form})


@pytest.fixture
def heard():
    kept = list(language.when_language_chosen)
    chosen = []
    language.when_language_chosen[:] = [lambda user, code: chosen.append((user.name, code))]
    yield chosen
    language.when_language_chosen[:] = kept


def test_the_persons_own_language_wins(site, visitor):
    assert html_lang(visitor.get("/", headers={"Accept-Language": "en"})) == "zh-CN"
    site.people.now.language = "en"
    assert html_lang(visitor.get("/")) == "en"


@pytest.mark.parametrize(("asked", "given"), [("en-GB,en;q=0.8", "en"), ("zh-TW", "zh-CN"), ("bo", "zh-CN"), ("", "zh-CN")])
def test_a_stranger_gets_what_the_browser_asks_for_if_we_have_it(site, visitor, asked, given):
    site.people.now = None
    assert html_lang(visitor.get("/", headers={"Accept-Language": asked})) == given


def test_the_switch_is_remembered_by_the_phone_and_goes_back_to_the_page(site, visitor, heard):
    site.people.now = None
    answer = switch(visitor, language="en", next="/roll?day=2026-11-23")
    assert (answer.status_code, answer.location) == (303, "/roll?day=2026-11-23")
    assert html_lang(visitor.get("/")) == "en"
    assert heard == []


def test_a_signed_in_persons_choice_is_handed_to_whoever_keeps_it(visitor, heard):
    switch(visitor, language="en", next="/")
    assert heard == [("张老师", "en")]


def test_an_unknown_language_and_a_foreign_address_are_ignored(visitor, heard):
    answer = switch(visitor, language="../../etc", next="//evil.cn")
    assert answer.location == "/"
    assert "language" not in answer.headers.get("Set-Cookie", "")
    assert heard == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [("50%以上厌学", "50%以上厌学"), ('<a href="//x.cn">重新登录</a>', "&lt;a href=&#34;//x.cn&#34;&gt;重新登录&lt;/a&gt;"), ("请假", "请假")],
)
def test_what_a_county_calls_a_thing_is_neither_markup_nor_a_pattern(session_app, text, shown):
    with session_app.test_request_context("/"):
        assert session_app.jinja_env.from_string("{{ _(text) }}").render(text=text) == shown
        assert session_app.jinja_env.from_string("{{ _('「%(what)s」', what=_(text)) }}").render(text=text) == f"「{shown}」"
