"""Opening workbooks: any file a school may send, as sheets of rows. Nothing of it is looked at in this process."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aidtracker.excel.apart import lines_of
from aidtracker.excel.limits import MAX_CELLS, MAX_UNPACKED, BadWorkbook, refuse_bomb, refuse_unread, refuse_without_sheets

__all__ = ["BadWorkbook", "Sheet", "Workbook", "open_workbook"]


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
        file = path.open("rb")
    except OSError:
        raise BadWorkbook("文件「%(name)s」读不到。请核对文件在不在，能不能打开。", name=name) from None
    with file:
        size = os.fstat(file.fileno()).st_size
        if size > MAX_UNPACKED:
            refuse_bomb(name)
        workbook, cells = Workbook(name, []), 0
        for line in lines_of(file, size, name):
            if isinstance(line, str):
                workbook.sheets.append(Sheet(line, []))
                continue
            cells += len(line) * len(line[0])
            if cells > MAX_CELLS or not workbook.sheets:
                refuse_unread(name)
            workbook.sheets[-1].rows += line
    if not workbook.sheets:
        refuse_without_sheets(name)
    return workbook


def _clean_name(name: str) -> str:
    shown = "".join(ch for ch in name.replace("\\", "/").rpartition("/")[2] if ch.isprintable())
    return shown if len(shown) <= 80 else shown[:40] + "……" + shown[-38:]
