"""Sums of visits as reports need them: of a county, its townships, schools and classes, within a scope.

One pass over the visits of the range, counted at every level by the database: distinct pupils of a township are
not the sum of those of its schools.
"""

import datetime
from collections.abc import Iterable

from aidtracker.db import run_sql
from aidtracker.orgs.scopes import Scope
from aidtracker.visits.tutoring import Due

COUNTED = ("visits", "on_site", "students_visited", "students_on_site")
NAMES = (*COUNTED, "tutored_students", "tutoring_months_due", "tutoring_months_met", "enrolled")
NOTHING = dict.fromkeys(NAMES, 0)
LEVELS = {"county": ("township",), "township": ("township", "school"), "school": ("township", "class")}  # by kind of place
COLUMNS = {"township": "township_id", "school": "school_id", "class": "class_id"}
# A visit counts at the school of its own day (VisitStudent.school); without any, it counts for the county alone.
SEEN = """WITH seen AS MATERIALIZED (
SELECT vs.visit_id, vs.student_id, vs.class_org_id AS class_id, vs.school_id, s.parent_id AS township_id,
CASE WHEN v.form = 'on_site' THEN vs.visit_id END AS site_visit, CASE WHEN v.form = 'on_site' THEN vs.student_id END AS site_student
FROM visit v JOIN visit_student vs ON vs.visit_id = v.id LEFT JOIN org s ON s.id = vs.school_id
WHERE v.county_id = ? AND v.on_day BETWEEN ? AND ? AND v.form {form} 'tutoring' AND {inside}) """
VISITED = "COUNT(DISTINCT visit_id), COUNT(DISTINCT site_visit), COUNT(DISTINCT student_id), COUNT(DISTINCT site_student)"
SITTING = """WITH seen AS MATERIALIZED (
SELECT e.student_id, e.class_org_id AS class_id, c.school_id, s.parent_id AS township_id
FROM org s JOIN school_class c ON c.school_id = s.id JOIN enrollment e ON e.class_org_id = c.org_id
WHERE s.county_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {inside}) """


class Sums:
    """`total`, and `of[level][id]`, of everything that was asked for."""

    def __init__(self, scope: Scope, first: datetime.date, last: datetime.date, due: Iterable[Due]):
        self.total, self.of = dict(NOTHING), {level: {} for level in LEVELS[scope.place.kind]}
        inside, paths = within(scope)
        county = scope.county.id
        self.add(SEEN.format(form="<>", inside=inside), VISITED, COUNTED, (county, first, last, *paths))
        self.add(SEEN.format(form="=", inside=inside), "COUNT(DISTINCT student_id)", ("tutored_students",), (county, first, last, *paths))
        self.add(SITTING.format(inside=inside), "COUNT(DISTINCT student_id)", ("enrolled",), (county, last, first, *paths))
        self.add_due(due, scope)

    def add(self, seen: str, counts: str, names: tuple, values: tuple) -> None:
        parts = [f"SELECT '{level}', {COLUMNS[level]}, {counts} FROM seen GROUP BY {COLUMNS[level]}" for level in self.of]  # noqa: S608
        asked = seen + " UNION ALL ".join([f"SELECT 'total', NULL, {counts} FROM seen", *parts])  # noqa: S608 our own names
        for level, place, *numbers in run_sql(asked, values):
            into = self.total if level == "total" else self.at(level, place)
            into.update(zip(names, map(int, numbers), strict=True))

    def at(self, level: str, place: int | None) -> dict:
        return self.of[level].setdefault(place, dict(NOTHING))

    def add_due(self, due: Iterable[Due], scope: Scope) -> None:
        townships = {school.id: school.township_id or scope.county.id for school in scope.places[1]}
        for month in due:
            if month.school_id not in townships:
                continue
            places = {"township": townships[month.school_id], "school": month.school_id, "class": month.class_id}
            for sums in (self.total, *(self.at(level, places[level]) for level in self.of)):
                sums["tutoring_months_due"] += 1
                sums["tutoring_months_met"] += month.is_met


def within(scope: Scope) -> tuple[str, list[str]]:
    """A condition on the school s; a whole county has visits without any school too."""
    if scope.paths == [scope.county.path]:
        return "1 = 1", []
    return f"({' OR '.join(['s.path LIKE ?'] * len(scope.paths)) or '1 = 0'})", [f"{path}%" for path in scope.paths]
