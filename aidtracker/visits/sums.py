"""Sums of visits as reports need them: of a county, its townships, schools and classes, within a scope.

The visits of the range are read once and grouped by pupil and class; the database counts every level from that smaller
set: distinct pupils of a township are not the sum of those of its schools. A visit of several pupils stands in it once
for each; such visits are few, and what they were counted too often is taken off.
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
PLACE = "vs.class_org_id AS class_id, vs.school_id"
# SQLite reads the tables of a CROSS JOIN in the order written: the days of a county, but the pupils of a few schools.
OF_COUNTY, OF_PART = "visit v CROSS JOIN visit_student vs", "visit_student vs CROSS JOIN visit v"
VISITS = """FROM {tables}
WHERE vs.visit_id = v.id AND v.county_id = ? AND v.on_day BETWEEN ? AND ? AND v.form {form} 'tutoring' AND {inside}"""
PUPILS = f"""SELECT vs.student_id, {PLACE}, COUNT(*) AS visits, COUNT(CASE WHEN v.form = 'on_site' THEN 1 END) AS on_site
{VISITS} GROUP BY vs.student_id, vs.class_org_id, vs.school_id"""  # noqa: S608 our own names, here and below
SHARED = f"""SELECT vs.visit_id, {PLACE}, CASE WHEN v.form = 'on_site' THEN vs.visit_id END AS site_visit
{VISITS} AND v.id IN (SELECT visit_id FROM visit_student GROUP BY visit_id HAVING COUNT(*) > 1)"""  # noqa: S608
SITTING = """SELECT e.student_id, e.class_org_id AS class_id, school_id
FROM org s JOIN school_class c ON c.school_id = s.id JOIN enrollment e ON e.class_org_id = c.org_id
WHERE s.county_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {inside}"""
DISTINCT = "COUNT(DISTINCT student_id)"
VISITED = f"SUM(visits), SUM(on_site), {DISTINCT}, COUNT(DISTINCT CASE WHEN on_site > 0 THEN student_id END)"
SURPLUS = "COUNT(DISTINCT visit_id) - COUNT(visit_id), COUNT(DISTINCT site_visit) - COUNT(site_visit)"  # below zero


class Sums:
    """`total`, and `of[level][id]`, of everything that was asked for."""

    def __init__(self, scope: Scope, first: datetime.date, last: datetime.date, due: Iterable[Due]):
        self.total, self.of = dict(NOTHING), {level: {} for level in LEVELS[scope.place.kind]}
        inside, paths = within(scope)
        days, tables = (scope.county.id, first, last, *paths), OF_PART if paths else OF_COUNTY
        visits, lessons = ({"tables": tables, "form": form, "inside": inside} for form in ("<>", "="))
        self.add(PUPILS.format(**visits), VISITED, COUNTED, days)
        self.add(SHARED.format(**visits), SURPLUS, ("visits", "on_site"), days)
        self.add(PUPILS.format(**lessons), DISTINCT, ("tutored_students",), days)
        self.add(SITTING.format(inside=inside), DISTINCT, ("enrolled",), (scope.county.id, last, first, *paths))
        self.add_due(due, scope)

    def add(self, rows: str, counts: str, names: tuple, values: tuple) -> None:
        """`rows` say class and school; their township is looked up."""
        seen = f"WITH seen AS MATERIALIZED (SELECT r.*, s.parent_id AS township_id FROM ({rows}) r LEFT JOIN org s ON s.id = r.school_id) "  # noqa: S608
        parts = [f"SELECT '{level}', {COLUMNS[level]}, {counts} FROM seen GROUP BY {COLUMNS[level]}" for level in self.of]  # noqa: S608
        asked = seen + " UNION ALL ".join([f"SELECT 'total', NULL, {counts} FROM seen", *parts])  # noqa: S608
        for level, place, *numbers in run_sql(asked, values):
            into = self.total if level == "total" else self.at(level, place)
            for name, number in zip(names, numbers, strict=True):
                into[name] += int(number or 0)

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
    """A condition on school_id; a whole county has visits without any school too."""
    if scope.paths == [scope.county.path]:
        return "1 = 1", []
    inside = " OR ".join(["path LIKE ?"] * len(scope.paths)) or "1 = 0"
    return f"school_id IN (SELECT id FROM org WHERE {inside})", [f"{path}%" for path in scope.paths]  # noqa: S608
