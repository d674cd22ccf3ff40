"""From an empty database to the first roll: a clerk of the bureau, a head and a teacher, with a whole county's workbooks.

Clicks and minutes are counted on the way (`pytest -s` prints them).
"""

import re

import pytest

from aidtracker.accounts.models import User
from aidtracker.attendance.models import RollCall
from aidtracker.db import database, today_in_china, transaction
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.models import Org
from aidtracker.setup.actions import begin_county
from aidtracker.students.models import Student
from aidtracker.terms.models import CalendarDay
from tests import factories
from tests.browser.county_files import CountyFiles
from tests.browser.hands import Hands
from tests.browser.looks import calm
from tests.live_server import live_server

PASSWORD = "Green-river-2026"
LONG = 120_000  # ms: a county's roster
MOST = {"clerk": (40, 10), "head": (15, 3), "teacher": (12, 3)}  # clicks, minutes


@pytest.fixture
def empty_site(app):
    settings = app.config["SETTINGS"]
    environ = {"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url, "AIDTRACKER_JOBS": "web"}
    with live_server(environ) as base_url:
        yield base_url


def enter_invited(hands: Hands, site: str, username: str, code: str) -> None:
    """With what is printed on the slip."""
    hands.page.goto(f"{site}/invitation")
    hands.fill("用户名", username)
    hands.fill("邀请码", code)
    hands.click("下一步")
    choose_password(hands, site)


def choose_password(hands: Hands, site: str, leads_to: str = "/") -> None:
    hands.fill("新密码", PASSWORD, exact=True)
    hands.fill("再输一次新密码", PASSWORD)
    hands.click("保存密码并登录")
    hands.page.wait_for_url(f"{site}{leads_to}")


def set_up_the_telephone(hands: Hands, site: str) -> None:
    """The second factor of the county's people: what an authenticator would show is typed in."""
    hands.click("开始设置")
    secret = hands.page.locator("p", has_text="密钥").locator("b").inner_text().replace(" ", "")
    hands.fill("6 位验证码", factories.code_of(secret))
    hands.click("确认")
    hands.click("已收好，开始使用", "link")
    hands.page.wait_for_url(f"{site}/")


def bring_in(hands: Hands, step: str, path) -> None:
    """From the page of steps: upload, look at the check, confirm, back."""
    page = hands.page
    hands.click(re.compile("上传"), "link", page.locator(f"#{step}"))
    hands.choose("工作簿", path)
    hands.click("上传并检查")
    button = page.get_by_role("button", name=re.compile(r"导入 [\d,]+ 行"))
    button.wait_for(timeout=LONG)
    assert "0 行有错" in page.inner_text("#main")
    hands.click(re.compile(r"导入 [\d,]+ 行"))
    page.get_by_text(re.compile(r"已导入 [\d,]+ 行")).wait_for(timeout=LONG)
    hands.click("开通进度", "link")


def slip_of(hands: Hands, name: str) -> tuple[str, str]:
    """(user name, code) of the printed slip."""
    slip = hands.page.locator("article", has=hands.page.get_by_role("heading", name=name))
    return tuple(slip.locator("b").nth(n).inner_text() for n in (0, 1))


def step(page, key: str) -> str:
    return page.inner_text(f"#{key}")


def test_a_county_is_brought_to_life(empty_site, desktop_page, phone_page, browser, tmp_path):
    site, today = empty_site, today_in_china()
    files = CountyFiles(tmp_path, school_year_of(today))
    slip = begin_county(code="341524", city="六安市", county="金寨县", person="王明")
    with transaction():  # on whatever day the tests run
        CalendarDay.create(on=today, county=Org.get(Org.kind == "county"), kind="workday", name="上课")

    clerk = Hands(desktop_page)
    clerk.page.goto(f"{site}/invitation#{slip.token}")
    choose_password(clerk, site, "/me/second-factor")
    set_up_the_telephone(clerk, site)
    clerk.click("开通进度", "link")
    assert step(clerk.page, "divisions").count("未开始") == 1
    for key, name in (("divisions", "divisions.csv"), ("schools", "schools.xlsx"), ("students", "roster.xlsx"), ("staff", "staff.xlsx")):
        bring_in(clerk, key, tmp_path / name)
        assert "已完成" in step(clerk.page, key), step(clerk.page, key)
    assert f"{files.pupils} 名学生" in step(clerk.page, "students")
    clerk.click("发邀请单", "link", clerk.page.locator("#invitations"))
    clerk.fill("姓名或用户名", files.head)
    clerk.click("筛选")
    clerk.click("生成并打印邀请单")
    clerk.page.get_by_role("button", name="打印").wait_for()
    head_slip = slip_of(clerk, files.head)
    clerk.done()

    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    head = Hands(context.new_page())
    enter_invited(head, site, *head_slip)
    head.click("开通进度", "link")
    assert files.school.name in head.page.inner_text("#main") and "已完成" in step(head.page, "staff")
    head.click("发邀请单", "link", head.page.locator("#invitations"))
    head.click("生成并打印邀请单")
    head.page.get_by_role("button", name="打印").wait_for()
    teacher_slip = slip_of(head, files.teacher)
    head.done()

    teacher = Hands(phone_page)
    enter_invited(teacher, site, *teacher_slip)
    calm(phone_page)
    teacher.click(re.compile("上午点名"), "link")
    teacher.click(re.compile("全勤|提交"))
    phone_page.get_by_text("回执号").wait_for()
    teacher.done()

    clerk.page.goto(f"{site}/setup")
    assert "1 ÷" in step(clerk.page, "rolls")
    database.close()
    database.connect()
    roll = RollCall.get()
    assert (roll.expected, roll.on, Student.select().count()) == (expected(files), today, files.pupils)
    assert User.select().count() == files.people + 1
    context.close()
    for who, hands in (("clerk", clerk), ("head", head), ("teacher", teacher)):
        print(hands.words(who))
        assert hands.clicks <= MOST[who][0] and hands.minutes <= MOST[who][1], hands.words(who)


def expected(files: CountyFiles) -> int:
    return sum(row["mode"] != "送教上门" for row in files.first)
