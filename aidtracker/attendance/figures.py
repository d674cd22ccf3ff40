"""Sums of rolls as reports and first pages need them: by township, school, class and day, within a scope; of the teaching sessions."""

import datetime

from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.free import free_in
from aidtracker.attendance.limits import Limits
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT, TEACHING
from aidtracker.attendance.sums import Asked, Weights, attended_days, free_by_class, sessions_due, sums_by_school
from aidtracker.attendance.truants import Truant, count_by
from aidtracker.db import as_day, run_sql
from aidtracker.orgs.grades import STAGES, class_label, school_year_of
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.scopes import SchoolPlace, Scope, childrens_rows, line
from aidtracker.terms.days import Calendar

COLUMNS = FIGURES  # of the table, in this order: 应到 实到 病假 事假 旷课 迟到 早退 公假
NOTHING = {**dict.fromkeys(FIGURES, 0), "sessions_due": 0, "sessions_submitted": 0}
TREND_DAYS = 20
TREND = f"""SELECT d.on_day, SUM(d.expected), SUM(d.present) FROM org o JOIN day_sum d ON d.school_id = o.id
WHERE o.county_id = ? AND o.kind = 'school' AND ({{}}) AND d.on_day BETWEEN ? AND ? AND d.{TAUGHT} GROUP BY d.on_day"""  # noqa: S608 our own names
LATE = f"""SELECT COUNT(*) FROM roll_call r JOIN org o ON o.id = r.school_id
WHERE r.is_late AND r.on_day BETWEEN ? AND ? AND o.county_id = ? AND ({{}}) AND r.{TAUGHT}"""  # noqa: S608
ORDER = {stage.code: place for place, stage in enumerate(STAGES)}


def sums_of_schools(
    scope: Scope, schools: list[SchoolPlace], first: datetime.date, last: datetime.date, now: datetime.datetime | None = None
) -> dict[int, dict]:
    """{school: sums} of the schools that reported or had to, within the scope; `now` leaves out what is still to come today."""
    mine = {school.id for school in schools}
    calendar = Calendar(scope.county.id, first, last)
    summed, due = sums_by_school(scope.county.id, calendar, now=now), sessions_due(scope.county.id, calendar, now=now)
    found = {}
    for school in sorted(mine & (summed.keys() | due.keys())):
        sums = summed.get(school, NOTHING)
        submitted = sums.get("rolls", 0)
        found[school] = {**{name: sums[name] for name in FIGURES}, "sessions_due": due.get(school, 0), "sessions_submitted": submitted}
    return found


def rows_of(scope: Scope, schools, by_school: dict, truants: list[Truant], limits: Limits, first: datetime.date, last: datetime.date) -> list[dict]:
    """Townships, schools or classes; `serious` and `severe`: how many of their pupils stay away that long."""
    if scope.place.kind == "school":
        rows, place_of = by_class_of(scope.place, first, last), lambda truant: truant.class_id
    elif scope.place.kind == "township":
        rows, place_of = childrens_rows(scope, schools, by_school, NOTHING), lambda truant: truant.school_id
    else:
        townships = {school.id: school.township_id for school in schools}
        rows, place_of = childrens_rows(scope, schools, by_school, NOTHING), lambda truant: townships.get(truant.school_id)
    serious, severe = count_by(truants, place_of, limits.serious), count_by(truants, place_of, limits.severe)
    return [{**row, "serious": serious[row["id"]], "severe": severe[row["id"]]} for row in rows]


def by_class_of(school: Org, first: datetime.date, last: datetime.date) -> list[dict]:
    """One line for each class of the school that reported or had to, by stage, grade and number."""
    rooms = SchoolClass.select(SchoolClass.org, SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
    found = list(rooms.where(SchoolClass.school == school).tuples())
    ids = [class_id for class_id, *_ in found]
    calendar = Calendar(school.county_id, first, last)
    summed = sums_by_class({class_id: school.id for class_id in ids}, Asked(school.county_id, calendar))
    weights = Weights(calendar, Plans(school.county_id, last), TEACHING, None)
    due = {class_id: weights.sum_of(school.id, days) for class_id, days in attended_days(ids, calendar.of(school.id), EVERYBODY).items()}
    for (class_id, _school), count in free_by_class([one for one in free_in(school.county_id, first, last) if one.class_id in due], weights, EVERYBODY).items():
        due[class_id] -= count
    year, lines = school_year_of(last), []
    for class_id, stage, entered, number in sorted(found, key=lambda room: (ORDER[room[1]], -room[2], len(room[3]), room[3])):
        if class_id in summed or due.get(class_id):
            sums = {**NOTHING, **summed.get(class_id, {}), "sessions_due": due.get(class_id, 0)}
            lines.append(line(class_id, "", class_label(stage, entered, number, year), "class", 0, sums))
    return lines


def sums_by_class(schools: dict[int, int], asked: Asked) -> dict[int, dict]:
    """{class: sums} of the teaching sessions that were asked for; `schools`: {class: its school}."""
    found: dict[int, dict] = {}
    rows = RollCall.select(RollCall.class_org, RollCall.on, RollCall.session, *[getattr(RollCall, name) for name in FIGURES])
    span = RollCall.on.between(asked.calendar.first, asked.calendar.last) & RollCall.session.in_(TEACHING)
    for class_id, on, session, *sums in rows.where(RollCall.class_org.in_(list(schools)) & span).tuples() if schools else ():
        if asked.counts(schools[class_id], on, session):
            mine = found.setdefault(class_id, dict.fromkeys((*FIGURES, "sessions_submitted"), 0))
            for name, value in zip(mine, (*sums, 1), strict=True):
                mine[name] += value
    return found


def sums_of_classes(classes: list[Org], first: datetime.date, last: datetime.date) -> dict:
    """Sums of several classes together."""
    total = dict.fromkeys((*FIGURES, "sessions_submitted"), 0)
    for county in {org.county_id for org in classes}:
        mine = {org.id: org.parent_id for org in classes if org.county_id == county}
        for sums in sums_by_class(mine, Asked(county, Calendar(county, first, last))).values():
            total = {name: value + sums[name] for name, value in total.items()}
    return total


def sessions_late(scope: Scope, first: datetime.date, last: datetime.date) -> int:
    """迟报: of the teaching sessions that were reported, how many after their time."""
    if not scope.paths:
        return 0
    inside = " OR ".join(["o.path LIKE ?"] * len(scope.paths))
    return run_sql(LATE.format(inside), (first, last, scope.county.id, *(f"{path}%" for path in scope.paths))).fetchone()[0]


def day_trend(scope: Scope, days: list[datetime.date]) -> list[dict]:
    """Expected and present of each of these days, zeros where nothing was reported."""
    if not days or not scope.paths:
        return []
    inside = " OR ".join(["o.path LIKE ?"] * len(scope.paths))
    seen = [f"{path}%" for path in scope.paths]
    found = {as_day(on): (int(e), int(p)) for on, e, p in run_sql(TREND.format(inside), (scope.county.id, *seen, days[0], days[-1]))}
    return [{"on": day.isoformat(), "expected": found.get(day, (0, 0))[0], "present": found.get(day, (0, 0))[1]} for day in days]
