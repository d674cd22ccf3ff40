"""The second road: a third day away, a visit on the phone, a case from opening to 销号, a payment; all of it in the reports."""

import datetime
import re

import pytest

from aidtracker.attendance.actions import submit_roll_call
from aidtracker.db import database, today_in_china
from aidtracker.students.models import Student
from aidtracker.terms.calendar import school_days, term_of
from tests import factories
from tests.browser.looks import calm

NAME = "陈丹"


@pytest.fixture
def small_page(phone_page):
    return phone_page


@pytest.fixture
def pupil(site, county):
    """Nine pupils sit in 三年级2班; one was away without excuse on the two school days before today."""
    child = Student.get((Student.name == NAME) & (Student.class_org == county.room))
    head = factories.make_user("school_admin", county.school, "王校长", "principal")
    today = today_in_china()
    for day in [day for day in school_days(today - datetime.timedelta(days=30), today) if day < today][-2:]:
        for session in ("morning", "afternoon"):
            marks = {child.id: ("unexcused", None)}
            submit_roll_call(class_org=county.room, on=day, session=session, marks=marks, base_revision=0, by=head)
    database.close()
    return child


def main_text(page) -> str:
    calm(page)
    return page.inner_text("#main")


def test_from_a_third_day_away_to_a_closed_case_and_a_payment(site, enter, pupil, small_page, desktop_page, teacher, coordinator, officer, tolerate):
    tolerate("status of 400")
    the_teacher_takes_the_third_roll_and_opens_a_case(site, enter, small_page, teacher)
    receipt = the_teacher_goes_to_the_house(small_page, site, pupil)
    the_township_sees_it_and_closes_it(site, enter, desktop_page, coordinator, receipt)
    the_bureau_pays_and_reads_the_reports(site, enter, desktop_page, officer, pupil)


def the_teacher_takes_the_third_roll_and_opens_a_case(site, enter, page, teacher):
    enter(page, teacher)
    page.get_by_role("link", name=re.compile("上午点名")).first.click()
    page.locator(".tile", has_text=NAME).locator(".face").click()
    page.get_by_role("button", name=re.compile("缺勤 1 人")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("提交")).click()
    page.wait_for_selector("text=回执号")
    page.goto(f"{site}/")
    assert "旷课 3 天" in main_text(page) and "请建案" in main_text(page)
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    assert page.get_by_label("从哪天起没有到校").input_value()  # known from the rolls
    page.locator("#main_reason").select_option(label="厌学/学习困难")
    page.get_by_role("button", name="建案").click()
    page.wait_for_url(re.compile(r"/cases/\d+"))
    assert "疑似辍学" in main_text(page) and NAME in main_text(page)


def the_teacher_goes_to_the_house(page, site, pupil) -> str:
    page.goto(f"{site}/students/{pupil.id}/visits")
    page.get_by_role("link", name=re.compile("记家访")).first.click()
    for choice in ("入户", "劝返"):
        page.locator("label", has_text=re.compile(f"^{choice}$")).first.click()
    page.locator("label", has_text=re.compile("母亲")).first.click()
    page.locator("label", has_text="家长督促返校").first.click()
    calm(page)
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile(r"/visits/\d+"))
    shown = main_text(page)
    assert "待核实" in shown and "劝返" in shown
    return re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", shown)[0]


def the_township_sees_it_and_closes_it(site, enter, page, coordinator, receipt):
    enter(page, coordinator)
    home = main_text(page)
    assert "待我处理" in home and "待核实家访" in home and "跟进中的个案" in home
    page.get_by_role("link", name=re.compile("待核实家访")).click()
    assert NAME in main_text(page)
    page.locator("tbody th a").first.click()
    assert receipt in main_text(page)
    page.get_by_role("button", name=re.compile("核实")).first.click()
    page.wait_for_load_state()
    assert "已核实" in main_text(page)

    page.goto(f"{site}/cases/")
    page.get_by_role("link", name=re.compile(NAME)).first.click()
    assert "家访" in main_text(page)  # the teacher's visit stands in the case's timeline, written once
    page.get_by_role("link", name="记电话").first.click()
    page.locator("label", has_text=re.compile("^已返校$")).first.click()
    page.locator("#people").fill("钱专干")
    page.locator("#met").select_option(index=1)
    page.locator("#words").fill("母亲说孩子今天下午已回校。")
    page.get_by_role("button", name=re.compile("保存")).click()
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    assert "复学" in main_text(page)
    page.get_by_role("link", name=re.compile("销号")).first.click()
    close_as(page, "已复学，巩固期满", "返校后的点名记录和回访记录，存学校档案室。")
    page.wait_for_selector("text=巩固期")  # which is not over
    assert "/close" in page.url
    close_as(page, "长期请假、借读", "家长的请假条，存学校档案室，期满再核查。")
    page.wait_for_url(re.compile(r"/cases/\d+$"))
    assert "已销号" in main_text(page)


def close_as(page, outcome, words):
    page.get_by_label("核查结论").select_option(label=outcome)
    page.get_by_label("销号依据").fill(words)
    page.get_by_role("button", name="确认销号").click()


def the_bureau_pays_and_reads_the_reports(site, enter, page, officer, pupil):
    enter(page, officer)
    page.goto(f"{site}/cases/?state=closed")
    assert NAME in main_text(page)

    page.goto(f"{site}/aid/new")
    page.get_by_label("新项目名称").fill("家庭经济困难学生生活补助")
    page.get_by_label("批次名称").fill("秋-01")
    page.get_by_role("button", name="新建").click()
    page.wait_for_url(re.compile(r"/aid/\d+"))
    page.goto(f"{site}/students/{pupil.id}/aid")
    page.get_by_role("link", name=re.compile("登记发放")).first.click()
    page.get_by_label("应发金额（元）").fill("312.50")
    page.locator("label", has_text=re.compile("^成功$")).first.click()
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile(r"/students/\d+/aid"))
    assert "312.50" in main_text(page)

    today = today_in_china()
    page.goto(f"{site}/reports/attendance?from={today}&to={today}")
    assert NAME in main_text(page)  # among those away three days in a row
    page.goto(f"{site}/reports/visits?from={today}&to={today}")
    totals = page.locator(".paper tr.strong").first.inner_text().split()
    assert totals[:2] == ["合计", "1"]
    page.goto(f"{site}/reports/aid?term={term_of(today).code}")
    assert "312.50" in page.locator(".paper tr.strong").first.inner_text() and "0.03125" in main_text(page)
