"""Pairs of records that may be one child, of a whole county at once."""

from collections.abc import Iterable

from aidtracker.crypto.field import unsealed_column
from aidtracker.db import chunks_of, marks_for, run_sql
from aidtracker.students.models import Student

KINDS = {
    "alike": "姓名、出生日期、性别都相同",
    "former": "一人现在的号码，另一人用过",
    "both_former": "用过同一个号码",
    "one_digit": "姓名相同，身份证号只差一位",
}
MOST = 5000  # of one kind: more than that is no list for people
DECIDED = "AND NOT EXISTS (SELECT 1 FROM not_same n WHERE n.first_id = a.id AND n.second_id = b.id)"
STAND = "a.merged_into_id IS NULL AND b.merged_into_id IS NULL"
ALIKE = f"""SELECT a.id, b.id FROM student a
JOIN student b ON b.county_id = a.county_id AND b.name = a.name AND b.born_on = a.born_on AND b.sex = a.sex AND b.id > a.id
WHERE a.county_id = ? AND {STAND} {DECIDED} ORDER BY a.name, a.id, b.id LIMIT ?"""  # noqa: S608 our own text
FORMER = f"""SELECT a.id, b.id FROM former_number f JOIN student x ON x.id = f.student_id
JOIN student y ON y.county_id = f.county_id AND y.id_index = f.number_index AND y.id <> x.id
JOIN student a ON a.id = CASE WHEN x.id < y.id THEN x.id ELSE y.id END JOIN student b ON b.id = CASE WHEN x.id < y.id THEN y.id ELSE x.id END
WHERE f.county_id = ? AND f.kind = 'id_number' AND {STAND} {DECIDED} ORDER BY a.name, a.id, b.id LIMIT ?"""  # noqa: S608
BOTH_FORMER = f"""SELECT DISTINCT a.id, b.id FROM former_number f
JOIN former_number g ON g.county_id = f.county_id AND g.kind = f.kind AND g.number_index = f.number_index AND g.student_id > f.student_id
JOIN student a ON a.id = f.student_id JOIN student b ON b.id = g.student_id
WHERE f.county_id = ? AND {STAND} {DECIDED} ORDER BY a.id, b.id LIMIT ?"""  # noqa: S608
SAME_NAME = """SELECT s.id, s.uid, s.id_number, s.name FROM student s JOIN (
SELECT name FROM student WHERE county_id = ? AND merged_into_id IS NULL GROUP BY name HAVING COUNT(*) > 1) g ON g.name = s.name
WHERE s.county_id = ? AND s.id_number IS NOT NULL AND s.merged_into_id IS NULL"""


def likely_pairs(county_ids: Iterable[int], kind: str = "") -> dict[tuple[int, int], list[str]]:
    """{(the lower id, the higher): why they may be one child}; those that somebody has looked at and parted are not among them."""
    asked = [kind] if kind in KINDS else list(KINDS)
    found: dict[tuple[int, int], list[str]] = {}
    for county_id in county_ids:
        for each in asked:
            for pair in pairs_of_kind(county_id, each):
                found.setdefault(pair, []).append(each)
    return found


def pairs_of_kind(county_id: int, kind: str) -> list[tuple[int, int]]:
    if kind == "one_digit":
        return one_digit_apart(county_id)
    text = {"alike": ALIKE, "former": FORMER, "both_former": BOTH_FORMER}[kind]
    return [(first, second) for first, second in run_sql(text, (county_id, MOST)).fetchall()]


def one_digit_apart(county_id: int) -> list[tuple[int, int]]:
    """Each number is put under its eighteen spellings with a gap: two that meet under one differ in that digit only."""
    opened, met = unsealed_column(Student.id_number), {}
    pairs = set()
    for student_id, uid, sealed, name in run_sql(SAME_NAME, (county_id, county_id)).fetchall():
        number = opened(uid, sealed) or ""
        for place in range(len(number)):
            others = met.setdefault((name, place, number[:place], number[place + 1 :]), [])
            pairs.update((min(student_id, other), max(student_id, other)) for other in others)
            others.append(student_id)
    return sorted(pairs - parted(pairs))[:MOST]


def parted(pairs: set) -> set[tuple[int, int]]:
    found = set()
    for chunk in chunks_of(sorted({first for first, _second in pairs})):
        found.update(tuple(row) for row in run_sql(f"SELECT first_id, second_id FROM not_same WHERE first_id IN {marks_for(chunk)}", chunk))  # noqa: S608
    return found
