"""The day's sums of a school, kept in the transaction of every roll: a report must not add up millions of rolls."""

from collections.abc import Iterable

from aidtracker.attendance.marks import COUNTS
from aidtracker.db import run_many, run_sql

FIGURES = ("expected", "present", *COUNTS)
COLUMNS = ("school_id", "on_day", "session", *FIGURES, "rolls")
ADD = (
    f"INSERT INTO day_sum ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) "  # noqa: S608 our own names
    "ON CONFLICT (school_id, on_day, session) DO UPDATE SET "
    + ", ".join(f"{name} = day_sum.{name} + excluded.{name}" for name in (*FIGURES, "rolls"))
)


def add_to_day_sum(school_id: int, on, session: str, figures: Iterable[int], rolls: int) -> None:
    """Adds the differences, in the order of FIGURES; `rolls` is 1 for a new roll, 0 for a changed one."""
    run_sql(ADD, (school_id, on, session, *figures, rolls))


def add_to_day_sums(differences: dict) -> None:
    """{(school id, day, session): [figures ..., rolls]}, in one order, so that two writers never wait for each other."""
    run_many(ADD, [(*key, *differences[key]) for key in sorted(differences)])
