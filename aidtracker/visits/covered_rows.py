"""The lines of the coverage of home visits: townships, schools or classes of a place, added up from its classes."""

import datetime

from aidtracker.orgs.grades import STAGES, class_label, school_year_of
from aidtracker.orgs.models import SchoolClass
from aidtracker.orgs.scopes import Scope, childrens_rows, line, schools_of, sum_up
from aidtracker.visits.covered_kept import sums_of_classes, sums_of_schools
from aidtracker.visits.covered_sums import NOTHING
from aidtracker.visits.rules import Rules

ORDER = {stage.code: place for place, stage in enumerate(STAGES)}


def covered(scope: Scope, rules: Rules) -> tuple[dict, list[dict]]:
    """(the total, its lines)."""
    if scope.place.kind == "school":
        classes = sums_of_classes(scope, rules)
        return sum_up(classes.values(), NOTHING), class_lines(scope, classes, rules.on)
    summed = sums_of_schools(scope, rules)
    schools = [school for school in schools_of(scope) if school.is_open(rules.on) or school.id in summed]
    return sum_up(summed.values(), NOTHING), childrens_rows(scope, schools, summed, NOTHING)


def class_lines(scope: Scope, classes: dict[int, dict], on: datetime.date) -> list[dict]:
    """By stage, grade and number."""
    columns = (SchoolClass.org, SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    rooms = [room for room in SchoolClass.select(*columns).where(SchoolClass.school == scope.place).tuples() if room[0] in classes]
    rooms.sort(key=lambda room: (ORDER[room[1]], -room[2], len(room[3]), room[3]))
    year = school_year_of(on)
    return [line(id_, "", class_label(stage, entered, number, year), "class", 0, without_school(classes[id_])) for id_, stage, entered, number in rooms]


def without_school(sums: dict) -> dict:
    return {name: sums[name] for name in NOTHING}
