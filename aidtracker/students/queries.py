"""Pupils within the reader's scope, and who sat in a class on a day."""

import datetime

import peewee

from aidtracker.db import chunks_of, is_sqlite, marks_for, run_sql, today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Enrollment, Student

EVERYBODY = Student.merged_into.is_null()  # a record that became part of another is nobody
MANY = 500  # places; below it they are named one by one, so that an index answers


def in_scope(paths: list):
    """A condition on Student: enrolled at or below these paths, or registered at home there. Never a record that was merged.

    A county sees every record that it answers for, also of those who left their class.
    """
    if not paths:
        return NOTHING
    places = Org.select(Org.id).where(within(paths))
    counties = [county_id for (county_id,) in places.where(Org.kind == "county").tuples()]
    if counties and Org.select().where(Org.kind == "county").count() == len(counties):
        return EVERYBODY
    if not counties:
        found = [place for (place,) in places.where(Org.kind != "school").limit(MANY + 1).tuples()]
        places = found if len(found) <= MANY else places
    seen = Student.class_org.in_(places) | Student.home.in_(places)
    return (seen | Student.county.in_(counties)) & EVERYBODY if counties else seen & EVERYBODY


def visible_students(user, permission: Permission = Permission.STUDENT_VIEW):
    """A township sees the pupils of its schools and those whose registered home it is."""
    return Student.select().where(in_scope(user.scopes(permission)))


def visible_student(user, student_id: int, permission: Permission = Permission.STUDENT_VIEW) -> Student:
    found = visible_students(user, permission).where(Student.id == student_id).first()
    if found is None:
        raise NotFound
    return found


def may_with(user, permission: Permission, student: Student) -> bool:
    """The user holds the permission over this pupil's class or registered home."""
    return visible_students(user, permission).where(Student.id == student.id).exists()


def lock_pupils(ids) -> None:
    """Whoever writes about a pupil comes one after the other, until the transaction ends; SQLite has one writer anyway."""
    if not is_sqlite():
        for some in chunks_of(sorted(ids)):
            run_sql(f"SELECT id FROM student WHERE id IN {marks_for(some)} ORDER BY id FOR NO KEY UPDATE", some)  # noqa: S608


def on_the(day: datetime.date):
    """A condition on Enrollment: the spell covers the day."""
    return (Enrollment.starts_on <= day) & (Enrollment.ends_on.is_null() | (Enrollment.ends_on >= day))


def roster_of(class_org, day: datetime.date | None = None):
    """(id, uid, seat, name, mode) of everybody enrolled in the class on the day, by seat, then pinyin."""
    columns = (Student.id, Student.uid, Enrollment.seat, Student.name, Enrollment.mode)
    found = Student.select(*columns).join(Enrollment, on=Enrollment.student)
    here = (Enrollment.class_org == class_org) & on_the(day or today_in_china())
    order = (Enrollment.seat.is_null(), Enrollment.seat, Student.pinyin, Student.id)
    return found.where(here).order_by(*order).tuples()


def attending_counts(day: datetime.date, class_ids=None, modes=("boarding", "day")) -> dict[int, int]:
    """{class id: pupils expected at roll call}; pupils taught at home are not expected."""
    here = on_the(day) & Enrollment.mode.in_(modes)
    if class_ids is not None:
        here &= Enrollment.class_org.in_(class_ids)
    counted = Enrollment.select(Enrollment.class_org, peewee.fn.COUNT(Enrollment.id)).where(here)
    return dict(counted.group_by(Enrollment.class_org).tuples())
