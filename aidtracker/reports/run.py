"""One report to a file: what the command line calls."""

import json
from pathlib import Path

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.practice import WORDS, is_practice, marked_name
from aidtracker.reports.options import read_options, typed
from aidtracker.reports.registry import named_report, scope_for
from aidtracker.reports.report import Report, public
from aidtracker.reports.trail import record_export, record_reveal
from aidtracker.reports.workbook import rows_in, watermark, workbook_tables, write_workbook

FORMATS = ("json", "xlsx")


def run_report(name: str, *, user, options: dict[str, str | None], format: str, out: str, county: str | None = None) -> dict:
    """Writes the report and says what was written. `options` as typed: {'from': '2021-03-29'}; Refused names what is wrong."""
    report = named_report(user, name)
    if format not in FORMATS:
        raise Refused("格式只能是 json 或 xlsx，没有「%(format)s」。", format=format)
    refuse_foreign_options(report, options)
    values = read_options(report.options, options, today_in_china())
    scope = scope_for(report, user, county)
    target = Path(out).with_name(marked_name(Path(out).name)) if Path(out).name else Path(out)
    if not target.parent.is_dir() or target.is_dir():
        raise Refused("不能写入「%(out)s」：请给出已有文件夹中的文件名。", out=out)
    figures = report.sums(scope, **values)
    write = write_json if format == "json" else write_xlsx
    rows = write(report, scope, figures, typed(report.options, values), user, target)
    return {"report": name, "format": format, "out": str(target), "rows": rows}


def refuse_foreign_options(report: Report, options: dict[str, str | None]) -> None:
    known = [option.name for option in report.options]
    for name, value in options.items():
        if value is not None and name not in known:
            words = "、".join(f"--{word}" for word in known)
            raise Refused("报表 %(report)s 没有选项 --%(name)s，可用：%(words)s。", report=report.name, name=name, words=words)


def write_json(report: Report, scope: Scope, figures: dict, given: dict, user, target: Path) -> int:
    """IDs are whole to whoever may reveal them in the whole scope, else masked; on record before the file exists."""
    rows = len(figures["rows"])
    if report.reveal:
        may_see_whole = scope.is_covered_by(user.scopes(Permission.STUDENT_REVEAL))
        rows = report.reveal(figures, may_see_whole)
        record_reveal(report=report, scope=scope, given=given, count=rows, by=user)
    said = {"installation": WORDS} if is_practice() else {}
    save(target, lambda: target.write_text(json.dumps(said | public(figures), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"))
    return rows


def write_xlsx(report: Report, scope: Scope, figures: dict, given: dict, user, target: Path) -> int:
    tables = workbook_tables(report, user, scope, figures)
    record_export(report=report, scope=scope, given=given, count=rows_in(tables), by=user)
    save(target, lambda: write_workbook(target, tables, watermark(user)))
    return rows_in(tables)


def save(target: Path, write) -> None:
    try:
        write()
    except OSError as error:
        raise Refused("不能写入「%(out)s」：%(why)s。", out=target, why=error.strerror or "") from error
