"""Workbooks for the tests, made by hand where no honest program would make them."""

import io
import zipfile
from collections.abc import Callable

import openpyxl

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(sheets: dict[str, list[list]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for cell in (cell for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)):
            cell.data_type = "s"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(
    data: bytes, change: Callable[[str, bytes], bytes | None] = lambda name, part: part, more: dict[str, bytes] | None = None
) -> bytes:
    """The same package with parts changed, left out (None) or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            part = change(name, source.read(name))
            if part is not None:
                archive.writestr(name, part)
        for name, part in (more or {}).items():
            archive.writestr(name, part)
    return target.getvalue()


def with_rows(xml: str, before: str = "", prolog: str = "") -> bytes:
    """A workbook of one sheet whose rows are this XML."""
    sheet = f"{prolog}<worksheet {NAMESPACE}>{before}<sheetData>{xml}</sheetData></worksheet>".encode()
    return repacked(workbook({"表": [["a"]]}), lambda name, part: sheet if name == "xl/worksheets/sheet1.xml" else part)
