"""Reminding whoever teaches at home, in good time, that the school year will not have enough lessons at the present pace.

Once asked for it stands until there are enough, the pupil is taught at school again, or the county no longer asks.
"""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import lock, today_in_china, transaction
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.tasks.asking import ask_again, fulfil_tasks, withdraw_tasks
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN
from aidtracker.visits.asking import ask_teacher
from aidtracker.visits.individual import holding
from aidtracker.visits.models_plans import YearReminder
from aidtracker.visits.year_pace import Pace, SchoolYear, paces_of, year_at


def remind_of_year(*, county_id: int, today: datetime.date, by=None) -> int:
    """Returns how many reminders changed. Joins the night's transaction."""
    with transaction():
        lock("reminders", county_id)
        year, before = year_at(county_id, today), number_of("tutoring_year_remind_days", county_id, today)
        standing, is_near = standing_of(county_id, year.year), 0 < year.left <= before
        paces = paces_of(county_id, year, today) if standing or is_near else {}
        changed = settle(standing, paces)
        if is_near:
            behind = {id_: pace for id_, pace in paces.items() if pace.is_behind}
            changed += again(standing, behind, year) + remind_new({id_: pace for id_, pace in behind.items() if id_ not in standing}, year, before, today)
        if changed:
            record(action="visits.remind_of_year", by=by, object_kind="org", object_id=str(county_id), count=changed, county_id=county_id)
    return changed


def standing_of(county_id: int, year: int) -> dict[int, YearReminder]:
    """{pupil: the reminder}, whatever became of its task."""
    rows = YearReminder.select(YearReminder, Task).join(Task).where((YearReminder.county == county_id) & (YearReminder.school_year == year))
    return {row.student_id: row for row in rows}


def settle(standing: dict[int, YearReminder], paces: dict[int, Pace]) -> int:
    ended: dict[str, list[int]] = {"lesson": [], "left": [], "rule": []}
    for student_id, row in standing.items():
        if row.task.is_open and (how := how_over(paces.get(student_id))):
            ended[how].append(row.task_id)
    fulfil_tasks(ended["lesson"], "lesson", None)
    withdraw_tasks(ended["left"], "left")
    withdraw_tasks(ended["rule"], "rule")
    return sum(len(tasks) for tasks in ended.values())


def how_over(pace: Pace | None) -> str:
    if pace is None:
        return "left"
    if not pace.is_asked:
        return "rule"
    return "lesson" if pace.is_met else ""


def again(standing: dict[int, YearReminder], behind: dict[int, Pace], year: SchoolYear) -> int:
    """What was withdrawn and is behind once more."""
    tasks = [standing[id_].task_id for id_ in behind if id_ in standing and standing[id_].task.withdrawn_at is not None]
    for task_id in tasks:
        ask_again(task_id, year.last)
    return len(tasks)


def remind_new(behind: dict[int, Pace], year: SchoolYear, before: int, today: datetime.date) -> int:
    plans = holding(list(behind), today)
    for student in Student.select().where(Student.id.in_(list(behind))).order_by(Student.id):
        days = {"since": year.first, "due_on": year.last, "today": today}
        room, task_id = ask_teacher("tutoring_year", student, behind[student.id].class_id, plans[student.id], after=before, **days)
        YearReminder.create(county=student.county_id, student=student, school_year=year.year, class_org=room.id, task=task_id)
    return len(behind)


def look_at_year(student_ids: list[int], by) -> None:
    """A lesson was recorded or mended: a year that has enough now ends its task at once. Joins the transaction of the act."""
    rows = list(YearReminder.select().join(Task).where(YearReminder.student.in_(student_ids) & OPEN))
    today = today_in_china()
    for county_id in {row.county_id for row in rows}:
        year = year_at(county_id, today)
        paces = paces_of(county_id, year, today)
        met = [row.task_id for row in rows if row.school_year == year.year and row.student_id in paces and paces[row.student_id].is_met]
        fulfil_tasks(met, "lesson", by)
