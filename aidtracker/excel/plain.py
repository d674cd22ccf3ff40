"""Plain wide ledgers, streamed: headings and rows, text kept as text, no merges. XLSX and CSV."""

import csv
import datetime
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count as counting
from itertools import islice
from pathlib import Path
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from aidtracker.errors import Refused
from aidtracker.excel.output import (
    MAX_ROWS,
    ColumnCell,
    Target,
    as_text,
    clean,
    column_width,
    header_text,
    lie_down,
    placed,
    put_value,
    sampled,
    save,
    sheet_names,
)
from aidtracker.excel.tables import NUMBER_FORMATS, shown
from aidtracker.practice import WORD, is_practice, marked, stamped

try:
    import rustpy_xlsxwriter as rust
except ImportError:  # no wheel for this processor
    rust = None

Rows = Iterable[Sequence[Any]]
_END = object()
_TEXTS = ("text", "long_number")
_FONT = "宋体"


def write_plain(
    headings: Sequence[str],
    rows: Rows | Callable[[], Rows],
    target: Target,
    kinds: Sequence[str] | None = None,
    count: int | None = None,
    sheet_name: str = "数据",
    watermark: str | None = None,
) -> None:
    """Headings and rows as a workbook; what does not fit a sheet goes to a further one.

    `kinds` are those of tables.Kind (default: text). Rows may be a one-way stream; only with more
    than a million of them must `count` be known, or `rows` be something that can be walked again.
    """
    kinds = list(kinds or ["text"] * len(headings))
    if len(set(headings)) < len(headings) or len(kinds) != len(headings):
        raise ValueError("headings must differ, and each has one kind")
    if count is None and isinstance(rows, Sequence):
        count = len(rows)
    write_whole(*of_practice(headings, rows, kinds), target, count, marked(sheet_name), stamped(watermark))


def of_practice(headings: Sequence[str], rows: Any, kinds: Sequence[str] = ()) -> tuple[Sequence[str], Any, list[str]]:
    """In a practice installation every line begins with the word: it stays when lines are sorted, filtered or copied away."""
    if not is_practice():
        return headings, rows, list(kinds)
    return [WORD, *headings], with_word(rows), ["text", *kinds]


def with_word(rows: Any) -> Any:
    """What could be walked again still can."""
    if callable(rows):
        return lambda: with_word(rows())
    lines = ([WORD, *row] for row in rows)
    return lines if isinstance(rows, Iterator) else list(lines)


def write_whole(headings: Sequence[str], rows: Any, kinds: list[str], target: Target, count: int | None, sheet_name: str, watermark: str | None) -> None:
    source = rows() if callable(rows) else rows
    sample, stream = sampled(source if isinstance(source, Iterator) else iter(source), 100)
    stream = iter(stream)
    widths = [column_width(heading, (shown(row[i], kinds[i]) for row in sample), 8) + 0.71 for i, heading in enumerate(headings)]
    names = _names(sheet_name, -(-(count or 1) // MAX_ROWS))
    write = _by_rust if rust and sample else _by_openpyxl  # rust writes no headings where there is no row
    write(headings, stream, target, kinds, names, widths, watermark)
    if next(stream, _END) is _END:
        return
    if source is rows and isinstance(rows, Iterator):
        raise Refused("数据超过 %(rows)s 行，一张工作表放不下。请缩小范围后再导出。", rows=MAX_ROWS)
    total = sum(1 for _ in (rows() if callable(rows) else rows))
    _rewind(target)
    write_whole(headings, rows, kinds, target, total, sheet_name, watermark)


def _rewind(target: Target) -> None:
    if not isinstance(target, str | Path):
        target.seek(0)
        target.truncate()


def _names(sheet_name: str, sheets: int) -> list[str]:
    return sheet_names([sheet_name, *(f"{sheet_name}{number}" for number in range(2, sheets + 1))])


def _by_rust(
    headings: Sequence[str], stream: Iterator[Sequence[Any]], target: Target, kinds: Sequence[str],
    names: list[str], widths: list[float], watermark: str | None,
) -> None:  # fmt: skip
    body = [rust.Format().set_font_name(_FONT).set_num_format("@" if kind == "text" else NUMBER_FORMATS[kind]) for kind in kinds]
    header = rust.Format().set_font_name(_FONT).set_bold().set_align("center").set_background_color("#E7E6E6")
    page: dict[str, Any] = {
        "landscape": True, "paper_size": 9, "fit_to_pages": (1, 0), "repeat_rows": 0, "footer": "&C第 &P 页 共 &N 页",
    }  # fmt: skip
    if watermark:
        page["header"] = f"&C&8&K808080{_apart(header_text(watermark))}"
    texts = [index for index, kind in enumerate(kinds) if kind in _TEXTS]
    data = [(name, _records(headings, islice(stream, MAX_ROWS), texts)) for name in names]
    rust.write_worksheets(
        data,
        str(target) if isinstance(target, Path) else target,
        freeze_panes={"general": {"row": 1, "col": 0}},
        column_widths=dict.fromkeys(names, widths),
        column_formats=dict.fromkeys(names, body),
        header_format=dict.fromkeys(names, header),
        autofilter=dict.fromkeys(names, True),
        page_setup=dict.fromkeys(names, page),
    )


def _apart(text: str) -> str:
    """A header that begins with a digit would be read as part of the font size before it."""
    return f" {text}" if text[:1].isdigit() else text


def _records(headings: Sequence[str], rows: Iterable[Sequence[Any]], texts: Sequence[int]) -> Iterator[dict[str, Any]]:
    for row in rows:
        values = list(row)
        for index in texts:
            value = values[index]
            if type(value) is not str:
                values[index] = as_text(value) or None
            elif not value.isprintable() or len(value) > 30_000:
                values[index] = clean(value)
        yield dict(zip(headings, values, strict=True))


def _by_openpyxl(
    headings: Sequence[str], stream: Iterator[Sequence[Any]], target: Target, kinds: Sequence[str],
    names: list[str], widths: list[float], watermark: str | None,
) -> None:  # fmt: skip
    workbook = Workbook(write_only=True)
    for name in names:
        sheet = workbook.create_sheet(name)
        for index, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(index)].width = width
        sheet.freeze_panes = "A2"
        sheet.print_title_rows = "1:1"
        lie_down(sheet)
        if watermark:
            sheet.HeaderFooter.oddHeader.center.text = _apart(header_text(watermark))
        sheet._values_to_row = placed
        sheet.append([_prepared(sheet, column, "text", heading) for column, heading in enumerate(headings, 1)])
        cells = [_prepared(sheet, column, kind) for column, kind in enumerate(kinds, 1)]
        texts = [kind in _TEXTS for kind in kinds]
        for row in islice(stream, MAX_ROWS):
            for cell, value, is_text in zip(cells, row, texts, strict=True):
                put_value(cell, value if type(value) is str or not is_text else as_text(value))
            sheet.append(cells)
    save(workbook, target)


def _prepared(sheet: Any, column: int, kind: str, heading: str = "") -> ColumnCell:
    cell = ColumnCell(sheet, row=1, column=column)
    cell.number_format = "@" if kind == "text" else NUMBER_FORMATS[kind]
    cell.font = Font(name=_FONT, bold=bool(heading))
    put_value(cell, heading)
    return cell.settle()


def write_csv(headings: Sequence[str], rows: Rows, target: Target) -> int:
    """UTF-8 with the mark that Excel wants. A text that begins with = + - @ gets a ' before it. Gives the number of rows."""
    if isinstance(target, str | Path):
        with open(target, "wb") as file:
            return write_csv(headings, rows, file)
    headings, rows, _ = of_practice(headings, rows)
    return _write_csv(headings, rows, target)


def _write_csv(headings: Sequence[str], rows: Rows, target: IO[bytes]) -> int:
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow([_guarded(heading) for heading in headings])
        number = 0
        for number, row in zip(counting(1), rows, strict=False):  # noqa: B007
            writer.writerow([_guarded(value) for value in row])
        return number
    finally:
        text.detach()


def _guarded(value: Any) -> Any:
    if type(value) is not str:
        return value.isoformat() if isinstance(value, datetime.date) else as_text(value)
    cleaned = clean(value)
    return "'" + cleaned if cleaned[:1] in ("=", "+", "-", "@", "\t") and cleaned else cleaned
