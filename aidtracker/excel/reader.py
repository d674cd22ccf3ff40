"""A sheet as columns of clean values: the heading row found, the cells parsed, the bad ones told apart.

Values stay in columns, not rows: parsing works on a column's distinct values, and the set-based
checks and writes of the importing rooms take columns too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from aidtracker.excel.cells import BadCell, is_blank, parse_column
from aidtracker.excel.columns import Column, SheetSpec, heading_key, heading_label
from aidtracker.excel.files import BadWorkbook, Sheet, Workbook, open_workbook
from aidtracker.excel.problems import Problem

__all__ = ["BadWorkbook", "Sheet", "SheetTable", "Workbook", "headings_of", "open_workbook", "read_table", "read_tables"]

_HEADER_ROWS = 20  # the header is looked for in so many lines
_NO_NOTICE = frozenset(("序号", "问题"))  # a line counter; and what we ourselves put before refused rows
_FOOTER = re.compile(r"\s*(?:填表|制表|审核|复核|经办|填报|单位负责|负责人|合\s*计|总\s*计|小\s*计|注\s*[:：]|备注\s*[:：]|说明\s*[:：])")


@dataclass(slots=True)
class SheetTable:
    """What was read: every key of the spec that the sheet has, one value per row; None where the cell was bad.

    All lists run in parallel; `row_numbers` says where a row stands in the spreadsheet.
    """

    sheet: str
    headings: dict[str, str]  # key: the sheet's own heading, without ★ and spaces
    columns: dict[str, list[Any]]
    bad: dict[str, dict[int, BadCell]]  # key: position: why
    row_numbers: list[int]
    raw_headings: list[str]
    raw_rows: list[list[Any]]
    notices: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.row_numbers)

    def column(self, key: str, default: Any = None) -> list[Any]:
        """The values of a column; as many defaults when the sheet does not have it."""
        found = self.columns.get(key)
        return found if found is not None else [default] * len(self.row_numbers)

    def bad_positions(self) -> set[int]:
        return {position for cells in self.bad.values() for position in cells}

    def problem(self, position: int, key: str, code: str, message: str, level: str = "refused") -> Problem:
        """A problem of the cell at this row and column, for the checks that come after the parsing."""
        return Problem(self.sheet, self.row_numbers[position], self.headings.get(key, key), level, code, message)

    def problems(self) -> list[Problem]:
        """The bad cells, from top to bottom, and in a row in the order of the spec."""
        found = [(i, key, bad) for key in self.columns for i, bad in self.bad.get(key, {}).items()]
        found.sort(key=lambda item: item[0])
        return [self.problem(i, key, bad.code, bad.message) for i, key, bad in found]


@dataclass(slots=True)
class _Header:
    row: int  # from 0
    places: dict[str, int]  # key: column
    unknown: list[str]
    repeated: list[str]


def read_tables(workbook: Workbook, spec: SheetSpec) -> list[SheetTable]:
    """Every sheet that the spec speaks of: the one of its name, or all that have the required headings."""
    if spec.name is not None:
        sheet = workbook.sheet(spec.name)
        if sheet is None:
            raise BadWorkbook("文件里没有名为「%(sheet)s」的工作表。请核对工作表的名称，或下载空白表填写。", sheet=spec.name)
        return [read_table(sheet, spec)]
    headers = [(sheet, _find_header(sheet, spec)) for sheet in workbook.sheets]
    tables = [_read(sheet, spec, header) for sheet, header in headers if header and not _missing(header, spec)]
    if tables:
        return tables
    sheet, header = max(headers, key=lambda found: len(found[1].places) if found[1] else 0)
    raise _no_headings(header, sheet, spec)


def read_table(sheet: Sheet, spec: SheetSpec) -> SheetTable:
    """This sheet; BadWorkbook names the required headings that it lacks."""
    header = _find_header(sheet, spec)
    if header is None or _missing(header, spec):
        raise _no_headings(header, sheet, spec)
    return _read(sheet, spec, header)


def _find_header(sheet: Sheet, spec: SheetSpec) -> _Header | None:
    """The row with most known headings among the first; none when no row has any."""
    best, most = None, 0
    for number, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        known = {spec.by_heading[key].key for key in map(heading_key, row) if key in spec.by_heading}
        if len(known) > most:
            best, most = number, len(known)
    return None if best is None else _places(best, sheet.rows[best], spec)


def _places(number: int, row: Sequence[Any], spec: SheetSpec) -> _Header:
    places: dict[str, int] = {}
    used: set[int] = set()
    keys = [heading_key(value) for value in row]
    for column in spec.columns:  # the heading itself first, its aliases in their order
        for wanted in (column.heading, *column.aliases):
            wanted_key = heading_key(wanted)
            if column.key not in places and wanted_key in keys and spec.by_heading[wanted_key] is column:
                places[column.key] = keys.index(wanted_key)
                used.add(places[column.key])
    rest = [(key, heading_label(row[i])) for i, key in enumerate(keys) if key and i not in used]
    return _Header(
        number,
        places,
        unknown=[label for key, label in rest if key not in spec.by_heading and label not in _NO_NOTICE and not spec.is_free(key)],
        repeated=[label for key, label in rest if key in spec.by_heading],
    )


def headings_of(workbook: Workbook, spec: SheetSpec) -> tuple[list[str], list[str]]:
    """(headings that we do not know, required ones that nobody found), of the sheets that this spec may speak of.

    Where no heading at all is known, the line with most texts is taken for the header.
    """
    unknown: list[str] = []
    lacking: list[str] = []
    sheets = [workbook.sheet(spec.name)] if spec.name else list(workbook.sheets)
    for sheet in (sheet for sheet in sheets if sheet is not None and sheet.rows):
        header = _find_header(sheet, spec) or _places(_likeliest(sheet), sheet.rows[_likeliest(sheet)], spec)
        unknown += header.unknown
        lacking += _missing(header, spec)
    return list(dict.fromkeys(unknown)), list(dict.fromkeys(map(heading_label, lacking)))


def _likeliest(sheet: Sheet) -> int:
    texts = [sum(type(value) is str and not is_blank(value) for value in row) for row in sheet.rows[:_HEADER_ROWS]]
    return texts.index(max(texts))


def _missing(header: _Header, spec: SheetSpec) -> list[str]:
    return spec.missing_headings(header.places)


def _no_headings(header: _Header | None, sheet: Sheet, spec: SheetSpec) -> BadWorkbook:
    missing = spec.missing_headings(header.places if header else ())
    return BadWorkbook(
        "工作表「%(sheet)s」缺少必需的列：%(headings)s。请检查表头。", sheet=sheet.name, headings="、".join(map(heading_label, missing))
    )


def _read(sheet: Sheet, spec: SheetSpec, header: _Header) -> SheetTable:
    rows = sheet.rows[header.row + 1 :]
    cells = list(zip(*rows, strict=True)) if rows else []
    table = SheetTable(
        sheet=sheet.name,
        headings={key: heading_label(sheet.rows[header.row][place]) for key, place in header.places.items()},
        columns={},
        bad={},
        row_numbers=list(range(header.row + 2, header.row + 2 + len(rows))),
        raw_headings=[str(value).strip() for value in sheet.rows[header.row]],
        raw_rows=rows,
        notices=list(_notices(sheet, header)),
    )
    present = [column for column in spec.columns if column.key in header.places]
    for column in present:
        values, bad = parse_column(cells[header.places[column.key]], column.parse) if rows else ([], {})
        table.columns[column.key] = values
        if bad:
            table.bad[column.key] = bad
    _skip(table, _counted(table, spec, header))
    _demand_values(table, present)
    return table


def _counted(table: SheetTable, spec: SheetSpec, header: _Header) -> list[bool]:
    """Which rows are rows: not the blank ones, nor footers, which have no name, number or code."""
    identity = [key for key in spec.row_identity if key in table.columns] or list(table.columns)
    bad = [table.bad.get(key, {}) for key in identity]
    counted = [any(value not in ("", None) for value in values) for values in zip(*(table.columns[key] for key in identity), strict=True)]
    for position in {i for cells in bad for i in cells if not counted[i]}:
        counted[position] = True
    places = [header.places[key] for key in identity]
    for position, row in enumerate(table.raw_rows):
        # 填表人：or 合计 typed into the name column, and nothing else that tells who or what.
        if counted[position] and _is_footer(row, places):
            counted[position] = False
    return counted


def _is_footer(row: Sequence[Any], places: Sequence[int]) -> bool:
    filled = 0
    for place in places:
        if row[place] != "" and not is_blank(row[place]):
            filled += 1
            if filled > 1:
                return False
            value = row[place]
    return filled == 1 and type(value) is str and _FOOTER.match(value) is not None


def _skip(table: SheetTable, counted: list[bool]) -> None:
    if all(counted):
        return
    position = {old: new for new, old in enumerate(compress(range(len(counted)), counted))}
    table.row_numbers = list(compress(table.row_numbers, counted))
    table.raw_rows = list(compress(table.raw_rows, counted))
    table.columns = {key: list(compress(values, counted)) for key, values in table.columns.items()}
    kept = {key: {position[i]: bad for i, bad in cells.items() if i in position} for key, cells in table.bad.items()}
    table.bad = {key: cells for key, cells in kept.items() if cells}


def _demand_values(table: SheetTable, columns: Sequence[Column]) -> None:
    for column in columns:
        values = table.columns[column.key]
        if not column.value_required or not (None in values or "" in values):
            continue
        bad = table.bad.setdefault(column.key, {})
        for position, value in enumerate(values):
            if (value is None or value == "") and position not in bad:
                bad[position] = BadCell("missing", "「%(heading)s」没有填写。", heading=table.headings[column.key])
        if not bad:
            del table.bad[column.key]


def _notices(sheet: Sheet, header: _Header) -> Iterator[str]:
    if header.unknown:
        yield f"工作表「{sheet.name}」中这些列不认识，没有读取：{'、'.join(header.unknown)}。"
    if header.repeated:
        yield f"工作表「{sheet.name}」中这些列重复，只读取了第一列：{'、'.join(header.repeated)}。"
