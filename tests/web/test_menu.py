"""Who sees what in the menu."""

import re

from aidtracker.permissions import Permission, public
from aidtracker.web.menu import MENU
from tests import factories


def words(html, part):
    found = re.search(f'<nav class="{part}".*?</nav>', html, re.S)
    return re.findall(r">([^<>\s]+)(?:</span>)?</a>", found[0]) if found else []


def open_everything(site):
    for item in MENU:
        if item.endpoint not in site.view_functions:
            site.add_url_rule(f"/{item.endpoint}", item.endpoint, public(lambda: "x"))


def test_an_item_shows_only_when_its_page_exists(visitor):
    assert words(visitor.get("/").text, "menu") == ["首页", "我的"]


def test_an_item_shows_only_to_whoever_holds_its_permission(site, visitor):
    open_everything(site)
    site.people.now.held = {Permission.ROLL_VIEW}
    assert words(visitor.get("/").text, "menu") == [*(str(item.label) for item in MENU if item.permission in (None, Permission.ROLL_VIEW)), "我的"]


def test_ledgers_of_pupils_do_not_show_to_whoever_sees_no_pupil(site, visitor):
    open_everything(site)
    site.people.now.held = {Permission.REPORT_EXPORT}
    assert "台账" not in words(visitor.get("/").text, "menu") and "导出与任务" in words(visitor.get("/").text, "menu")
    site.people.now.held = {Permission.REPORT_EXPORT, Permission.LEDGER_EXPORT}
    assert "台账" in words(visitor.get("/").text, "menu")


def test_the_tab_bar_holds_five_at_most_and_ends_with_me(site, visitor):
    open_everything(site)
    shown = words(visitor.get("/").text, "tabbar")
    assert len(shown) == 5
    assert shown[0] == "首页"
    assert shown[-1] == "我的"


def test_the_page_one_is_on_is_marked(visitor):
    assert re.search(r'<a href="/" aria-current="page">首页</a>', visitor.get("/").text)


def test_a_stranger_has_no_menu(site, visitor):
    site.people.now = None
    page = visitor.get("/").text
    assert words(page, "menu") == words(page, "tabbar") == []


def test_me_lists_every_function(site, visitor):
    open_everything(site)
    page = visitor.get("/me").text
    assert all(f">{item.label}</a>" in page for item in MENU)


def test_a_desk_has_the_way_to_ones_own_page_too(sign_in, officer):
    """The tab bar with 我的 is a phone's; beside it stands the menu."""
    page = sign_in(officer).get("web.show_me").text
    menu = page.partition('<nav class="menu"')[2].partition("</nav>")[0]
    assert re.findall(r'<a href="(/me)" aria-current="page">我的</a>', menu)
    assert page.partition('<nav class="cells"')[2].partition("</nav>")[0].count('href="/me"') == 0


def test_ones_own_page_leads_to_what_waits_on_this_phone(sign_in, teacher, county):
    assert "本机的记录" in sign_in(teacher).get("web.show_me").text
    assert "本机的记录" not in sign_in(factories.make_user("auditor", county.county)).get("web.show_me").text
