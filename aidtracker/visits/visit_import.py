"""A workbook of visits: what it would change. Reads only; many_visits.py writes.

A row is known by pupil, day, form and teachers; the n-th row of a file with one such key is the n-th such visit, so
that repeated rows all count, and the same file again changes nothing. A blank cell leaves what stands as it is.
Any day counts, holidays too; days to come are refused (`bad_date`), and so is a change of a visit that was verified
on the page (`conflict`).
"""

import json
from dataclasses import dataclass, field

from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, chunks_of, marks_for, run_sql, today_in_china
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission
from aidtracker.students.lookup import Known, students_by_number
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.terms.years import closed_years
from aidtracker.visits.many_visits import NewVisit, OldVisit, save_many_visits
from aidtracker.visits.models import TUTORING, Visit
from aidtracker.visits.records import EARLIEST, LESSON, SEALED, VISIT
from aidtracker.visits.sheets import TUTORING as TUTORING_SHEET

KEYS = ("on", "form", "teachers")  # of a row's identity, beside the pupil
PLAIN = ("minutes", "person_met", "relation", "follow_up_on", "lessons", "place", "subject", "signed_by")
STANDING = f"""SELECT vs.student_id, v.on_day, v.form, v.teachers, v.id, v.uid, v.revision, v.state, v.purposes,
{", ".join(f"v.{name}" for name in (*PLAIN, *SEALED))}
FROM visit_student vs JOIN visit v ON v.id = vs.visit_id
WHERE v.on_day BETWEEN ? AND ? AND vs.student_id IN """  # noqa: S608 our own names


@dataclass
class Reach:
    """The pupils that a file names: by 学籍号, and those whom the reader may bring in."""

    known: dict[str, Known] = field(default_factory=dict)
    allowed: set[int] = field(default_factory=set)
    near: set[int] = field(default_factory=set)  # counties whose other pupils are named as out of scope

    def problem_of(self, number: str) -> tuple[str, str] | None:
        pupil = self.known.get(number)
        if pupil and pupil.id in self.allowed:
            return None
        if pupil and pupil.county_id in self.near:
            return "out_of_scope", "你没有导入这名学生家访的权限。"
        return "unknown_student", "没有这个学籍号的学生，请先导入学籍。"


def plan_visits(tables, *, by, school_year: int | None = None, on=None) -> Plan:
    plan = Plan(payload=([], []))
    checks = [Check(table, plan) for table in tables]
    reach = reach_of(checks, by)
    rows = [(check, *row) for check in checks for row in good_rows(check, reach)]
    compare(plan, rows, standing_visits(rows))
    return plan


def save_visits(plan: Plan, *, by, progress=None) -> None:
    save_many_visits(new=plan.payload[0], old=plan.payload[1], by=by, progress=progress)


def reach_of(checks, by) -> Reach:
    """Pupils of the reader's own counties first: a 学籍号 may be known in two."""
    numbers = {number for check in checks for number in check.column("student_number") if number}
    near = {county.id for county in counties_of(by, Permission.IMPORT_RUN)}
    others = [id_ for (id_,) in Org.select(Org.id).where(Org.kind == "county").tuples() if id_ not in near]
    known = students_by_number(numbers, sorted(near))
    known = students_by_number(numbers - known.keys(), others) | known
    seen, allowed = in_scope(by.scopes(Permission.IMPORT_RUN)), set()
    for chunk in chunks_of([pupil.id for pupil in known.values()]):
        allowed.update(id_ for (id_,) in Student.select(Student.id).where(Student.id.in_(chunk) & seen).tuples())
    return Reach(known, allowed, near)


def good_rows(check: Check, reach: Reach):
    """(i, pupil, key, values) of every row that can be saved; the problems of the others are in the plan."""
    is_lesson = check.table.sheet.strip() == TUTORING_SHEET.name
    names = [name for name in (LESSON if is_lesson else VISIT) if name not in KEYS and check.has(name)]
    columns = [check.column(name) for name in names]
    forms = check.column("form", TUTORING) if not is_lesson else [TUTORING] * check.size
    keys = zip(check.column("student_number"), check.column("on"), forms, check.column("teachers"), strict=True)
    today, problems = today_in_china(), {}
    shut = {county_id: closed_years(county_id) for county_id in {pupil.county_id for pupil in reach.known.values()}}
    for i, ((number, day, form, teachers), *cells) in enumerate(zip(keys, *columns, strict=True)):
        if i in check.refused_rows:
            continue
        if number not in problems:
            problems[number] = reach.problem_of(number)
        if problems[number]:
            check.refuse(i, "student_number", *problems[number])
        elif day > today:
            check.refuse(i, "on", "bad_date", "还没到这一天。")
        elif day < EARLIEST:
            check.refuse(i, "on", "bad_date", "日期太早了，请核对。")
        elif grades.school_year_of(day) in shut[reach.known[number].county_id]:
            check.refuse(i, "on", "bad_date", "这一天在已封存的学年里，不能再改。")
        else:
            pupil = reach.known[number]
            yield i, pupil, (pupil.id, day, form, teachers), {name: value for name, value in zip(names, cells, strict=True) if value}


def standing_visits(rows) -> dict[tuple, list[tuple]]:
    """{(student, day, form, teachers): rows of STANDING behind the key, the first visit first}."""
    found: dict[tuple, list[tuple]] = {}
    days = [key[1] for _check, _i, _pupil, key, _values in rows]
    if not days:
        return found
    wanted = {key for _check, _i, _pupil, key, _values in rows}
    for chunk in chunks_of(sorted({key[0] for key in wanted})):
        asked = STANDING + marks_for(chunk) + " ORDER BY v.ordinal, v.id"
        for student, day, form, teachers, *rest in run_sql(asked, (min(days), max(days), *chunk)):
            key = (student, as_day(day), form, teachers)
            if key in wanted:
                found.setdefault(key, []).append(rest)
    return found


def compare(plan: Plan, rows, standing: dict[tuple, list[tuple]]) -> None:
    """New, changed, the same, or refused because it was verified; the n-th row of a key meets the n-th visit."""
    seen: dict[tuple, int] = {}
    opened = {name: unsealed_column(getattr(Visit, name)) for name in SEALED}
    new, old = plan.payload
    for check, i, pupil, key, values in rows:
        nth = seen[key] = seen.get(key, 0) + 1
        there = standing.get(key, ())
        if nth > len(there):
            student_id, day, form, teachers = key
            new.append(NewVisit(pupil.county_id, student_id, day, form, teachers, nth, values))
            plan.created += 1
            continue
        id_, uid, revision, state, *stood = there[nth - 1]
        changes = changes_of(values, uid, stood, opened)
        if changes and state == "verified":
            check.refuse(i, "teachers", "conflict", "这次家访已在系统里核实，表格里的内容不一样，没有改动。")
        elif changes:
            old.append(OldVisit(pupil.county_id, id_, uid, revision, changes))
            plan.updated += 1
        else:
            plan.unchanged += 1


def changes_of(values: dict, uid: str, stood: list, opened: dict) -> dict:
    """The cells that say something else than what stands; sealed columns are opened only where the file has words."""
    purposes, *rest = stood
    before = dict(zip((*PLAIN, *SEALED), rest, strict=True))
    found = {}
    for name, value in values.items():
        if name == "purposes":
            is_same = list(value) == as_list(purposes)
        elif name in SEALED:
            is_same = opened[name](uid, before[name]) == value
        else:
            is_same = (as_day(before[name]) if name == "follow_up_on" else before[name]) == value
        if not is_same:
            found[name] = value
    return found


def as_list(purposes) -> list:
    """A JSON column read by run_sql(): text on SQLite."""
    return json.loads(purposes) if isinstance(purposes, str) else purposes
