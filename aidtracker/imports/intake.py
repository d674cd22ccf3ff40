"""From a file to a plan, and from a plan to rows: the corridor behind both the page and the command."""

import gc
from contextlib import contextmanager

from aidtracker.db import database
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.plans import Plan
from aidtracker.excel.reader import BadWorkbook, SheetTable, headings_of, open_workbook, read_tables
from aidtracker.imports.kinds import Kind
from aidtracker.phrases import Phrase


def read_file(kind: Kind, path, file_name: str, meant: dict[str, str] | None = None) -> list[SheetTable]:
    """The tables of the workbook; BadWorkbook in one line when it is none or lacks required headings.

    meant: {heading of the sender's own: key of the column}.
    """
    workbook = open_workbook(path, file_name)
    with collector_paused():
        return [table for spec in kind.sheets() for table in read_tables(workbook, spec.with_headings(meant or {}))]


def strange_headings(kind: Kind, path, file_name: str, meant: dict[str, str]) -> dict:
    """{unknown, lacking} headings of a workbook, as lists; both empty for what is no workbook."""
    try:
        workbook = open_workbook(path, file_name)
    except BadWorkbook:
        return {"unknown": [], "lacking": []}
    found = [headings_of(workbook, spec.with_headings(meant)) for spec in kind.sheets()]
    return {"unknown": [each for unknown, _ in found for each in unknown], "lacking": [each for _, lacking in found for each in lacking]}


def plan_tables(kind: Kind, tables, *, by, school_year: int | None = None, on=None, choices: dict | None = None, list_kind=None) -> Plan:
    """What the import would do. Writes nothing. `by` None: the operator of an empty installation."""
    if by is not None and not by.may(kind.permission):
        raise Forbidden("你没有导入「%(kind)s」的权限。", kind=Phrase(kind.label))
    with collector_paused():
        chosen = ({"choices": choices} if kind.asks_choices else {}) | ({"list_kind": list_kind} if kind.asks_list else {})
        return kind.plan(tables, by=by, school_year=school_year, on=on, **chosen)


def commit_plan(kind: Kind, plan: Plan, *, by, progress=lambda done, total: None, uid: str = "") -> None:
    """`uid` of the import, by which it can be undone."""
    plan.uid = uid
    with collector_paused():
        kind.save(plan, by=by, progress=progress)
    if plan.created + plan.updated > 1000:
        database.execute_sql("ANALYZE")  # a new county's tables: the planner must know their size


@contextmanager
def collector_paused():
    """Rows by the hundred thousand and no cycles among them: looking for some costs up to a third of an import."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def typed_school_year(text: str) -> int:
    """2020-2021 -> 2020."""
    first, _, second = text.strip().partition("-")
    if not (first.isascii() and first.isdigit() and len(first) == 4 and second in ("", str(int(first) + 1))):
        raise Refused("学年「%(text)s」写法不对，请写成 2020-2021 这样。", text=text[:20])
    return int(first)
