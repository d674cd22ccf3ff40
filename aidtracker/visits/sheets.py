"""The two sheets of a workbook of visits: 家访, one row per pupil and visit; 送教上门, one row per coming to teach."""

import re
import unicodedata

from aidtracker.excel import cells
from aidtracker.excel.cells import BadCell
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.visits.models import FORMS, PLACES, PURPOSES
from aidtracker.visits.records import LONGEST, MOST_LESSONS, MOST_MINUTES

FORM_WORDS = {label: code for code, label in FORMS.items() if code != "tutoring"}
FORM_ALIASES = {
    **dict.fromkeys(("入户家访", "上门", "上门家访", "实地", "实地家访", "走访"), "on_site"),
    **dict.fromkeys(("电话家访", "打电话"), "phone"),
    **dict.fromkeys(("视频家访", "线上", "线上家访", "网络", "网络家访", "微信"), "video"),
    **dict.fromkeys(("约谈家长", "到校", "到校约谈", "来校", "校访"), "invited"),
}
FORM = cells.choice(FORM_WORDS, FORM_ALIASES)
PURPOSE_WORDS = {label: code for code, label in PURPOSES.items()}
PURPOSE_ALIASES = {
    **dict.fromkeys(("常规家访", "普访", "日常", "日常家访", "了解情况"), "routine"),
    **dict.fromkeys(("旷课", "缺课", "未到校", "专题缺勤"), "absence"),
    **dict.fromkeys(("辍学", "疑似失学", "控辍", "控辍保学"), "suspected_dropout"),
    **dict.fromkeys(("劝返复学", "动员返校"), "persuasion"),
    **dict.fromkeys(("资助", "资助核实", "受助", "资助政策"), "aid_check"),
    **dict.fromkeys(("心理健康", "心理疏导", "心理关爱"), "psychological"),
    **dict.fromkeys(("安全教育", "防溺水", "交通安全"), "safety"),
}
PURPOSE = cells.choice(PURPOSE_WORDS, PURPOSE_ALIASES)
BETWEEN = re.compile(r"[、，,;；/|]+|\s+")
PLACE_WORDS = {label: code for code, label in PLACES.items()}
PLACE_ALIASES = {"家里": "home", "家中": "home", "学生家": "home", "学生家中": "home", "村委会": "community", "网络": "online"}


def purposes(value) -> tuple[str, ...]:
    """缺勤、心理 -> (absence, psychological), in the order of PURPOSES; () for a blank."""
    words = [word for word in BETWEEN.split(unicodedata.normalize("NFKC", cells.text(value))) if word]
    found = {PURPOSE(word) for word in words}
    return tuple(code for code in PURPOSES if code in found)


purposes.labels = tuple(PURPOSE_WORDS)


def place(value) -> str:
    """送教地点: a code of PLACES, else as it is written."""
    written = short("place")(value)
    return PLACE_WORDS.get(written) or PLACE_ALIASES.get(written) or written


def short(key: str):
    """Text that fits the column."""

    def parse(value) -> str:
        written = cells.text(value)
        if len(written) > LONGEST[key]:
            raise BadCell("bad_choice", "这一格太长了，最多 %(most)s 个字。", most=LONGEST[key])
        return written

    return parse


def within(most: int):
    """A whole number from 1 to `most`."""

    def parse(value) -> int | None:
        number = cells.integer(value)
        if number is not None and not 0 < number <= most:
            raise BadCell("bad_number", "「%(value)s」应在 1 到 %(most)s 之间。", value=number, most=most)
        return number

    return parse


PUPIL = (
    Column("student_number", "学籍号", cells.student_number, required=True, value_required=True, aliases=("全国学籍号",)),
    Column("name", "姓名", cells.name, aliases=("学生姓名",), hint="只为核对，不导入"),
    Column("school", "学校", aliases=("送教学校",), hint="只为核对，不导入：按学籍里当天的班级统计"),
)
DAY = {"parse": cells.day, "required": True, "value_required": True, "example": "2026-11-23"}
TEACHERS = {"parse": short("teachers"), "required": True, "value_required": True, "example": "张老师、李老师"}
VISITS = SheetSpec(
    name="家访",
    columns=(
        *PUPIL,
        Column("grade", "年级", hint="只为核对，不导入"),
        Column("class_number", "班级", hint="只为核对，不导入"),
        Column("on", "家访日期", aliases=("日期", "家访时间"), **DAY),
        Column("minutes", "时长(分钟)", within(MOST_MINUTES), aliases=("时长", "家访时长"), example="30"),
        Column("form", "家访形式", FORM, required=True, value_required=True, aliases=("形式", "家访方式"), example="入户"),
        Column("purposes", "家访目的", purposes, aliases=("目的",), hint="可写几个，用顿号隔开", example="缺勤、心理"),
        Column("teachers", "家访教师", aliases=("教师", "家访人"), **TEACHERS),
        Column("person_met", "受访人", short("person_met"), example="次仁"),
        Column("relation", "与学生关系", short("relation"), aliases=("关系",), example="母亲"),
        Column("at_home", "在家表现", short("at_home")),
        Column("views", "家长意见建议", short("views"), aliases=("家长意见",)),
        Column("agreed", "达成措施", short("agreed"), aliases=("措施",)),
        Column("follow_up_on", "跟进日期", cells.day, aliases=("下次跟进日期",)),
    ),
    row_identity=("student_number", "name", "on"),
)
TUTORING = SheetSpec(
    name="送教上门",
    columns=(
        *PUPIL,
        Column("disability", "残疾类别", hint="只为核对，不导入"),
        Column("on", "日期", aliases=("送教日期", "送教时间"), **DAY),
        Column("lessons", "课时数", within(MOST_LESSONS), required=True, value_required=True, aliases=("课时",), example="2"),
        Column("place", "送教地点", place, aliases=("地点",), example="家庭"),
        Column("subject", "学科/内容", short("subject"), aliases=("学科", "内容"), example="语文"),
        Column("teachers", "送教教师", aliases=("教师", "送教老师"), **TEACHERS),
        Column("at_home", "学生表现与效果", short("at_home"), aliases=("学生表现",)),
        Column("agreed", "家长配合与作业", short("agreed"), aliases=("下次计划",)),
        Column("signed_by", "家长签字", short("signed_by")),
    ),
    row_identity=("student_number", "name", "on"),
)
