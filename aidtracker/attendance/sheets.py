"""The two sheets of an attendance workbook: 点名, one row per class, day and session; 缺勤, who was not simply present."""

from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.excel import cells
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.students.sheets import class_name, grade

SHORT = {"早上": "morning", "上": "morning", "下": "afternoon", "早检": "early", "晚修": "evening", "夜自习": "evening", "查寝": "night", "晚寝": "night"}
SESSION = cells.choice({label: code for code, label in SESSIONS.items()}, SHORT)
MARK = cells.choice({mark.label: code for code, mark in MARKS.items()}, {"未请假": "unexcused", "逃课": "unexcused"})

KEY = (
    Column("on", "日期", cells.day, required=True, value_required=True, example="2026-11-23"),
    Column("school", "学校标识码", cells.code, required=True, value_required=True, example="2199000001"),
    Column("grade", "年级", grade, required=True, value_required=True, example="三年级"),
    Column("class_number", "班级", class_name, required=True, value_required=True, example="1班"),
    Column("session", "场次", SESSION, required=True, value_required=True, example="上午"),
)
ROLLS = SheetSpec(
    name="点名",
    columns=(
        *KEY,
        Column("expected", "应到", cells.count, required=True, value_required=True, example="45"),
        Column("present", "实到", cells.count, required=True, value_required=True, hint="应到减去缺勤表里没到的人", example="43"),
    ),
    row_identity=("on", "school", "grade", "class_number"),
)
ABSENCES = SheetSpec(
    name="缺勤",
    columns=(
        *KEY,
        Column("student_number", "学籍号", cells.student_number, required=True, value_required=True),
        Column("name", "姓名", cells.name, hint="只为核对，不导入"),
        Column("mark", "状态", MARK, required=True, value_required=True, example="病假"),
        Column("reason", "原因", example="感冒"),
    ),
    row_identity=("on", "school", "student_number", "name"),
)
