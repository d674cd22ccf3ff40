"""Rows made here as the sheets that the imports read: the same headings, the same parsing."""

from aidtracker.excel.columns import SheetSpec
from aidtracker.excel.reader import Sheet, SheetTable, read_table


def table_of(spec: SheetSpec, rows: list[dict], name: str = "演示数据") -> SheetTable:
    """`rows` are {column key: what a person would have typed}; a key that no row has is no column."""
    keys = {key for row in rows for key in row}
    columns = [column for column in spec.columns if column.key in keys]
    cells = [[row.get(column.key, "") for column in columns] for row in rows]
    return read_table(Sheet(spec.name or name, [[column.heading for column in columns], *cells]), spec)
