"""Bringing in a roster: which rows are new, changed, the same, or refused and why. Reads only.

A pupil is known by 学籍号, else by ID. Blank cells change nothing. Enrollment opens on 1 September of
the roster's school year and no wall clock ends it.
"""

import datetime
from dataclasses import dataclass, field

from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.excel.cells import id_birth, id_checksum_ok, id_sex
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import class_code
from aidtracker.permissions import Permission
from aidtracker.practice import REAL_NUMBER, is_practice, is_refused_number
from aidtracker.students.extra_fields import COLUMN, fields_of, meant
from aidtracker.students.lookup import students_by_key
from aidtracker.students.models import RESIDENT, RESIDENT_ID, SEXES
from aidtracker.students.present import present_records
from aidtracker.students.roster_comers import Comers
from aidtracker.students.sheets import LIMITS, NOT_DISABLED, ROSTER
from aidtracker.terms.calendar import first_day_of
from aidtracker.terms.years import refuse_closed_year


@dataclass(slots=True)
class Row:
    """One pupil of the roster, clean. `known` is the record that it changes, None for a new one."""

    values: dict
    school: Org
    class_code: str
    stage: str
    entry_year: int
    id_index: bytes | None = None
    number_index: bytes | None = None
    known: object = None
    changes: dict = field(default_factory=dict)


@dataclass(slots=True)
class Roster:
    """What save_roster needs: rows to insert, rows to change, and the year they speak of."""

    starts_on: datetime.date
    school_year: int
    new: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    known_ids: set[int] = field(default_factory=set)  # of every pupil that the file names
    class_codes: set[str] = field(default_factory=set)  # of every class that it names


def plan_roster(tables, *, by, school_year: int | None = None, on=None) -> Plan:
    year = grades.school_year_of(today_in_china()) if school_year is None else school_year
    plan = Plan(payload=Roster(first_day_of(year), year))
    schools = {org.code: org for org in Org.select().where(Org.kind == "school")}
    paths = by.scopes(Permission.IMPORT_RUN)
    seen: tuple[set, set] = (set(), set())
    rows: list[tuple[Check, int, Row]] = []
    for table in tables:
        check = Check(table, plan)
        refuse_long(check)
        rows += checked_rows(check, schools, paths, seen, year)
    for county_id in {row.school.county_id for _check, _i, row in rows}:
        refuse_closed_year(county_id, plan.payload.starts_on)
    compare(plan, rows, paths, by)
    return plan


def refuse_long(check: Check, limits: dict[str, int] = LIMITS) -> None:
    for key, limit in limits.items():
        for i, value in enumerate(check.column(key)):
            if value and len(value) > limit:
                check.refuse(i, key, "bad_choice", "太长了，最多 %(limit)s 个字。", limit=limit)


def checked_rows(check: Check, schools, paths, seen, year):
    """Every row that can stand by itself; problems of the others are in the plan."""
    keys = [column.key for column in ROSTER.columns if check.has(column.key)] + [key for key in check.table.columns if key.startswith(COLUMN)]
    columns = [check.column(key) for key in keys]
    numbers, ids = seen
    places: dict[tuple, tuple[str, str, int]] = {}
    found = []
    own: dict[int, list] = {}
    if any(key.startswith(COLUMN) for key in keys):
        for each in fields_of({school.county_id for school in schools.values()}):
            own.setdefault(each.county_id, []).append(each)
    if is_practice():
        refuse_real_numbers(check)
    for i, cells in enumerate(zip(*columns, strict=True)):
        row = dict(zip(keys, cells, strict=True))
        number, id_number = row.get("student_number"), row.get("id_number")
        doubled = refuse_double(check, i, number, id_number, numbers, ids)
        if i in check.refused_rows or doubled or refuse_row(check, i, row, schools, paths):
            continue
        warn_row(check, i, row)
        school = schools[row["school"]]
        if refuse_own(check, i, row, own.get(school.county_id, ())):
            continue
        class_ = (school.code, row["grade"], row["class_number"])
        if class_ not in places:
            places[class_] = place_of(*class_, year)
        found.append((check, i, Row(row, school, *places[class_])))
    return found


def place_of(school_code: str, grade, class_number: str, year: int) -> tuple[str, str, int]:
    """(code of the class, stage, year that it entered in)."""
    stage, entered = grades.entry_year(grade, year)
    return class_code(school_code, stage, entered, class_number), stage, entered


def refuse_real_numbers(check: Check) -> None:
    """In a practice installation only."""
    for key in ("id_number", "student_number"):
        for i, number in enumerate(check.column(key)):
            if i not in check.refused_rows and is_refused_number(number):
                check.refuse(i, key, "bad_id", REAL_NUMBER)


def refuse_own(check: Check, i: int, row: dict, fields) -> bool:
    """Reads the county's own fields into row["extra"]: {field: what is said}; blank cells say nothing. True when one cannot be read."""
    row["extra"], size = {}, len(check.refused_rows)
    for each in fields:
        try:
            said = meant(each, row.get(COLUMN + each.label) or "")
        except Refused as refused:
            check.refuse(i, COLUMN + each.label, "bad_choice", refused.text, **refused.params)
            continue
        if said:
            row["extra"][each.id] = said
    return len(check.refused_rows) > size


def refuse_double(check, i, number, id_number, numbers: set, ids: set) -> bool:
    """The first of two rows with one key counts."""
    doubled = "id_number" if id_number and id_number in ids else "student_number" if number in numbers else ""
    if id_number:
        ids.add(id_number)
    if number:
        numbers.add(number)
    if doubled:
        check.refuse(i, doubled, "duplicate_in_file", "这名学生在表里出现了两次，只保留第一行。")
    return bool(doubled)


def refuse_row(check: Check, i: int, row: dict, schools, paths) -> bool:
    id_number, school = row.get("id_number"), schools.get(row["school"])
    if not id_number and not row.get("student_number"):
        check.refuse(i, "id_number", "missing", "身份证件号和学籍号至少填一个。")
    elif id_number and is_resident(row) and not RESIDENT_ID.fullmatch(id_number):
        length = len(id_number)
        check.refuse(i, "id_number", "bad_id", "身份证号应为 18 位（末位可为 X）或 15 位，这里是 %(n)s 位。", n=length)
    elif id_number and len(id_number) > 40:
        check.refuse(i, "id_number", "bad_id", "证件号太长了。")
    elif school is None:
        check.refuse(i, "school", "unknown_school", "没有标识码为 %(code)s 的学校，请先导入学校。", code=row["school"][:20])
    elif not any(school.path.startswith(path) for path in paths):
        check.refuse(i, "school", "out_of_scope", "你没有导入这所学校学生的权限。")
    else:
        return False
    return True


def is_resident(row: dict) -> bool:
    return (row.get("id_kind") or RESIDENT) == RESIDENT


def warn_row(check: Check, i: int, row: dict) -> None:
    """Saved all the same: real records are wrong, and someone must see it."""
    number = row.get("id_number")
    if not number or not is_resident(row):
        return
    if not id_checksum_ok(number):
        check.warn(i, "id_number", "id_checksum", "身份证号末位校验不对，请核对。")
    if row["sex"] and id_sex(number) != SEXES[row["sex"]]:
        check.warn(i, "sex", "sex_mismatch", "性别与身份证号不一致，请核对。")
    if row["born_on"] and id_birth(number) != row["born_on"]:
        check.warn(i, "born_on", "birth_mismatch", "出生日期与身份证号不一致，请核对。")


def compare(plan: Plan, rows, paths, by) -> None:
    """Sorts the rows into new, changed and the same, against what the database holds of these pupils."""
    counties = {row.school.county_id for _, _, row in rows}
    index_numbers([row for _, _, row in rows])
    by_number = students_by_key("student_number_index", keys_of(rows, "student_number", "number_index"), counties)
    by_id = students_by_key("id_index", keys_of(rows, "id_number", "id_index"), counties)
    known_ids = {known.id for known in (*by_number.values(), *by_id.values())}
    plan.payload.known_ids, plan.payload.class_codes = known_ids, {row.class_code for _, _, row in rows}
    present = present_records(known_ids)
    comers = Comers(present, by)
    for check, i, row in rows:
        same_number = by_number.get(row.values.get("student_number") or "")
        same_id = by_id.get(row.values.get("id_number") or "")
        known = present.get((same_number or same_id).id) if same_number or same_id else None
        if known:
            leave_newer_numbers(row, known, same_number, same_id)
        if refuse_known(check, i, row, same_number, same_id, known, paths):
            continue
        if known is None:
            plan.payload.new.append(row)
            plan.created += 1
            continue
        row.known, row.changes = known, known.changes(row, plan.payload.starts_on)
        if why := comers.refusal(row, known):
            check.refuse(i, "student_number" if same_number else "id_number", "conflict", why)
        elif row.changes:
            plan.payload.changed.append(row)
            plan.updated += 1
        else:
            plan.unchanged += 1


def leave_newer_numbers(row: Row, known, same_number, same_id) -> None:
    """An old number finds the child and is not put back; nor does a temporary 学籍号 replace the formal one."""
    number = row.values.get("student_number") or ""
    if (same_number and same_number.is_former) or (number.startswith("L") and (known.student_number or "")[:1] in ("G", "J")):
        row.values["student_number"] = row.number_index = None
    if same_id and same_id.is_former:
        row.values["id_number"] = row.id_index = None


def index_numbers(rows: list[Row]) -> None:
    """The keyed index of each number, made once: to look the pupil up, and to store."""
    index_id, index_number = keyer("index_id"), keyer("index_student_number")
    for row in rows:
        id_number, number = row.values.get("id_number"), row.values.get("student_number")
        row.id_index = index_id(id_number) if id_number else None
        row.number_index = index_number(number) if number else None


def keys_of(rows, number: str, index: str) -> dict[str, bytes]:
    return {row.values[number]: getattr(row, index) for _, _, row in rows if row.values.get(number)}


def refuse_known(check: Check, i: int, row: Row, same_number, same_id, known, paths) -> bool:
    if same_number and same_id and same_number.id != same_id.id:
        check.refuse(i, "id_number", "conflict", "这个证件号和学籍号在系统里是两名学生，请核对。")
    elif known and not same_number and row.values.get("student_number") and known.student_number and not becomes_formal(row, known):
        check.refuse(i, "student_number", "conflict", "这个证件号在系统里是另一个学籍号，请核对。")
    elif known and known.school_path and not any(known.school_path.startswith(path) for path in paths):
        check.refuse(i, "school", "conflict", "这名学生现在别的学校就读，请先办理转学，或由教育局导入。")
    else:
        return False
    return True


def becomes_formal(row: Row, known) -> bool:
    """临时学籍号转正: L becomes G."""
    return row.values["student_number"].startswith("G") and known.student_number.startswith("L")


def disability(row: dict) -> str:
    """肢体残疾, or '' for 无残疾 and a blank."""
    kind = row.get("disabled") or ""
    return "" if kind in NOT_DISABLED else kind
