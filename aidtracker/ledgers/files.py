"""The file of a ledger: every line that was counted, as a workbook or as CSV, in one picture of the database."""

import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from aidtracker.audit.anchors import short_anchor
from aidtracker.db import CHUNK, china_time, utcnow
from aidtracker.errors import Refused
from aidtracker.excel.plain import write_csv, write_plain
from aidtracker.ledgers.ledger import Ledger
from aidtracker.ledgers.reading import Reading
from aidtracker.ledgers.stream import count, rows
from aidtracker.orgs.scopes import Scope

FORMATS = {"xlsx": "Excel", "csv": "CSV"}
UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def write_ledger(path: Path, ledger: Ledger, reading: Reading, stamp: str, progressed: Callable[[int, int], None]) -> int:
    """Writes the lines and returns how many. `reading` goes through db.snapshot(): the count, every chunk of lines and the
    names in them are of one moment. `progressed(done, total)` hears of the progress. Refused: fewer or more than were counted."""
    total, done = count(ledger, reading), Counter(progressed)
    done.total = total
    progressed(0, total)
    stream = done.counted(rows(ledger, reading))
    if path.suffix == ".csv":
        write_csv(ledger.headings, stream, path)
    else:
        write_plain(ledger.headings, stream, path, ledger.kinds, count=total, sheet_name=ledger.title, watermark=stamp)
    if done.number != total:
        words = {"done": f"{done.number:,}", "total": f"{total:,}"}
        raise Refused("应有 %(total)s 行，只写出 %(done)s 行，没有生成文件。请重新导出；如果再次出现，请告诉管理员。", **words)
    progressed(total, total)
    return total


class Counter:
    """Lines as they pass."""

    def __init__(self, progressed: Callable[[int, int], None]):
        self.progressed, self.number, self.total = progressed, 0, 0

    def counted(self, lines: Iterator[tuple]) -> Iterator[tuple]:
        for line in lines:
            self.number += 1
            if self.number % CHUNK == 0:
                self.progressed(self.number, self.total)
            yield line


def watermark(user, now: datetime.datetime | None = None) -> str:
    """Stands on each page of a downloaded copy: who, when, and the head of the audit chain, which that copy keeps outside."""
    taken = china_time(now or utcnow())
    return f"{user.name}（{user.username}）{taken:%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用，请妥善保管，不得外传。"


def file_name(ledger: Ledger, scope: Scope, on: datetime.date, format: str) -> str:
    """双河镇_受助学生名单_2026-11.xlsx"""
    return UNSAFE.sub("", f"{scope.place.name}_{ledger.title}_{on:%Y-%m}") + f".{format}"
