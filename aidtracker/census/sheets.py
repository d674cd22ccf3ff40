"""The columns of other departments' lists: 公安's household registry, the monitored households, 残联's disabled children."""

from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.students.sheets import SEX, division

# One thing under many headings: each list has its own first, and understands the others.
IDS = ("公民身份号码", "公民身份证号码", "身份证号", "身份证号码", "身份证件号", "儿童身份证号", "学生身份证号", "证件号码")
NAMES = ("姓名", "儿童姓名", "学生姓名", "残疾人姓名")
HOMES = ("户籍地址代码", "户籍地代码", "户籍乡镇代码", "乡镇代码", "行政区划代码", "户口所在地行政区划")
HOME_HINT = "9 位乡镇代码或 12 位村代码，县外的照实填写"


def others(names: tuple[str, ...], heading: str) -> tuple[str, ...]:
    return tuple(name for name in names if name != heading)


def id_number(heading: str) -> Column:
    return Column("id_number", heading, cells.id_number, required=True, value_required=True, aliases=others(IDS, heading))


def name(heading: str) -> Column:
    return Column("name", heading, cells.name, required=True, value_required=True, aliases=others(NAMES, heading))


def home(heading: str) -> Column:
    return Column("home_code", heading, division, aliases=others(HOMES, heading), hint=HOME_HINT, example="990100100201")


HEAD = Column("head_name", "户主姓名", cells.name, aliases=("户主",))
SEX_COLUMN = Column("sex", "性别", SEX)
BORN_ON = Column("born_on", "出生日期", cells.day, example="2012-03-05")
ETHNICITY = Column("ethnicity", "民族")
RELATION = Column("relation", "与户主关系", aliases=("与户主的关系", "关系"))

HOUSEHOLD_REGISTRY = SheetSpec(
    name=None,
    columns=(HEAD, name("姓名"), SEX_COLUMN, ETHNICITY, id_number("公民身份号码"), BORN_ON, home("户籍地址代码"), RELATION),
    row_identity=("name", "id_number"),
)
MONITORED_HOUSEHOLDS = SheetSpec(
    name=None,
    columns=(
        *(home("乡镇代码"), HEAD, name("学生姓名"), id_number("学生身份证号"), SEX_COLUMN, BORN_ON, ETHNICITY, RELATION),
        Column("category", "监测对象类型", aliases=("监测类型", "监测对象类别"), example="边缘易致贫户"),
        Column("listed_on", "纳入日期", cells.day, required=True, value_required=True, aliases=("纳入监测日期",), example="2026-11-01"),
        Column("cleared_on", "风险消除日期", cells.day, hint="还在监测的留空", aliases=("风险消除时间", "消除日期")),
    ),
    row_identity=("name", "id_number"),
)
DISABLED_CHILDREN = SheetSpec(
    name=None,
    columns=(
        *(name("姓名"), id_number("身份证号"), SEX_COLUMN, BORN_ON, ETHNICITY),
        Column("certificate", "残疾证号", cells.code, aliases=("残疾人证号", "残疾证号码")),
        Column("category", "残疾类别", aliases=("残疾类型",), example="肢体残疾"),
        Column("level", "残疾等级", aliases=("等级",), example="二级"),
        *(home("户籍乡镇代码"), HEAD, RELATION),
    ),
    row_identity=("name", "id_number"),
)
OWN_LIST = SheetSpec(
    name=None,
    columns=(
        *(name("姓名"), id_number("身份证号"), SEX_COLUMN, BORN_ON, ETHNICITY),
        Column("category", "类别", aliases=("类型", "对象类别", "救助类别"), example="孤儿"),
        Column("level", "等级", aliases=("级别",)),
        *(home("户籍乡镇代码"), HEAD, RELATION),
    ),
    row_identity=("name", "id_number"),
)
LIMITS = {"name": 100, "ethnicity": 30, "head_name": 100, "relation": 20, "category": 40, "level": 20, "certificate": 60}
