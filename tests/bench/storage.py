"""R1: what the rolls weigh on disk, against one row per pupil and session."""

from aidtracker.attendance.bulk import save_rolls_of_day
from aidtracker.db import database, is_sqlite, transaction
from tests.bench.clock import Measure

DAYS = 20
OURS = ("roll_call", "absence", "day_sum")
NAIVE = """CREATE TABLE naive_attendance (id {id}, student_id INTEGER NOT NULL, on_day DATE NOT NULL,
    session VARCHAR(12) NOT NULL, status VARCHAR(16) NOT NULL, UNIQUE (student_id, on_day, session))"""


def bytes_of(*tables: str) -> int:
    """With their indexes."""
    if not is_sqlite():
        return sum(database.execute_sql("SELECT pg_total_relation_size(%s)", (table,)).fetchone()[0] for table in tables)
    marks = ", ".join("?" * len(tables))
    within = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({marks})"  # noqa: S608
    return database.execute_sql(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({within})", tables).fetchone()[0]  # noqa: S608


def storage(house) -> float:
    """DAYS school days x 2 sessions of the whole county, 2.5 % of the pupils marked."""
    save_rolls(house)
    save_naive(house)
    return bytes_of(*OURS) / bytes_of("naive_attendance")
