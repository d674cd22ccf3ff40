"""Reminding whoever teaches at home of what the month still lacks, before it ends: a task of the teacher whom the plan names.

Derived anew each night and laid beside what stands: a month that was met ends its task, a pupil who is taught at school again too.
"""

import datetime
from collections.abc import Collection

from aidtracker.audit.actions import record
from aidtracker.db import lock, transaction
from aidtracker.students.models import Student
from aidtracker.tasks.asking import ask_again, fulfil_tasks, withdraw_tasks
from aidtracker.tasks.models import Task
from aidtracker.visits.asking import ask_teacher
from aidtracker.visits.individual import holding
from aidtracker.visits.models_plans import QuotaReminder
from aidtracker.visits.quotas import span_of
from aidtracker.visits.reminders import Month, month_at, open_reminders, reminders_of, short_of
from aidtracker.visits.tutoring import Due, months_of_pupil


def remind_county(*, county_id: int, today: datetime.date, by=None) -> int:
    """Returns how many reminders changed. Joins the night's transaction; called by itself it is its own."""
    with transaction():
        lock("reminders", county_id)
        month, standing = month_at(county_id, today), reminders_of(county_id, f"{today:%Y-%m}")
        short = short_of(county_id, today) if month.is_near or standing else {}
        changed = end_former(county_id, month) + settle_standing(standing, short, month)
        if month.is_near:
            changed += remind_new({id_: due for id_, due in short.items() if id_ not in standing}, month, today)
        if changed:
            record(action="visits.remind_tutoring", by=by, object_kind="org", object_id=str(county_id), count=changed, county_id=county_id)
    return changed


def remind_new(short: dict[int, Due], month: Month, today: datetime.date) -> int:
    plans = holding(list(short), today)
    for student in Student.select().where(Student.id.in_(list(short))).order_by(Student.id):
        days = {"since": span_of(month.code)[0], "due_on": month.last_on, "today": today}
        room, task_id = ask_teacher("tutoring", student, short[student.id].class_id, plans[student.id], after=month.before, **days)
        QuotaReminder.create(county=student.county_id, student=student, month=month.code, class_org=room.id, task=task_id)
    return len(short)


def settle_standing(standing: dict[int, QuotaReminder], short: dict[int, Due], month: Month) -> int:
    """What was asked for and is no longer short ends; what was withdrawn and is short again, stands."""
    tasks = {task.id: task for task in Task.select().where(Task.id.in_([row.task_id for row in standing.values()]))}
    over = [row for id_, row in standing.items() if id_ not in short and tasks[row.task_id].is_open]
    met = [row for row in over if is_met(row)]
    again = [row.task_id for id_, row in standing.items() if id_ in short and tasks[row.task_id].withdrawn_at is not None]
    fulfil_tasks([row.task_id for row in met], "lesson", None)
    withdraw_tasks([row.task_id for row in over if row not in met], "left")
    for task_id in again:
        ask_again(task_id, month.last_on)
    return len(over) + len(again)


def end_former(county_id: int, month: Month) -> int:
    """Of months that are past and were made up for after all; those that were not stay with whoever answers for them."""
    former = QuotaReminder.select().join(Task).where((QuotaReminder.county == county_id) & (QuotaReminder.month < month.code) & Task.done_at.is_null() & Task.withdrawn_at.is_null())
    met = [row.task_id for row in former if is_met(row)]
    fulfil_tasks(met, "lesson", None)
    return len(met)


def is_met(row: QuotaReminder) -> bool:
    found = months_of_pupil(row.student, *span_of(row.month))
    return bool(found) and found[0].is_met


def look_at_lesson(student_ids: Collection[int], by) -> None:
    """A lesson was recorded or mended: a month that has enough now ends its task at once. Joins the transaction of the act."""
    met = [row.task_id for row in open_reminders(student_ids) if is_met(row)]
    fulfil_tasks(met, "lesson", by)
