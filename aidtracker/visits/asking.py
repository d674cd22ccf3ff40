"""Asking whoever teaches a pupil at home: the teacher whom the plan names, else whoever answers for the class."""

import datetime

from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.tasks.asking import ask_for_task, hand_to
from aidtracker.visits.individual import Holding, teachers_for


def ask_teacher(
    kind: str, student: Student, class_id: int, held: Holding, *, after: int, since: datetime.date, due_on: datetime.date, today: datetime.date
) -> tuple[Org, int]:
    """(the class, the task's id)."""
    room = Org.get_by_id(class_id)
    days = {"since": since, "due_on": due_on, "today": today}
    task_id = ask_for_task(kind=kind, county_id=student.county_id, path=room.path, after=after, unit="school", **days)
    plan = held.plan if held.state != "over" else None
    if plan and plan.teacher_id in dict(teachers_for(student)):
        hand_to(task_id, plan.teacher_id)
    return room, task_id
