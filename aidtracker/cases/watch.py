"""巩固期: for so many school days after a return the child is watched, before the case may end as 已复学."""

import datetime
from typing import NamedTuple

from aidtracker.attendance.marks import MARKS, UNEXCUSED
from aidtracker.attendance.queries import absences_of
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT, TEACHING
from aidtracker.cases.models import Case, CaseStep
from aidtracker.db import as_day, run_sql
from aidtracker.policies.queries import number_of
from aidtracker.terms.calendar import school_days

LONGEST_WATCH = datetime.timedelta(days=400)  # to hold the longest watch, holidays included
CALLED = f"""SELECT DISTINCT r.on_day FROM roll_call r JOIN enrollment e ON e.class_org_id = r.class_org_id
AND e.starts_on <= r.on_day AND (e.ends_on IS NULL OR e.ends_on >= r.on_day) AND {EVERYBODY}
WHERE e.student_id = ? AND r.on_day BETWEEN ? AND ? AND r.{TAUGHT}"""  # noqa: S608 our own names


class Watch(NamedTuple):
    """From the return to the last day, both counted; `school_days` of it so far, on how many of them a roll was taken, and how it was:
    there all day, away with leave or late, away without leave at some session."""

    first_on: datetime.date
    last_on: datetime.date
    days: int
    school_days: int
    called: int
    present: int
    unexcused: list[datetime.date]


def returned_on(case: Case) -> datetime.date | None:
    """When the child last came back."""
    last = CaseStep.select(CaseStep.on).where((CaseStep.case == case) & (CaseStep.to_state == "returned"))
    return last.order_by(CaseStep.id.desc()).limit(1).scalar()


def watch_days(case: Case, first_on: datetime.date) -> tuple[int, datetime.date]:
    """How many school days the county watches, by the rule of the day of return, and the last of them."""
    days = number_of("watch_days", case.county_id, first_on)
    school = case.student.class_org.parent_id if case.student.class_org_id else None
    ahead = school_days(first_on, first_on + LONGEST_WATCH, case.county_id, school)
    return days, ahead[days - 1] if 0 < days <= len(ahead) else first_on


def watch_of(case: Case, today: datetime.date) -> Watch | None:
    """None: the child is not back, or the county watches nobody."""
    first_on = returned_on(case) if case.state == "returned" else None
    if first_on is None:
        return None
    days, last_on = watch_days(case, first_on)
    if not days:
        return None
    until = min(today, last_on)
    school = case.student.class_org.parent_id if case.student.class_org_id else None
    called = {as_day(row[0]) for row in run_sql(CALLED, (case.student_id, first_on, until)).fetchall()}
    marks = [(on, mark) for _roll, on, session, mark, _reason, _class in absences_of(case.student, first_on, until) if session in TEACHING]
    away = {on for on, mark in marks if not MARKS[mark].is_present}
    unexcused = sorted({on for on, mark in marks if mark in UNEXCUSED})
    return Watch(first_on, last_on, days, len(school_days(first_on, until, case.county_id, school)), len(called), len(called - away), unexcused)


def watched_since(student_ids: list[int]) -> dict[int, tuple[Case, datetime.date]]:
    """{student: (the case, day of return)} of those of them who are in their watch period."""
    found = {}
    for case in Case.select().where(Case.student.in_(student_ids) & (Case.state == "returned")):
        first_on = returned_on(case)
        if first_on is not None and number_of("watch_days", case.county_id, first_on):
            found[case.student_id] = (case, first_on)
    return found


def is_away(student_id: int, on: datetime.date) -> bool:
    """Without leave at some teaching session of the day."""
    asked = "SELECT 1 FROM absence a JOIN roll_call r ON r.id = a.roll_call_id WHERE a.student_id = ? AND a.on_day = ?"
    marks = ", ".join(f"'{mark}'" for mark in UNEXCUSED)
    return run_sql(f"{asked} AND a.mark IN ({marks}) AND r.{TAUGHT} LIMIT 1", (student_id, on)).fetchone() is not None  # noqa: S608
