"""The site under gunicorn, on the database of the test, with a small county in it; today is a school day."""

import pytest

from aidtracker.db import today_in_china, transaction
from aidtracker.excel.files import Sheet
from aidtracker.excel.reader import read_table
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from aidtracker.terms.models import CalendarDay
from tests import factories
from tests.live_server import live_server

HEADINGS = "学校标识码 姓名 性别 出生日期 身份证件号 学籍号 年级 班级 就读方式 户口所在地行政区划 成员1姓名 成员1关系 成员1联系电话".split()
NAMES = "次仁卓玛 陈丹 赵仪军 沈姣 阿卜杜热合曼·买买提 张䶮 欧阳梓涵 孙芬 李明".split()


@pytest.fixture
def site(app, county, officer):
    """Base URL of the running site. The class 三年级2班 has nine pupils, today is a day of school everywhere."""
    enter_pupils(county, officer)
    with transaction():
        for place in (county.county, county.other_county):
            CalendarDay.create(on=today_in_china(), county=place, kind="workday", name="上课")
    settings = app.config["SETTINGS"]
    environ = {"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url, "AIDTRACKER_JOBS": "web"}
    with live_server(environ) as base_url:
        yield base_url


def enter_pupils(county, officer):
    rows = []
    for room, grade, number in ((county.room, "三年级", "2"), (county.other_room, "三年级", "1")):
        for n, name in enumerate(NAMES):
            id_ = factories.id_number("990101", "20180305", len(rows) + 1)
            sex = "男" if (len(rows) + 1) % 2 else "女"
            rows.append(
                [room.parent.code, name, sex, "20180305", id_, f"G{id_}", grade, number, "住校" if n % 3 == 0 else "走读",
                 "990100100201", "家长" + name[0], "母亲", f"1390000{n:04}"]
            )  # fmt: skip
    table = read_table(Sheet("名册", [HEADINGS, *rows]), ROSTER)
    year = today_in_china().year if today_in_china().month >= 9 else today_in_china().year - 1
    plan = plan_roster([table], by=officer, school_year=year)
    assert not plan.problems, plan.problems
    save_roster(plan, by=officer)


@pytest.fixture
def enter(site):
    """enter(page, user): signs in on the page; ends on the home page."""

    def sign_in(page, user, password=factories.PASSWORD):
        page.context.clear_cookies()
        page.goto(f"{site}/sign-in")
        page.get_by_label("用户名").fill(user.username)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{site}/")

    return sign_in


@pytest.fixture
def small_page(browser):
    """360 px wide, as the cheapest phones are."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale="zh-CN")
    page = context.new_page()
    yield page
    context.close()
