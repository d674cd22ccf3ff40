"""The scripts that pages share, in a browser: the roll call, sheets, one submit per tap, one part of a page at a time."""

import logging
import threading
import time

import pytest
from flask import render_template_string, request
from werkzeug.serving import make_server

from aidtracker.attendance.views_tiles import bar, last_look, tiles
from aidtracker.permissions import public

ROLL = """{% extends "phone.html" %}
{% block title %}三年级（2）班 上午点名{% endblock %}
{% block scripts %}<script src="{{ asset('js/roll.js') }}" defer></script>{% endblock %}
{% block content %}
<form id="roll" method="post" data-key="c1|2026-11-23|morning|0"><input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{{ tiles }}
</form>{% endblock %}
{% block bar %}{{ bar }}{% endblock %}
{% block sheets %}{{ last_look }}{% endblock %}"""
ROSTER = [(n * 7, n, "阿卜杜热合曼·买买提" if n == 13 else "次仁卓玛", "day" if n % 4 else "boarding") for n in range(1, 46)]
LIST = """{% extends "layout.html" %}
{% block title %}任务{% endblock %}
{% block scripts %}<script src="{{ asset('js/frag.js') }}" defer></script>{% endblock %}
{% block content %}<p id="other">{{ now }}</p>
<section id="part" {% if count < 2 %}data-refresh="0.1"{% endif %}>第 {{ count }} 次 {{ request.args.get('q', '') }}</section>
<form action="/list" data-frag="part"><label>词<input name="q"></label><button type="submit">找</button></form>
<a id="next" href="/list?q=二" data-frag="part">二</a><a id="away" href="/nowhere" data-frag="part">没有</a>{% endblock %}"""


@pytest.fixture
def address(site):
    """The small site with a roll and a list, served; site.sent holds what arrived."""
    site.sent, site.visits = [], 0

    @public
    def roll():
        if request.method == "POST":
            time.sleep(0.3)
            marks = {number: request.form[f"mark-{number}"] for number in request.form.getlist("absent")}
            site.sent.append(marks)
            return '<!doctype html><title>x</title><link rel="icon" href="data:,">done'
        parts = {"tiles": tiles(ROSTER, {}, "morning"), "bar": bar("zh", len(ROSTER), 0), "last_look": last_look("zh")}
        return render_template_string(ROLL, **parts)

    @public
    def parts():
        site.visits += 1
        return render_template_string(LIST, count=site.visits, now=time.monotonic())

    site.add_url_rule("/roll", "roll", roll, methods=["GET", "POST"])
    site.add_url_rule("/list", "list", parts)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, site, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


def sheet_is_open(page):
    return page.is_visible("#roll-sheet")


def test_all_present_is_one_tap_on_the_page(site, address, phone_page):
    phone_page.goto(f"{address}/roll")
    assert phone_page.inner_text("[data-send]") == "全勤，提交"
    phone_page.tap("[data-send]")
    phone_page.wait_for_url(f"{address}/roll")
    phone_page.wait_for_selector("text=done")
    assert site.sent == [{}]


def test_three_absent_are_five_taps_on_the_page_and_one_more_for_each_reason(site, address, phone_page):
    phone_page.goto(f"{address}/roll")
    for seat in (2, 3, 4):
        phone_page.tap(f"label[for=a{seat * 7}]")
    assert phone_page.inner_text("[data-send]") == "提交，缺勤 3 人"
    phone_page.tap("[data-send]")
    assert "2 号 次仁卓玛" in phone_page.inner_text("#roll-sheet")
    phone_page.tap("#roll-sheet fieldset:nth-child(1) label:has-text('病假')")
    phone_page.tap("#roll-sheet fieldset:nth-child(2) label:has-text('迟到')")
    assert phone_page.text_content("[data-absent]") == "2"
    assert phone_page.text_content("[data-mild]") == "1"
    phone_page.tap("[data-sure]")
    phone_page.wait_for_selector("text=done")
    assert site.sent == [{"14": "sick_leave", "21": "late", "28": "unexplained"}]


def test_a_second_tap_restores_and_forgets_the_reason(address, phone_page):
    phone_page.goto(f"{address}/roll")
    phone_page.tap("label[for=a7]")
    phone_page.tap("[data-send]")
    phone_page.tap("#roll-sheet label:has-text('病假')")
    phone_page.tap("[data-close]")
    phone_page.tap("label[for=a7]")
    assert phone_page.inner_text("[data-send]") == "全勤，提交"
    phone_page.tap("label[for=a7]")
    assert phone_page.input_value("[name=mark-7]") == "unexplained"


def test_ticks_that_were_not_sent_come_back_after_a_reload(address, phone_page):
    phone_page.goto(f"{address}/roll")
    phone_page.tap("label[for=a7]")
    phone_page.goto(f"{address}/list")
    phone_page.goto(f"{address}/roll")
    assert phone_page.is_checked("#a7")
    assert "已恢复" in phone_page.inner_text(".toasts")
    assert "次仁" not in phone_page.evaluate("JSON.stringify(sessionStorage)")


def test_a_triple_tap_sends_once(site, address, phone_page):
    phone_page.goto(f"{address}/roll")
    phone_page.evaluate("for (let i = 0; i < 3; i++) document.querySelector('[data-send]').click()")
    phone_page.wait_for_selector("text=done")
    assert len(site.sent) == 1


def test_the_keyboard_alone_is_enough_and_stays_inside_the_sheet(site, address, desktop_page):
    desktop_page.goto(f"{address}/roll")
    desktop_page.focus("#a14")
    desktop_page.keyboard.press("Space")
    desktop_page.focus("[data-send]")
    desktop_page.keyboard.press("Enter")
    assert sheet_is_open(desktop_page)
    for _ in range(9):
        desktop_page.keyboard.press("Tab")
        assert desktop_page.evaluate("!!document.activeElement.closest('#roll-sheet')")
    desktop_page.keyboard.press("Escape")
    assert not sheet_is_open(desktop_page)
    assert desktop_page.evaluate("document.activeElement.hasAttribute('data-send')")
    assert site.sent == []


def test_without_scripts_tiles_tick_and_reasons_can_be_chosen(site, address, browser):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 740})
    page = context.new_page()
    page.goto(f"{address}/roll")
    page.click("label[for=a7]")
    page.select_option("[name=mark-7]", "sick_leave")
    page.click("[data-send]")
    page.wait_for_selector("text=done")
    context.close()
    assert site.sent == [{"7": "sick_leave"}]


@pytest.mark.parametrize(("width", "size"), [(320, 100), (360, 140)])
def test_nothing_scrolls_sideways_on_a_narrow_phone_or_with_large_text(address, browser, width, size):
    context = browser.new_context(viewport={"width": width, "height": 740}, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{address}/roll")
    page.add_style_tag(content=f"html {{ font-size: {size}% }}")
    page.click("label[for=a91]")
    page.click("[data-send]")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelector('.sheet-in').scrollWidth <= document.querySelector('.sheet-in').clientWidth")
    context.close()


def test_targets_are_large_enough_for_a_thumb(address, phone_page):
    phone_page.goto(f"{address}/roll")
    phone_page.tap("label[for=a7]")
    phone_page.tap("[data-send]")
    for selector in ("label.face", ".btn", "#roll-sheet .pick span", "#roll-sheet .btn2"):
        for box in phone_page.locator(selector).all()[:12]:
            size = box.bounding_box()
            assert size["height"] >= 44
            assert size["width"] >= 44


def test_a_part_is_fetched_again_until_it_is_done_and_the_rest_stays(site, address, desktop_page):
    desktop_page.goto(f"{address}/list")
    before = desktop_page.inner_text("#other")
    desktop_page.wait_for_selector("text=第 2 次")
    time.sleep(0.4)
    assert site.visits == 2
    assert desktop_page.inner_text("#other") == before


def test_a_link_and_a_filter_swap_one_part_and_leave_no_history(site, address, desktop_page):
    site.visits = 5
    desktop_page.goto(f"{address}/list")
    before, steps = desktop_page.inner_text("#other"), desktop_page.evaluate("history.length")
    desktop_page.fill("[name=q]", "张三")
    desktop_page.click("text=找")
    desktop_page.wait_for_selector("#part:has-text('张三')")
    desktop_page.click("#next")
    desktop_page.wait_for_selector("#part:has-text('二')")
    assert "q=" in desktop_page.url
    assert desktop_page.inner_text("#other") == before
    assert desktop_page.evaluate("history.length") == steps


def test_where_the_part_is_missing_the_browser_goes_to_the_page(site, address, desktop_page, tolerate):
    tolerate("404")
    site.visits = 5
    desktop_page.goto(f"{address}/list")
    desktop_page.click("#away")
    desktop_page.wait_for_selector("h1:has-text('没有找到')")
