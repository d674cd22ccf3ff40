"""What all writers share: clean text, widths, names of sheets, and a package that reproduces byte by byte."""

import datetime
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from aidtracker.db import utcnow

Target = str | Path | IO[bytes]

MAX_ROWS = 1_048_575  # rows of a sheet, less its heading
_MAX_TEXT = 32_767
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as A
_SHEET_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def clean(value: str) -> str:
    """Text that a sheet can hold: no control characters, no longer than Excel allows."""
    if value.isprintable() and len(value) <= _MAX_TEXT:
        return value
    return _UNWRITABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))[:_MAX_TEXT]


def escaped(value: str) -> str:
    """Clean, and with no accidental escape of OOXML in it (for openpyxl, which does not look)."""
    value = clean(value)
    return _ESCAPE.sub("_x005F_", value) if "_x" in value else value


def display_width(value: object) -> int:
    """Half-width characters on the longest line; a Chinese character counts two."""
    return max(sum(2 if unicodedata.east_asian_width(ch) in "WFA" else 1 for ch in line) for line in str(value).split("\n"))


def column_width(label: str, sample: Iterable[str], least: int = 6, most: int = 40) -> int:
    """Wide enough for the sampled values; a longer heading wraps instead."""
    widest = max((display_width(value) for value in sample), default=0)
    heading = min(display_width(label), 12) if display_width(label) > 12 else display_width(label)
    return min(max(widest, heading, least) + 2, most)


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names that Excel takes: 31 characters, none forbidden, none twice."""
    names: list[str] = []
    for name in wanted:
        base = _SHEET_NAME.sub(" ", name).strip("' ")[:31] or "Sheet"
        unique, number = base, 2
        while unique.casefold() in {used.casefold() for used in names}:
            unique = f"{base[: 31 - len(str(number)) - 2]}({number})"
            number += 1
        names.append(unique)
    return names


def header_text(value: str) -> str:
    """Text for a page's header or footer, where & begins a command."""
    return clean(value).replace("\n", " ").replace("&", "&&")[:200]


def lie_down(sheet: Any) -> None:
    """A4 across, all columns on one page, the pages numbered."""
    sheet.page_setup.paperSize, sheet.page_setup.orientation = 9, "landscape"
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.HeaderFooter.oddFooter.center.text = "第 &P 页 共 &N 页"


def save(workbook: Workbook, target: Target, made_at: datetime.datetime | None = None) -> None:
    """Writes the package. The same content with the same `made_at` gives the same bytes."""
    made_at = made_at or utcnow()
    workbook.properties.created = made_at
    workbook.properties.creator = "aidtracker"
    with _Package(target, made_at) as archive:
        ExcelWriter(workbook, archive).write_data()


class _Package(zipfile.ZipFile):
    """A zip whose entries carry no clock."""

    def __init__(self, target: Target, made_at: datetime.datetime):
        super().__init__(target, "w", zipfile.ZIP_DEFLATED)
        self._made_at = f"{made_at:%Y-%m-%dT%H:%M:%SZ}".encode()

    def writestr(self, name, data, *args, **kwargs):  # type: ignore[override]
        data = data.encode() if isinstance(data, str) else data
        if name == "docProps/core.xml":
            data = _MODIFIED.sub(rb"\g<1>" + self._made_at, data)
        super().writestr(_entry(name) if isinstance(name, str) else name, data, *args, **kwargs)

    def write(self, filename, arcname=None, *args, **kwargs):
        with open(filename, "rb") as source, self.open(_entry(arcname or filename), "w") as entry:
            while piece := source.read(1 << 18):
                entry.write(piece)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def as_text(value: Any) -> str:
    """A raw value as the text of a cell: whole numbers without .0, days as 2012-03-05."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def sampled(rows: Iterable[Sequence[Any]], number: int = 200) -> tuple[list[Sequence[Any]], Iterable[Sequence[Any]]]:
    """The first rows, to measure widths on, and all rows still to be written."""
    if isinstance(rows, list | tuple):
        return list(rows[:number]), rows
    iterator = iter(rows)
    first: list[Sequence[Any]] = []
    for row in iterator:
        first.append(row)
        if len(first) == number:
            break
    return first, _chained(first, iterator)


def _chained(first: list[Sequence[Any]], rest: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    yield from first
    yield from rest


def placed(cells: Sequence[Any], row: int) -> Iterator[WriteOnlyCell]:
    """For a streamed sheet's `_values_to_row`: cells that are prepared, so that openpyxl need not look at each
    twice and make a new one after it; a column's one cell can serve every row."""
    for column, cell in enumerate(cells, 1):
        if cell is not None:
            cell.row, cell.column = row, column
            yield cell


class ColumnCell(Cell):
    """The one cell of a column that serves every row of a streamed sheet: its style is looked up once, when it is settled."""

    __slots__ = ("letter", "style_id")
    has_style = True

    def settle(self) -> "ColumnCell":
        """Its column and style stay from here on; its row and value change."""
        self.letter, self.style_id = get_column_letter(self.column), Cell.style_id.fget(self)
        return self

    @property
    def coordinate(self) -> str:
        return f"{self.letter}{self.row}"


def put_value(cell: WriteOnlyCell, value: Any) -> None:
    """Sets a value without openpyxl's guessing, which would take a text that begins with = for a formula."""
    if type(value) is str:
        cell._value, cell.data_type = value if value.isalnum() and len(value) < _MAX_TEXT else escaped(value), "s"
    elif type(value) is int or type(value) is float or value is None:
        cell._value, cell.data_type = value, "n"
    elif isinstance(value, datetime.date):
        cell._value, cell.data_type = value, "d"
    elif isinstance(value, bool):
        cell._value, cell.data_type = "是" if value else "否", "s"
    elif isinstance(value, int | float | Decimal):
        cell._value, cell.data_type = value, "n"
    else:
        cell._value, cell.data_type = escaped(as_text(value)), "s"
