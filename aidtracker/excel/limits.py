"""How large a workbook may be, and the words in which a file is turned away."""

from typing import Any, NoReturn

from aidtracker.errors import Refused

MAX_UNPACKED = 200 * 1024 * 1024
MAX_CELLS = 6_000_000
MAX_COLUMNS = 200
MAX_MEMBERS = 5_000  # parts of a package


class BadWorkbook(Refused):
    """A file that cannot be taken as a workbook; the message is one line that says why."""


def check_extent(rows: int, columns: int, name: str, cells_before: int = 0) -> int:
    """The cells of a sheet that reaches so far; refused when that is more than any real form."""
    if columns > MAX_COLUMNS:
        raise BadWorkbook(
            "文件「%(name)s」有 %(columns)s 列，最多 %(limit)s 列。请删去多余的列。", name=name, columns=columns, limit=MAX_COLUMNS
        )
    if cells_before + rows * columns > MAX_CELLS:
        refuse_bomb(name)
    return cells_before + rows * columns


def squared(rows: list[list[Any]], name: str) -> list[list[Any]]:
    """All rows of one length, without the empty ones at the end."""
    while rows and not any(value != "" for value in rows[-1]):
        rows.pop()
    width = max((len(row) for row in rows), default=0)
    check_extent(len(rows), width, name)
    for row in rows:
        row.extend([""] * (width - len(row)))
    return rows


def refuse_damaged(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」不完整或已损坏，打不开。请重新下载，或用 Excel、WPS 另存为 .xlsx 后再试。", name=name)


def refuse_encrypted(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」加了密码，打不开。请先取消密码，另存后再试。", name=name)


def refuse_bomb(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」太大：展开后超过 200 MB 或 600 万个单元格。请删去空白的行和列，或分成几个文件。", name=name)


def refuse_external(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」引用了别的文件（外部链接）。请在 Excel 的「数据」→「编辑链接」里断开链接，另存后再试。", name=name)


def refuse_without_sheets(name: str) -> NoReturn:
    raise BadWorkbook("文件「%(name)s」里没有工作表。请核对后重新上传。", name=name)


def refuse_unread(name: str) -> NoReturn:
    """Its reader died, or was ended at the limit of its time or memory."""
    raise BadWorkbook(
        "文件「%(name)s」没能读完：它太大、太复杂，或者已损坏。请用 Excel 或 WPS 打开，另存为 .xlsx，或分成几个文件后再试。", name=name
    )
