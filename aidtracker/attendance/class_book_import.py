"""本班点名表 on its way back: what each cell changes, merged with what others wrote meanwhile.

The unit is the pupil's row: it comes in whole or is given back. A roll that nobody has taken yet needs the whole class, so it
comes in whole or not at all. Of a roll that stands a cell changes what it differs in from the revision that it was based on;
where somebody else has changed the same mark meanwhile, both are shown, and nothing is overwritten until somebody chooses.
"""

from dataclasses import dataclass, field

from aidtracker.attendance.after_import import look_at_rolls
from aidtracker.attendance.class_book import CODE, NOT_EXPECTED, PRESENT, TAKEN, Head, read_heads, word
from aidtracker.attendance.free import refuse_free
from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.attendance.marks import MARKS, MARKS_AT
from aidtracker.attendance.models import RollCallVersion
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import ClassRoom, Standing, expected_ids, reasons_of, standing_or_none, visible_class
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.windows import may_take, refuse_correction, refuse_first, refuse_outranked
from aidtracker.db import china_time, marks_for, run_sql, today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.excel.cleaning import compact
from aidtracker.excel.columns import heading_label
from aidtracker.excel.limits import BadWorkbook
from aidtracker.excel.plans import Check, Plan
from aidtracker.permissions import Permission
from aidtracker.terms.calendar import is_school_day, why_closed
from aidtracker.terms.years import refuse_closed_year

WHY = "本班点名表更正"
MINE, THEIRS = "mine", "theirs"
WORDS = {PRESENT: "", "出勤": "", "√": "", **{mark.label: code for code, mark in MARKS.items()}}
NAMES = "SELECT id, name FROM student WHERE id IN "


@dataclass
class Column:
    """A day and session: what stands, what the file was based on, and what it wants."""

    head: Head
    expected: set[int]
    standing: Standing | None
    base: dict[int, str] | None  # marks of the revision that the file was based on; None: that revision is not there
    why_first: str = ""  # why no first roll can be taken
    why_not: str = ""  # why a standing one cannot be corrected
    is_whole: bool = False  # 已点 in the row of the class: a blank cell means 到
    wanted: dict[int, tuple[int, str]] = field(default_factory=dict)  # student: (row, mark): of a roll that nobody has taken
    edits: dict[int, tuple[int, str]] = field(default_factory=dict)  # of one that stands

    @property
    def label(self) -> str:
        return heading_label(self.head.label)


def plan_class_rolls(tables, *, by, school_year=None, on=None, choices: dict[str, str] | None = None) -> Plan:
    """`choices`: {key of a conflict: mine or theirs}."""
    plan = Plan(payload=[])
    for table in tables:
        Book(Check(table, plan), plan, by, choices or {}).read()
    return plan


def save_class_rolls(plan: Plan, *, by, progress=None) -> None:
    for county_id in {county for county, _roll in plan.payload}:
        rolls = [roll for county, roll in plan.payload if county == county_id]
        save_day_of_rolls(rolls=rolls, by=by, why=WHY, county_id=county_id, progress=progress)
        look_at_rolls(county_id, rolls, by)


class Book:
    """One sheet: one class."""

    def __init__(self, check: Check, plan: Plan, by, choices: dict[str, str]):
        self.check, self.plan, self.by, self.choices = check, plan, by, choices
        heads = read_heads(check.table.raw_headings)
        if not heads:
            raise BadWorkbook("工作表「%(sheet)s」里没有认得的日期列。请用系统下载的点名表，不要改表头。", sheet=check.table.sheet)
        self.codes = [CODE.fullmatch(compact(code).upper()) for code in check.column("code")]
        self.room = self.room_of_codes()
        self.columns = [column_of(self.room, head, by) for head in heads] if self.room else []
        self.pupils: dict[int, int] = {}  # row: student

    def room_of_codes(self) -> ClassRoom | None:
        """The class of the first code; every other row must be of it."""
        numbers = [int(code[1]) for code in self.codes if code]
        try:
            room = visible_class(self.by, numbers[0], Permission.ROLL_VIEW) if numbers else None
        except NotFound:
            return None
        return room if room and may_take(self.by, room) else None

    def read(self) -> None:
        self.refuse_rows()
        for i in self.check.good_rows():
            if self.codes[i][2] == "ALL":
                self.read_whole(i)
        for i, student in self.pupils.items():
            if i not in self.check.refused_rows:
                self.read_pupil(i, student)
        self.keep_whole_rolls_whole()
        self.count()

    def refuse_rows(self) -> None:
        """Rows that are none of the class: inserted, of another class, twice, with another name."""
        known = dict(run_sql(NAMES + marks_for(ids), ids)) if (ids := [int(code[3]) for code in self.codes if code and code[3]]) else {}
        expected = set().union(*(column.expected for column in self.columns))
        seen: set[str] = set()
        for i, (code, name) in enumerate(zip(self.codes, self.check.column("name"), strict=True)):
            if code is None:
                self.check.refuse(i, "code", "unknown_student", "这一行不是下载的表里的，请删去。要加学生，请先办学籍，再重新下载。")
            elif self.room is None:
                self.check.refuse(i, "code", "out_of_scope", "你没有给这个班点名的权限，请用自己班的表。")
            elif int(code[1]) != self.room.id:
                self.check.refuse(i, "code", "unknown_class", "这一行是另一个班的，请分开上传。")
            elif code[0] in seen:
                self.check.refuse(i, "code", "duplicate_in_file", "这名学生在表里出现了两次，只保留第一行。")
            elif code[3] and int(code[3]) not in expected:
                self.check.refuse(i, "code", "unknown_student", "这名学生这些天不在这个班，或是送教上门。")
            elif code[3] and known.get(int(code[3])) != name:
                self.check.refuse(i, "name", "conflict", "姓名和系统里的不一样。名字是锁定的，请改回来；改名请办学籍变更。")
            elif code[3]:
                self.pupils[i] = int(code[3])
            seen.add(code[0] if code else "")

    def text_at(self, i: int, column: Column) -> str:
        row = self.check.table.raw_rows[i]
        return compact(row[column.head.place]) if column.head.place < len(row) else ""

    def read_whole(self, i: int) -> None:
        for column in self.columns:
            text = self.text_at(i, column)
            if text == TAKEN:
                column.is_whole = True
            elif text not in ("", NOT_EXPECTED, "-"):
                self.check.refuse(i, column.label, "bad_choice", f"这一行只能填「{TAKEN}」，或者空着。")

    def read_pupil(self, i: int, student: int) -> None:
        """All the cells of a row, or none."""
        found = [(column, self.mark_at(i, student, column)) for column in self.columns]
        changes = [(column, mark) for column, mark in found if mark is not None and self.is_change(i, student, column, mark)]
        if i in self.check.refused_rows:
            return
        for column, mark in changes:
            (column.edits if column.standing else column.wanted)[student] = (i, mark)

    def mark_at(self, i: int, student: int, column: Column) -> str | None:
        """'' was there; None says nothing, or was refused."""
        text, session = self.text_at(i, column), column.head.session
        if text in ("", NOT_EXPECTED, "-"):
            return "" if not text and column.is_whole and not column.head.base and student in column.expected else None
        if student not in column.expected:
            self.refuse(i, column, "unknown_student", f"这名学生这一天不用点{SESSIONS[session]}，请空着。")
            return None
        if text not in WORDS or (WORDS[text] and WORDS[text] not in MARKS_AT[session]):
            self.refuse(i, column, "bad_choice", f"「{text[:20]}」不在可选范围内，请从下拉列表里选。")
            return None
        return WORDS[text]

    def is_change(self, i: int, student: int, column: Column, mark: str) -> bool:
        if column.standing is None:
            if column.head.base:
                return self.refuse(i, column, "conflict", "下载时的这次点名已经不在了，请重新下载。")
            return not column.why_first or self.refuse(i, column, "bad_date", column.why_first)
        theirs = column.standing.marks.get(student, "")
        if mark == theirs:
            return False
        if column.base is None:
            return self.refuse(i, column, "conflict", "表头里的版本对不上，请重新下载。")
        before = column.base.get(student, "") if column.head.base else None
        if mark == before:
            return False
        if why := column.why_not or (theirs != before and words_of(refuse_outranked, column.standing, self.room, self.by)):
            return self.refuse(i, column, "bad_date" if column.why_not else "conflict", why)
        return theirs == before or self.is_chosen(i, student, column, mark, before)

    def is_chosen(self, i: int, student: int, column: Column, mark: str, before: str | None) -> bool:
        """Somebody else wrote another mark since: whose holds is for the sender to say, line by line."""
        standing = column.standing
        key = f"{column.head.on.isoformat()} {column.head.session} {student}"
        theirs, at = standing.marks.get(student, ""), china_time(standing.submitted_at)
        told = {"key": key, "row": self.check.table.row_numbers[i], "name": self.check.column("name")[i], "column": column.label}
        told |= {"mine": word(mark), "theirs": word(theirs), "before": "未点" if before is None else word(before), "who": standing.by_name, "at": f"{at:%m-%d %H:%M}"}
        self.plan.conflicts.append(told | {"choice": self.choices.get(key, "")})
        # A choice speaks of what was shown: of a mark that has changed again since it says nothing.
        choice, _, shown = self.choices.get(key, "").partition("|")
        if choice not in (MINE, THEIRS) or shown != f"{mark}|{theirs}":
            self.plan.conflicts[-1] |= {"choice": "", "shown": f"{mark}|{theirs}"}
            return self.refuse(i, column, "conflict", f"你填的是「{word(mark)}」，{standing.by_name or '有人'}{at:%m-%d %H:%M} 改成了「{word(theirs)}」。请选择保留哪一个。")
        self.plan.conflicts[-1] |= {"choice": choice, "shown": shown}
        return choice == MINE

    def refuse(self, i: int, column: Column, code: str, words: str) -> bool:
        """False: the cell changes nothing."""
        self.check.refuse(i, column.label, code, words)
        return False

    def keep_whole_rolls_whole(self) -> None:
        """A first roll with everybody on it or none; a row that is refused for it takes its other cells along, until nothing changes."""
        rows = {student: i for i, student in self.pupils.items()}
        while True:
            before = len(self.check.refused_rows)
            for column in self.columns:
                if column.standing is None and column.wanted:
                    self.refuse_half(column, rows)
            for column in self.columns:
                column.edits = {s: (i, mark) for s, (i, mark) in column.edits.items() if i not in self.check.refused_rows}
            if len(self.check.refused_rows) == before:
                return

    def refuse_half(self, column: Column, rows: dict[int, int]) -> None:
        lacking = [student for student in sorted(column.expected) if student not in column.wanted or column.wanted[student][0] in self.check.refused_rows]
        if not lacking:
            return
        for student in lacking:
            if student in rows and rows[student] not in self.check.refused_rows:
                self.refuse(rows[student], column, "missing", "这一场有人填了，这名学生没填。到的请填「到」。")
        gone = sum(student not in rows for student in lacking)
        words = f"这一场还没点过名，要全班一起交：表里少 {gone} 人。请重新下载。" if gone else "这一场还没点过名，要全班一起交，别的行有错。改好后一起上传。"
        for i, _mark in column.wanted.values():
            if i not in self.check.refused_rows:
                self.refuse(i, column, "conflict", words)
        column.wanted.clear()

    def count(self) -> None:
        touched, corrected = set(), set()
        for column in self.columns:
            if column.edits:
                corrected.update(i for i, _mark in column.edits.values())
                self.plan.payload.append((self.room.county_id, corrected_roll(self.room, column)))
            elif column.standing is None and column.wanted:
                touched.update(i for i, _mark in column.wanted.values())
                self.plan.payload.append((self.room.county_id, first_roll(self.room, column)))
        self.plan.updated += len(corrected)
        self.plan.created += len(touched - corrected)
        self.plan.unchanged += len(self.check.good_rows()) - len(corrected | touched)


def column_of(room: ClassRoom, head: Head, by) -> Column:
    expected, standing = expected_ids(room.id, head.on, head.session), standing_or_none(room.id, head.on, head.session)
    column = Column(head, expected, standing, base_marks(head, standing))
    day = why_no_roll(room, head)
    column.why_first = day or words_of(refuse_first, room, head.on, 0, by) or words_of(refuse_free, room, head.on, head.session)
    column.why_not = day or words_of(refuse_correction, room, head.on, by, WHY)
    return column


def base_marks(head: Head, standing: Standing | None) -> dict[int, str] | None:
    """{student: mark} as the file's author saw them."""
    if not head.base:
        return {}
    if standing is None or head.base > standing.revision:
        return None
    if head.base == standing.revision:
        return standing.marks
    version = RollCallVersion.get_or_none((RollCallVersion.roll_call == standing.id) & (RollCallVersion.revision == head.base))
    return {int(student): mark for student, mark in version.marks.items()} if version else None


def why_no_roll(room: ClassRoom, head: Head) -> str:
    """Why there can be no roll that day; '' when there can."""
    if head.on > today_in_china():
        return "还没到这一天，请空着。"
    if closed := words_of(refuse_closed_year, room.county_id, head.on):
        return closed
    if not is_school_day(head.on, room.county_id, room.parent_id):
        return f"这一天是休息日（{why_closed(head.on, room.county_id, room.parent_id)}），不用点名。"
    if head.session not in sessions_taken(room.county_id, room.parent_id, head.on):
        return f"这所学校这一天不点{SESSIONS[head.session]}。"
    return ""


def words_of(rule, *asked) -> str:
    """What a rule says against it."""
    try:
        rule(*asked)
    except Refused as refused:
        return refused.message
    return ""


def first_roll(room: ClassRoom, column: Column) -> WholeRoll:
    marks = {student: (mark, None) for student, (_i, mark) in column.wanted.items() if mark}
    return WholeRoll(room.id, room.parent_id, column.head.on, column.head.session, len(column.expected), marks)


def corrected_roll(room: ClassRoom, column: Column) -> WholeRoll:
    """A mark that stays keeps its reason."""
    standing, reasons = column.standing, reasons_of(column.standing)
    marks = {student: (mark, reasons.get(student)) for student, mark in standing.marks.items()}
    for student, (_i, mark) in column.edits.items():
        marks.pop(student, None)
        if mark:
            marks[student] = (mark, None)
    whole = {student: told for student, told in marks.items() if student in column.expected}
    return WholeRoll(room.id, room.parent_id, column.head.on, column.head.session, len(column.expected), whole, (standing.id, standing.revision))

