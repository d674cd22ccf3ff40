"""R10: a roster in, from the file to the rows, against reading the same file and nothing else."""

import python_calamine

from aidtracker.db import database, transaction
from aidtracker.excel.writer import write_plain
from aidtracker.imports.intake import commit_plan, plan_tables, read_file
from aidtracker.imports.kinds import KINDS
from tests.bench.clock import Measure, cpu_of
from tests.bench.house import ROSTER_HEADINGS, roster_rows, this_year

ROWS = 15_000


class Undone(Exception):
    """Takes the import back, so that the next round finds the same county."""


def excel_in(house) -> float:
    path = house.folder / "roster.xlsx"
    rows = list(roster_rows(house, house.pupils + 45, ROWS))
    known = {row[0] for row in house.roster}
    schools = sorted(known)
    for row in rows:
        row[0] = schools[int(row[0]) % len(schools)]
        row[8] = f"{int(row[8][:-1]) + 2}班"
    write_plain(ROSTER_HEADINGS, rows, str(path), ["text"] * len(ROSTER_HEADINGS))
    kind = KINDS["students"]

    def bring_in():
        try:
            with transaction():
                plan = plan_tables(kind, read_file(kind, path, path.name), by=house.officer, school_year=this_year())
                assert (plan.created, plan.refused) == (ROWS, 0), plan.problems[:3]
                commit_plan(kind, plan, by=house.officer)
                raise Undone
        except Undone:
            pass

    def only_read():
        python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)

    cpu_of(only_read, 1)
    found = [cpu_of(bring_in, 1) / cpu_of(only_read, 1) for _ in range(3)]
    database.execute_sql("SELECT 1")
    return sorted(found)[1]


MEASURES = {"R10": Measure(4, "Excel in, CPU / calamine only reading", excel_in)}
