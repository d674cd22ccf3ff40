"""Bringing in a county's staff: which rows give a role, change or end one, say nothing new, or are refused and why. Reads only."""

import datetime
from dataclasses import dataclass, field

from aidtracker.accounts.actions import refuse_alone, refuse_more_for_oneself, refuse_role, refuse_stand_in
from aidtracker.accounts.separation import TEXT, Span, first_apart, words_for
from aidtracker.accounts.sheets import LIMITS, STAFF
from aidtracker.accounts.staff import Held, Person, Staff, missing_people
from aidtracker.accounts.staff_people import Line, People, refused
from aidtracker.accounts.usernames import new_username
from aidtracker.crypto.keyed_index import keyer
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.excel.plans import Check, Plan
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import class_by_place
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase

KEYS = tuple(column.key for column in STAFF.columns)
SHOWN = 10  # names in a notice


@dataclass(slots=True)
class Staffing:
    """What save_staff needs."""

    new: list[Person] = field(default_factory=list)
    changed: list[Person] = field(default_factory=list)
    roles: list[tuple[Person, str, int, datetime.date, datetime.date | None, str]] = field(default_factory=list)
    dated: list[tuple[Held, datetime.date, datetime.date | None, str]] = field(default_factory=list)


def plan_staff(tables, *, by, school_year: int | None = None, on=None) -> Plan:
    plan = Plan(payload=Staffing())
    today = today_in_china()
    staff = Staff(by.scopes(Permission.ACCOUNT_MANAGE) if by else ["/"], today)
    index, rules, lines = keyer("index_phone"), Rules(staff, by), []
    for table in tables:
        check = Check(table, plan)
        refuse_long(check)
        lines += [line for i in check.good_rows() if (line := rules.line_of(check, i))]
    people = People(staff, index)
    lines = [line for line in lines if people.know(line) and rules.agrees(line)]
    lines = that_can_stand(lines, staff)
    settle(plan, lines, staff)
    name_them(plan.payload.new, lines, staff)
    tell_missing(plan, lines, staff)
    return plan


def refuse_long(check: Check) -> None:
    for key, limit in LIMITS.items():
        for i, value in enumerate(check.column(key)):
            if value and len(value) > limit:
                check.refuse(i, key, "bad_choice", "太长了，最多 %(limit)s 个字。", limit=limit)


class Rules:
    """Who may give which role where, as everywhere else; asked once for each role and place."""

    def __init__(self, staff: Staff, by):
        self.staff, self.by = staff, by
        self.year = grades.school_year_of(staff.today)
        self.answers: dict = {}
        self.classes: dict = {}

    def line_of(self, check: Check, i: int) -> Line | None:
        row = {key: check.column(key)[i] for key in KEYS if check.has(key)}
        role, duty = row["role"]
        unit = self.staff.places.get(row["school"])
        place = None
        if unit is None or unit.kind == "class":
            check.refuse(i, "school", "unknown_school", "没有代码为 %(code)s 的单位，请先导入区划和学校。", code=row["school"][:20])
        elif unit.id not in self.staff.managed:
            check.refuse(i, "school", "out_of_scope", "你没有管理这个单位账号的权限。")
        elif unit.closed_on:
            check.refuse(i, "school", "unknown_school", "「%(name)s」已经停办。", name=unit.name)
        else:
            place = self.place_of(check, i, row, unit, duty)
        if place is None or not self.may(check, i, role, place) or not self.dates(check, i, row):
            return None
        return Line(check, i, row, unit, place, role, duty)

    def place_of(self, check: Check, i: int, row: dict, unit: Org, duty: str) -> Org | None:
        grade, number = row.get("grade") or "", row.get("class_number") or ""
        if not grade and not number and duty != "homeroom":
            return unit
        lacking = "class_number" if grade else "grade"
        if not (grade and number):
            check.refuse(i, lacking, "missing", "班主任和班级教师的年级、班级都要填。")
            return None
        key = (unit.code, grade, number)
        if key not in self.classes:
            self.classes[key] = class_by_place(*key, school_year=self.year) if unit.kind == "school" else None
        if self.classes[key] is None:
            check.refuse(i, "class_number", "unknown_class", "「%(name)s」没有%(grade)s%(number)s班。", name=unit.name, grade=grade[:20], number=number[:20])
        return self.classes[key]

    def may(self, check: Check, i: int, role: str, place: Org) -> bool:
        if (role, place.id) not in self.answers:
            try:
                refuse_role(role, place, self.by)
                refuse_stand_in(self.by, place)
                self.answers[role, place.id] = None
            except Refused as refused:
                self.answers[role, place.id] = refused
        refused = self.answers[role, place.id]
        if refused is not None:
            code = "out_of_scope" if isinstance(refused, Forbidden) else "bad_choice"
            check.refuse(i, "role", code, refused.text, **refused.params)
        return refused is None

    @staticmethod
    def dates(check: Check, i: int, row: dict) -> bool:
        starts_on, ends_on = row.get("starts_on"), row.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            check.refuse(i, "ends_on", "bad_date", "结束日期不能早于起始日期。")
            return False
        return True

    def agrees(self, line: Line) -> bool:
        """What speaks against this person: somebody else's, disabled, oneself."""
        person, check, i = line.person, line.check, line.i
        if person is None or person.id is None:
            return person is not None and not self.gives_alone(line)
        line.held = self.staff.role_of(person, line.role, line.place.id, line.row.get("ends_on"))
        if person.id in self.staff.beyond and person.changes:
            check.refuse(i, "name", "out_of_scope", "这个人还有你管不到的角色，姓名、工号和手机号请上级管理员修改。")
        elif line.held is None and not person.is_active and not is_past(line, self.staff.today):
            check.refuse(i, "name", "conflict", "这个人的账号已经停用，请先重新启用。")
        elif self.by is not None and person.id == self.by.id:
            return self.not_more_for_oneself(line) and not self.gives_alone(line)
        else:
            return not self.gives_alone(line)
        return False

    def gives_alone(self, line: Line) -> bool:
        """A role that two people give is none that a row begins or prolongs."""
        starts_on, ends_on = wanted_days(line, self.staff.today)
        held = line.held
        is_less = held is not None and starts_on >= held.starts_on and (held.ends_on is None or (ends_on is not None and ends_on <= held.ends_on))
        if is_less or is_past(line, self.staff.today):
            return False
        try:
            refuse_alone(line.role, self.by)
        except Refused as said:
            line.check.refuse(line.i, "role", "out_of_scope", said.text, **said.params)
            return True
        return False

    def not_more_for_oneself(self, line: Line) -> bool:
        if line.held is not None:
            same = (line.row.get("starts_on") or line.held.starts_on, line.row.get("ends_on") or line.held.ends_on)
            if same == (line.held.starts_on, line.held.ends_on):
                return True
            return refused(line, "ends_on", "out_of_scope", "自己的角色请由另一位管理员修改。")
        try:
            refuse_more_for_oneself(self.by, line.role, line.place, self.by)
        except Refused as said:
            line.check.refuse(line.i, "role", "out_of_scope", said.text, **said.params)
            return False
        return True


def is_past(line: Line, today: datetime.date) -> bool:
    return line.row.get("ends_on") is not None and line.row["ends_on"] < today


def that_can_stand(lines: list[Line], staff: Staff) -> list[Line]:
    """Beside what is held and each other. A refused row counts no more for the others: it ends nothing, and takes no place."""
    while True:
        kept = kept_apart(with_a_room(lines, staff), staff)
        if len(kept) == len(lines):
            return kept
        lines = kept


def kept_apart(lines: list[Line], staff: Staff) -> list[Line]:
    """Without the rows that would bring roles together that may not meet, beside what is held and what stands above in the file."""
    after = {line.held.id: wanted_days(line, staff.today) for line in lines if line.held is not None}
    held: dict[int, list[Span]] = {}
    kept = []
    for line in lines:
        if id(line.person) not in held:
            held[id(line.person)] = spans_of(line.person, staff, after)
        mine = held[id(line.person)]
        new = Span(line.role, line.place, *wanted_days(line, staff.today))
        says_nothing_new = line.held is not None and after[line.held.id] == (line.held.starts_on, line.held.ends_on)
        found = None if says_nothing_new or is_past(line, staff.today) else first_apart(new, mine)
        if found is not None:
            refused(line, "role", "conflict", TEXT, **words_for(line.person.name, new, *found))
            continue
        mine.append(new)
        kept.append(line)
    return kept


def spans_of(person: Person, staff: Staff, after: dict) -> list[Span]:
    """What the person holds or will, with the days that the file gives it."""
    lasting = staff.lasting.get(person.id, []) if person.id else []
    return [Span(held.role, staff.by_id[held.org_id], *after.get(held.id, (held.starts_on, held.ends_on))) for held in lasting]


def wanted_days(line: Line, today: datetime.date) -> tuple[datetime.date, datetime.date | None]:
    starts_on, ends_on = line.row.get("starts_on"), line.row.get("ends_on")
    return (starts_on or (line.held.starts_on if line.held else today), ends_on or (line.held.ends_on if line.held else None))


def settle(plan: Plan, lines: list[Line], staff: Staff) -> None:
    """Counts the rows and collects what they write."""
    work, known, forgotten = plan.payload, set(), 0
    for line in lines:
        is_first = id(line.person) not in known
        known.add(id(line.person))
        says = say_role(work, line, staff.today)
        if line.person.id is None and is_first and says != "past":
            work.new.append(line.person)
        elif line.person.id and is_first and line.person.changes:
            work.changed.append(line.person)
            forgotten, says = forgotten + (says == "past"), "created" if says == "created" else "updated"
        if line.person.id is None and is_first and says == "past":
            known.discard(id(line.person))
        forgotten += says == "past"
        says = "unchanged" if says == "past" else says
        setattr(plan, says, getattr(plan, says) + 1)
    if forgotten:
        plan.notices.append(Phrase("有 %(n)s 行的角色在系统里从来没有过、结束日期也已过去，不用新建。", n=forgotten))


def say_role(work: Staffing, line: Line, today: datetime.date) -> str:
    held, starts_on, ends_on = line.held, line.row.get("starts_on"), line.row.get("ends_on")
    if held is None:
        if is_past(line, today):
            return "past"
        work.roles.append((line.person, line.role, line.place.id, starts_on or today, ends_on, line.duty))
        return "created"
    wanted = (starts_on or held.starts_on, ends_on or held.ends_on, line.duty or held.duty)
    if wanted == (held.starts_on, held.ends_on, held.duty):
        return "unchanged"
    if wanted[1] and wanted[1] < wanted[0]:
        wanted = (wanted[1], *wanted[1:])
    work.dated.append((held, *wanted))
    return "updated"


def with_a_room(lines: list[Line], staff: Staff) -> list[Line]:
    rooms = homerooms_after(lines, staff)
    return [line for line in lines if not taken_room(line, rooms)]


def homerooms_after(lines: list[Line], staff: Staff) -> dict[int, object]:
    """{class: whose it stays}, without those that the workbook itself ends."""
    ended = {line.held.id for line in lines if line.held is not None and line.row.get("ends_on")}
    return {org_id: held.user_id for org_id, held in staff.homerooms.items() if held.id not in ended}


def taken_room(line: Line, rooms: dict) -> bool:
    """One class has one homeroom teacher without an end."""
    if line.duty != "homeroom" or line.row.get("ends_on") or line.person is None:
        return False
    mine = line.person.id or id(line.person)
    if rooms.setdefault(line.place.id, mine) == mine:
        return False
    text = "%(room)s已经有班主任。请先在表里写上原班主任的结束日期，或把这一行写成「教师」。"
    return not refused(line, "role", "conflict", text, room=line.place.name)


def name_them(people: list[Person], lines: list[Line], staff: Staff) -> None:
    """User names of the new ones, in the order of the rows: the check and the import make the same."""
    taken = set(staff.by_username) | {person.given for person in people if person.given}
    units = {id(line.person): line.unit.name for line in reversed(lines)}
    for person in people:
        person.username = person.given or new_username(person.name, units[id(person)], taken)


def tell_missing(plan: Plan, lines: list[Line], staff: Staff) -> None:
    new = plan.payload.new
    if new:
        names = "、".join(f"{person.name} {person.username}" for person in new[:SHOWN]) + ("……" if len(new) > SHOWN else "")
        plan.notices.append(Phrase("新建 %(n)s 个没有密码的账号，用户名：%(names)s。用邀请单开通。", n=len(new), names=names))
    units = {line.unit.id for line in lines}
    named = {line.person.id for line in lines if line.person is not None and line.person.id}
    for unit, names in missing_people(staff, units, named).items():
        shown = "、".join(names[:SHOWN]) + ("……" if len(names) > SHOWN else "")
        where = {"unit": staff.by_id[unit].name, "n": len(names), "names": shown}
        plan.notices.append(Phrase("「%(unit)s」有 %(n)s 人不在表里，不会改动：%(names)s。", **where))
