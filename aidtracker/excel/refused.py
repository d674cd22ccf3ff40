"""The refused rows given back: as they came, with a first column 「问题」 and the bad cells in yellow."""

import datetime
from collections.abc import Iterable, Iterator, Sequence
from math import ceil
from typing import Any, NamedTuple

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from aidtracker.excel.columns import heading_label
from aidtracker.excel.output import Target, as_text, column_width, display_width, escaped, lie_down, sampled, save, sheet_names
from aidtracker.excel.problems import Problem
from aidtracker.excel.reader import SheetTable
from aidtracker.practice import marked

_YELLOW = PatternFill("solid", fgColor="FFFFFF00")
_REASONS = 48  # width of the column 「问题」
_GREY = PatternFill("solid", fgColor="FFE7E6E6")


class RefusedRow(NamedTuple):
    values: Sequence[Any]  # as they were read, one for each heading
    problems: Sequence[Problem]


Rows = Iterable[RefusedRow | tuple[Sequence[Any], Sequence[Problem]]]


def refused_rows(table: SheetTable, problems: Iterable[Problem]) -> Iterator[RefusedRow]:
    """The rows of a sheet that have a refusal, in their order, each with all that is wrong with it."""
    by_row: dict[int, list[Problem]] = {}
    for problem in problems:
        if problem.sheet == table.sheet:
            by_row.setdefault(problem.row, []).append(problem)
    for number, values in zip(table.row_numbers, table.raw_rows, strict=True):
        found = by_row.get(number, ())
        if any(problem.level == "refused" for problem in found):
            yield RefusedRow(values, found)


def write_refused(headings: Sequence[str], rows: Rows, target: Target, sheet_name: str = "退回的行") -> None:
    """One sheet of refused rows. Mended, the file can be imported as it is: 「问题」 is not read."""
    write_refused_sheets([(sheet_name, headings, rows)], target)


def write_refused_sheets(sheets: Iterable[tuple[str, Sequence[str], Rows]], target: Target) -> None:
    """Several sheets of (name, headings, rows), under the names that the import knows them by."""
    workbook = Workbook(write_only=True)
    sheets = list(sheets)
    for name, (_, headings, rows) in zip(sheet_names(name for name, _, _ in sheets), sheets, strict=True):
        _write_sheet(workbook.create_sheet(name), headings, rows)
    save(workbook, target)


def _write_sheet(sheet: Any, headings: Sequence[str], rows: Rows) -> None:
    headings = ["问题", *headings]
    labels = [heading_label(heading) for heading in headings]
    start = 1 if heading_label(headings[1] if len(headings) > 1 else "") == "问题" else 0  # a file given back before
    labels, headings = labels[start:], headings[start:]
    sample, stream = sampled(([problems, *values[start:]] for values, problems in rows), 100)
    for index, label in enumerate(labels):
        texts = [as_text(line[index]) for line in sample if index and index < len(line)]
        sheet.column_dimensions[get_column_letter(index + 1)].width = column_width(label, texts, 8) if index else _REASONS
    sheet.freeze_panes = "B2"
    sheet.print_title_rows = "1:1"
    lie_down(sheet)
    sheet.append([_cell(sheet, heading, fill=_GREY, bold=True) for heading in headings])
    for number, (problems, *values) in enumerate(stream, 2):
        bad, reasons = {problem.column for problem in problems}, _reasons(problems)
        sheet.row_dimensions[number].height = 15 * ceil(display_width(reasons) / (_REASONS - 2)) + 3
        cells = [_cell(sheet, reasons, wrap=True)]
        for label, value in zip(labels[1:], values, strict=False):
            cells.append(_cell(sheet, value, fill=_YELLOW if label in bad else None))
        sheet.append(cells)
        del sheet.row_dimensions[number]  # written


def _reasons(problems: Sequence[Problem]) -> str:
    return marked(f"原第 {problems[0].row} 行：") + "".join(f"{problem.column}：{problem.message}" for problem in problems)


def _cell(sheet: Any, value: Any, fill: PatternFill | None = None, bold: bool = False, wrap: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, datetime.date):
        cell._value, cell.data_type, cell.number_format = value, "d", "yyyy-mm-dd"
    elif isinstance(value, float) and abs(value) >= 1e15:
        cell._value, cell.data_type = value, "n"  # a rounded ID stays what it is, or it would pass next time
    elif value not in (None, ""):
        cell._value, cell.data_type, cell.number_format = escaped(as_text(value)), "s", "@"
    if fill:
        cell.fill = fill
    if bold:
        cell.font = Font(bold=True)
    if wrap:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
