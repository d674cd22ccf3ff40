"""Tables as workbooks that look like a county's own forms; the doors to all other writers stand here too.

Values, never formulas: previews on phones compute nothing. The sheet is streamed, each column's
styled cell used again for every row, so that a long table costs what a bare loop costs.
"""

import datetime
from collections.abc import Sequence
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from aidtracker.excel.blanks import write_blank
from aidtracker.excel.output import Target, column_width, display_width, header_text, placed, put_value, sampled, save, sheet_names
from aidtracker.excel.plain import write_csv, write_plain
from aidtracker.excel.refused import RefusedRow, refused_rows, write_refused, write_refused_sheets
from aidtracker.excel.tables import NUMBER_FORMATS, RIGHT_ALIGNED, Heading, Table, shown
from aidtracker.practice import marked, stamped

__all__ = [
    "RefusedRow", "refused_rows", "write_blank", "write_csv", "write_plain", "write_refused",
    "write_refused_sheets", "write_table", "write_tables",
]  # fmt: skip

_SONG, _HEI = "宋体", "黑体"
_THIN = Side(style="thin", color="FF000000")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_ROW_HEIGHT, _LINE_HEIGHT = 20, 15
_PORTRAIT_WIDTH = 92  # half-width characters that an upright A4 page takes without shrinking
_WIDEST = {"long_number": 21, "day": 12}


def write_table(table: Table, target: Target, watermark: str | None = None, made_at: datetime.datetime | None = None) -> None:
    """One table as a workbook. `watermark` (who, when, number) is stamped on every page and under the table."""
    write_tables([table], target, watermark, made_at)


def write_tables(tables: Sequence[Table], target: Target, watermark: str | None = None, made_at: datetime.datetime | None = None) -> None:
    """Several tables, a sheet each, named after their titles (or `sheet_name`)."""
    workbook, watermark = Workbook(write_only=True), stamped(watermark)
    for table, name in zip(tables, sheet_names(marked(table.sheet_name or table.title) for table in tables), strict=True):
        _Form(workbook, table, name).write(watermark)
    if watermark:
        workbook.properties.identifier = watermark
    save(workbook, target, made_at)


class _Form:
    """One sheet while it is written, from the title down to the signatures."""

    def __init__(self, workbook: Workbook, table: Table, name: str):
        self.table, self.columns = table, table.columns
        self.sheet = workbook.create_sheet(name)
        self.sample, self.rows = sampled(table.rows)
        self.widths = [self._width(index, column) for index, column in enumerate(self.columns)]
        self.line = 0
        self.sheet._values_to_row = placed

    def write(self, watermark: str | None) -> None:
        head = 1 + bool(self._line_texts())
        depth = len(self.table.header_rows())
        self._set_page(head + 1, head + depth, watermark)
        self._merged_line(marked(self.table.title), Font(name=_SONG, size=18, bold=True), "center", 36)
        if self._line_texts():
            self._write_parts(self._line_texts(), ("left", "center", "right"), 22)
        self._write_header()
        self._write_body()
        for note in self.table.notes:
            self._merged_line(note, Font(name=_SONG, size=10), "left", self._note_height(note))
        if self.table.signatures:
            self._merged_line(self._signature_line(), Font(name=_SONG, size=11), "left", 34)
        if watermark:
            self._merged_line(watermark, Font(name=_SONG, size=8, color="FF808080"), "left", 14)
        self.sheet.print_area = f"A1:{get_column_letter(len(self.columns))}{self.line}"

    def _line_texts(self) -> tuple[str, ...]:
        table = self.table
        organization = f"填报单位：{table.organization}" if table.organization else ""
        unit = f"单位：{table.unit}" if table.unit else ""
        return (organization, table.period, unit) if organization or table.period or unit else ()

    def _signature_line(self) -> str:
        """The blanks to sign, with equal room after each, kept apart by full-width spaces."""
        signatures = self.table.signatures
        room = sum(self.widths) - sum(display_width(text) for text in signatures)
        return ("\u3000" * max(room // (2 * len(signatures)), 2)).join(signatures)

    def _width(self, index: int, column: Heading) -> int:
        if column.width:
            return column.width
        values = [row[index] for row in self.sample if index < len(row)]
        if self.table.totals and index < len(self.table.totals):
            values.append(self.table.totals[index])
        return column_width(column.label, (shown(value, column.kind) for value in values), _WIDEST.get(column.kind, 6))

    def _set_page(self, first_header: int, last_header: int, watermark: str | None) -> None:
        sheet = self.sheet
        for index, width in enumerate(self.widths, 1):
            sheet.column_dimensions[get_column_letter(index)].width = width + 0.71
        sheet.sheet_format.defaultRowHeight = _ROW_HEIGHT
        sheet.sheet_format.customHeight = True
        sheet.freeze_panes = f"A{last_header + 1}"
        sheet.print_title_rows = f"{first_header}:{last_header}"
        sheet.page_setup.paperSize = 9
        sheet.page_setup.orientation = "landscape" if sum(self.widths) > _PORTRAIT_WIDTH else "portrait"
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
        sheet.print_options.horizontalCentered = True
        margins = sheet.page_margins
        margins.left = margins.right = 0.5
        margins.top, margins.bottom, margins.header, margins.footer = 0.7, 0.7, 0.3, 0.35
        sheet.HeaderFooter.oddFooter.center.text = "第 &P 页 共 &N 页"
        sheet.HeaderFooter.oddFooter.center.size = 9
        if watermark:
            sheet.HeaderFooter.oddHeader.center.text = header_text(watermark)
            sheet.HeaderFooter.oddHeader.center.size = 8
            sheet.HeaderFooter.oddHeader.center.color = "808080"

    def _append(self, cells: Sequence[Any], height: float | None = None) -> None:
        self.line += 1
        if height:
            self.sheet.row_dimensions[self.line].height = height
        self.sheet.append(cells)
        if height:
            del self.sheet.row_dimensions[self.line]  # written already; a long table would pile them up

    def _cell(self, text: str, font: Font, horizontal: str, border: Border | None = None) -> WriteOnlyCell:
        cell = WriteOnlyCell(self.sheet)
        cell.font = font
        cell.alignment = Alignment(horizontal=horizontal, vertical="center", wrap_text=True)
        if border:
            cell.border = border
        put_value(cell, text)
        return cell

    def _merge(self, first_column: int, last_column: int, last_row: int | None = None) -> None:
        """Columns from 0, on the line to come (and down to last_row)."""
        row = self.line + 1
        if last_column > first_column or (last_row or row) > row:
            self.sheet.merged_cells.add(CellRange(min_col=first_column + 1, max_col=last_column + 1, min_row=row, max_row=last_row or row))

    def _merged_line(self, text: str, font: Font, horizontal: str, height: float) -> None:
        self._merge(0, len(self.columns) - 1)
        self._append([self._cell(text, font, horizontal)], height)

    def _write_parts(self, texts: tuple[str, ...], alignments: tuple[str, ...], height: float) -> None:
        """Texts side by side over the whole width; in one cell when there are too few columns."""
        font = Font(name=_SONG, size=11)
        needs = [display_width(text) for text in texts]
        fits = max(needs) <= sum(self.widths) / len(needs) - 2
        starts = _divided(self.widths, [1] * len(needs) if fits else needs)
        if starts is None:
            self._merged_line("　　".join(text for text in texts if text), font, "left", height)
            return
        cells: list[Any] = [None] * len(self.widths)
        for text, start, end, horizontal in zip(texts, starts, [*starts[1:], len(self.widths)], alignments, strict=True):
            cells[start] = self._cell(text, font, horizontal)
            self._merge(start, end - 1)
        self._append(cells, height)

    def _write_header(self) -> None:
        font = Font(name=_HEI, size=11)
        lines = self.table.header_rows()
        for line in lines:
            cells = [self._cell("", font, "center", _BOX) for _ in self.columns]
            for label, column, colspan, rowspan in line:
                put_value(cells[column], label)
                self._merge(column, column + colspan - 1, self.line + rowspan)
            tallest = max((self._lines(label, column, colspan) / rowspan for label, column, colspan, rowspan in line), default=1)
            self._append(cells, max(22 if len(lines) > 1 else 28, ceil(tallest) * _LINE_HEIGHT + 6))

    def _lines(self, label: str, column: int, colspan: int) -> int:
        return ceil(display_width(label) / max(sum(self.widths[column : column + colspan]) - 1, 1))

    def _write_body(self) -> None:
        cells = [self._body_cell(column, bold=False) for column in self.columns]
        wrapping = [(index, self.widths[index]) for index, column in enumerate(self.columns) if column.kind == "text"]
        for row in self.rows:
            for cell, value in zip(cells, row, strict=True):
                put_value(cell, value)
            self._append(cells, self._row_height(row, wrapping))
        if self.table.totals is not None:
            totals = [self._body_cell(column, bold=True) for column in self.columns]
            for cell, value in zip(totals, self.table.totals, strict=True):
                put_value(cell, value)
            self._append(totals, 22)

    def _body_cell(self, column: Heading, bold: bool) -> WriteOnlyCell:
        horizontal = "right" if column.kind in RIGHT_ALIGNED else "left" if column.kind == "text" and (column.width or 0) > 16 else "center"
        cell = self._cell("", Font(name=_SONG, size=11, bold=bold), horizontal, _BOX)
        cell.number_format = NUMBER_FORMATS[column.kind]
        return cell

    def _row_height(self, row: Sequence[Any], wrapping: list[tuple[int, int]]) -> float | None:
        """None for one line of text; more for a row with a text that wraps."""
        lines = 1
        for index, width in wrapping:
            value = row[index]
            if type(value) is str and (2 * len(value) > width or "\n" in value):
                lines = max(lines, sum(ceil(display_width(part) / max(width - 1, 1)) or 1 for part in value.split("\n")))
        return lines * _LINE_HEIGHT + 5 if lines > 1 else None

    def _note_height(self, note: str) -> float:
        return sum(ceil(display_width(part) / max(sum(self.widths), 1)) or 1 for part in note.split("\n")) * 14 + 4


def _divided(widths: Sequence[int], needs: Sequence[int]) -> list[int] | None:
    """The first column of each part when the columns are shared out by need; None when they do not suffice."""
    if len(widths) < len(needs):
        return None
    total, room, starts, at = sum(needs) or 1, sum(widths), [], 0
    reached, wanted = 0.0, 0.0
    for part, need in enumerate(needs):
        starts.append(at)
        wanted += room * need / total
        last = len(widths) - (len(needs) - part - 1)  # one column at least for each part to come
        reached, at = reached + widths[at], at + 1
        while at < last and reached + widths[at] / 2 <= wanted:
            reached, at = reached + widths[at], at + 1
    return starts
