"""A grid to fill in without a signal: people down, days across, drop-downs in the open cells, everything else locked.

Locked without a password: it keeps hands off by mistake; what was changed all the same, the import finds.
"""

from collections.abc import Sequence
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from aidtracker.excel.output import Target, escaped, lie_down, save, sheet_names
from aidtracker.practice import marked

_THIN = Side(style="thin", color="FF808080")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_GREY, _OPEN = PatternFill("solid", fgColor="FFE7E6E6"), PatternFill("solid", fgColor="FFFFF9E5")


class GridColumn(NamedTuple):
    heading: str
    labels: tuple[str, ...] = ()  # of its drop-down; none: the column is locked
    width: int = 10
    is_hidden: bool = False


class OpenCell(NamedTuple):
    """A cell that may be changed; `labels` where it offers others than its column."""

    value: str
    labels: tuple[str, ...] = ()


def write_grid(title: str, notes: Sequence[str], columns: Sequence[GridColumn], rows: Sequence[Sequence[str | OpenCell]], target: Target) -> None:
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = sheet_names([marked(title)])[0]
    lines = [marked(title), *notes]
    for number, text in enumerate(lines, 1):
        _put(sheet, number, 2, text).font = Font(name="宋体", size=16 if number == 1 else 10, bold=number == 1)
    head = len(lines) + 1
    for place, column in enumerate(columns, 1):
        cell = _put(sheet, head, place, column.heading)
        cell.font, cell.fill, cell.border = Font(name="黑体", size=11), _GREY, _BOX
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[get_column_letter(place)]
        dimension.width, dimension.hidden = column.width, column.is_hidden
    sheet.row_dimensions[head].height = 48
    offered: dict[tuple[str, ...], list[str]] = {}
    for number, row in enumerate(rows, head + 1):
        for place, value in enumerate(row, 1):
            is_open = isinstance(value, OpenCell)
            cell = _put(sheet, number, place, value.value if is_open else value)
            cell.border, cell.font = _BOX, Font(name="宋体", size=11)
            if is_open:
                cell.protection, cell.fill = Protection(locked=False), _OPEN
                offered.setdefault(value.labels or columns[place - 1].labels, []).append(cell.coordinate)
    for labels, cells in offered.items():
        rule = DataValidation(type="list", formula1='"' + ",".join(labels) + '"', allow_blank=True, showErrorMessage=True)
        rule.errorTitle, rule.error = "请从列表中选择", "请从下拉列表中选择。"
        for coordinate in cells:
            rule.add(coordinate)
        sheet.add_data_validation(rule)
    sheet.freeze_panes = f"D{head + 1}"
    sheet.print_title_rows = f"{head}:{head}"
    sheet.protection.sheet, sheet.protection.formatColumns = True, False
    lie_down(sheet)
    save(workbook, target)


def _put(sheet, row: int, column: int, value: str):
    """A cell that is text whatever it begins with."""
    cell = sheet.cell(row, column)
    if value:
        cell._value, cell.data_type = escaped(value), "s"
    cell.number_format = "@"
    return cell
