"""The first morning: a class says on a phone who has not come back, the roll of the morning begins with it, the township sees it."""

import re

import pytest

from aidtracker.attendance.actions_sweeps import declare_sweep
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.db import database, today_in_china
from tests.browser.looks import calm


@pytest.fixture
def small_page(browser):
    """360 px wide, as the cheapest phones are."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()


def test_who_has_not_come_back_is_said_once_and_stands_on_the_roll(site, enter, small_page, desktop_page, county, teacher, coordinator, officer):
    declare_sweep(county=county.county, on=today_in_china(), reason="节后返校", by=officer)
    enter(small_page, teacher)
    small_page.get_by_role("link", name=re.compile("返校核查")).first.click()
    calm(small_page)
    small_page.locator("label", has_text="陈丹").click()
    small_page.get_by_role("button", name="提交返校核查").click()
    small_page.wait_for_load_state()
    calm(small_page)
    small_page.get_by_role("link", name="陈丹").click()
    small_page.get_by_label("去向").select_option("away")
    small_page.get_by_role("button", name="保存").click()
    calm(small_page)
    assert "外地未归" in small_page.inner_text("#main")

    small_page.goto(f"{site}/sweep/{county.room.id}/{today_in_china().isoformat()}")
    small_page.get_by_role("link", name="去点上午的名").click()
    calm(small_page)
    small_page.get_by_role("button", name=re.compile("缺勤 1 人")).click()
    small_page.get_by_role("dialog").get_by_role("button", name=re.compile("提交")).click()
    small_page.wait_for_selector("text=回执号")
    database.close()
    database.connect()
    assert (RollCall.get().present, Absence.get().mark) == (8, "not_returned")

    enter(desktop_page, coordinator)
    desktop_page.goto(f"{site}/sweep")
    calm(desktop_page)
    assert "已核 1/1" in desktop_page.inner_text("#main")
    desktop_page.goto(f"{site}/sweep/pupils")
    assert "陈丹" in desktop_page.inner_text("#main") and "139****" in desktop_page.inner_text("#main")
