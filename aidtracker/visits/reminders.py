"""Reminders of lessons at home that a month still lacks: who is short when it draws to its end, which stand, whom their tasks are about."""

import datetime
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.db import chunks_of
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.tasks.hooks import About
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN
from aidtracker.terms.calendar import school_days
from aidtracker.visits.models_plans import QuotaReminder, YearReminder
from aidtracker.visits.quotas import span_of
from aidtracker.visits.tutoring import Due, tutoring_months


class Month(NamedTuple):
    """How a month stands on a day: its code, the last day with school that is left of it, how early the county reminds; `is_near` its end."""

    code: str
    last_on: datetime.date
    before: int
    is_near: bool


def month_at(county_id: int, today: datetime.date) -> Month:
    """Near is: no more days with school are left, today counted, than the county gives."""
    code = f"{today:%Y-%m}"
    last = span_of(code)[1]
    left, before = school_days(today, last, county_id), number_of("tutoring_remind_days", county_id, today)
    return Month(code, left[-1] if left else last, before, len(left) <= before)


def short_of(county_id: int, today: datetime.date) -> dict[int, Due]:
    """{pupil: the month}, of those who are taught at home from today on and whose month lacks lessons."""
    last = span_of(f"{today:%Y-%m}")[1]
    return {due.student_id: due for due in tutoring_months(county_id, today, last) if not due.is_met}


def reminders_of(county_id: int, month: str) -> dict[int, QuotaReminder]:
    """{pupil: the reminder}, whatever became of its task."""
    rows = QuotaReminder.select().where((QuotaReminder.county == county_id) & (QuotaReminder.month == month))
    return {row.student_id: row for row in rows}


def open_reminders(student_ids: Collection[int]) -> list[QuotaReminder]:
    found: list[QuotaReminder] = []
    for some in chunks_of(list(student_ids)):
        found += list(QuotaReminder.select().join(Task).where(QuotaReminder.student.in_(some) & OPEN))
    return found


def about_tasks(user, task_ids: Collection[int]) -> dict[int, About]:
    """Of the pupils whom the user may see."""
    return about_rows(QuotaReminder, user, task_ids) | about_rows(YearReminder, user, task_ids)


def about_rows(kept: type[QuotaReminder] | type[YearReminder], user, task_ids: Collection[int]) -> dict[int, About]:
    found: dict[int, About] = {}
    School = Org.alias()
    rows = kept.select(kept.task, kept.student, Org.name, School.name)
    rows = rows.join(Org, on=kept.class_org == Org.id).join(School, on=Org.parent == School.id)
    seen = visible_students(user, Permission.CASE_WORK).select(Student.id, Student.name)
    for some in chunks_of(list(task_ids)):
        told = list(rows.where(kept.task.in_(some)).tuples())
        names = dict(seen.where(Student.id.in_([student for _task, student, _room, _school in told])).tuples())
        found |= {task: About(names[student], f"{school} {room}", student) for task, student, room, school in told if student in names}
    return found
