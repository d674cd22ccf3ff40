"""Who lives with the pupil, as far as the register tells, and whom one may have met at the house."""

from aidtracker.crypto.field import unsealed_column
from aidtracker.permissions import Permission
from aidtracker.students.models import Guardian, Student, guardian_uid
from aidtracker.students.queries import visible_students

MOST = 12  # of one household on offer


def siblings_of(student: Student, user) -> list[Student]:
    """Other pupils with the same registered home and a guardian of the same name and phone, within the user's reach."""
    mine = set(phones_of([student.id]).values())
    if not mine or student.home_id is None:
        return []
    near = (Student.home == student.home_id) & (Student.id != student.id) & Guardian.name.in_([name for name, _phone in mine])
    asked = visible_students(user, Permission.VISIT_RECORD).select(Student.id).join(Guardian, on=Guardian.student)
    theirs = phones_of([student_id for (student_id,) in asked.where(near).distinct().limit(200).tuples()])
    alike = {student_id for (student_id, _position), guardian in theirs.items() if guardian in mine}
    return list(Student.select().where(Student.id.in_(alike)).order_by(Student.born_on, Student.id).limit(MOST)) if alike else []


def phones_of(student_ids: list[int]) -> dict[tuple[int, int], tuple[str, str]]:
    """{(student, position): (guardian's name, phone)} of those who left a phone."""
    opened = unsealed_column(Guardian.phone)
    columns = (Guardian.student, Guardian.position, Guardian.name, Guardian.phone)
    asked = Guardian.select(*columns).where(Guardian.student.in_(student_ids) & Guardian.phone.is_null(False))
    return {(id_, position): (name, opened(guardian_uid(id_, position), phone)) for id_, position, name, phone in asked.tuples()}
