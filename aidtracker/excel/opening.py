"""What stands in a file that a school may send: .xlsx, .xlsm, .xls, .csv, told by its first bytes, not by its name.

Runs in a process of its own (child.py), so it imports little: each start would pay for it.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from aidtracker.excel.guards import check_package
from aidtracker.excel.limits import MAX_CELLS, BadWorkbook, refuse_bomb, refuse_damaged, refuse_encrypted, squared

try:  # eleven times faster than openpyxl, and old .xls too
    from aidtracker.excel.fast_reader import old_sheets, package_sheets
except ImportError:  # no wheel for this processor
    from aidtracker.excel.slow_reader import old_sheets, package_sheets

Rows = Iterator[list[Any]]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_WEB_PAGE = re.compile(rb"\s*(?:<!doctype html|<html|<table|<\?xml|<style|<meta|<div|mime-version:)", re.IGNORECASE)
_TEXT_ENDINGS = (".csv", ".txt", ".tsv")
_NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def sheets_of(data: bytes, name: str) -> Iterator[tuple[str, Rows]]:
    """Each sheet's name and rows, read as they are asked for; BadWorkbook says in one line why a file is none."""
    if not data.strip(b"\0 \t\r\n"):
        raise BadWorkbook("文件「%(name)s」是空的。请核对后重新上传。", name=name)
    if data.startswith(b"PK"):
        package = check_package(data, name)
        yield from package_sheets(package, name)
    elif data.startswith(_OLE):
        if _ENCRYPTED in data:
            refuse_encrypted(name)
        yield from old_sheets(data, name)
    elif _WEB_PAGE.match(data[:512].removeprefix(b"\xef\xbb\xbf")):
        raise BadWorkbook("文件「%(name)s」其实是网页或 XML，不是工作簿。请用 Excel 或 WPS 打开，另存为 .xlsx 后再试。", name=name)
    elif name.lower().endswith(_TEXT_ENDINGS):
        yield PurePosixPath(name).stem, iter(_text_rows(data, name))
    else:
        raise BadWorkbook("文件「%(name)s」不是 Excel 工作簿。请上传 .xlsx、.xls 或 .csv 文件。", name=name)


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
    return squared(rows, name)


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
