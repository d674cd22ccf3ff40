"""Who has not come back, as a table to print: no whole numbers in it."""

from aidtracker.attendance.queries_sweeps import STATES, History, Returner
from aidtracker.attendance.sweeps import KINDS
from aidtracker.excel.tables import Heading, Table


def returner_table(pupils: list[Returner], told: dict[int, History], place: str, label: str) -> Table:
    labels = ("学校", "班级", "姓名", "去向", "预计返校", "情况", "返校日期", "监护人", "电话（打码）", "说明")
    kinds = {"预计返校": "day", "返校日期": "day"}
    headings = [Heading(label, kind=kinds.get(label, "text")) for label in labels]
    headings += [Heading("上学期缺勤（场次）", kind="integer", width=9), Heading("以前没按时返校（次）", kind="integer", width=9)]
    return Table(title=f"{place}{label}未按时返校学生名单", sheet_name="未返校", headings=headings, rows=[row_of(one, told[one.student_id]) for one in pupils], organization=place)


def row_of(one: Returner, told: History) -> list:
    found = [one.school_name, one.class_name, one.name, KINDS[one.kind], one.expected_on, STATES[one.state], one.back_on]
    return [*found, told.guardian, told.phone, one.note or "", told.absences, told.earlier]
