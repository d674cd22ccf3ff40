"""Looking at a pupil's pages: on record once for each person, pupil and day."""

from aidtracker.audit.actions import record, wait_for_the_chain
from aidtracker.audit.queries import midnight_us
from aidtracker.db import run_sql, today_in_china, transaction
from aidtracker.students.models import Student

SEEN = """SELECT 1 FROM audit_entry
WHERE action = 'students.view_student' AND object_id = ? AND actor_id = ? AND at_us >= ? LIMIT 1"""  # by audit_entry_looks


def view_student(*, student: Student, by) -> None:
    """Before the page is made: what cannot be put on record is not shown. A second look on the same day writes nothing."""
    if has_seen_today(by, student):
        return
    with transaction():
        wait_for_the_chain()  # two first looks at once are one entry
        if not has_seen_today(by, student):
            about = {"object_kind": "student", "object_id": student.uid, "county_id": student.county_id}
            record(action="students.view_student", by=by, **about)


def view_students(*, ids: list[int], by) -> None:
    """Of a page that tells of several, as of a visit to a family."""
    students = list(Student.select(Student.uid, Student.county).where(Student.id.in_(ids)))  # read to the end before the first write
    for student in students:
        view_student(student=student, by=by)


def has_seen_today(user, student: Student) -> bool:
    return run_sql(SEEN, (student.uid, user.id, midnight_us(today_in_china()))).fetchone() is not None
