"""Finding many pupils at once by what a workbook knows of them."""

from typing import NamedTuple

from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import chunks_of, marks_for, run_sql
from aidtracker.students.models import Student


class Known(NamedTuple):
    id: int
    uid: str
    county_id: int
    class_org_id: int | None


def students_by_number(numbers, county_ids) -> dict[str, Known]:
    """{学籍号: Known} of those that exist in these counties."""
    key = keyer("index_student_number")
    return students_by_key("student_number_index", {number: key(number) for number in set(numbers)}, county_ids)


def students_by_key(column: str, keys: dict[str, bytes], county_ids) -> dict[str, Known]:
    """{number: Known} by a keyed index: `keys` is {number: its key}, the column id_index or student_number_index."""
    counties = ", ".join(str(int(county)) for county in county_ids)
    if not keys or not counties or not Student.select().where(Student.county.in_(list(county_ids))).exists():
        return {}
    by_key = {key: number for number, key in keys.items()}
    found = {}
    for chunk in chunks_of(list(by_key)):
        asked = f"""SELECT {column}, id, uid, county_id, class_org_id FROM student
            WHERE county_id IN ({counties}) AND {column} IN {marks_for(chunk)}"""  # noqa: S608 our own names
        for key, *known in run_sql(asked, chunk):
            found[by_key[bytes(key)]] = Known(*known)
    return found
