"""A practice site beside the real one in one browser: signed in to both, and nobody can take one for the other; on a phone, in the dark, on paper."""

import os
import re
import subprocess
import sys

import pytest

from aidtracker.demo.staff import PASSWORD
from tests import factories
from tests.browser.looks import DESK, PHONE, Examiner, calm
from tests.live_server import CHECKOUT, live_server

PAGES = ("/sign-in", "/", "/me", "/setup", "/no-such-page")
FRAME = """() => { const style = getComputedStyle(document.documentElement, '::before');
    return [style.position, style.borderTopWidth, style.borderImageSource.slice(0, 9), style.pointerEvents] }"""
# Of everything with words or to tap: what reaches under the frame (6 px on each side).
UNDER = """() => [...document.querySelectorAll('a, button, input, select, h1, h2, p, li, b')].filter(each => {
    const box = each.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && !each.closest('.vh, .skip') && (box.left < 6 || box.right > innerWidth - 6) && !each.closest('.scroll')
}).map(each => each.outerHTML.slice(0, 100))"""
PRINTED = "part => getComputedStyle(document.body, part).content"


@pytest.fixture(scope="module")
def practice_site(tmp_path_factory):
    """Base URL of a practice site under gunicorn, built by its own command in a folder of its own."""
    folder = tmp_path_factory.mktemp("practice") / "own"
    own = {"AIDTRACKER_INSTANCE": str(folder), "DATABASE_URL": f"sqlite:///{folder}/aidtracker.db", "AIDTRACKER_JOBS": "off"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "practice", "--no-serve"]
    subprocess.run(command, cwd=CHECKOUT, env=os.environ | own, check=True, capture_output=True, timeout=120)
    with live_server(own) as base_url:
        yield base_url


def enter_at(page, base_url, username, password):
    page.goto(f"{base_url}/sign-in")
    page.get_by_label("用户名").fill(username)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{base_url}/")


def test_one_phone_is_signed_in_to_both_and_sees_which_is_which(site, practice_site, phone_page, teacher):
    page = phone_page
    enter_at(page, practice_site, "teacher", PASSWORD)
    practised = page.locator(".foot span").inner_text()
    enter_at(page, site, teacher.username, factories.PASSWORD)
    assert page.locator(".foot span").inner_text() == teacher.name != practised
    assert "练习" not in page.title() and page.evaluate(FRAME)[0] == "static"
    page.goto(practice_site)
    assert page.locator(".foot span").inner_text() == practised, "still signed in, and as whom"
    assert page.title().startswith("【练习】")
    assert page.evaluate(FRAME) == ["fixed", "6px", "repeating", "none"]
    assert page.locator(".b-practice").is_visible() and page.locator(".practice-word").is_visible()
    names = {cookie["name"] for cookie in page.context.cookies()}
    assert {"aidtracker", "aidtracker-practice"} <= names


def test_nothing_lies_under_the_frame(practice_site, phone_page, tolerate):
    tolerate("404")
    tolerate("403")  # an error page is a page too
    enter_at(phone_page, practice_site, "teacher", PASSWORD)
    for address in PAGES[1:]:
        phone_page.goto(practice_site + address)
        calm(phone_page)
        assert phone_page.evaluate(UNDER) == [], address
    phone_page.goto(practice_site)
    phone_page.mouse.wheel(0, 3000)
    box = phone_page.locator(".bar").bounding_box()
    assert round(box["y"]) == 6, "the bar with the word stays when the page scrolls, below the frame"
    tabs = phone_page.locator(".tabbar").bounding_box()
    assert round(tabs["y"] + tabs["height"]) == PHONE["height"] - 6


def test_an_examiner_finds_nothing_wrong_with_it(practice_site, browser, phone_page):
    enter_at(phone_page, practice_site, "admin", PASSWORD)
    cookies = phone_page.context.cookies()
    for locale in ("zh-CN", "en-GB"):
        examiner = Examiner(browser, practice_site, cookies, locale)
        for address in PAGES[:-1]:
            examiner.look(address)
        examiner.context.close()
        assert examiner.findings == []


@pytest.mark.parametrize(("locale", "word"), [("zh-CN", "练习"), ("en-GB", "PRACTICE")])
def test_on_paper_it_says_so_too(practice_site, browser, locale, word):
    context = browser.new_context(viewport=DESK, locale=locale)
    page = context.new_page()
    page.goto(f"{practice_site}/sign-in")
    page.emulate_media(media="print")
    assert word in page.evaluate(PRINTED, "::before") and word in page.evaluate(PRINTED, "::after")
    assert page.evaluate(FRAME)[0] == "fixed" and page.locator(".b-practice").is_hidden()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) >= 1
    context.close()
