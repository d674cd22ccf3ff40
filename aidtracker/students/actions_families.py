"""Households: pupils are put into one by hand and taken out again; a household gets another head, address or number."""

from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.students.actions_placing import refuse_outsider_to_any, told
from aidtracker.students.families import NAMES
from aidtracker.students.keeping import keep_version
from aidtracker.students.models import RESIDENT_ID, Household, Student
from aidtracker.students.queries import lock_pupils, visible_students


def set_household(*, student: Student, others: list[Student], head_name: str, address: str, by, number: str = "") -> Household:
    """The pupil and the others live together: in the household that one of the others has, else in a new one."""
    refuse_outsider_to_any([student, *others], by)
    if any(other.county_id != student.county_id for other in others):
        raise Refused("只能和同一个县的学生编入一个家庭。")
    with transaction():
        lock_pupils([student.id, *(other.id for other in others)])
        known = {other.household_id for other in others if other.household_id}
        if len(known) > 1:
            raise Refused("所选的学生已经在不同的家庭里，请先把其中一个移出。")
        household = Household.get_by_id(known.pop()) if known else new_household(student, head_name, address, number, by)
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


def edit_household(*, student: Student, head_name: str, address: str, number: str, by) -> None:
    """Of the household that the pupil is in. What it said before is kept with everybody who is in it."""
    refuse_outsider_to_any([student], by)
    with transaction():
        lock_pupils([student.id])
        household = Household.get_or_none(Household.id == Student.get_by_id(student.id).household_id)
        if household is None:
            raise Refused("这名学生没有编入家庭。")
        values = checked(household.county_id, household.id, head_name, address, number, by)
        changed = {name: (getattr(household, name), value) for name, value in values.items() if getattr(household, name) != value}
        if not changed:
            raise Refused("没有改动，不用保存。")
        for name, (_before, after) in changed.items():
            setattr(household, name, after)
        household.save(only=[Household._meta.fields[name] for name in changed])
        for each in Student.select().where(Student.household == household):
            keep_version(each, {}, by=by, household={NAMES[name]: [before or "", after or ""] for name, (before, after) in changed.items()})
        told("edit_household", student, by, [NAMES[name] for name in changed])


def new_household(student: Student, head_name: str, address: str, number: str, by) -> Household:
    values = checked(student.county_id, None, head_name, address, number, by)
    return Household.create(county=student.county_id, home=student.home_id, created_by=by, **values)


def checked(county_id: int, own_id: int | None, head_name: str, address: str, number: str, by) -> dict:
    if not head_name.strip():
        raise Refused("请填写户主姓名。")
    own = number.strip() or None
    if own and RESIDENT_ID.fullmatch(own):
        raise Refused("户编号不能用身份证号，请用本县自己编的号。")
    if own:
        refuse_taken(county_id, own_id, own, by)
    return {"head_name": head_name.strip(), "address": address.strip() or None, "number": own}


def refuse_taken(county_id: int, own_id: int | None, number: str, by) -> None:
    """A household that everybody left holds its number no longer. Whose it is, only whoever sees one of its pupils is told."""
    lock("household numbers", county_id)
    other = Household.get_or_none((Household.county == county_id) & (Household.number == number) & (Household.id != (own_id or 0)))
    if other is None:
        return
    inside = Student.household == other.id
    if not Student.select().where(inside).exists():
        Household.update(number=None).where(Household.id == other.id).execute()
    elif visible_students(by).where(inside).exists():
        raise Refused("户编号 %(number)s 已经是户主%(head)s那一家的，请换一个，或者先改那一家的编号。", number=number, head=other.head_name)
    else:
        raise Refused("户编号 %(number)s 在本县已有另一家使用，请换一个。", number=number)


def put_in(student: Student, household: Household | None, by) -> None:
    if student.household_id == (household.id if household else None):
        return
    keep_version(Student.get_by_id(student.id), {"household": student.household_id}, by=by)
    values = {"household": household, "revision": Student.revision + 1, "updated_at": utcnow()}
    Student.update(values).where(Student.id == student.id).execute()
