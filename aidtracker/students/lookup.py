"""Finding many pupils at once by what a workbook knows of them."""

from typing import NamedTuple

from aidtracker.crypto.keyed_index import keyer
from aidtracker.students.models import Student

CHUNK = 900  # parameters of one statement that every SQLite takes


class Known(NamedTuple):
    id: int
    uid: str
    county_id: int
    class_org_id: int | None


def students_by_number(numbers, county_ids) -> dict[str, Known]:
    """{学籍号: Known} of those that exist in these counties."""
    key = keyer("index_student_number")
    by_index = {key(number): number for number in set(numbers)}
    found = students_by_index(Student.student_number_index, list(by_index), county_ids)
    return {by_index[index]: known for index, known in found.items()}


def students_by_id_number(numbers, county_ids) -> dict[str, Known]:
    """{身份证件号: Known} of those that exist in these counties."""
    key = keyer("index_id")
    by_index = {key(number): number for number in set(numbers)}
    found = students_by_index(Student.id_index, list(by_index), county_ids)
    return {by_index[index]: known for index, known in found.items()}


def students_by_index(column, values, county_ids) -> dict[bytes, Known]:
    found = {}
    for start in range(0, len(values), CHUNK):
        asked = Student.select(column, Student.id, Student.uid, Student.county_id, Student.class_org_id)
        here = column.in_(values[start : start + CHUNK]) & Student.county.in_(county_ids)
        for index, *known in asked.where(here).tuples():
            found[bytes(index)] = Known(*known)
    return found
