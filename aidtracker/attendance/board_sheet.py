"""The board as a table: what stands on the page, for who files or prints it."""

import datetime

from aidtracker.attendance.board import Board, Line
from aidtracker.attendance.often_late import Often
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.db import china_time
from aidtracker.excel.tables import Heading, Table

FIGURES = (("应到", "expected"), ("实到", "present"), ("病假", "sick_leave"), ("事假", "personal_leave"), ("旷课", "unexcused"))


def board_table(board: Board, lines: list[Line], place: str, now: datetime.datetime) -> Table:
    """What nobody reported is blank, never a zero."""
    sessions = [Heading(SESSIONS[session], width=20) for session in board.sessions]
    headings = [Heading("单位"), *sessions, *(Heading(label, kind="integer", width=8) for label, _key in FIGURES)]
    rows = [[line.name, *(state(line, session) for session in board.sessions), *counts(line)] for line in lines]
    total = ["合计", *(state(board.total, session) for session in board.sessions), *counts(board.total)]
    notes = [f"数据截至 {now:%Y-%m-%d %H:%M}。没有报的不作零计，空着；无课的不计应报。人次为上午、下午之和。"]
    period = board.on.isoformat()
    return Table(title=f"{place}{period}点名情况表", sheet_name="点名情况", headings=headings, rows=rows, totals=total, organization=place, period=period, notes=notes)


def counts(line: Line) -> list:
    return [line.sums[key] if line.sums["expected"] else None for _label, key in FIGURES]


def state(line: Line, session: str) -> str:
    if line.kind != "class":
        parts = [f"{line.reported[session]}/{line.due[session]}"] if line.due[session] or line.reported[session] else []
        parts += [f"迟报 {line.late[session]}"] if line.late[session] else []
        return "，".join([*parts, *([f"无课 {line.free[session]}"] if line.free[session] else [])])
    if session in line.rolls:
        roll = line.rolls[session]
        return f"已报 {china_time(roll.at):%m-%d %H:%M}" + ("（迟报）" if roll.is_late else "")
    if session in line.why:
        return f"无课（{line.why[session]}）"
    return "未报" if line.asked[session] else ""


def often_table(found: list[Often], place: str, first: datetime.date, last: datetime.date) -> Table:
    labels = ("应报场次", "已报", "其中迟报", "没报", "无课", "迟报和没报合计")
    headings = [Heading("学校"), Heading("班级"), *(Heading(label, kind="integer", width=9) for label in labels)]
    rows = [[o.school_name, o.class_name, o.due, o.reported, o.late, o.missing, o.free, o.times] for o in found]
    period = f"{first.isoformat()} 至 {last.isoformat()}"
    return Table(title=f"{place}常迟报班级名单", sheet_name="常迟报", headings=headings, rows=rows, organization=place, period=period)
