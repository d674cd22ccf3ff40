"""Doing a task, handing it to somebody, taking back that it was done; and escalating what nobody does."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.tasks.kinds import KINDS, LONGEST, PLACES
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN, may_do, people_for, place_for


def finish_task(*, task: Task, note: str, by) -> None:
    """完成. Refused: nothing said of how it went, somebody was faster."""
    refuse_outsider(task, by)
    if not KINDS[task.kind].is_by_hand:
        raise Refused("这项待办不能手工完成：办完以后会自动完成。")
    if not note.strip():
        raise Refused("请写明怎么办的、结果怎样，例如：10 点给母亲打了电话，说孩子发烧，明天到校。")
    if len(note.strip()) > LONGEST:
        raise Refused("写得太长了，最多 %(most)s 个字。", most=LONGEST)
    with transaction():
        row = standing(task)
        row.done_at, row.done_by, row.how, row.note = utcnow(), by, "hand", note.strip()
        row.save()
        told("finish_task", row, by, ("note",))


def reopen_task(*, task: Task, by) -> None:
    """Somebody pressed the wrong button: it is to be done after all. What a visit or a roll did is taken back there."""
    refuse_outsider(task, by)
    with transaction():
        lock("task", task.id)
        row = Task.get_by_id(task.id)
        if row.how != "hand":
            raise Refused("这项待办不是手工完成的，不能撤销。")
        row.done_at, row.done_by, row.how, row.note = None, None, "", None
        row.save()
        told("reopen_task", row, by, ("note",))


def hand_task(*, task: Task, person_id: int, by) -> None:
    """转交 to somebody who may see the place. Refused: anybody else."""
    refuse_outsider(task, by)
    if person_id not in dict(people_for(task)):
        raise Refused("这个人管不到这里，请从名单里选。")
    with transaction():
        row = standing(task)
        row.person = person_id
        row.save()
        told("hand_task", row, by, ("person",))


def escalate_tasks(*, county_id: int, due_before: datetime.date, today: datetime.date, by=None) -> int:
    """What was due before that day and nobody did goes, once, to the next place up as well. Returns how many."""
    with transaction():
        lock("tasks", county_id)
        late = list(Task.select().where((Task.county == county_id) & OPEN & (Task.due_on < due_before) & Task.escalated_at.is_null()))
        found = [task for task in late if escalated(task, today)]
        if found:
            record(action="tasks.escalate_tasks", by=by, object_kind="org", object_id=str(county_id), fields=("escalated_to",), count=len(found), county_id=county_id)
    return len(found)


def escalated(task: Task, today: datetime.date) -> bool:
    """False: there is nobody further up."""
    if task.org.kind == PLACES[-1]:
        return False
    above = PLACES[PLACES.index(task.org.kind) + 1]
    to = place_for(above, task.org.path, today)
    return bool(Task.update(escalated_at=utcnow(), escalated_to=to).where((Task.id == task.id) & OPEN).execute())


def standing(task: Task) -> Task:
    lock("task", task.id)
    row = Task.get_by_id(task.id)
    if row.withdrawn_at is not None:
        raise Refused("这项待办已经撤回，不用再办。")
    if row.done_at is not None:
        raise Refused("这项待办刚才已经完成了。")
    return row


def refuse_outsider(task: Task, by) -> None:
    if not may_do(by, task):
        raise Forbidden("你没有办理这项待办的权限。")


def told(action: str, task: Task, by, fields) -> None:
    record(action=f"tasks.{action}", by=by, object_kind="task", object_id=task.uid, fields=fields, county_id=task.county_id)
