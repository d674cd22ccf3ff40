"""Telephones that were written before they could be searched for get their keyed index, some at every look of the server."""

from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import run_many, transaction
from aidtracker.students.models import Guardian, Student, guardian_uid, phone_digits

MOST = 2000  # at one look


def index_phones() -> None:
    """Derived from what stands there: nobody's change, and nothing for the trail. A number without digits stays without."""
    for rows, text in ((students_without(), "student"), (guardians_without(), "guardian")):
        filled = [(index, id_) for id_, index in rows]
        if filled:
            with transaction():
                run_many(f"UPDATE {text} SET phone_index = ? WHERE id = ? AND phone_index IS NULL", filled)  # noqa: S608 our own names


def students_without() -> list[tuple[int, bytes]]:
    opened = unsealed_column(Student.phone)
    here = Student.phone.is_null(False) & Student.phone_index.is_null()
    rows = list(Student.select(Student.id, Student.uid, Student.phone).where(here).limit(MOST).tuples())
    return [(id_, index_of(opened(uid, sealed))) for id_, uid, sealed in rows]


def guardians_without() -> list[tuple[int, bytes]]:
    opened = unsealed_column(Guardian.phone)
    here = Guardian.phone.is_null(False) & Guardian.phone_index.is_null()
    rows = list(Guardian.select(Guardian.id, Guardian.student, Guardian.position, Guardian.phone).where(here).limit(MOST).tuples())
    return [(id_, index_of(opened(guardian_uid(student_id, position), sealed))) for id_, student_id, position, sealed in rows]


def index_of(phone: str | None) -> bytes:
    return keyer("index_phone")(phone_digits(phone or ""))
