"""What may be wrong with a pupil's record (数据质量), and how it is found. Reads only.

Half of a district's suspected dropouts were wrong numbers and double records: each kind here makes a false alarm or hides a true one.
"""

import datetime
from collections.abc import Iterator
from typing import NamedTuple

from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, run_sql
from aidtracker.excel.identity import id_birth, id_checksum_ok, id_sex
from aidtracker.orgs import grades
from aidtracker.policies.queries import number_of
from aidtracker.students.models import RESIDENT, RESIDENT_ID, SEXES, Student
from aidtracker.students.moves import KINDS as MOVES
from aidtracker.students.records import age_on
from aidtracker.terms.calendar import first_day_of

NORMAL_AGES = {"preschool": 3, "primary": 6, "junior": 12, "senior": 15, "vocational": 15}  # on 1 September, of the first grade
LEFT = tuple(code for code, kind in MOVES.items() if kind.leaves and not kind.enters)


class Kind(NamedTuple):
    label: str
    mend: str  # what to do, and who does it


KINDS = {
    "no_id": Kind("没有证件号", "向家长核对户口簿后补填；没有落户的请乡镇协助。"),
    "bad_id": Kind("证件号不对", "位数或校验位不对，核对户口簿后改正。"),
    "mismatch": Kind("性别或生日与证件号不符", "核对户口簿，改正性别、出生日期或证件号。"),
    "no_number": Kind("没有学籍号", "在全国学籍系统注册后补填。"),
    "temporary": Kind("临时学籍号", "办好落户后在全国学籍系统转正，再改成 G 开头的学籍号。"),
    "twice": Kind("可能重复登记", "姓名、性别、生日都相同：核对是不是同一个孩子，是的话合并。"),
    "age": Kind("年龄与年级不符", "核对出生日期和年级；确实超龄、低龄的不用改。"),
    "no_guardian": Kind("没有监护人", "补填监护人。"),
    "no_phone": Kind("没有联系电话", "补填监护人或学生的电话。"),
    "no_home": Kind("户籍地不明", "按户口簿补填户籍地区划代码。"),
    "small_class": Kind("班级人数过少", "核对班级是否建错，或并班。"),
    "large_class": Kind("班级人数过多", "核对是否有已离校的学生没有办离班，或分班。"),
    "nowhere": Kind("离班而没有去向", "查清去向后补办异动：转出、休学、毕业或重新编班。"),
}
PUPILS = """SELECT s.id, s.uid, c.school_id, s.sex, s.born_on, s.id_kind, s.id_number, s.student_number, s.home_code, s.name,
  s.class_org_id, c.stage, c.entry_year, s.phone IS NOT NULL
FROM student s LEFT JOIN school_class c ON c.org_id = s.class_org_id WHERE s.county_id = ? AND s.merged_into_id IS NULL ORDER BY s.id"""
GUARDED = "SELECT g.student_id, MAX(CASE WHEN g.is_guardian THEN 1 ELSE 0 END), MAX(CASE WHEN g.phone IS NOT NULL THEN 1 ELSE 0 END) FROM guardian g JOIN student s ON s.id = g.student_id WHERE s.county_id = ? GROUP BY g.student_id"
EXPLAINED = "SELECT m.student_id, m.kind FROM move m JOIN student s ON s.id = m.student_id WHERE s.county_id = ? AND s.class_org_id IS NULL AND m.withdrawn_at IS NULL ORDER BY m.on_day, m.id"


class Pupil(NamedTuple):
    id: int
    school_id: int | None
    kinds: list[str]


def pupils_of(county_id: int, on: datetime.date) -> Iterator[Pupil]:
    """Every record of the county with all that is wrong with it on that day."""
    open_id, open_number = unsealed_column(Student.id_number), unsealed_column(Student.student_number)
    rows = run_sql(PUPILS, (county_id,)).fetchall()
    guarded = {id_: (bool(guardian), bool(phone)) for id_, guardian, phone in run_sql(GUARDED, (county_id,)).fetchall()}
    last_moves = dict(run_sql(EXPLAINED, (county_id,)).fetchall())
    odd_classes, alike = odd_sizes(rows, county_id, on), namesakes(rows)
    apart, year = number_of("age_apart", county_id, on), grades.school_year_of(on)
    for id_, uid, school, sex, born_on, id_kind, sealed_id, sealed_number, home_code, name, room, stage, entered, has_phone in rows:
        born = as_day(born_on)
        kinds = [*of_numbers(open_id(uid, sealed_id), id_kind, sex, born, open_number(uid, sealed_number))]
        if (name, sex, born_on) in alike:
            kinds.append("twice")
        if room is None:
            kinds += [] if last_moves.get(id_) in (*LEFT, "defer") else ["nowhere"]
        else:
            guardian, phone = guarded.get(id_, (False, False))
            kinds += of_the_class(odd_classes.get(room), is_odd_age(born, stage, entered, year, apart))
            kinds += [] if guardian else ["no_guardian"]
            kinds += [] if phone or has_phone else ["no_phone"]
        kinds += [] if home_code else ["no_home"]
        yield Pupil(id_, school, kinds)


def of_numbers(number: str | None, id_kind: str, sex: str, born_on: datetime.date, student_number: str | None) -> Iterator[str]:
    if not number:
        yield "no_id"
    elif id_kind == RESIDENT:
        if not RESIDENT_ID.fullmatch(number) or not id_checksum_ok(number):
            yield "bad_id"
        if RESIDENT_ID.fullmatch(number) and (id_sex(number) != SEXES[sex] or id_birth(number) != born_on):
            yield "mismatch"
    if not student_number:
        yield "no_number"
    elif student_number.startswith("L"):
        yield "temporary"


def of_the_class(size: str | None, is_odd_age: bool) -> list[str]:
    return [*([size] if size else []), *(["age"] if is_odd_age else [])]


def is_odd_age(born_on: datetime.date, stage: str, entered: int, year: int, apart: int) -> bool:
    """More years from the age at which children sit in this grade than the county tolerates; 6 on 1 September in 一年级."""
    age = age_on(born_on, first_day_of(year) - datetime.timedelta(days=1))
    return abs(age - (NORMAL_AGES[stage] + year - entered)) >= apart


def odd_sizes(rows, county_id: int, on: datetime.date) -> dict[int, str]:
    """{class: small_class or large_class}."""
    sizes: dict[int, int] = {}
    for row in rows:
        if row[10] is not None:
            sizes[row[10]] = sizes.get(row[10], 0) + 1
    small, large = number_of("class_small", county_id, on), number_of("class_large", county_id, on)
    odd = {room: "small_class" for room, size in sizes.items() if size < small}
    return odd | {room: "large_class" for room, size in sizes.items() if size > large}


def namesakes(rows) -> set[tuple]:
    """(name, sex, birthday) that more than one record has."""
    seen: set[tuple] = set()
    twice: set[tuple] = set()
    for row in rows:
        key = (row[9], row[3], row[4])
        (twice if key in seen else seen).add(key)
    return twice
