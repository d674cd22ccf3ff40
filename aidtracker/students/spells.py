"""Where pupils sat on the day of a visit: the spell of that day, else the last before it, else the first after it.

A child who left is still visited by the school that it left: the visit counts there.
"""

import datetime
from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.db import as_day, chunks_of, marks_for, run_sql

SPELLS = """SELECT e.student_id, e.starts_on, e.class_org_id, c.school_id, e.mode, e.ends_on
FROM enrollment e JOIN school_class c ON c.org_id = e.class_org_id WHERE e.student_id IN """


class Place(NamedTuple):
    """A class and its school; `mode` is '' on a day that no spell covers."""

    class_id: int | None = None
    school_id: int | None = None
    mode: str = ""


class Spells:
    """The spells of many pupils, read at once."""

    def __init__(self, student_ids: Collection[int]):
        self.of: dict[int, list[tuple]] = {}
        for chunk in chunks_of(list(student_ids)):
            for student_id, *spell in run_sql(SPELLS + marks_for(chunk) + " ORDER BY e.starts_on", chunk):
                self.of.setdefault(student_id, []).append((as_day(spell[0]), *spell[1:4], as_day(spell[4])))

    def on(self, student_id: int, day: datetime.date) -> Place:
        spells = self.of.get(student_id)
        if not spells:
            return Place()
        at = bisect_right(spells, day, key=lambda spell: spell[0]) - 1
        starts_on, class_id, school_id, mode, ends_on = spells[max(at, 0)]
        covers = starts_on <= day and (ends_on is None or day <= ends_on)
        return Place(class_id, school_id, mode if covers else "")
