"""Households: pupils are put into one by hand and taken out again."""

from aidtracker.db import transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.students.actions_placing import refuse_outsider_to_any, told
from aidtracker.students.keeping import keep_version
from aidtracker.students.models import Household, Student
from aidtracker.students.queries import lock_pupils


def set_household(*, student: Student, others: list[Student], head_name: str, address: str, by) -> Household:
    """The pupil and the others live together: in the household that one of the others has, else in a new one."""
    refuse_outsider_to_any([student, *others], by)
    if any(other.county_id != student.county_id for other in others):
        raise Refused("只能和同一个县的学生编入一个家庭。")
    with transaction():
        lock_pupils([student.id, *(other.id for other in others)])
        known = {other.household_id for other in others if other.household_id}
        if len(known) > 1:
            raise Refused("所选的学生已经在不同的家庭里，请先把其中一个移出。")
        household = Household.get_by_id(known.pop()) if known else new_household(student, head_name, address, by)
        for each in (student, *others):
            put_in(each, household, by)
        told("set_household", student, by, ("household",))
    return household


def leave_household(*, student: Student, by) -> None:
    refuse_outsider_to_any([student], by)
    with transaction():
        lock_pupils([student.id])
        if student.household_id is None:
            raise Refused("这名学生没有编入家庭。")
        put_in(student, None, by)
        told("leave_household", student, by, ("household",))


def new_household(student: Student, head_name: str, address: str, by) -> Household:
    if not head_name.strip():
        raise Refused("请填写户主姓名。")
    return Household.create(county=student.county_id, head_name=head_name.strip(), home=student.home_id, address=address.strip() or None, created_by=by)


def put_in(student: Student, household: Household | None, by) -> None:
    if student.household_id == (household.id if household else None):
        return
    keep_version(Student.get_by_id(student.id), {"household": student.household_id}, by=by)
    values = {"household": household, "revision": Student.revision + 1, "updated_at": utcnow()}
    Student.update(values).where(Student.id == student.id).execute()
