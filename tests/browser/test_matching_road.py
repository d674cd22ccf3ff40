"""四查三比对 on a phone of 360 px: a list goes up, a doubtful pair is reviewed, a child goes on the ledger, the next list says what changed."""

import datetime
import re

import openpyxl

from aidtracker.cases.models import Case
from aidtracker.census.models import ListKind, MatchedPair, Snapshot
from aidtracker.db import database, today_in_china
from aidtracker.students.models import Student
from tests import factories
from tests.browser.looks import Examiner, calm
from tests.census.conftest import list_child

BORN = datetime.date(2018, 3, 5)
HEADINGS = "户主姓名 姓名 性别 公民身份号码 出生日期 户籍地址代码".split()


def write_list(path, children: dict[str, str]):
    book = openpyxl.Workbook()
    book.active.append(HEADINGS)
    for name, number in children.items():
        book.active.append(["某户主", name, "女", number, BORN.isoformat(), "990100100201"])
    book.save(path)
    return path


def bring(site, page, path, day):
    page.goto(f"{site}/census/lists")
    calm(page)
    page.get_by_role("link", name=re.compile("上传户籍适龄儿童少年名单")).click()
    page.get_by_label("工作簿").set_input_files(path)
    page.get_by_label("名单日期").fill(day.isoformat())
    calm(page)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_role("button", name=re.compile(r"导入 \d+ 行")).click(timeout=30_000)
    page.wait_for_selector("text=已导入", timeout=30_000)
    calm(page)


def test_from_a_list_to_the_ledger_and_the_next_list(site, enter, small_page, tmp_path, officer, coordinator):
    pupil = Student.get((Student.name == "次仁卓玛") & (Student.home.is_null(False)))
    doubtful = Student.select().where(Student.name == "陈丹").order_by(Student.id).first()
    lost, new = (factories.id_number("990101", "20180305", sequence) for sequence in (901, 903))
    wrong = doubtful.id_number[:-1] + ("0" if doubtful.id_number[-1] != "0" else "1")
    listed = {"次仁卓玛": pupil.id_number, "陈丹": wrong}
    today, page = today_in_china(), small_page

    enter(page, officer)
    bring(site, page, write_list(tmp_path / "first.xlsx", listed | {"没上学的": lost}), today - datetime.timedelta(days=7))

    enter(page, coordinator)
    page.goto(f"{site}/census/")
    calm(page)
    shown = page.inner_text("#main")
    assert "没上学的" in shown and "可能是同一人" in shown and "次仁卓玛" not in shown
    page.get_by_role("link", name="核对同一人").click()
    calm(page)
    page.get_by_role("link", name=re.compile("^核对")).last.click()
    calm(page)
    page.locator("label", has_text=re.compile("^是同一人$")).click()
    page.get_by_role("button", name="保存").click()
    page.wait_for_selector("text=已记下：是同一人")
    calm(page)

    page.goto(f"{site}/census/")
    assert "陈丹" not in page.inner_text("#main")
    page.locator(".cell", has_text="没上学的").locator("label.check").click()
    page.get_by_role("button", name="勾选的放入疑似辍学台账").click()
    page.wait_for_selector("text=新建个案 1 个")
    calm(page)
    page.goto(f"{site}/cases/?origin=matching")
    calm(page)
    assert "没上学的" in page.inner_text("#main")
    page.goto(f"{site}/census/?list=differing")
    calm(page)
    assert "陈丹" in page.inner_text("#main") and "证件号" in page.inner_text("#main")

    enter(page, officer)
    bring(site, page, write_list(tmp_path / "second.xlsx", listed | {"新来的": new}), today)
    page.goto(f"{site}/census/")
    calm(page)
    assert "新出现 1" in page.inner_text("#main") and "已消除 1" in page.inner_text("#main")
    page.get_by_role("link", name=re.compile("已消除")).click()
    calm(page)
    assert "没上学的" in page.inner_text("#main") and "新来的" not in page.inner_text("#main")

    database.close()
    database.connect()
    assert Case.get().origin == "matching" and "户籍适龄儿童少年名单" in Case.get().detail and MatchedPair.get().is_same


def test_the_pages_of_the_workbench(site, browser, enter, small_page, county, officer):
    """With a child to tick, a pair to review, a pupil who is not listed and one who differs; axe, sizes and touch targets of each."""
    doubtful, away, other = Student.select().where(Student.name.in_(["陈丹", "沈姣", "孙芬"])).order_by(Student.id).limit(3)
    Student.update(id_number=None, id_index=None).where(Student.id == doubtful.id).execute()
    for dated in (today_in_china() - datetime.timedelta(days=7), today_in_china()):
        made = Snapshot.create(county=county.county, kind="household_registry", dated=dated)
        number = factories.id_number("990101", "20180305", 905)
        child = list_child(made, doubtful.name, id_number=number, born_on=doubtful.born_on, sex=doubtful.sex, home=doubtful.home)
        list_child(made, "另写名字", id_number=other.id_number, born_on=other.born_on, sex=other.sex, home=county.village)
    ListKind.create(county=county.county, label="孤儿名单", giver="民政局", tag="orphan", added_by=officer)
    assert away.id_number
    enter(small_page, officer)
    addresses = ["", "?list=not_listed", "?list=differing", "?change=resolved", "pairs", f"children/{child.id}/match/{doubtful.id}", "lists", "list-kinds/add"]
    examiner = Examiner(browser, site, small_page.context.cookies())
    for address in addresses:
        examiner.look(f"/census/{address}", in_the_dark=False)
    examiner.glance("/census/")
    examiner.glance("/census/pairs")
    findings = examiner.close()
    assert not findings, "\n".join(f"{where}: {what}" for where, what in findings)
