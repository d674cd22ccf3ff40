"""A workbook of payments: what it would change. Reads only; save_payments writes.

It is the history of what was paid, taken as it was: no rule of eligibility refuses it, nor, among lines that came
in workbooks, the one that nobody is paid twice; what was recorded by hand stands against a second payment here too (`conflict`). A program or batch that it does not know is created. A payment is known by pupil,
program, term and batch. Blank cells change nothing; what the row does not tell of the class is taken from
the pupil's spell of that day.
"""

from typing import Any, NamedTuple

from aidtracker.aid.models import Program
from aidtracker.aid.payment_save import Row
from aidtracker.aid.queries import Standing, holders_of_cards, live_payments_of, pays_twice, standing_payments
from aidtracker.aid.sheets import LIMITS
from aidtracker.crypto.keyed_index import keyer
from aidtracker.excel.cells import card_checksum_ok
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.lookup import Known, students_by_key, students_by_number
from aidtracker.students.roster import refuse_long
from aidtracker.students.spells import Place, Spells
from aidtracker.terms.calendar import term

KEYS = (
    "school grade class_number id_number student_number is_boarding hardship program term standard_fen amount_fen "
    "bank_name card_number holder_name holder_relation batch paid_on status return_reason"
).split()
KEPT_IF_BLANK = ("hardship", "standard_fen", "bank_name", "holder_name", "holder_relation", "paid_on", "card_index")
COMPARED = ("school_id", "stage", "grade", "class_number", "is_boarding", "amount_fen", "status", "return_reason", *KEPT_IF_BLANK)


class Pupils(NamedTuple):
    """Those of the file, by either number."""

    by_number: dict[str, Known]
    by_id: dict[str, Known]


def plan_payments(tables, *, by, school_year: int | None = None, on=None) -> Plan:
    plan, seen = Plan(payload=[]), set()
    counties = counties_of_paths(by.scopes(Permission.AID_RECORD))
    schools = schools_by_name(counties)
    found: list[tuple[Check, int, Row]] = []
    for table in tables:
        check = Check(table, plan)
        refuse_long(check, LIMITS)
        cells = [dict(zip(KEYS, row, strict=True)) for row in zip(*(check.column(key) for key in KEYS), strict=True)]
        pupils = pupils_of(cells, counties)
        spells = spells_of({known.id for known in (*pupils.by_number.values(), *pupils.by_id.values())}, cells, schools)
        for i, row in enumerate(cells):
            if made := checked(check, i, row, pupils, schools, spells, seen):
                found.append((check, i, made))
    compare(plan, found)
    warn_of_cards(found)
    return plan


def counties_of_paths(paths: list[str]) -> list[int]:
    return [id_ for (id_,) in Org.select(Org.id).where(within(paths) & (Org.kind == "county")).tuples()]


def schools_by_name(counties: list[int]) -> dict[tuple[int, str], list[int]]:
    """{(county, name): ids}: a county may well have two schools of one name."""
    found: dict[tuple[int, str], list[int]] = {}
    for id_, county, name in Org.select(Org.id, Org.county_id, Org.name).where((Org.kind == "school") & Org.county.in_(counties)).tuples():
        found.setdefault((county, name), []).append(id_)
    return found


def pupils_of(cells: list[dict], counties: list[int]) -> Pupils:
    key = keyer("index_id")
    by_id = {row["id_number"]: key(row["id_number"]) for row in cells if row["id_number"]}
    return Pupils(
        students_by_number({row["student_number"] for row in cells if row["student_number"]}, counties),
        students_by_key("id_index", by_id, counties),
    )


def spells_of(students: set[int], cells: list[dict], schools) -> Spells:
    """Read only when some row does not say by itself where the pupil was."""
    doubled = {name for (_county, name), ids in schools.items() if len(ids) > 1}
    told = ("school", "grade", "class_number")
    is_told = all(all(row[key] for key in told) and row["is_boarding"] is not None and row["school"] not in doubled for row in cells)
    return Spells(() if is_told else students)


def checked(check: Check, i: int, cells: dict, pupils: Pupils, schools, spells: Spells, seen: set) -> Row | None:
    """The row, clean; None when it is refused."""
    number_key = "student_number" if cells["student_number"] or not check.has("id_number") else "id_number"
    known = known_pupil(check, i, cells, pupils, number_key)
    if known is None or i in check.refused_rows:
        return None
    key = (known.id, cells["program"], cells["term"], cells["batch"])
    if key in seen:
        check.refuse(i, number_key, "duplicate_in_file", "这名学生的这笔资助在表里出现了两次，只保留第一行。")
        return None
    seen.add(key)
    day = cells["paid_on"] or term(cells["term"]).starts_on
    place = place_of(check, i, cells, known, schools, spells.on(known.id, day), day)
    status = cells["status"] or ("paid" if cells["paid_on"] or not check.has("status") else "pending")
    if status == "paid" and not cells["paid_on"]:
        check.refuse(i, "paid_on", "missing", "发放成功的要填写发放日期。")
    if place is None or i in check.refused_rows:
        return None
    values = {key: cells[key] or "" for key in ("hardship", "bank_name", "holder_name", "holder_relation")}
    values |= {key: cells[key] for key in ("standard_fen", "amount_fen", "paid_on")}
    values |= place | {"status": status, "return_reason": (cells["return_reason"] or "") if status == "returned" else ""}
    return Row(known.id, known.county_id, *key[1:], values, cells["card_number"] or None)


def known_pupil(check: Check, i: int, cells: dict, pupils: Pupils, number_key: str) -> Known | None:
    """By 学籍号, else by ID: an older 学籍号 of the same child is no mistake."""
    if i in check.refused_rows:
        return None
    same_number, same_id = pupils.by_number.get(cells["student_number"] or ""), pupils.by_id.get(cells["id_number"] or "")
    if not cells["student_number"] and not cells["id_number"]:
        check.refuse(i, number_key, "missing", "学籍号和身份证号至少填一个。")
    elif same_number and same_id and same_number.id != same_id.id:
        check.refuse(i, number_key, "conflict", "这个学籍号和身份证号在系统里是两名学生，请核对。")
        return None
    elif not same_number and not same_id:
        check.refuse(i, number_key, "unknown_student", "本县没有这名学生的学籍，请先导入学籍或核对号码。")
    return same_number or same_id


def place_of(check: Check, i: int, cells: dict, known: Known, schools, then: Place, day) -> dict | None:
    """School, stage, grade, class and boarding of the line; what it leaves out is as it was then."""
    own = then.school_id
    named = schools.get((known.county_id, cells["school"]), []) if cells["school"] else [own] if own else []
    if not named:
        text = "本县没有叫「%(name)s」的学校，请核对校名。" if cells["school"] else "没有写学校，系统里也没有这名学生当时的班级。"
        check.refuse(i, "school", "unknown_school", text, name=(cells["school"] or "")[:30])
        return None
    if len(named) > 1 and own not in named:
        check.refuse(i, "school", "unknown_school", "本县有 %(n)s 所学校叫这个名字，学生当时不在其中任何一所，请核对。", n=len(named))
        return None
    grade = cells["grade"] or then.grade_on(day)
    if grade not in grades.PLACES:
        check.refuse(i, "grade", "missing", "没有填写年级，系统里也没有这名学生当时的年级。")
        return None
    return {
        "school_id": own if len(named) > 1 else named[0],
        "stage": grades.PLACES[grade][0],
        "grade": grade,
        "class_number": cells["class_number"] or then.number,
        "is_boarding": then.mode == "boarding" if cells["is_boarding"] is None else cells["is_boarding"],
    }


def compare(plan: Plan, found: list[tuple[Check, int, Row]]) -> None:
    """Sorts the rows into new, changed and the same, against the payments of the batches that the file names."""
    key = keyer("index_bank")
    for _check, _i, row in found:
        row.values["card_index"] = key(row.card_number) if row.card_number else None
    standing = standing_payments({(row.county_id, row.program, row.term, row.batch) for _check, _i, row in found})
    live, programs = live_payments_of({row.student_id for _check, _i, row in found}), program_ids({row.county_id for _check, _i, row in found})
    for check, i, row in found:
        before = standing.get((row.county_id, row.program, row.term, row.batch, row.student_id))
        others = live.get((row.student_id, programs.get((row.county_id, row.program)), row.term), [])
        if row.values["status"] != "returned" and (other := second_of(others, before)):
            text = "这名学生这个学期的这个项目已在批次「%(batch)s」里登记过，没有导入：同一学期同一项目不能重复发放。"
            check.refuse(i, "batch", "conflict", text, batch=other.batch)
            continue
        if before is None:
            plan.created += 1
        elif not differences(row, before):
            plan.unchanged += 1
            continue
        else:
            plan.updated += 1
            row.standing = before
        plan.payload.append(row)


def program_ids(counties: set[int]) -> dict[tuple[int, str], int]:
    asked = Program.select(Program.county_id, Program.name, Program.id).where(Program.county.in_(counties)).tuples()
    return {(county, name): id_ for county, name, id_ in asked} if counties else {}


def second_of(live, before: Standing | None):
    return pays_twice(live, before.id, before.is_imported) if before else pays_twice(live, None, True)


def differences(row: Row, before: Standing) -> list[str]:
    """What the row changes; its blank cells are filled with what stands."""
    stood: dict[str, Any] = before.values
    for name in KEPT_IF_BLANK:
        if row.values[name] in ("", None):
            row.values[name] = stood[name]
    return [name for name in COMPARED if row.values[name] != stood[name]]


def warn_of_cards(found: list[tuple[Check, int, Row]]) -> None:
    """Saved all the same: old passbooks fail the check digit, and brothers and sisters do share a parent's card."""
    holders = holders_of_cards({row.values["card_index"] for _check, _i, row in found if row.card_number})
    for _check, _i, row in found:
        if row.card_number:
            holders.setdefault(row.values["card_index"], set()).add(row.student_id)
    for check, i, row in found:
        if not row.card_number:
            continue
        if not card_checksum_ok(row.card_number):
            check.warn(i, "card_number", "card_checksum", "卡号的校验位不对，请核对是否录错。")
        if holders[row.values["card_index"]] - {row.student_id}:
            check.warn(i, "card_number", "shared_card", "这张卡也登记在别的学生名下，请核对。")
