"""Opening workbooks: any file a school may send, as sheets of rows.

python-calamine reads (eleven times faster than openpyxl, and old .xls too); openpyxl stands in
where it has no wheel. What a file is, its first bytes say, not its name.
"""

import csv
import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.ElementTree import fromstring

from aidtracker.excel import old_workbook
from aidtracker.excel.guards import Package, check_package
from aidtracker.excel.limits import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_UNPACKED,
    BadWorkbook,
    check_extent,
    refuse_bomb,
    refuse_damaged,
    refuse_encrypted,
)

try:
    import python_calamine as calamine
except ImportError:  # no wheel for this processor
    calamine = None

__all__ = ["BadWorkbook", "Sheet", "Workbook", "open_workbook"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype html|<html|<table|<\?xml|<style|<meta|<div|mime-version:)", re.IGNORECASE)
_TEXT_ENDINGS = (".csv", ".txt", ".tsv")
_MOST_PRINTED = 100 * 1024 * 1024  # bytes of JSON from an .xls; a full sheet of a roster is a third of it
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class Sheet:
    """Rows as a person counts them: rows[0] is row 1. An empty cell is ""."""

    name: str
    rows: list[list[Any]]


@dataclass(slots=True)
class Workbook:
    filename: str
    sheets: list[Sheet]

    def sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.name.strip() == name), None)


def open_workbook(path: str | Path, filename: str | None = None) -> Workbook:
    """Reads .xlsx, .xlsm, .xls, .csv (UTF-8, GB18030); BadWorkbook says in one line why a file is none."""
    path = Path(path)
    name = _clean_name(filename or path.name)
    try:
        if path.stat().st_size > MAX_UNPACKED:
            refuse_bomb(name)
        data = path.read_bytes()
    except OSError:
        raise BadWorkbook("文件「%(name)s」读不到。", name=name) from None
    if not data.strip(b"\0 \t\r\n"):
        raise BadWorkbook("文件「%(name)s」是空的。", name=name)
    if data.startswith(b"PK"):
        return Workbook(name, _package_sheets(data, name))
    if data.startswith(_OLE):
        return Workbook(name, _old_sheets(path, data, name))
    if _WEB_PAGE.match(data[:512].removeprefix(b"\xef\xbb\xbf")):
        raise BadWorkbook("文件「%(name)s」其实是网页或 XML，不是工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。", name=name)
    if name.lower().endswith(_TEXT_ENDINGS):
        return Workbook(name, [Sheet(PurePosixPath(name).stem, _text_rows(data, name))])
    raise BadWorkbook("文件「%(name)s」不是 Excel 工作簿。请上传 .xlsx、.xls 或 .csv 文件。", name=name)


def _clean_name(name: str) -> str:
    shown = "".join(ch for ch in name.replace("\\", "/").rpartition("/")[2] if ch.isprintable())
    return shown if len(shown) <= 80 else shown[:40] + "……" + shown[-38:]


def _package_sheets(data: bytes, name: str) -> list[Sheet]:
    package = check_package(data, name)
    try:
        sheets = _by_calamine(data, name) if calamine else _by_openpyxl(data, name)
    except BadWorkbook:
        raise
    except BaseException as error:
        # calamine's panics derive from BaseException; a real interrupt must pass.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            refuse_damaged(name)
        raise
    if not sheets:
        raise BadWorkbook("文件「%(name)s」里没有工作表。", name=name)
    if package.error_cells:
        _restore_errors(sheets, package)
    return sheets


def _by_calamine(data: bytes, name: str) -> list[Sheet]:
    workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets, cells = [], 0
    for meta in workbook.sheets_metadata:
        if meta.typ != calamine.SheetTypeEnum.WorkSheet:
            continue
        sheet = workbook.get_sheet_by_name(meta.name)
        end = sheet.end
        if end:
            cells = check_extent(end[0] + 1, end[1] + 1, name, cells)
        sheets.append(Sheet(meta.name, sheet.to_python(skip_empty_area=False) if end else []))
    return sheets


def _by_openpyxl(data: bytes, name: str) -> list[Sheet]:
    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    sheets, cells = [], 0
    for worksheet in workbook.worksheets:
        worksheet.reset_dimensions()
        rows = []
        for row in worksheet.iter_rows(values_only=True):
            rows.append(["" if value is None else value for value in row])
            while rows[-1] and rows[-1][-1] == "":
                rows[-1].pop()
            cells += len(rows[-1])
            if cells > MAX_CELLS:
                refuse_bomb(name)
        sheets.append(Sheet(worksheet.title, _squared(rows, name)))
    return sheets


def _restore_errors(sheets: list[Sheet], package: Package) -> None:
    """calamine gives "" for #REF! and its like: a broken formula must not pass for a blank."""
    by_name = {sheet.name: sheet for sheet in sheets}
    for sheet_name, part in _sheet_parts(package):
        sheet = by_name.get(sheet_name)
        for row, column in package.error_cells.get(part, ()) if sheet else ():
            if row < len(sheet.rows) and column < len(sheet.rows[row]) and sheet.rows[row][column] == "":
                sheet.rows[row][column] = "#REF!"


def _sheet_parts(package: Package) -> Iterator[tuple[str, str]]:
    try:
        workbook = fromstring(package.parts["xl/workbook.xml"])
        relations = fromstring(package.parts["xl/_rels/workbook.xml.rels"])
    except (KeyError, ParseError, ValueError):
        return
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for sheet in workbook.iter():
        target = targets.get(sheet.get(_RELATION)) if sheet.tag.endswith("}sheet") else None
        if target:
            yield sheet.get("name", ""), target.removeprefix("/") if target.startswith("/") else "xl/" + target


def _old_sheets(path: Path, data: bytes, name: str) -> list[Sheet]:
    """An .xls has no cheap outer check, so it is read by a process of its own that may die."""
    if _ENCRYPTED in data:
        refuse_encrypted(name)
    if calamine is None:
        raise BadWorkbook("这台服务器读不了 .xls 文件。请把「%(name)s」另存为 .xlsx 后再试。", name=name)
    command = [sys.executable, "-I", old_workbook.__file__, str(path.resolve()), str(MAX_CELLS), str(MAX_COLUMNS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:  # its limits end it in any case
        printed = reader.stdout.read(_MOST_PRINTED + 1)
        if len(printed) > _MOST_PRINTED:
            reader.kill()
            refuse_bomb(name)
    try:
        answer = json.loads(printed, object_hook=old_workbook.from_json) if reader.returncode == 0 else {}
    except ValueError:
        answer = {}
    match answer:
        case {"sheets": [_, *_] as sheets}:
            return [Sheet(sheet_name, rows) for sheet_name, rows in sheets]
        case {"refused": "password"}:
            refuse_encrypted(name)
        case {"refused": "extent", "rows": rows, "columns": columns}:
            check_extent(rows, columns, name)
            refuse_bomb(name)
    refuse_damaged(name)


def _text_rows(data: bytes, name: str) -> list[list[Any]]:
    decoded = _decoded(data)
    if decoded is None or _NOT_TEXT.search(decoded):
        raise BadWorkbook("文件「%(name)s」不是文本表格（CSV）。请用 UTF-8 或 GBK 编码另存后再试。", name=name)
    delimiter = max(",\t;", key=decoded[:4096].count)
    rows, cells = [], 0
    try:
        for row in csv.reader(io.StringIO(decoded, newline=""), delimiter=delimiter):
            rows.append([_without_guard(value) for value in row])
            cells += len(row)
            if cells > MAX_CELLS:
                refuse_bomb(name)
    except csv.Error:
        refuse_damaged(name)
    return _squared(rows, name)


def _decoded(data: bytes) -> str | None:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeError:
            continue
    return None


def _without_guard(value: str) -> str:
    """Takes off the ' that our own CSV puts before = + - @."""
    return value[1:] if len(value) > 1 and value[0] == "'" and value[1] in "=+-@\t" else value


def _squared(rows: list[list[Any]], name: str) -> list[list[Any]]:
    """All rows of one length, without the empty ones at the end."""
    while rows and not any(value != "" for value in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    check_extent(len(rows), width, name)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows
