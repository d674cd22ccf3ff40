"""How far a county, a township or a school keeps the rules of home visits: counted class by class in the database, added up from there.

Everybody sits in one class on a day, so that the sums of classes are those of schools and townships. A visit counts for the pupil wherever
the pupil sat then. The same rules as coverage.py, which asks pupil by pupil.
"""

from collections.abc import Collection

from aidtracker.db import is_sqlite, marks_for, run_sql
from aidtracker.orgs.scopes import Scope
from aidtracker.visits.rules import DOOR, ENTRY, KEY, TERM, YEAR, Rules

# pupils sit there (lacking: something is still to be done; late: it should have been by now); visited and on_site in the school year; of each rule how many it is about and how many it is met of.
NAMES = ("pupils", "visited", "on_site", "year_met", "term_due", "term_met", "entry_due", "entry_met", "key_due", "key_met")
NAMES += ("classes", "door_met", "share_met", "planned", "lacking", "late")
NOTHING = dict.fromkeys(NAMES, 0)
# SQLite reads the tables of a CROSS JOIN in the order written: the days of a county, but the pupils of a few schools.
OF_COUNTY = "visit v CROSS JOIN visit_student vs"
OF_PART = "enrollment x CROSS JOIN visit_student vs CROSS JOIN visit v"
SEEN = """SELECT vs.student_id, {counts}, MAX(v.on_day) AS last_on FROM {tables} WHERE vs.visit_id = v.id AND v.county_id = ? AND v.on_day BETWEEN ? AND ? AND v.form IN {forms}{of_part} GROUP BY vs.student_id"""
# Tags and plans of the pupils of these classes alone: a county has tens of thousands.
SIT = " AND {} IN (SELECT student_id FROM enrollment WHERE class_org_id IN (SELECT org_id FROM school_class WHERE {}))"
HERE = " AND x.student_id = vs.student_id AND x.starts_on <= ? AND (x.ends_on IS NULL OR x.ends_on >= ?) AND x.class_org_id IN (SELECT org_id FROM school_class WHERE {inside})"
BY_CLASS = """WITH seen AS MATERIALIZED ({seen}), tagged AS MATERIALIZED (SELECT DISTINCT student_id FROM tag
  WHERE kind IN {kinds} AND starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?){sit_tagged}),
plan AS MATERIALIZED (SELECT p.student_id, p.planned_on FROM visit_plan p LEFT JOIN seen s ON s.student_id = p.student_id
  WHERE p.withdrawn_at IS NULL AND p.county_id = ? AND p.planned_on >= ? AND (s.last_on IS NULL OR s.last_on < {made_on}){sit_planned})
SELECT c.org_id, c.school_id, c.entry_year, COUNT(*), {sums}
FROM school_class c JOIN org o ON o.id = c.school_id JOIN enrollment e ON e.class_org_id = c.org_id {home}
LEFT JOIN seen n ON n.student_id = e.student_id LEFT JOIN tagged t ON t.student_id = e.student_id LEFT JOIN plan p ON p.student_id = e.student_id
WHERE o.county_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {inside} GROUP BY c.org_id, c.school_id, c.entry_year"""
MADE_ON = {True: "DATE(p.planned_at, '+8 hours')", False: "CAST(p.planned_at + INTERVAL '8 hours' AS DATE)"}  # in China
WINDOWS = (YEAR, TERM, ENTRY, DOOR)
OVER = {YEAR: YEAR, TERM: TERM, ENTRY: ENTRY, KEY: TERM}  # in which of them a rule counts
FIELDS = ("visited", "on_site", "in_term", "at_door", "year_met", "term_met", "entry_met", "key_due", "key_met", "planned", "lacking", "late", "lacking_else", "late_else")


def sums_by_class(scope: Scope, rules: Rules, only: Collection[int] | None = None) -> dict[int, dict]:
    """{class: sums, with its school} of every class of the scope in which somebody sits; or of these alone."""
    if only is not None and not only:
        return {}
    text, values = statement(scope, rules, only)
    return {row[0]: of_class(row, rules) for row in run_sql(text, values)}


def of_class(row: tuple, rules: Rules) -> dict:
    _class, school_id, entered, pupils, *numbers = row
    found = dict(zip(FIELDS, (int(number or 0) for number in numbers), strict=True))
    is_entry = entered == rules.entered and ENTRY in rules.needs
    sums = NOTHING | {name: found[name] for name in FIELDS if name in NOTHING} | {"pupils": pupils, "classes": 1, "school_id": school_id}
    sums["term_due"] = pupils if TERM in rules.needs else 0
    sums["entry_due"], sums["entry_met"] = (pupils, found["entry_met"]) if is_entry else (0, 0)
    if is_entry and sums["entry_met"] >= rules.entry_needed(pupils):  # nobody else of the class is due for it
        sums["lacking"], sums["late"] = found["lacking_else"], found["late_else"]
    sums["door_met"] = int(found["at_door"] >= rules.on_site_needed(pupils))
    sums["share_met"] = int(found["in_term"] >= rules.term_needed(pupils))
    return sums


def statement(scope: Scope, rules: Rules, only: Collection[int] | None = None) -> tuple[str, list]:
    inside, places = inside_of(scope)
    if only is not None:
        inside, places = f"{inside} AND org_id IN {marks_for(only)}", [*places, *sorted(only)]
    counts, count_values = counts_of(rules)
    sums, home = columns_of(rules)
    part = HERE.format(inside=inside) if places else ""
    sit = {name: SIT.format(column, inside) if places else "" for name, column in (("sit_tagged", "student_id"), ("sit_planned", "p.student_id"))}
    seen = SEEN.format(counts=counts, tables=OF_PART if places else OF_COUNTY, forms=marks_for(rules.forms), of_part=part)
    text = BY_CLASS.format(seen=seen, kinds=marks_for(rules.key_groups), made_on=MADE_ON[is_sqlite()], sums=sums, home=home, inside=inside, **sit)
    days, county = (rules.on, rules.on), scope.county.id
    values = [*count_values, county, rules.first, rules.on, *rules.forms, *((*days, *places) if places else ())]
    values += [*rules.key_groups, *days, *places, county, rules.periods[YEAR].first, *places, rules.on, rules.on, county, *days, *places]
    return text, values


def counts_of(rules: Rules) -> tuple[str, list]:
    """Of a pupil: visits of any form (n_...) and at the door (s_...), in each window."""
    found, values = [], []
    for window in WINDOWS:
        period = rules.periods[window]
        found.append(f"COUNT(CASE WHEN v.on_day BETWEEN ? AND ? THEN 1 END) AS n_{window}")
        found.append(f"COUNT(CASE WHEN v.on_day BETWEEN ? AND ? AND v.form IN {marks_for(rules.at_the_door)} THEN 1 END) AS s_{window}")
        values += [period.first, period.last, period.first, period.last, *rules.at_the_door]
    return ", ".join(found), values


def columns_of(rules: Rules) -> tuple[str, str]:
    """The sums of a class in the order of FIELDS; and the table of pupils where it is needed."""
    which = rules.values["forms_that_count"]
    counted = {"any": "COALESCE(n.n_{0}, 0)", "on_site": "COALESCE(n.s_{0}, 0)", "far": "COALESCE(CASE WHEN u.home_id IS NULL THEN n.n_{0} ELSE n.s_{0} END, 0)"}[which]
    met = {rule: f"{counted.format(window)} >= {rules.needs.get(rule, 1)}" for rule, window in OVER.items()}
    key = "t.student_id IS NOT NULL" if KEY in rules.needs else "1 = 0"
    about = {YEAR: "1 = 1", TERM: "1 = 1", ENTRY: f"c.entry_year = {rules.entered}", KEY: key}
    lacking = {rule: f"({about[rule]} AND NOT {met[rule]})" for rule in rules.needs}
    late = {rule: lacking[rule] for rule in rules.needs if rules.periods[rule].until < rules.on}
    conditions = ["n.n_year > 0", "n.s_year > 0", "n.n_term > 0", "n.s_door > 0", met[YEAR], met[TERM], met[ENTRY], key, f"{key} AND {met[KEY]}"]
    conditions.append("p.student_id IS NOT NULL")
    for left_out in (None, ENTRY):
        conditions.append(" OR ".join(words for rule, words in lacking.items() if rule != left_out) or "1 = 0")
        conditions.append(" OR ".join([*(words for rule, words in late.items() if rule != left_out), "p.planned_on < ?"]))
    home = "JOIN student u ON u.id = e.student_id" if which == "far" else ""
    return ", ".join(f"COUNT(CASE WHEN {condition} THEN 1 END)" for condition in conditions), home


def inside_of(scope: Scope) -> tuple[str, list]:
    """A condition on school_id; a whole county needs none."""
    if scope.paths == [scope.county.path]:
        return "1 = 1", []
    inside = " OR ".join(["path LIKE ?"] * len(scope.paths)) or "1 = 0"
    return f"school_id IN (SELECT id FROM org WHERE {inside})", [f"{path}%" for path in scope.paths]  # noqa: S608
