"""Visits within the reader's scope: those of which one pupil is. Who else was visited is told as a number only."""

import json
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import EVERYBODY, in_scope
from aidtracker.visits.models import Visit, VisitStudent, VisitVersion

ClassOrg, SchoolOrg = Org.alias(), Org.alias()
RECORDED = peewee.SQL("'recorded'")  # written out: SQLite uses the index of what waits for no value that is handed over
WAITING = (Visit.state == RECORDED) & ~Visit.is_imported  # what came in a workbook is history: nobody verifies it


class Pupil(NamedTuple):
    """A pupil of a visit, with the class and school of that day."""

    id: int
    name: str
    class_name: str
    school_name: str


class Pupils(NamedTuple):
    seen: list[Pupil]
    others: int  # outside the reader's scope

    @property
    def ids(self) -> list[int]:
        return [pupil.id for pupil in self.seen]


class Version(NamedTuple):
    """A visit as it stood before an edit."""

    revision: int
    by_name: str
    at: object
    content: dict


ANY = peewee.SQL("1 = 1")


def of_scope(paths: list):
    """A condition on Visit: one of its pupils is enrolled, registered or kept within these paths."""
    seen = in_scope(paths)
    if seen is EVERYBODY:
        return ANY
    return Visit.id.in_(VisitStudent.select(VisitStudent.visit).join(Student).where(seen))


def visible_visits(user, permission: Permission = Permission.VISIT_VIEW):
    return Visit.select().where(of_scope(user.scopes(permission)))


def visible_visit(user, visit_id: int, permission: Permission = Permission.VISIT_VIEW) -> Visit:
    found = visible_visits(user, permission).where(Visit.id == visit_id).first()
    if found is None:
        raise NotFound
    return found


def may_see(user, visit_id: int) -> bool:
    return visible_visits(user).where(Visit.id == visit_id).exists()


def may_with(user, permission: Permission, visit: Visit) -> bool:
    """The user holds the permission over one of the visit's pupils."""
    return visible_visits(user, permission).where(Visit.id == visit.id).exists()


def to_verify(user):
    """Visits that wait for this reader: recorded and mended by others, in the reader's reach to verify."""
    mine = Visit.recorded_by.is_null(False) & (Visit.recorded_by == user.id)
    return visible_visits(user, Permission.VISIT_VERIFY).where(WAITING & ~mine & ~mended_by(user))


def mended_by(user):
    """A condition on Visit: the user wrote some of what stands, by an edit."""
    by_user = (VisitVersion.visit == Visit.id) & (VisitVersion.replaced_by == user.id)
    return peewee.fn.EXISTS(VisitVersion.select(peewee.SQL("1")).where(by_user))


def is_own(user, visit: Visit) -> bool:
    """Recorded or mended by the user, who then does not verify it."""
    return visit.recorded_by_id == user.id or Visit.select().where((Visit.id == visit.id) & mended_by(user)).exists()


def may_edit(user, visit: Visit) -> bool:
    """Whoever recorded it; else an office (school, township, bureau) that may record visits of its pupils."""
    if not may_with(user, Permission.VISIT_RECORD, visit):
        return False
    return visit.recorded_by_id == user.id or may_with(user, Permission.REPORT_VIEW, visit)


def may_verify(user, visit: Visit) -> bool:
    return not is_own(user, visit) and may_with(user, Permission.VISIT_VERIFY, visit)


def visits_of(student: Student):
    """Everything recorded of the pupil, newest first."""
    found = Visit.select().join(VisitStudent).where(VisitStudent.student == student)
    return found.order_by(Visit.on.desc(), Visit.id.desc())


def pupils_of_many(visit_ids: list[int], user) -> dict[int, Pupils]:
    """{visit: its pupils as far as the reader may see them, and how many more there are}."""
    found = {visit_id: Pupils([], 0) for visit_id in visit_ids}
    columns = (VisitStudent.visit, Student.id, Student.name, ClassOrg.name, SchoolOrg.name)
    is_seen = in_scope(user.scopes(Permission.VISIT_VIEW)).alias("is_seen")
    asked = VisitStudent.select(*columns, is_seen).join(Student)
    asked = asked.left_outer_join(ClassOrg, on=(VisitStudent.class_org == ClassOrg.id))
    asked = asked.left_outer_join(SchoolOrg, on=(VisitStudent.school == SchoolOrg.id))
    for visit_id, student_id, name, room, school, is_seen in asked.where(VisitStudent.visit.in_(visit_ids)).order_by(Student.id).tuples():
        seen, others = found[visit_id]
        if is_seen:
            seen.append(Pupil(student_id, name, room or "", school or ""))
        found[visit_id] = Pupils(seen, others + (not is_seen))
    return found


def pupils_of(visit: Visit, user) -> Pupils:
    return pupils_of_many([visit.id], user)[visit.id]


def versions_of(visit: Visit) -> list[Version]:
    """What stood before each edit, newest first, opened."""
    asked = VisitVersion.select(VisitVersion, User).left_outer_join(User, on=VisitVersion.replaced_by)
    found = asked.where(VisitVersion.visit == visit).order_by(VisitVersion.revision.desc())
    return [Version(v.revision, v.replaced_by.name if v.replaced_by_id else "", v.replaced_at, json.loads(v.content)) for v in found]


def name_of(user_id: int | None) -> str:
    """Of whoever recorded or checked a visit; '' when nobody did."""
    found = User.select(User.name).where(User.id == user_id).tuples().first() if user_id else None
    return found[0] if found else ""
