"""Tasks within the reader's scope, those that are a person's own, and who may be asked to do one."""

import datetime

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.queries import holds_today, people_at
from aidtracker.db import chunks_of, marks_for, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import ROLES, Permission
from aidtracker.tasks.hooks import which_tasks_are_hidden
from aidtracker.tasks.kinds import HOLDERS, KINDS, above
from aidtracker.tasks.models import Task

P = Permission
OPEN = Task.done_at.is_null() & Task.withdrawn_at.is_null()
WORKERS = [name for name, role in ROLES.items() if P.CASE_WORK in role.permissions]
HELD = """SELECT DISTINCT m.org_id, m.role, o.kind FROM membership m JOIN org o ON o.id = m.org_id JOIN user_account u ON u.id = m.user_id
WHERE u.disabled_at IS NULL AND m.starts_on <= ? AND (m.ends_on IS NULL OR m.ends_on >= ?) AND m.org_id IN """


def visible_tasks(user, permission: Permission = P.CASE_WORK):
    """Of the places that the reader answers for."""
    paths = user.scopes(permission)
    found = Task.select().where(Task.org.in_(Org.select(Org.id).where(within(paths))) if paths else NOTHING)
    for hidden in which_tasks_are_hidden:
        found = found.where(Task.id.not_in(hidden(user.id)))
    return found


def visible_task(user, task_id: int, permission: Permission = P.CASE_WORK) -> Task:
    found = visible_tasks(user, permission).where(Task.id == task_id).first()
    if found is None:
        raise NotFound
    return found


def is_mine(user):
    """A condition: handed to this person, or to nobody who is still here and this person answers for the place; what was escalated too."""
    gone = Task.person.in_(User.select(User.id).where(User.disabled_at.is_null(False)))
    places = [m.org_id for m in user.memberships if m.role in HOLDERS.get(m.org.kind, ())]
    if not places:
        return Task.person == user.id
    return (Task.person == user.id) | ((Task.person.is_null() | gone) & Task.org.in_(places)) | Task.escalated_to.in_(places)


def my_open_tasks(user):
    return visible_tasks(user).where(OPEN & is_mine(user))


def may_do(user, task: Task) -> bool:
    """Whoever works at its place; what was asked of one person for that person alone, while they are here."""
    kept_for_one = KINDS[task.kind].is_personal and task.person_id not in (None, user.id) and task.person.is_active
    return user.may(P.CASE_WORK, task.org) and not kept_for_one


def overdue(found, today: datetime.date):
    return found.where(Task.due_on < today)


def place_for(level: str, path: str, today: datetime.date) -> int:
    """The nearest org, from this level up the path, at which somebody holds the role today; the county when nobody does anywhere."""
    ids = [int(part) for part in path.strip("/").split("/")]
    held = {(kind, role): org_id for org_id, role, kind in run_sql(HELD + marks_for(ids), (today, today, *ids)).fetchall()}
    for kind in above(level):
        for role in HOLDERS[kind]:
            if (kind, role) in held:
                return held[kind, role]
    return next(id_ for (id_,) in Org.select(Org.id).where(Org.id.in_(ids) & (Org.kind == "county")).tuples())


def holders_of(org_ids) -> dict[int, list[str]]:
    """{org: names of those who answer for it today}"""
    found: dict[int, list[str]] = {}
    rows = Membership.select(Membership.org, Membership.role, Org.kind, User.name).join(User, on=Membership.user).switch(Membership).join(Org, on=Membership.org)
    for some in chunks_of(list(org_ids)):
        for org, role, kind, name in rows.where(Membership.org.in_(some) & holds_today() & User.disabled_at.is_null()).order_by(User.name).tuples():
            if role in HOLDERS.get(kind, ()) and name not in found.setdefault(org, []):
                found[org].append(name)
    return found


def people_for(task: Task) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever may do it, at its place and above, the nearest first."""
    return people_at([int(part) for part in task.org.path.strip("/").split("/")], WORKERS)
