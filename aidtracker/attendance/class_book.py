"""本班点名表: a class's rolls of some days as a workbook, to be filled in where there is no signal and brought back.

A heading says the day, the session and the revision on which its cells are based: 2026-11-23 周一 上午（第 2 版）, （未点） for none.
So the workbook tells by itself what its author saw, also after another program has saved it.
"""

import datetime
import re
import unicodedata
from typing import NamedTuple

from aidtracker.attendance.marks import MARKS, MARKS_AT
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.queries import ClassRoom, RollSheet, roll_sheet
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.excel.columns import Column, SheetSpec
from aidtracker.excel.grid import GridColumn, OpenCell
from aidtracker.terms.days import Calendar

MOST_DAYS = 20  # school days
WIDEST = 45  # days from the first to the last
WEEK = datetime.timedelta(days=6)
PRESENT, TAKEN, NOT_EXPECTED, WHOLE = "到", "已点", "—", "（全班）"
CODES = {label: code for code, label in SESSIONS.items()}
WEEKDAYS = "一二三四五六日"
HEADING = re.compile(r"(\d{4}-\d\d-\d\d)(?:周[一二三四五六日])?(" + "|".join(CODES) + r")\((未点|第(\d{1,4})版)\)")
CODE = re.compile(r"B(\d{1,9})-(S(\d{1,9})|ALL)")
SPEC = SheetSpec(
    name=None,
    columns=(Column("code", "编码", required=True), Column("seat", "座号"), Column("name", "姓名", required=True)),
    row_identity=("code", "name"),
    free=HEADING.pattern,
)
NOTES = (
    "一、只填浅黄色的格子，从下拉列表里选；名字、表头不要改，不要插入行列。",
    "二、还没点的场次：每个学生都填，到的填「到」；或者只填没到的，再在「（全班）」一行选「已点」，空着的就算到。整列空着表示没点，不会当作全勤。",
    "三、已经点过的场次：改哪一格就更正哪一格，不改的不动。填好后在「导入」里上传，先检查，再确认。",
)


class Head(NamedTuple):
    """A column of days: its place in the row, and the revision that it was based on."""

    place: int
    label: str
    on: datetime.date
    session: str
    base: int


def read_heads(headings: list[str]) -> list[Head]:
    """Each day and session once: the first."""
    found: dict[tuple, Head] = {}
    for place, text in enumerate(headings):
        match = HEADING.fullmatch(re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text))))
        if match:
            try:
                on = datetime.date.fromisoformat(match[1])
            except ValueError:
                continue
            found.setdefault((on, match[2]), Head(place, str(text), on, CODES[match[2]], int(match[4] or 0)))
    return list(found.values())


def heading_of(sheet: RollSheet) -> str:
    base = f"第 {sheet.standing.revision} 版" if sheet.standing else "未点"
    return f"{sheet.on.isoformat()} 周{WEEKDAYS[sheet.on.weekday()]} {SESSIONS[sheet.session]}（{base}）"


def sheets_of(room: ClassRoom, first: datetime.date, last: datetime.date) -> list[RollSheet]:
    """The rolls that the class takes on the school days from first to last, at most twenty days."""
    days, plans = Calendar(room.county_id, first, last).of(room.parent_id)[:MOST_DAYS], Plans(room.county_id, last, room.parent_id)
    sheets = [roll_sheet(room, day, session) for day in days for session in plans.at(room.parent_id, day)]
    return [sheet for sheet in sheets if sheet.roster]


def grid_of(room: ClassRoom, sheets: list[RollSheet]) -> tuple[list[GridColumn], list[list]]:
    """Columns and rows; a pupil who is expected at some of them has a line."""
    pupils = {pupil.id: pupil for sheet in sheets for pupil in sheet.roster}
    ordered = sorted(pupils.values(), key=lambda pupil: (pupil.seat is None, pupil.seat or 0))
    columns = [GridColumn("编码", is_hidden=True), GridColumn("座号", width=6), GridColumn("姓名", width=18)]
    columns += [GridColumn(heading_of(sheet), labels_at(sheet.session), 13) for sheet in sheets]
    whole = [f"B{room.id}-ALL", "", WHOLE, *(NOT_EXPECTED if sheet.standing else OpenCell("", (TAKEN,)) for sheet in sheets)]
    expected = [{pupil.id for pupil in sheet.roster} for sheet in sheets]
    rows = [[f"B{room.id}-S{one.id}", str(one.seat or ""), one.name, *(cell(sheet, one.id, ids) for sheet, ids in zip(sheets, expected, strict=True))] for one in ordered]
    return columns, [whole, *rows]


def labels_at(session: str) -> tuple[str, ...]:
    return (PRESENT, *(MARKS[code].label for code in MARKS_AT[session]))


def cell(sheet: RollSheet, student: int, expected: set[int]):
    if student not in expected:
        return NOT_EXPECTED
    if sheet.standing is None:
        return OpenCell("")
    return OpenCell(word(sheet.standing.marks.get(student, "")))


def word(mark: str) -> str:
    return MARKS[mark].label if mark in MARKS else PRESENT if not mark else mark


def default_range(today: datetime.date) -> tuple[datetime.date, datetime.date]:
    """This week, Monday to Sunday."""
    monday = today - datetime.timedelta(days=today.weekday())
    return monday, monday + WEEK
