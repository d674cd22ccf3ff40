"""Where pupils sat on a day: the spell of that day, else the last before it, else the first after it.

A child who left is still visited by the school that it left, and paid there: what is done for it counts there.
"""

import datetime
from bisect import bisect_right
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.orgs import grades

SPELLS = """SELECT e.student_id, e.starts_on, e.ends_on, e.class_org_id, c.school_id, e.mode, c.stage, c.entry_year, c.number
FROM enrollment e JOIN school_class c ON c.org_id = e.class_org_id WHERE e.student_id IN """


class Place(NamedTuple):
    """A class and its school, with the pupil's mode there; `is_covered` says that the spell covers the very day."""

    class_id: int | None = None
    school_id: int | None = None
    mode: str = ""
    stage: str = ""
    entry_year: int = 0
    number: str = ""
    is_covered: bool = False

    @property
    def is_home_taught(self) -> bool:
        """On that day, not before or after."""
        return self.is_covered and self.mode == "home_taught"

    def grade_on(self, day: datetime.date) -> str:
        return grades.grade_label(self.stage, self.entry_year, grades.school_year_of(day)) if self.class_id else ""


class Spells:
    """The spells of many pupils, read at once."""

    def __init__(self, student_ids: Collection[int]):
        self.of: dict[int, list[tuple]] = {}
        for chunk in chunks_of(list(student_ids)):
            for student_id, starts_on, ends_on, *place in run_sql(SPELLS + marks_for(chunk) + " ORDER BY e.starts_on", chunk):
                self.of.setdefault(student_id, []).append((as_day(starts_on), as_day(ends_on), *place))

    def on(self, student_id: int, day: datetime.date) -> Place:
        spells = self.of.get(student_id)
        if not spells:
            return Place()
        at = bisect_right(spells, day, key=lambda spell: spell[0]) - 1
        starts_on, ends_on, *place = spells[max(at, 0)]
        return Place(*place, is_covered=starts_on <= day and (ends_on is None or day <= ends_on))
