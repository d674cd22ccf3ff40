"""Tasks as the rooms that need them ask for them: each joins the transaction of an act that tells."""

import datetime
from collections.abc import Collection

from aidtracker.db import chunks_of, new_uid, run_sql, utcnow
from aidtracker.tasks.kinds import HOW, KINDS, WHY
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN, place_for

# Written out: it is asked within a teacher's submit.
INSERT = """INSERT INTO task (uid, county_id, org_id, kind, since, after, unit, due_on, asked_at, how, why)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '') RETURNING id"""


def ask_for_task(*, kind: str, county_id: int, path: str, since: datetime.date, after: int, unit: str, due_on: datetime.date, today: datetime.date) -> int:
    """Of whoever answers for the kind of place that the task wants, at the place with this path or above it. Returns the task's id."""
    org = place_for(KINDS[kind].place, path, today)
    return run_sql(INSERT, (new_uid(), county_id, org, kind, since, after, unit, due_on, utcnow())).fetchone()[0]


def ask_person_for_task(*, kind: str, county_id: int, org_id: int, person_id: int, since: datetime.date, after: int, due_on: datetime.date) -> int:
    """Of one person, who looks after the child from this place; of whoever answers there when that person has left. Returns the task's id."""
    if kind not in KINDS:
        raise ValueError(kind)
    plain = {"county": county_id, "org": org_id, "person": person_id, "since": since, "after": after, "due_on": due_on}
    return Task.create(kind=kind, **plain).id


def move_task(*, task_id: int, path: str, since: datetime.date, today: datetime.date) -> None:
    """The child is elsewhere now, or the days count from another one: whoever is nearest there does it."""
    task = Task.get_by_id(task_id)
    org = place_for(KINDS[task.kind].place, path, today)
    same = {} if task.org_id == org else {"org": org, "person": None, "escalated_at": None, "escalated_to": None}
    Task.update(since=since, **same).where((Task.id == task_id) & OPEN).execute()


def hand_to(task_id: int, person_id: int) -> None:
    """It is asked of this person by name."""
    Task.update(person=person_id).where((Task.id == task_id) & OPEN).execute()


def withdraw_tasks(task_ids: Collection[int], why: str) -> None:
    """What is done stays done."""
    if why not in WHY:
        raise ValueError(why)
    for some in chunks_of(list(task_ids)):
        Task.update(withdrawn_at=utcnow(), why=why).where(Task.id.in_(some) & OPEN).execute()


def ask_again(task_id: int, due_on: datetime.date) -> None:
    """What was withdrawn stands after all; what is done stays done."""
    withdrawn = (Task.id == task_id) & Task.withdrawn_at.is_null(False)
    Task.update(withdrawn_at=None, why="", due_on=due_on).where(withdrawn).execute()


def fulfil_tasks(task_ids: Collection[int], how: str, by) -> None:
    """Something was recorded that says that it was done."""
    if how not in HOW:
        raise ValueError(how)
    for some in chunks_of(list(task_ids)):
        done = {"done_at": utcnow(), "done_by": by.id if by else None, "how": how}
        Task.update(**done).where(Task.id.in_(some) & OPEN).execute()
