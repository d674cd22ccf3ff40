"""The columns of a county's staff workbook, one row for each role that a person holds."""

from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.permissions import ROLES

HOMEROOM = "班主任"
WORDS = {HOMEROOM: ("teacher", "homeroom"), **{role.label: (code, "") for code, role in ROLES.items()}}  # (role, as what)
ALSO = {code: (code, "") for code in ROLES} | {"任课教师": ("teacher", ""), "校长": ("school_admin", ""), "homeroom": ("teacher", "homeroom")}
LIMITS = {"name": 100, "staff_number": 30, "phone": 20, "username": 60}

STAFF = SheetSpec(
    name=None,
    columns=(
        Column("name", "姓名", cells.name, required=True, value_required=True, aliases=("教师姓名",), example="张老师"),
        Column("phone", "手机号", cells.phone, aliases=("联系电话", "手机"), hint="没有工号时，和姓名一起认人；加密保存"),
        Column("staff_number", "工号", cells.code, aliases=("教职工号",), hint="全县不重复；有工号就按工号认人"),
        Column("school", "单位代码", cells.code, required=True, value_required=True, aliases=("学校标识码",), hint="行政区划代码或学校标识码"),
        Column("role", "角色", cells.choice(WORDS, ALSO), required=True, value_required=True, example=HOMEROOM),
        Column("grade", "年级", hint="班主任和只教一个班的教师填", example="三年级"),
        Column("class_number", "班级", cells.code, hint="这所学校的班", example="2"),
        Column("starts_on", "起始日期", cells.day, hint="空着是今天"),
        Column("ends_on", "结束日期", cells.day, hint="最后一天；过了这一天就没有这个角色"),
        Column("username", "用户名", cells.code, hint="空着由系统按姓名拼音和学校生成"),
    ),
    row_identity=("name", "school", "staff_number"),
)
HEADINGS = tuple(column.heading for column in STAFF.columns)
