"""A workbook of rolls: what it would change, and saving it.

The unit is the roll: one class, day and session with its absences. It comes in whole or not at all, so
that 应到 = 实到 + whoever was not there holds for every roll. Therefore

* 实到 must be 应到 less the absences of the file that count as not there, else the roll's row is refused;
* a refused absence refuses its roll (`conflict`), and a refused roll its other absences; only a repeated
  absence (`duplicate_in_file`) does not, since its first row says it all;
* absences without a row in 点名 are taken for the roll that the database holds already, and added to it;
* days on which there was no school, and days to come, are refused (`bad_date`), as on the page;
* a session that the school does not take on that day is refused (`bad_choice`), unless it was taken and the file changes nothing;
  so are marks that a session does not know. 晚自习 and 就寝 know boarders only.

应到 is taken as the file says: it is history, and the roster of that day may never have been entered.
"""

import datetime
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aidtracker.attendance.after_import import look_at_rolls
from aidtracker.attendance.free import free_on
from aidtracker.attendance.many_rolls import WholeRoll, former_marks, save_day_of_rolls
from aidtracker.attendance.marks import LONGEST_REASON, MARKS, MARKS_AT
from aidtracker.attendance.models import Absence
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.roll_places import Place, closed_days, find_places, place_keys
from aidtracker.attendance.sessions import SESSIONS, modes_at
from aidtracker.attendance.sheets import ROLLS
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.excel.plans import Check, Plan
from aidtracker.students.lookup import students_by_number

WHY = "导入考勤表"
SPELLS = """SELECT student_id, class_org_id, starts_on, ends_on, mode FROM enrollment
WHERE mode <> 'home_taught' AND student_id IN """
STANDING = "SELECT id, class_org_id, on_day, session, revision, expected, present FROM roll_call WHERE on_day BETWEEN ? AND ? "


@dataclass
class FileRoll:
    """A roll as the file tells it; `row` is its place in 点名, None when only its absences are there."""

    place: Place
    on: datetime.date
    session: str
    row: int | None = None
    expected: int = 0
    present: int = 0
    absences: dict[int, tuple[int, str, str | None]] = field(default_factory=dict)  # student id: (row, mark, reason)
    lost: list[int] = field(default_factory=list)  # rows of refused absences
    is_refused: bool = False


class StandingRoll(NamedTuple):
    id: int
    revision: int
    expected: int
    present: int
    marks: dict[int, tuple[str, str | None]]


def plan_rolls(tables, *, by, school_year: int | None = None, on=None) -> Plan:
    """Reads the sheets 点名 and 缺勤; a class is the one that was in the grade on the row's own day."""
    plan = Plan(payload=[])
    checks = {table.sheet.strip() == ROLLS.name: Check(table, plan) for table in tables}
    rolls, absences = checks[True], checks[False]
    places = find_places((rolls, absences), by)
    closed = closed_days((rolls, absences), places)
    found = read_rolls(rolls, places, closed)
    read_absences(absences, places, closed, found)
    standing = standing_rolls(found)
    refuse_untaken(rolls, absences, found, standing)
    refuse_halves(rolls, absences, found, standing)
    for key, roll in found.items():
        if not roll.is_refused:
            compare(plan, roll, standing.get(key))
    return plan


def save_rolls(plan: Plan, *, by, progress=None) -> None:
    for county_id in {roll_county for roll_county, _ in plan.payload}:
        rolls = [roll for roll_county, roll in plan.payload if roll_county == county_id]
        save_day_of_rolls(rolls=rolls, by=by, why=WHY, county_id=county_id, progress=progress)
        look_at_rolls(county_id, rolls, by)


def read_rolls(check: Check, places, closed) -> dict[tuple, FileRoll]:
    """{(class, day, session): roll}; a refused row with a known key stays, marked, for its absences."""
    found: dict[tuple, FileRoll] = {}
    columns = (check.column("on"), check.column("session"), check.column("expected"), check.column("present"))
    for i, (key, day, session, expected, present) in enumerate(zip(place_keys(check), *columns, strict=True)):
        place = places.get(key) or Place()
        if place.code and i not in check.refused_rows:
            check.refuse(i, place.column, place.code, place.text)
        if not place.class_id or not session:
            continue
        roll = FileRoll(place, day, session, i, expected, present)
        if (place.class_id, day, session) in found:
            check.refuse(i, "session", "duplicate_in_file", "这个班这一天这一场次在表里出现了两次，只保留第一行。")
            continue
        found[place.class_id, day, session] = roll
        if i not in check.refused_rows:
            if why := closed.get((place.school_id, day)):
                check.refuse(i, "on", "bad_date", why)
            elif present > expected:
                check.refuse(i, "present", "bad_number", "实到比应到多。")
        roll.is_refused = i in check.refused_rows
    return found


def read_absences(check: Check, places, closed, found: dict[tuple, FileRoll]) -> None:
    """Puts every absence to its roll; those of rolls that the file does not have wait for the database's."""
    students = pupils(check, places)
    spells = spells_of({student for student in students.values()})
    columns = [check.column(key) for key in ("on", "session", "student_number", "mark", "reason")]
    for i, (key, day, session, number, mark, reason) in enumerate(zip(place_keys(check), *columns, strict=True)):
        place = places.get(key) or Place()
        if place.code and i not in check.refused_rows:
            check.refuse(i, place.column, place.code, place.text)
        if not place.class_id or not session:
            continue
        student = students.get(number)
        roll = found.get((place.class_id, day, session)) or FileRoll(place, day, session)
        if student in roll.absences:
            check.refuse(i, "student_number", "duplicate_in_file", "这名学生这一场次在表里出现了两次，只保留第一行。")
            continue
        found.setdefault((place.class_id, day, session), roll)
        if i not in check.refused_rows:
            refuse_absence(check, i, roll, student, spells, closed, mark, reason)
        if i in check.refused_rows:
            roll.lost.append(i)
        else:
            roll.absences[student] = (i, mark, reason or None)


def refuse_absence(check: Check, i: int, roll: FileRoll, student: int | None, spells, closed, mark, reason) -> None:
    if why := closed.get((roll.place.school_id, roll.on)):
        check.refuse(i, "on", "bad_date", why)
    elif student is None:
        check.refuse(i, "student_number", "unknown_student", "没有这个学籍号的学生，请先导入学籍。")
    elif not (modes := modes_on(roll, spells.get((student, roll.place.class_id), ()))):
        check.refuse(i, "student_number", "unknown_student", "这名学生这一天不在这个班，或是送教上门。")
    elif not modes & set(modes_at(roll.session)):
        check.refuse(i, "student_number", "unknown_student", f"这名学生这一天不住校，{SESSIONS[roll.session]}不点走读生。")
    elif mark and mark not in MARKS_AT[roll.session]:
        check.refuse(i, "mark", "bad_choice", f"{SESSIONS[roll.session]}没有「{MARKS[mark].label}」这种状态。")
    elif reason and len(reason) > LONGEST_REASON:
        check.refuse(i, "reason", "bad_choice", "原因太长了，最多 %(most)s 个字。", most=LONGEST_REASON)


def modes_on(roll: FileRoll, spells) -> set[str]:
    """How the pupil went to school that day."""
    return {mode for first, last, mode in spells if first <= roll.on and (last is None or roll.on <= last)}


def pupils(check: Check, places) -> dict[str, int]:
    """{学籍号: student id} in the counties of the file's classes."""
    counties = {place.county_id for place in places.values() if place.class_id}
    known = students_by_number({number for number in check.column("student_number") if number}, counties)
    return {number: student.id for number, student in known.items()}


def spells_of(students: set[int]) -> dict[tuple[int, int], list[tuple]]:
    """{(student, class): [(first day, last day or None, mode)]} of those who go to school."""
    found: dict[tuple[int, int], list[tuple]] = {}
    for chunk in chunks_of(list(students)):
        for student, class_id, first, last, mode in run_sql(SPELLS + marks_for(chunk), chunk):
            found.setdefault((student, class_id), []).append((as_day(first), as_day(last), mode))
    return found


def standing_rolls(found: dict[tuple, FileRoll]) -> dict[tuple, StandingRoll]:
    """The database's rolls of the file's classes and days, with their marks."""
    rows: dict[int, Any] = {}
    days = [day for _class, day, _session in found]
    for chunk in chunks_of(list({class_id for class_id, _day, _session in found})):
        asked = STANDING + "AND class_org_id IN " + marks_for(chunk)
        for id_, class_id, day, session, *rest in run_sql(asked, (min(days), max(days), *chunk)):
            key = (class_id, as_day(day), session)
            if key in found:
                rows[id_] = (key, rest)
    unseal, marks = unsealed_column(Absence.reason), former_marks(list(rows))
    opened = {id_: {student: (mark, unseal(f"{id_}-{student}", reason)) for student, mark, reason in marks.get(id_, ())} for id_ in rows}
    return {key: StandingRoll(id_, revision, expected, present, opened[id_]) for id_, (key, (revision, expected, present)) in rows.items()}


def refuse_untaken(rolls: Check, absences: Check, found: dict[tuple, FileRoll], standing) -> None:
    """What the school took then and takes no more stays: the same file again changes nothing."""
    days = [roll.on for roll in found.values()]
    plans = {county: Plans(county, max(days)) for county in {roll.place.county_id for roll in found.values()}}
    free: dict[tuple, dict] = {}
    for key, roll in found.items():
        is_taken = roll.session in plans[roll.place.county_id].at(roll.place.school_id, roll.on)
        reason = None if key in standing else why_free(roll, free)
        if roll.is_refused or (is_taken and not reason) or is_as_it_stands(roll, standing.get(key)):
            continue
        roll.is_refused = True
        why = f"这所学校 {roll.on.isoformat()} 不点{SESSIONS[roll.session]}，没有导入。请核对场次，或先看学校的点名场次。"
        if is_taken:
            why = f"这个班 {roll.on.isoformat()} {SESSIONS[roll.session]}登记的是无课（{reason}），没有导入。要导入，请先撤销无课。"
        if roll.row is not None:
            rolls.refuse(roll.row, "session", "bad_choice", why)
        for i, _mark, _reason in roll.absences.values():
            absences.refuse(i, "session", "bad_choice", why)
        roll.absences.clear()


def why_free(roll: FileRoll, known: dict[tuple, dict]):
    day = (roll.place.county_id, roll.on)
    if day not in known:
        known[day] = free_on(*day)
    found = known[day]
    return found.get((roll.place.class_id, roll.session)) or found.get((roll.place.school_id, roll.session))


def is_as_it_stands(roll: FileRoll, standing: StandingRoll | None) -> bool:
    if standing is None or roll.lost:
        return False
    return merged(roll, standing) == standing.marks and (roll.row is None or roll.expected == standing.expected)


def refuse_halves(rolls: Check, absences: Check, found: dict[tuple, FileRoll], standing) -> None:
    for key, roll in found.items():
        if why := "" if roll.is_refused else why_half(roll, absences, standing.get(key)):
            roll.is_refused = True
            if roll.row is not None:
                rolls.refuse(roll.row, "present", "conflict", why)
        if roll.is_refused:
            words = "这一行所属的点名没有导入，整次点名要一起导入。" if roll.row is not None else why
            for i, _mark, _reason in roll.absences.values():
                absences.refuse(i, "session", "conflict", words)


def why_half(roll: FileRoll, absences: Check, standing: StandingRoll | None) -> str:
    """Why the roll cannot come in whole; "" when it can."""
    if roll.lost:
        rows = "、".join(str(absences.table.row_numbers[i]) for i in roll.lost[:5])
        return f"缺勤表第 {rows} 行有错，这次点名没有导入。改好后一起再导入。"
    if roll.row is None and standing is None:
        return "点名表里没有这一场次，系统里也没有。请补上点名那一行。"
    if roll.row is None:
        return "" if away(merged(roll, standing)) <= standing.expected else "缺勤的人比应到还多。"
    missing = away({student: (mark, why) for student, (_i, mark, why) in roll.absences.items()})
    if roll.expected - missing != roll.present:
        return f"应到 {roll.expected}，实到 {roll.present}，应有 {roll.expected - roll.present} 人没到，缺勤表里是 {missing} 人。"
    return ""


def away(marks: dict[int, tuple[str, str | None]]) -> int:
    return sum(not MARKS[mark].is_present for mark, _reason in marks.values())


def merged(roll: FileRoll, standing: StandingRoll) -> dict[int, tuple[str, str | None]]:
    """The file's absences; for a roll that the file does not have, on top of those that stand."""
    mine = {student: (mark, reason) for student, (_i, mark, reason) in roll.absences.items()}
    return mine if roll.row is not None else standing.marks | mine


def compare(plan: Plan, roll: FileRoll, standing: StandingRoll | None) -> None:
    """Counts the roll's rows as created, updated or unchanged, and keeps it for saving when it changes anything."""
    marks = merged(roll, standing)
    expected = roll.expected if roll.row is not None else standing.expected
    if standing is None:
        plan.created += 1 + len(roll.absences)
    else:
        is_same = (expected, marks) == (standing.expected, standing.marks)
        plan.unchanged += is_same and roll.row is not None
        plan.updated += not is_same and roll.row is not None
        for student, (_i, *mark) in roll.absences.items():
            before = standing.marks.get(student)
            plan.created += before is None
            plan.unchanged += before == tuple(mark)
            plan.updated += before is not None and before != tuple(mark)
        if is_same:
            return
    written = (standing.id, standing.revision) if standing else None
    place = roll.place
    whole = WholeRoll(place.class_id, place.school_id, roll.on, roll.session, expected, marks, written)
    plan.payload.append((place.county_id, whole))
