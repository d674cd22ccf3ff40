"""The workbook of a report: the tables of its page, a sheet each, with who took the copy and when."""

import datetime
import re
from collections.abc import Sequence
from pathlib import Path

from aidtracker.audit.anchors import short_anchor
from aidtracker.db import china_time, utcnow
from aidtracker.excel.tables import Table
from aidtracker.excel.writer import write_tables
from aidtracker.orgs.scopes import Scope
from aidtracker.reports.report import Report

UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


def workbook_tables(report: Report, user, scope: Scope, figures: dict) -> list[Table]:
    """What the page shows, and the whole lists of names for those who may see them."""
    lists = report.lists(user, scope, figures, None) if report.lists else []
    return [*report.tables(figures), *(each.table for each in lists if each.count)]


def rows_in(tables: Sequence[Table]) -> int:
    return sum(len(list(table.rows)) for table in tables)


def watermark(user, now: datetime.datetime | None = None) -> str:
    """Stands on each page of a downloaded copy: who, when, and the head of the audit chain, which that copy keeps outside."""
    taken = china_time(now or utcnow())
    return f"{user.name}（{user.username}）{taken:%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用，请妥善保管，不得外传。"


def file_name(report: Report, scope: Scope, given: dict[str, str]) -> str:
    """云岭县_出勤_2021-03-29_2021-04-12.xlsx"""
    options = {option.name: option for option in report.options}
    asked = [options[name].worded(value) for name, value in given.items()]
    return UNSAFE.sub("", "_".join([scope.place.name, report.word, *asked])) + ".xlsx"


def write_workbook(path: Path, tables: Sequence[Table], stamp: str) -> None:
    write_tables(tables, path, watermark=stamp)
