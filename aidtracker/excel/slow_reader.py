"""Workbooks through openpyxl, where python-calamine has no wheel."""

import io
from collections.abc import Iterator
from typing import Any

import openpyxl

from aidtracker.excel.guards import Package
from aidtracker.excel.limits import MAX_CELLS, BadWorkbook, refuse_bomb, refuse_without_sheets, squared


def package_sheets(package: Package, name: str) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    workbook = openpyxl.load_workbook(io.BytesIO(package.data), read_only=True, data_only=True)
    if not workbook.worksheets:
        refuse_without_sheets(name)
    cells = 0
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
        yield worksheet.title, iter(squared(rows, name))


def old_sheets(data: bytes, name: str) -> Iterator[tuple[str, Iterator[list[Any]]]]:
    raise BadWorkbook("这台服务器读不了 .xls 文件。请把「%(name)s」另存为 .xlsx 后再试。", name=name)
