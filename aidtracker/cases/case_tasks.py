"""Tasks about a case: asked for, done or withdrawn with the act that changes the case; joins its transaction."""

import datetime
from collections.abc import Collection

import peewee

from aidtracker.accounts.models import User
from aidtracker.attendance import warnings
from aidtracker.cases.models import Case
from aidtracker.cases.models_closing import CaseTask
from aidtracker.cases.sealed import reader_ids, readers_of, seal_of, shown_to
from aidtracker.cases.states import day_after
from aidtracker.db import chunks_of, today_in_china
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope
from aidtracker.tasks.asking import ask_for_task, ask_person_for_task, fulfil_tasks, hand_to, withdraw_tasks
from aidtracker.tasks.hooks import About
from aidtracker.tasks.kinds import KINDS
from aidtracker.tasks.models import Task
from aidtracker.tasks.queries import OPEN

WORK = Permission.CASE_WORK


def ask_place(case: Case, kind: str, path: str, days: int, since: datetime.date | None = None) -> int:
    """Of whoever answers at this place or above it, within so many school days. Returns the task's id."""
    today = today_in_china()
    due_on = day_after(today, days, case.county_id)
    named = seal_of(case) and named_above(case, kind, path)
    if named:
        return ask_by_name(case, kind, named, days, since)
    task = ask_for_task(kind=kind, county_id=case.county_id, path=path, since=since or today, after=days, unit="school", due_on=due_on, today=today)
    CaseTask.create(task=task, case=case, force_insert=True)
    return task


def ask_person(case: Case, kind: str, person, days: int, since: datetime.date | None = None) -> int:
    """Of this person, while they may work for the child; else of whoever is nearest."""
    if path_of(person, case.student) is None:
        return ask_place(case, kind, nearest_path(case.student), days, since)
    return ask_by_name(case, kind, person, days, since)


def ask_by_name(case: Case, kind: str, person: User, days: int, since: datetime.date | None = None) -> int:
    """Of this person, wherever they look after the child from, or of the county where they do not."""
    today = today_in_china()
    org_id = int((path_of(person, case.student) or str(case.county.path)).strip("/").split("/")[-1])
    told = {"org_id": org_id, "person_id": person.id, "since": since or today, "after": days, "due_on": day_after(today, days, case.county_id)}
    task = ask_person_for_task(kind=kind, county_id=case.county_id, **told)
    CaseTask.create(task=task, case=case, force_insert=True)
    return task


def named_above(case: Case, kind: str, path: str) -> User | None:
    """Of a sealed case: whoever of its named people answers for such a task at this place or above it, the nearest; else who sealed it."""
    needed = Permission.CASE_CLOSE if KINDS[kind].place != "class" else WORK
    people = [reader.user for reader in readers_of(case) if reader.user.is_active and reader.user_id != case.owner_id]
    fitting = [(len(scope), user.id, user) for user in people for scope in user.scopes(needed) if path.startswith(str(scope))]
    return max(fitting, default=(0, 0, seal_of(case).sealed_by))[-1]


def hand_to_named(case: Case) -> None:
    """The case was sealed: what is open is asked of one of its named people who may do it, unless it is so already."""
    named = reader_ids(case)
    for task in Task.select().where(Task.id.in_(open_tasks_of(case, KINDS)) & (Task.person.is_null() | Task.person.not_in(list(named)))):
        is_owners = case.owner_id and KINDS[task.kind].place == "class"
        hand_to(task.id, case.owner_id if is_owners else named_above(case, task.kind, str(task.org.path)).id)


def path_of(person, student: Student) -> str | None:
    """The nearest place of the person's from which they work for the child; None: they do not."""
    if person is None or not person.is_active:
        return None
    places = [org.path for org in (student.class_org, student.home, student.county) if org is not None]
    fitting = [str(path) for path in person.scopes(WORK) if any(place.startswith(path) for place in places)]
    return max(fitting, key=len, default=None)


def nearest_path(student: Student) -> str:
    return next(str(org.path) for org in (student.class_org, student.home, student.county) if org is not None)


def open_tasks_of(case: Case, kinds: Collection[str]) -> list[int]:
    found = CaseTask.select(CaseTask.task).join(Task).where((CaseTask.case == case) & OPEN & Task.kind.in_(list(kinds)))
    return [task_id for (task_id,) in found.tuples()]


def fulfil_of_rolls(case: Case, steps: Collection[str], on: datetime.date, how: str, by) -> None:
    """What the rolls asked for about the child. Those tasks stand in lists that a seal does not cover: of a sealed case they say
    neither what was done nor who did it."""
    warnings.fulfil([case.student_id], steps, on, *(("handled", None) if seal_of(case) else (how, by)))


def fulfil(case: Case, kinds: Collection[str], how: str, by) -> None:
    fulfil_tasks(open_tasks_of(case, kinds), how, by)


def withdraw(case: Case, kinds: Collection[str], why: str) -> None:
    withdraw_tasks(open_tasks_of(case, kinds), why)


def withdraw_of_day(case: Case, kind: str, since: datetime.date, why: str) -> None:
    found = CaseTask.select(CaseTask.task).join(Task).where((CaseTask.case == case) & OPEN & (Task.kind == kind) & (Task.since == since))
    withdraw_tasks([task_id for (task_id,) in found.tuples()], why)


def about_tasks(user, task_ids: Collection[int]) -> dict[int, About]:
    """A hook of tasks: whom they are about, of the pupils whom the user may see."""
    found: dict[int, About] = {}
    Room, School = Org.alias(), Org.alias()
    asked = CaseTask.select(CaseTask.task, Student.id, Student.name, Room.name, School.name).join(Case).join(Student)
    asked = asked.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(School, peewee.JOIN.LEFT_OUTER, on=Room.parent == School.id)
    asked = asked.where(in_scope(user.scopes(WORK)) & shown_to(user.id))
    for some in chunks_of(list(task_ids)):
        for task, student, name, room, school in asked.where(CaseTask.task.in_(some)).tuples():
            found[task] = About(name, f"{school} {room}" if room else "", student, of_case=True)
    return found
