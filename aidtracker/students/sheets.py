"""The roster's columns: the headings of the national 学籍 workbook."""

from aidtracker.excel import cells
from aidtracker.excel.cells import BadCell
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.orgs.grades import class_number, grade_or_none
from aidtracker.students.models import MODES, RESIDENT, SEXES

SEX = cells.choice({label: code for code, label in SEXES.items()}, {"男性": "M", "女性": "F", "1": "M", "2": "F"})
MODE_WORDS = {label: code for code, label in MODES.items()}
MODE = cells.choice(MODE_WORDS, {"寄宿": "boarding", "借宿": "day", "其他": "day", "送教": "home_taught"})
NOT_DISABLED = ("", "无", "无残疾", "否", "正常")


def grade(value) -> str:
    """三年级, 3年级, 七年级, 初一, 高一 ..."""
    typed = cells.code(value)
    found = grade_or_none(typed) if typed else ""
    if found is None:
        raise BadCell("bad_choice", "「%(value)s」不是年级，请写成 三年级、七年级、高一 这样。", value=typed[:20])
    return found


def class_name(value) -> str:
    """1班, （1）班, 1, 一班 -> 1."""
    number = class_number(cells.code(value))
    if len(number) > 20:
        raise BadCell("bad_choice", "班级「%(value)s」太长了，请写成 1班 这样。", value=number[:20])
    return number


def entry_month(value) -> str:
    month = cells.month(value)
    return month.strftime("%Y%m") if month else ""


def division(value) -> str:
    """户口所在地行政区划: 6 to 12 digits; a home outside the county is no mistake."""
    code = cells.code(value)
    if code and not (code.isdigit() and 6 <= len(code) <= 12):
        raise BadCell("unknown_division", "行政区划代码应为 6 到 12 位数字，这里是「%(value)s」。", value=code[:20])
    return code


def document_kind(value) -> str:
    """居民身份证, however the sheet calls it; other kinds as they stand."""
    kind = cells.text(value)
    return RESIDENT if kind in ("居民身份证", "身份证", "1") else kind


def document_number(value) -> str:
    """Whatever the kind of document; what an ID of a resident must look like is checked row by row."""
    return cells.code(value).upper()


def member(position: int) -> tuple[Column, ...]:
    """成员1 and 成员2: the adults who answer for the child."""
    prefix = f"成员{position}"
    return (
        Column(f"member{position}_name", f"{prefix}姓名", cells.name),
        Column(f"member{position}_relation", f"{prefix}关系"),
        Column(f"member{position}_phone", f"{prefix}联系电话", cells.phone),
        Column(f"member{position}_is_guardian", f"{prefix}是否监护人", cells.yes_no),
    )


ROSTER = SheetSpec(
    name=None,
    columns=(
        Column("school", "学校标识码", cells.code, required=True, value_required=True, example="2199000001"),
        Column("name", "姓名", cells.name, required=True, value_required=True),
        Column("sex", "性别", SEX, required=True, value_required=True),
        Column("born_on", "出生日期", cells.day, required=True, value_required=True, example="20120305"),
        Column("id_kind", "身份证件类型", document_kind, aliases=("证件类型",)),
        Column("id_number", "身份证件号", document_number, aliases=("身份证号", "身份证号码", "证件号码")),
        Column("student_number", "学籍号", cells.student_number, aliases=("全国学籍号",)),
        Column("ethnicity", "民族"),
        Column("grade", "年级", grade, required=True, value_required=True),
        Column("class_number", "班级", class_name, required=True, value_required=True, example="1班"),
        Column("seat", "班内学号", cells.integer),
        Column("entered_on", "入学年月", entry_month),
        Column("mode", "就读方式", MODE),
        Column("home_code", "户口所在地行政区划", division),
        Column("address", "现住址"),
        Column("phone", "联系电话", cells.phone),
        Column("left_behind", "是否留守儿童", cells.yes_no),
        Column("migrant", "是否进城务工人员随迁子女", cells.yes_no),
        Column("orphan", "是否孤儿", cells.yes_no),
        Column("martyr", "是否烈士或优抚子女", cells.yes_no),
        Column("disabled", "残疾类型"),
        Column("applies_for_aid", "是否需要申请资助", cells.yes_no),
        *member(1),
        *member(2),
    ),
    row_identity=("school", "name", "id_number", "student_number"),
)
LIMITS = {"name": 100, "ethnicity": 30, "id_kind": 20, "disabled": 60}
LIMITS |= {f"member{n}_{part}": limit for n in (1, 2) for part, limit in (("name", 100), ("relation", 20))}
