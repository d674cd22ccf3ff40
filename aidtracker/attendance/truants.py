"""Pupils with days of unexcused absence in a row, at their classes of the day."""

import datetime
from collections import Counter
from typing import NamedTuple

from aidtracker.attendance.limits import Limits
from aidtracker.attendance.streaks import streaks
from aidtracker.db import chunks_of, marks_for, run_sql
from aidtracker.orgs.scopes import Scope

LEVELS = (1, 3, 7)  # days in a row, by which every county is summed alike
SITTING = """SELECT e.student_id, o.id, o.parent_id, o.path FROM enrollment e JOIN org o ON o.id = e.class_org_id
WHERE e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND e.student_id IN """


class Truant(NamedTuple):
    student_id: int
    days: int
    class_id: int
    school_id: int
    path: str  # of the class


def truants_of(scope: Scope, as_of: datetime.date) -> list[Truant]:
    """Pupils enrolled within the scope on the day, with a streak that reaches to it, the longest first."""
    running = streaks(scope.county.id, as_of)
    found = []
    for some in chunks_of(list(running)):
        for student_id, class_id, school_id, path in run_sql(SITTING + marks_for(some), (as_of, as_of, *some)):
            if any(path.startswith(seen) for seen in scope.paths):
                found.append(Truant(student_id, running[student_id], class_id, school_id, path))
    return sorted(found, key=lambda truant: (-truant.days, truant.student_id))


def at_limits(truants: list[Truant], limits: Limits) -> dict[str, int]:
    """How many stay away so long that it weighs, by the county's own limits."""
    return {name: sum(truant.days >= getattr(limits, name) for truant in truants) for name in ("serious", "severe")}


def streak_counts(truants: list[Truant]) -> dict[str, int]:
    """{'3': pupils absent three or more days in a row}"""
    return {str(level): sum(truant.days >= level for truant in truants) for level in LEVELS}


def count_by(truants: list[Truant], key, level: int) -> Counter:
    """{place: pupils absent so many days in a row or more}"""
    return Counter(key(truant) for truant in truants if truant.days >= level)
