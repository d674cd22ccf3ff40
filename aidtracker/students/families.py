"""Who lives with whom: the household that was set by hand, and who may belong to it as far as the register tells."""

from aidtracker.students.models import Guardian, Household, Student
from aidtracker.students.queries import visible_students

MOST = 12
NAMES = {"head_name": "head_name", "address": "household_address", "number": "household_number"}  # of what is changed, in the trail


def siblings_of(student: Student, user) -> list[Student]:
    """Others of the household, within the reader's scope."""
    if student.household_id is None:
        return []
    here = (Student.household == student.household_id) & (Student.id != student.id)
    return list(visible_students(user).where(here).order_by(Student.born_on, Student.id).limit(MOST))


def alike_families(student: Student, user, permission) -> list[Student]:
    """Pupils with the same registered home and a guardian of the same telephone, who are not in this household yet. Nobody is put in by this."""
    if student.home_id is None:
        return []
    mine = Guardian.select(Guardian.phone_index).where((Guardian.student == student) & Guardian.phone_index.is_null(False))
    theirs = Guardian.select(Guardian.student).where(Guardian.phone_index.in_(mine))
    near = (Student.home == student.home_id) & (Student.id != student.id) & Student.id.in_(theirs)
    if student.household_id is not None:
        near &= Student.household.is_null() | (Student.household != student.household_id)
    return list(visible_students(user, permission).where(near).order_by(Student.born_on, Student.id).limit(MOST))


def household_of(student: Student) -> Household | None:
    return Household.get_or_none(Household.id == student.household_id) if student.household_id else None
