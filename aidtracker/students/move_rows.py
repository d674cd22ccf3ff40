"""Rows of 学籍异动, one or many: a spell never begins or ends without one."""

import datetime

from aidtracker.db import chunks_of
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.terms.years import refuse_closed_year


def note_move(kind: str, student: Student, on_day: datetime.date, by, **about) -> None:
    add_moves([move_row(kind, student, on_day, by, **about)])


def move_row(kind: str, student: Student, on_day: datetime.date, by, *, from_class=None, to_class=None, reason: str = "", **about) -> Move:
    """A row of 学籍异动; about: place, document, until_on. Classes by their ids."""
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of move")
    row = Move(kind=kind, student=student.id, county=student.county_id, on_day=on_day, recorded_by=by, from_class=from_class, to_class=to_class, **about)
    row.reason = reason or None
    return row


def add_moves(rows: list[Move]) -> None:
    """Many at once, in the caller's transaction. Refused in a school year that is closed."""
    for county_id, day in {(row.county_id, row.on_day) for row in rows}:
        refuse_closed_year(county_id, day)
    columns = [field for field in Move._meta.sorted_fields if field is not Move.id]
    for some in chunks_of(rows, len(columns)):
        Move.insert_many([[row.__data__.get(field.name) for field in columns] for row in some], fields=columns).execute()
