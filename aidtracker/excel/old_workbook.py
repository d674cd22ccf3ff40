"""Reads one .xls in a process of its own, with limits on memory and time, and prints it as JSON.

The old format is binary and laid out densely by its reader: what cannot be checked from outside may
hang or die, and then only this process does. It is started by its path and imports nothing of ours.
"""

import datetime
import json
import resource
import sys

try:
    import python_calamine as calamine
except ImportError:  # nobody starts this process then
    calamine = None

MEMORY = 1024 * 1024 * 1024
SECONDS = 60


def to_json(value: object) -> object:
    if isinstance(value, datetime.datetime):
        return {"moment": value.isoformat()}
    return {"day": value.isoformat()} if isinstance(value, datetime.date) else str(value)


def from_json(value: dict) -> object:
    if "moment" in value:
        return datetime.datetime.fromisoformat(value["moment"])
    return datetime.date.fromisoformat(value["day"]) if "day" in value else value


def main(path: str, most_cells: int, most_columns: int) -> dict:
    try:
        workbook = calamine.CalamineWorkbook.from_path(path)
        sheets, cells = [], 0
        for meta in workbook.sheets_metadata:
            if meta.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = workbook.get_sheet_by_name(meta.name)
            rows, columns = (sheet.end[0] + 1, sheet.end[1] + 1) if sheet.end else (0, 0)
            cells += rows * columns
            if cells > most_cells or columns > most_columns:
                return {"refused": "extent", "rows": rows, "columns": columns}
            sheets.append((meta.name, sheet.to_python(skip_empty_area=False) if rows else []))
        return {"sheets": sheets}
    except calamine.PasswordError:
        return {"refused": "password"}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.buffer.write(json.dumps(answer, default=to_json, ensure_ascii=False).encode("utf-8", "replace"))
