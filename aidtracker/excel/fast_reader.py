"""Workbooks through python-calamine, row by row: its own layout of a sheet is dense enough, ours comes piece by piece."""

import io
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import python_calamine as calamine
from defusedxml.ElementTree import fromstring

from aidtracker.excel.guards import Package
from aidtracker.excel.limits import check_extent, refuse_encrypted, refuse_without_sheets

_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def package_sheets(package: Package, name: str) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    errors = {sheet: package.error_cells[part] for sheet, part in _sheet_parts(package)} if package.error_cells else {}
    for sheet, rows in _sheets(package.data, name):
        yield sheet, _with_errors(rows, errors[sheet]) if sheet in errors else rows


def old_sheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    """An .xls has no cheap outer check: only the limits of the process stand around it."""
    try:
        yield from _sheets(data, name)
    except calamine.PasswordError:
        refuse_encrypted(name)


def _sheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = [meta.name for meta in workbook.sheets_metadata if meta.typ == calamine.SheetTypeEnum.WorkSheet]
    if not names:
        refuse_without_sheets(name)
    cells = 0
    for sheet_name in names:
        sheet = workbook.get_sheet_by_name(sheet_name)
        if sheet.end:
            cells = check_extent(sheet.end[0] + 1, sheet.end[1] + 1, name, cells)
        yield sheet_name, _rows(sheet) if sheet.end else iter(())


def _rows(sheet: calamine.CalamineSheet) -> Iterator[list[Any]]:
    """From A1 on: calamine gives the empty rows above the first cell, but not the empty columns before it."""
    before = [""] * sheet.start[1]
    rows = sheet.iter_rows()
    return (before + row for row in rows) if before else rows


def _with_errors(rows: Iterator[list[Any]], errors: list[tuple[int, int]]) -> Iterator[list[Any]]:
    """calamine gives "" for #REF! and its like: a broken formula must not pass for a blank."""
    columns: dict[int, list[int]] = {}
    for number, column in errors:
        columns.setdefault(number, []).append(column)
    for number, row in enumerate(rows):
        for column in columns.get(number, ()):
            if column < len(row) and row[column] == "":
                row[column] = "#REF!"
        yield row


def _sheet_parts(package: Package) -> Iterator[tuple[str, str]]:
    """The sheets that have error cells, with the name of their part."""
    try:
        workbook = fromstring(package.parts["xl/workbook.xml"])
        relations = fromstring(package.parts["xl/_rels/workbook.xml.rels"])
    except (KeyError, ParseError, ValueError):
        return
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in workbook.iter():
        target = targets.get(sheet.get(_RELATION)) if sheet.tag.endswith("}sheet") else None
        if target:
            part = target.removeprefix("/") if target.startswith("/") else "xl/" + target
            if part in package.error_cells:
                yield sheet.get("name", ""), part
