"""Tags as this reader may see them: on a day, of a pupil, of many, counted by school."""

import datetime
from collections import defaultdict

import peewee

from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.queries import in_scope, on_the
from aidtracker.students.tag_kinds import GUARDED, MONITORED

OPENS = (Permission.STUDENT_EDIT, Permission.CASE_VIEW)  # either over the pupil opens the guarded kinds


def seen_tags(user):
    """A condition on Tag: what this reader may know of."""
    paths = [path for permission in OPENS for path in user.scopes(permission)]
    if all(any(seen.startswith(path) for path in paths) for seen in user.scopes(Permission.STUDENT_VIEW)):
        return Tag.kind != ""
    mine = Student.select(Student.id).where(in_scope(paths))
    return Tag.kind.not_in(GUARDED) | Tag.student.in_(mine)


def held_on(day: datetime.date | None):
    """A condition on Tag: it holds on the day; None: it has not ended."""
    if day is None:
        return Tag.ends_on.is_null()
    return (Tag.starts_on <= day) & (Tag.ends_on.is_null() | (Tag.ends_on >= day))


def tags_of(student: Student, user) -> list[Tag]:
    """Open ones first."""
    found = Tag.select().where((Tag.student == student) & seen_tags(user))
    return list(found.order_by(Tag.ends_on.is_null().desc(), Tag.starts_on.desc(), Tag.id.desc()))


def tag_of(student: Student, tag_id: int, user) -> Tag:
    found = Tag.get_or_none((Tag.id == tag_id) & (Tag.student == student) & seen_tags(user))
    if found is None:
        raise NotFound
    return found


def open_tag_of(student: Student, tag_id: int, user) -> Tag:
    found = tag_of(student, tag_id, user)
    if found.ends_on is not None:
        raise NotFound
    return found


def certificate_of(student: Student, tag_id: int) -> str | None:
    found = Tag.get_or_none((Tag.id == tag_id) & (Tag.student == student))
    return found.certificate if found else None


def tags_of_many(ids: list[int], user, day: datetime.date | None = None) -> dict[int, list[str]]:
    """{student id: kinds of the tags that hold on the day, once each}."""
    found: dict[int, dict[str, None]] = defaultdict(dict)
    asked = Tag.select(Tag.student, Tag.kind).where(Tag.student.in_(ids) & held_on(day) & seen_tags(user))
    for student_id, kind in asked.order_by(Tag.id).tuples():
        found[student_id][kind] = None
    return {student_id: list(kinds) for student_id, kinds in found.items()}


def counted(pupils, user, day: datetime.date) -> dict[int, dict[str, int]]:
    """{school: {kind: pupils of `pupils` who sat there on the day and were of that kind}}; 监测对象 counts those of all its kinds once."""
    room = Org.alias()
    kind = peewee.Case(None, [(Tag.kind.in_(MONITORED), "monitored")], Tag.kind)
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for shown, narrower in ((kind, Tag.kind != ""), (Tag.kind, Tag.kind.in_(MONITORED[1:]))):
        asked = (
            Tag.select(room.parent, shown, peewee.fn.COUNT(peewee.fn.DISTINCT(Tag.student)))
            .join(Enrollment, on=(Enrollment.student == Tag.student) & on_the(day))
            .join(room, on=(Enrollment.class_org == room.id))
            .where(held_on(day) & narrower & seen_tags(user) & Tag.student.in_(pupils.select(Student.id)))
            .group_by(room.parent, shown)
        )
        for school_id, name, number in asked.tuples():
            found[school_id][name] = number
    return found


def schools_named(ids) -> list[tuple[int, str, str, int, str]]:
    """(id, name, path, id of the place above, its kind) in the order of their codes."""
    above = Org.alias()
    asked = Org.select(Org.id, Org.name, Org.path, above.id, above.kind).join(above, on=(Org.parent == above.id))
    return list(asked.where(Org.id.in_(list(ids))).order_by(Org.code).tuples())
