"""A workbook written by a test and brought in: every kind of import is asked the same way."""

import openpyxl

from aidtracker.excel.reader import open_workbook, read_tables


def write_workbook(path, sheets: dict[str, list]) -> None:
    """{name of a sheet: its rows}"""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)


def bring_in(path, sheets: dict[str, list], specs, plan, save, *, by, **options):
    """The plan of the sheets, saved unless `save` is None. Every row is counted once."""
    write_workbook(path, sheets)
    workbook = open_workbook(path)
    made = plan([table for spec in specs for table in read_tables(workbook, spec)], by=by, **options)
    if save is not None:
        save(made, by=by)
    assert made.created + made.updated + made.unchanged + made.refused == made.rows
    return made


def counts(plan) -> tuple:
    return plan.created, plan.updated, plan.unchanged, plan.refused


def problems(plan) -> list[tuple]:
    return [(p.sheet, p.row, p.column, p.code) for p in plan.problems]
