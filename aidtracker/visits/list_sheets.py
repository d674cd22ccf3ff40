"""Lists of visits as tables, for who files or prints them: what stands on the page."""

import datetime

from aidtracker.excel.tables import Heading, Table
from aidtracker.visits.individual import STATES
from aidtracker.visits.models_calls import CALL_STATES
from aidtracker.visits.queries_calls import Result
from aidtracker.visits.tutored import MONTHS, Tutored

TUTORED = ("姓名", "学校", "班级", "一人一案", "本月合格次数", "本月应送次数", "本学年次数", "本学年课时", "本月送教")
NUMBERS = ("本月合格次数", "本月应送次数", "本学年次数", "本学年课时")


def tutored_table(rows: list[Tutored], place: str, today: datetime.date, rules: list[str]) -> Table:
    """A month that asks for nothing is blank, never a zero."""
    headings = [Heading(label, kind="integer", width=9) if label in NUMBERS else Heading(label) for label in TUTORED]
    lines = [[one.name, one.school_name, one.class_name, STATES[one.plan], *month_of(one), one.year.visits, one.year.lessons, MONTHS[one.state]] for one in rows]
    notes = [f"数据截至 {today.isoformat()}。", *rules]
    return Table(title=f"{place}送教学生名单", sheet_name="送教学生", headings=headings, rows=lines, organization=place, period=f"{today:%Y-%m}", notes=notes)


def month_of(one: Tutored) -> list[int | None]:
    return [one.month.done, one.month.needed] if one.month else [None, None]


def results_table(results: list[Result], total: Result, place: str, month: str) -> Table:
    numbers = ("家访", "抽中", "打完", *CALL_STATES.values())
    headings = [Heading("学校或乡镇"), *(Heading(label, kind="integer", width=9) for label in numbers)]
    lines = [[one.name, *figures(one)] for one in results]
    notes = ["家访：这个月记录的家访和送教，表格导入的不算。打完：有了结果，或者几次都没有打通。"]
    return Table(title=f"{place}{month} 家访回访抽查结果", sheet_name="回访结果", headings=headings, rows=lines, totals=["合计", *figures(total)], organization=place, period=month, notes=notes)


def figures(one: Result) -> list[int]:
    return [one.visits, one.drawn, one.settled, *one.of.values()]
