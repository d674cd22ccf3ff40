"""Who of a class or school is to be visited, who was, who is late, and on which day somebody means to go: by the rules of rules.py."""

import datetime
from typing import NamedTuple

from aidtracker.db import as_day, as_time, china_time, chunks_of, marks_for, run_sql
from aidtracker.visits.rules import DOOR, ENTRY, KEY, STATES, TERM, YEAR, Period, Rules

SITTING = """SELECT e.student_id, s.name, s.pinyin, e.seat, s.home_id, c.org_id, o.name, c.entry_year, c.stage
FROM school_class c JOIN org o ON o.id = c.org_id JOIN enrollment e ON e.class_org_id = c.org_id JOIN student s ON s.id = e.student_id
WHERE {} = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?)"""
PLACES = {"class": "c.org_id", "school": "c.school_id"}
# The reader begins with the pupils: of a class there are few, of a year's visits many.
VISITS = """SELECT vs.student_id, v.on_day, v.form FROM visit_student vs JOIN visit v ON v.id = vs.visit_id
WHERE v.on_day BETWEEN ? AND ? AND vs.student_id IN """
TAGGED = "SELECT student_id, kind FROM tag WHERE starts_on <= ? AND (ends_on IS NULL OR ends_on >= ?) AND student_id IN "
PLANNED = "SELECT student_id, planned_on, planned_at FROM visit_plan WHERE withdrawn_at IS NULL AND student_id IN "


class Went(NamedTuple):
    """A visit to a pupil."""

    on: datetime.date
    form: str


class Need(NamedTuple):
    """What one rule asks for of one pupil, and what was done of it."""

    rule: str
    needed: int
    done: int
    until: datetime.date
    is_spared: bool = False  # enough others of the class were visited

    @property
    def is_met(self) -> bool:
        return self.done >= self.needed


class Plan(NamedTuple):
    planned_on: datetime.date
    made_on: datetime.date


class PupilDue(NamedTuple):
    """`needs` in the order of the rules; `plan` where it was not kept yet; `visits` of the school year, `in_term` of the term.

    `at_door`: at the door, in the time by which the county counts that.
    """

    student_id: int
    name: str
    pinyin: str
    seat: int | None
    class_id: int
    class_name: str
    needs: list[Need]
    visits: int
    in_term: int
    at_door: int
    last_on: datetime.date | None
    plan: Plan | None
    on: datetime.date

    @property
    def unmet(self) -> list[Need]:
        return [need for need in self.needs if not (need.is_met or need.is_spared)]

    @property
    def until(self) -> datetime.date | None:
        """The nearest day by which something is to be done."""
        return min((need.until for need in self.unmet), default=None)

    @property
    def is_plan_late(self) -> bool:
        return self.plan is not None and self.plan.planned_on < self.on

    @property
    def state(self) -> str:
        if self.is_plan_late or (self.until is not None and self.until < self.on):
            return "late"
        if self.plan is not None:
            return "planned"
        return "due" if self.unmet else "done"


class Facts(NamedTuple):
    """Of many pupils, read at once."""

    visits: dict[int, list[Went]]
    key: set[int]
    plans: dict[int, Plan]


def pupils_due(place_id: int, kind: str, rules: Rules) -> list[PupilDue]:
    """Everybody who sits in the class or school on the day of the rules, by class and seat."""
    asked = SITTING.format(PLACES[kind])
    rows = run_sql(asked, (place_id, rules.on, rules.on)).fetchall()
    facts = facts_of([row[0] for row in rows], rules)
    found = with_spared([due_of(row, facts, rules) for row in rows], rules)
    return sorted(found, key=lambda due: (due.class_id, due.seat is None, due.seat or 0, due.pinyin, due.student_id))


def facts_of(student_ids: list[int], rules: Rules) -> Facts:
    visits: dict[int, list[Went]] = {}
    key: set[int] = set()
    plans: dict[int, Plan] = {}
    for some in chunks_of(student_ids):
        for student_id, on, form in run_sql(VISITS + marks_for(some), (rules.first, rules.on, *some)):
            if form in rules.forms:
                visits.setdefault(student_id, []).append(Went(as_day(on), form))
        tagged = run_sql(TAGGED + marks_for(some), (rules.on, rules.on, *some))
        key.update(student_id for student_id, kind in tagged if kind in rules.key_groups)
        for student_id, planned_on, planned_at in run_sql(PLANNED + marks_for(some), some):
            plans[student_id] = Plan(as_day(planned_on), china_time(as_time(planned_at)).date())
    return Facts(visits, key, plans)


def due_of(row: tuple, facts: Facts, rules: Rules) -> PupilDue:
    student_id, name, pinyin, seat, home_id, class_id, class_name, entered, _stage = row
    went = facts.visits.get(student_id, [])
    about = {ENTRY: entered == rules.entered, KEY: student_id in facts.key}
    wanted = {rule: needed for rule, needed in rules.needs.items() if about.get(rule, True)}
    counting = [each for each in went if is_counted(each, home_id, rules)]
    needs = [Need(rule, needed, in_period(counting, rules.periods[rule]), rules.periods[rule].until) for rule, needed in wanted.items()]
    year, in_term = (in_period(went, rules.periods[period]) for period in (YEAR, TERM))
    at_door = in_period([each for each in went if each.form in rules.at_the_door], rules.periods[DOOR])
    plan = standing(facts.plans.get(student_id), went, rules)
    last_on = max((each.on for each in went), default=None)
    return PupilDue(student_id, name, pinyin, seat, class_id, class_name, needs, year, in_term, at_door, last_on, plan, rules.on)


def with_spared(found: list[PupilDue], rules: Rules) -> list[PupilDue]:
    """Where a class of the entry grade has its share, nobody else of it is due for that."""
    visited: dict[int, list[bool]] = {}
    for due in found:
        visited.setdefault(due.class_id, []).append(any(need.rule == ENTRY and need.is_met for need in due.needs))
    enough = {room for room, each in visited.items() if sum(each) >= rules.entry_needed(len(each))}
    return [due._replace(needs=[need._replace(is_spared=need.rule == ENTRY) for need in due.needs]) if due.class_id in enough else due for due in found]


def is_counted(each: Went, home_id: int | None, rules: Rules) -> bool:
    """By the forms that the county lets count: of a family outside the county a call may be enough."""
    which = rules.values["forms_that_count"]
    return which == "any" or each.form in rules.at_the_door or (which == "far" and home_id is None)


def in_period(went: list[Went], period: Period) -> int:
    return sum(period.first <= each.on <= period.last for each in went)


def standing(plan: Plan | None, went: list[Went], rules: Rules) -> Plan | None:
    """Not that of a former school year, nor one since which somebody went."""
    if plan is None or plan.planned_on < rules.periods[YEAR].first or any(each.on >= plan.made_on for each in went):
        return None
    return plan


class ClassSums(NamedTuple):
    """What a class still lacks at the door, for the head of its list."""

    pupils: int
    visited: int
    at_door: int
    at_door_needed: int
    by_state: dict[str, int]


def sums_of(found: list[PupilDue], rules: Rules) -> ClassSums:
    """Of one class or of several: the share at the door is each class's own."""
    sizes: dict[int, int] = {}
    for due in found:
        sizes[due.class_id] = sizes.get(due.class_id, 0) + 1
    by_state = {state: sum(due.state == state for due in found) for state in STATES}
    needed = sum(rules.on_site_needed(size) for size in sizes.values())
    return ClassSums(len(found), sum(due.visits > 0 for due in found), sum(due.at_door > 0 for due in found), needed, by_state)
