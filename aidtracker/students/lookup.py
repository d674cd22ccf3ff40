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
    is_former: bool = False  # found by a number that was replaced since


def students_by_number(numbers, county_ids) -> dict[str, Known]:
    """{学籍号: Known} of those that exist in these counties."""
    key = keyer("index_student_number")
    return students_by_key("student_number_index", {number: key(number) for number in set(numbers)}, county_ids)


def students_by_key(column: str, keys: dict[str, bytes], county_ids) -> dict[str, Known]:
    """{number: Known} by a keyed index: `keys` is {number: its key}, the column id_index or student_number_index.

    A number that was replaced finds the record that bore it.
    """
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
    return found | students_by_former(column.removesuffix("_index"), [number for number in keys if number not in found], counties)


def students_by_former(column: str, numbers: list[str], counties: str) -> dict[str, Known]:
    """Of numbers that nobody bears now: whose they were; a number of two pupils says nothing."""
    kind, key = "id_number" if column == "id" else column, keyer("index_id")
    any_of_them = f"SELECT 1 FROM former_number WHERE county_id IN ({counties}) AND kind = '{kind}' LIMIT 1"  # noqa: S608 our own names
    if not numbers or not run_sql(any_of_them).fetchone():
        return {}
    by_key = {key(number): number for number in numbers}
    found: dict[str, set] = {}
    for chunk in chunks_of(list(by_key)):
        asked = f"""SELECT f.number_index, s.id, s.uid, s.county_id, s.class_org_id FROM former_number f JOIN student s ON s.id = f.student_id
            WHERE f.county_id IN ({counties}) AND f.kind = '{kind}' AND f.number_index IN {marks_for(chunk)}"""  # noqa: S608 our own names
        for index, *known in run_sql(asked, chunk):
            found.setdefault(by_key[bytes(index)], set()).add(Known(*known, is_former=True))
    return {number: pupils.pop() for number, pupils in found.items() if len(pupils) == 1}
