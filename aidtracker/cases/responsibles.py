"""Who answers for a child on a day (双线、七长、包保), the list of them within a scope, and a person's own children."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import people_at
from aidtracker.cases.models import Case
from aidtracker.cases.models_responsibility import KINDS, Responsibility
from aidtracker.cases.sealed import shown_to
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope, visible_students
from aidtracker.tasks.queries import WORKERS

P = Permission
R = Responsibility


class Responsible(NamedTuple):
    """`depth`: how near to the child, 0 the nearest."""

    id: int
    line: str
    duty: str
    name: str
    post: str
    place: str  # '': the child's own
    depth: int


def holds_on(on: datetime.date):
    """A condition: in force that day."""
    return R.withdrawn_at.is_null() & (R.starts_on <= on) & (R.ends_on.is_null() | (R.ends_on >= on))


def places_of(student: Student) -> list[int]:
    paths = [str(org.path) for org in (student.class_org, student.home, student.county) if org is not None]
    return list({int(part) for path in paths for part in path.strip("/").split("/")})


def responsible_for(student: Student, on: datetime.date) -> list[Responsible]:
    """Of both lines, the nearest first: of the child, then of class, school, village, township, county."""
    mine = (R.student == student) | R.org.in_(places_of(student))
    rows = R.select(R.id, R.line, R.duty, R.name, R.post, Org.name, Org.kind).join(Org, peewee.JOIN.LEFT_OUTER, on=R.org == Org.id).where(mine & holds_on(on))
    found = [
        Responsible(id_, line, duty, name, post, place or "", KINDS.index(kind) + 1 if kind else 0)
        for id_, line, duty, name, post, place, kind in rows.tuples()
    ]
    return sorted(found, key=lambda each: (each.line, each.depth, each.id))


def visible_responsibilities(user, permission: Permission = P.CASE_VIEW):
    """Of the places and children that the reader answers for."""
    paths = user.scopes(permission)
    if not paths:
        return R.select().where(NOTHING)
    places = Org.select(Org.id).where(within(paths))
    found = R.select().join(Student, peewee.JOIN.LEFT_OUTER, on=R.student == Student.id)
    return found.where(R.org.in_(places) | (R.student.is_null(False) & in_scope(paths)))


def at_place(found, place: Org):
    """Those at the place or below it."""
    return found.where(R.org.in_(Org.select(Org.id).where(within([place.path]))))


def places_below(tops: list[Org]) -> list[Org]:
    return list(Org.select().where(Org.parent.in_(tops) & Org.closed_on.is_null()).order_by(Org.code)) if tops else []


def visible_responsibility(user, responsibility_id: int, permission: Permission = P.CASE_VIEW) -> Responsibility:
    found = visible_responsibilities(user, permission).where(R.id == responsibility_id).first()
    if found is None:
        raise NotFound
    return found


def listed(found, on: datetime.date | None):
    """Rows of the list: in force that day, or all there ever were; by place."""
    Person = User.alias()
    rows = found.select(R, Student.name.alias("student_name"), Org.name.alias("org_name"), Person.name.alias("person_name"))
    rows = rows.join(Org, peewee.JOIN.LEFT_OUTER, on=R.org == Org.id).join(Person, peewee.JOIN.LEFT_OUTER, on=R.person == Person.id)
    rows = rows.where(holds_on(on)) if on else rows.where(R.withdrawn_at.is_null())
    return rows.order_by(Org.path, R.student, R.line, R.starts_on, R.id).objects()


def accounts_at(org: Org | None, student: Student | None) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever may be named with their account: at the place or above it."""
    ids = places_of(student) if student is not None else [int(part) for part in str(org.path).strip("/").split("/")] if org is not None else []
    return people_at(ids, WORKERS)


# A person's own children.


def mine_on(user, on: datetime.date):
    """A condition on Student: this person answers for the child, by name or by a place."""
    rows = list(R.select(R.student, R.org, Org.path).join(Org, peewee.JOIN.LEFT_OUTER, on=R.org == Org.id).where((R.person == user.id) & holds_on(on)).tuples())
    paths = [path for _student, org, path in rows if org is not None]
    named = Student.id.in_([student for student, _org, _path in rows if student is not None])
    return named | in_scope(paths) if paths else named


def my_children(user, on: datetime.date):
    """Pupils as rows with their case, the most urgent first: overdue, then open, then the others. Within what the person may see."""
    is_open = Case.state != "closed"
    found = visible_students(user, P.CASE_VIEW).where(mine_on(user, on)).join(Case, peewee.JOIN.LEFT_OUTER, on=(Case.student == Student.id) & shown_to(user.id))
    urgency = peewee.Case(None, [(is_open & (Case.due_on < on), 0), (is_open, 1)], 2)
    Room, School = Org.alias(), Org.alias()
    rows = found.select(Student.id, Student.name, Case.id.alias("case_id"), Case.state, Case.due_on, Room.name.alias("class_name"), School.name.alias("school_name"))
    rows = rows.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(School, peewee.JOIN.LEFT_OUTER, on=Room.parent == School.id)
    return rows.order_by(urgency, Case.due_on, Student.pinyin, Student.id).dicts()


def my_overdue(user, on: datetime.date) -> int:
    late = (Case.state != "closed") & (Case.due_on < on)
    return Case.select().join(Student).where(in_scope(user.scopes(P.CASE_VIEW)) & mine_on(user, on) & late & shown_to(user.id)).count()
