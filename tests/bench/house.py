"""The county that the benchmarks run on: classes of 45, through the same import as a real one."""

import datetime
import random
from pathlib import Path
from types import SimpleNamespace

from flask import Flask

from aidtracker import create_app
from aidtracker.accounts.actions import create_user
from aidtracker.accounts.models import User
from aidtracker.config import load_settings
from aidtracker.db import database, today_in_china
from aidtracker.excel.files import Sheet
from aidtracker.excel.reader import read_table
from aidtracker.operation.migration import migrate
from aidtracker.orgs import grades
from aidtracker.orgs.divisions import plan_divisions, save_divisions
from aidtracker.orgs.models import Org
from aidtracker.orgs.schools import plan_schools, save_schools
from aidtracker.orgs.sheets import DIVISIONS, SCHOOLS
from aidtracker.students.roster import plan_roster
from aidtracker.students.roster_save import save_roster
from aidtracker.students.sheets import ROSTER
from aidtracker.terms.calendar import school_days
from tests.factories import id_number

PASSWORD = "Sunny-hills-2026"
CLASS_SIZE, CLASSES_OF_SCHOOL, SCHOOLS_OF_TOWNSHIP = 45, 12, 12
ROSTER_HEADINGS = "学校标识码 姓名 性别 出生日期 身份证件号 学籍号 民族 年级 班级 入学年月 就读方式 户口所在地行政区划 现住址 联系电话 是否留守儿童 残疾类型 成员1姓名 成员1关系 成员1联系电话 成员1是否监护人".split()
GRADES = "一年级 二年级 三年级 四年级 五年级 六年级".split()
SURNAMES, GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "安宁乐成明丽文秀海山云春雨晴思远"


def build(folder: Path, pupils: int, url: str | None) -> SimpleNamespace:
    """The app on a fresh database, a county of so many pupils, and its people."""
    instance = folder / "instance"
    environ = {"AIDTRACKER_INSTANCE": str(instance), "AIDTRACKER_JOBS": "off"}
    if url:
        environ["DATABASE_URL"] = url
    settings = load_settings(environ)
    app = create_app(settings)
    migrate(settings)
    database.connect(reuse_if_open=True)
    house = SimpleNamespace(folder=folder, app=app, settings=settings, pupils=pupils, random=random.Random(7))
    house.roster = list(roster_rows(house))
    bring_in(house)
    house.classes = list(Org.select().where(Org.kind == "class").order_by(Org.id))
    house.days = school_days(today_in_china() - datetime.timedelta(days=90), today_in_china())
    house.hello = hello_app()
    return house


def hello_app() -> Flask:
    """The yardstick: a view that says hello."""
    app = Flask("hello")
    app.add_url_rule("/", view_func=lambda: "hello")
    return app


def bring_in(house) -> None:
    schools = sorted({row[0] for row in house.roster})
    townships = [f"9901{n:05}" for n in range(100, 101 + len(schools) // SCHOOLS_OF_TOWNSHIP)]
    rows = [["990100", "云岭县", "县", ""], *([code, f"{code}镇", "乡镇", "990100"] for code in townships)]
    table = read_table(Sheet("区划", [["代码", "名称", "级别", "上级代码"], *rows]), DIVISIONS)
    save_divisions(plan_divisions([table], by=None), by=None)
    county = Org.get(Org.code == "990100")
    create_user(username="officer", name="李干事", password=PASSWORD, role="bureau_admin", org=county, by=None)
    house.officer = User.get()
    rows = [[code, f"{code}小学", "完全小学", townships[i // SCHOOLS_OF_TOWNSHIP], "公办"] for i, code in enumerate(schools)]
    headings = ["学校标识码", "学校名称", "办学类型", "所在乡镇代码", "举办者类型"]
    table = read_table(Sheet("学校", [headings, *rows]), SCHOOLS)
    save_schools(plan_schools([table], by=house.officer), by=house.officer)
    table = read_table(Sheet("名册", [ROSTER_HEADINGS, *house.roster]), ROSTER)
    save_roster(plan_roster([table], by=house.officer, school_year=this_year()), by=house.officer)
    User.update(must_change_password=False, is_exempt=True).execute()


def this_year() -> int:
    return grades.school_year_of(today_in_china())


def roster_rows(house, first: int = 0, count: int | None = None):
    """Rows as the national workbook has them."""
    choose = house.random.choice
    for n in range(first, first + (count or house.pupils)):
        room, seat = divmod(n, CLASS_SIZE)
        school, place = divmod(room, CLASSES_OF_SCHOOL)
        born = datetime.date(this_year() - 8, 1, 1) + datetime.timedelta(days=n % 360)
        # As real ones do, the last digits of one birthday lie spread over the thousand that there are; odd ones are boys'.
        sequence = (2 * (n // 360 * 7 + n % 360 * 13) + n % 2) % 1000
        id_ = id_number(f"99{n // 300_000 % 100:02}{n // 3600 % 100:02}", f"{born:%Y%m%d}", sequence)
        name = choose(SURNAMES) + choose(GIVEN) + choose(GIVEN)
        yield [
            f"21{school:08}", name, "男" if n % 2 else "女", f"{born:%Y%m%d}", id_, f"G{id_}", "汉族", GRADES[place % 6],
            f"{place // 6 + 1}班", f"{this_year() - place % 6}09", "住校" if seat % 4 == 0 else "走读", f"990100{100 + n % 3}201", "某镇某村某组",
            f"139{n % 100_000_000:08}", "否", "无残疾", choose(SURNAMES) + choose(GIVEN), "父亲", f"138{n % 100_000_000:08}", "是",
        ]  # fmt: skip
