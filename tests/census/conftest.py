"""Lists of other departments, made up: a line at a time in the database, or a workbook brought in."""

import datetime

import pytest

from aidtracker.census import comparing
from aidtracker.census.list_import import plan_disabled_children, plan_household_registry, plan_monitored_households, save_list
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.census.sheets import DISABLED_CHILDREN, HOUSEHOLD_REGISTRY, MONITORED_HOUSEHOLDS
from aidtracker.crypto.keyed_index import keyed
from aidtracker.students.models import Student
from tests import factories
from tests.workbooks import bring_in

DAY = datetime.date(2026, 11, 1)
ON = datetime.date(2026, 11, 10)
BORN = datetime.date(2016, 5, 1)
KINDS = {
    "household_registry": (HOUSEHOLD_REGISTRY, plan_household_registry, "序号 户主姓名 姓名 性别 民族 公民身份号码 出生日期 户籍地址代码 与户主关系"),
    "monitored_households": (MONITORED_HOUSEHOLDS, plan_monitored_households, "序号 乡镇代码 户主姓名 学生姓名 学生身份证号 监测对象类型 纳入日期 风险消除日期"),
    "disabled_children": (DISABLED_CHILDREN, plan_disabled_children, "序号 姓名 身份证号 残疾证号 残疾类别 残疾等级 户籍乡镇代码"),
}


def list_child(snapshot, name="雷婷", *, id_number=None, home=None, born_on=datetime.date(2016, 5, 1), sex="F", listed_on=None, **more):
    """One line of a list; `more` are further columns."""
    number = id_number or factories.make_id_number(born_on, sex)
    values = {"head_name": "雷海", "relation": "子女", "home_code": home.code if home else "420923100200", **more}
    if snapshot.kind == "monitored_households":
        values["listed_on"] = listed_on or datetime.date(2026, 1, 1)
    return ListedChild.create(
        snapshot=snapshot, name=name, sex=sex, born_on=born_on, id_number=number, id_index=keyed("index_id", number), home=home, **values
    )


@pytest.fixture
def snapshot(county):
    """snapshot(kind, dated) -> an empty list of the county."""

    def make(kind="household_registry", dated=DAY, of=None):
        return Snapshot.create(county=of or county.county, kind=kind, dated=dated)

    return make


@pytest.fixture
def bring(tmp_path, administrator):
    """bring(kind, rows) -> the plan, saved unless said otherwise; rows without 序号."""

    def imported(kind, rows, *, on=DAY, by=None, save=True, headings=None, title=True):
        spec, plan_list, words = KINDS[kind]
        numbered = rows if headings else [[number, *row] for number, row in enumerate(rows, 1)]
        lines = [*([["云岭县名单"]] if title else []), headings or words.split(), *numbered, ["填表人：某某"]]
        saving = save_list if save else None
        return bring_in(tmp_path / "list.xlsx", {"名单": lines}, (spec,), plan_list, saving, by=by or administrator, on=on)

    return imported


@pytest.fixture
def compare(county):
    """compare(name, kind, on) -> names of the children, or pupils, of one of the three results."""

    def names(name="not_enrolled", kind="household_registry", on=ON, change=""):
        comparison = comparing.comparison_on(county.county.id, kind, on)
        rule = comparing.changed(comparison, name, change) if change else comparing.compared(comparison, name)
        model = Student if name == "not_listed" else ListedChild
        return sorted(each.name for each in model.select().where(rule))

    return names
