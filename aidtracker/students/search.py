"""Finding pupils by what somebody types: part of the name, pinyin, initials, the end of the ID, a whole number.

Names are ranges of an index that begins with the county, cut to the reader's scope afterwards; sealed numbers
are found by their keyed indexes. Where very many names begin so (王), a small scope is read name by name instead.
"""

import re
import unicodedata
from itertools import chain
from typing import NamedTuple

from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.keyed_index import keyed, normalise_id
from aidtracker.db import chunks_of
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.students.former import former_names, ids_by_former
from aidtracker.students.models import Guardian, NameReading, Student, phone_digits
from aidtracker.students.pinyin import SEPARATORS, readings, without_tone
from aidtracker.students.queries import visible_students

MOST = 200  # pupils of one answer; beyond it a person types one character more
BATCH = 400  # ids per step through an index
FEW = 5000  # pupils whose names are compared one by one
LAST = "\U0010ffff"  # sorts behind every character
WHOLE_ID = re.compile(r"\d{17}[\dX]|\d{15}")
STUDENT_NUMBER = re.compile(r"[A-Z]\d{15,18}[\dX]?")
LAST_SIX = re.compile(r"\d{5}[\dX]")
TAIL = re.compile(r"\d{1,4}[\dX]|\d")
PHONE = re.compile(r"\d{7,12}")
WRITTEN_PHONE = re.compile(r"\+?\d[\d()\-]{6,20}")  # 0564-7350000
DIGITS = re.compile(r"[A-Z]?\d+X?")


class Found(NamedTuple):
    ids: list[int]
    is_cut: bool  # there are more than these


def search(user, text: str, among=None, is_one_school: bool = False) -> Found:
    """Ids of pupils within `among` (default: all that the user sees).

    Fewer than six digits are refused unless `among` lies within one school or class.
    """
    among = visible_students(user) if among is None else among
    text = "".join(letter for letter in text if letter.isprintable())
    number = normalise_id(text)
    number = phone_digits(number) if WRITTEN_PHONE.fullmatch(number) and not DIGITS.fullmatch(number) else number
    if DIGITS.fullmatch(number):
        return Found(by_number(among, number, is_one_school), False)
    found = []
    for student_id in by_name(among, unicodedata.normalize("NFKC", text).strip()):
        if len(found) == MOST:
            return Found(found, True)
        found.append(student_id)
    return Found(found, False)


def is_number(text: str) -> bool:
    """Such a text stays out of addresses and logs."""
    number = normalise_id(text)
    return bool(DIGITS.fullmatch(number) or WRITTEN_PHONE.fullmatch(number))


def by_number(among, number: str, is_one_school: bool) -> list[int]:
    """Equality on keyed indexes; a short tail by opening the numbers of one school."""
    if WHOLE_ID.fullmatch(number):
        return borne(among, Student.id_index, keyed("index_id", number), "id_number", number)
    if STUDENT_NUMBER.fullmatch(number):
        return borne(among, Student.student_number_index, keyed("index_student_number", number), "student_number", number)
    if LAST_SIX.fullmatch(number):
        return equal(among, Student.last_six_index, keyed("index_last_six", number))
    if PHONE.fullmatch(number):
        return by_phone(among, phone_digits(number))
    if not TAIL.fullmatch(number):
        raise Refused("请输入身份证号后六位，或完整的身份证号、学籍号、电话。")
    if not is_one_school:
        raise Refused("少于六位的号码，只能在一所学校或一个班里查。请先选学校或班级，或者输入后六位。")
    return by_tail(among, number)


def borne(among, column, index: bytes, kind: str, number: str) -> list[int]:
    """Whoever bears the number, then whoever once did."""
    now = equal(among, column, index)
    return now + [student_id for student_id in within(among, ids_by_former(counties(), kind, number)) if student_id not in now]


def by_phone(among, digits: str) -> list[int]:
    """The pupil's own telephone, or a guardian's."""
    index = keyed("index_phone", digits)
    own = Student.select(Student.id).where(Student.phone_index == index).order_by(Student.id).tuples()
    guarded = Guardian.select(Guardian.student).where(Guardian.phone_index == index).order_by(Guardian.student).tuples()
    return within(among, list(dict.fromkeys(student_id for (student_id,) in (*own, *guarded))))[:MOST]


def equal(among, column, index: bytes) -> list[int]:
    here = Student.select(Student.id).where(Student.county.in_(counties()) & (column == index))
    return within(among, [student_id for (student_id,) in here.tuples()])


def by_tail(among, tail: str) -> list[int]:
    opened = unsealed_column(Student.id_number)
    rows = among.select(Student.id, Student.uid, Student.id_number).where(Student.id_number.is_null(False)).tuples()
    return [student_id for student_id, uid, sealed in rows if (opened(uid, sealed) or "").endswith(tail)][:MOST]


def by_name(among, text: str):
    """Ids, each once: names that begin so first, then pinyin, initials and later parts of names."""
    reading = text.lower().translate(SEPARATORS)
    reading = without_tone(reading) if reading and not any("㐀" <= letter for letter in reading) else reading
    if not reading:
        return
    seen: set[int] = set()
    few = None  # not yet looked
    for batch in chain.from_iterable(ranges(text, reading)):
        if len(seen) >= BATCH and few is None:
            few = few_names(among)
        if few:
            yield from (student_id for student_id in matching(few, text, reading) if student_id not in seen)
            return
        fresh = [student_id for student_id in dict.fromkeys(batch) if student_id not in seen]
        seen.update(fresh)
        yield from within(among, fresh)


def ranges(text: str, reading: str):
    """Batches of ids in the order of each index, county by county."""
    for county_id in counties():
        yield batches(Student, Student.id, Student.name, Student.county == county_id, text)
        mine = NameReading.county_id == county_id
        yield batches(NameReading, NameReading.student, NameReading.reading, mine, reading)


def batches(model, id_column, column, here, prefix: str):
    begins = (column >= prefix) & (column < prefix + LAST)
    asked = model.select(id_column).where(here & begins).order_by(column, id_column).tuples()
    offset = 0
    while rows := [student_id for (student_id,) in asked.limit(BATCH).offset(offset)]:
        yield rows
        offset += BATCH
        if len(rows) < BATCH:
            return


def within(among, ids: list[int]) -> list[int]:
    """Those of the ids that the reader may see, in the order given."""
    if not ids:
        return []
    allowed = {student_id for (student_id,) in among.select(Student.id).where(Student.id.in_(ids)).tuples()}
    return [student_id for student_id in ids if student_id in allowed]


def few_names(among) -> list:
    """(id, name) of everybody within a small scope, former names too; nothing of a large one."""
    rows = list(among.select(Student.id, Student.name).order_by().limit(FEW + 1).tuples())
    if len(rows) > FEW:
        return []
    former = [former_names(chunk) for chunk in chunks_of([student_id for student_id, _name in rows])]
    return rows + [(student_id, name) for found in former for student_id, names in found.items() for name in names]


def matching(rows, text: str, reading: str):
    seen = set()
    for student_id, name in rows:
        if student_id in seen:
            continue
        if name.startswith(text) or any(known.startswith(reading) for known in readings(name)):
            seen.add(student_id)
            yield student_id


def counties() -> list[int]:
    """All of them: a child registered here may go to school in the next county."""
    return [county_id for (county_id,) in Org.select(Org.id).where(Org.kind == "county").order_by(Org.id).tuples()]
