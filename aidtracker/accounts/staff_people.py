"""Who the rows of a staff workbook speak of: the rows of one person put together, and whether they agree.

A person is known by 工号 within the county, else by the user name, else by name and telephone. Blank cells change nothing.
"""

from dataclasses import dataclass

from aidtracker.accounts.staff import Held, Person, Staff
from aidtracker.accounts.usernames import USERNAME
from aidtracker.crypto.keyed_index import normalise_id
from aidtracker.excel.plans import Check
from aidtracker.orgs.models import Org


@dataclass(slots=True)
class Line:
    """One row that can stand by itself: a person, a role, a place."""

    check: Check
    i: int
    row: dict
    unit: Org
    place: Org
    role: str
    duty: str
    person: Person | None = None
    held: Held | None = None


class People:
    """Puts the rows of one person together, and finds who that is."""

    def __init__(self, staff: Staff, index):
        self.staff, self.index = staff, index
        self.seen: set = set()
        self.new: dict[tuple, Person] = {}
        self.touched: dict[int, dict] = {}  # what the first row says, by person
        self.usernames: dict[str, Person] = {}

    def know(self, line: Line) -> bool:
        row, county_id = line.row, line.unit.county_id or line.unit.id
        name, number, phone = row["name"], row.get("staff_number") or "", row.get("phone") or ""
        username = (row.get("username") or "").lower()
        index = self.index(normalise_id(phone)) if phone and "*" not in phone else None
        person = self.find(county_id, name, number, index, username)
        if person is not None and person.id is not None and person.id not in self.staff.visible:
            return refused(line, "name", "out_of_scope", "这个人在别的单位，你管不到。请联系上级管理员。")
        if person is None and not (number or index):
            return refused(line, "staff_number", "missing", "工号和手机号至少填一个，不然认不出是不是同一个人。")
        if username and not USERNAME.fullmatch(username):
            return refused(line, "username", "bad_choice", "用户名要用小写字母、数字、点、横线，至少 2 个字符。")
        if person is None:
            person = Person(name, county_id, staff_number=number, phone_index=index, given=username, changes={"phone": phone})
            if "*" in phone:
                return refused(line, "phone", "bad_number", "手机号不完整，请填全部数字，或者空着。")
        if not self.is_one(line, person, name, number, phone, index, username):
            return False
        if (id(person), line.role, line.place.id) in self.seen:
            return refused(line, "name", "duplicate_in_file", "这个人的这个角色在表里出现了两次，只保留第一行。")
        self.seen.add((id(person), line.role, line.place.id))
        self.remember(person, county_id, name, number, index, username)
        line.person = person
        return True

    def find(self, county_id, name, number, index, username) -> Person | None:
        staff, found = self.staff, None
        if number:
            found = staff.by_number.get((county_id, number)) or self.new.get(("number", county_id, number))
        if found is None and username:
            found = staff.by_username.get(username) or self.usernames.get(username)
            found = found if found is not None and found.name == name else None  # a slip must rename nobody
        if found is None and index:
            found = staff.by_phone.get((county_id, name, index)) or self.new.get(("phone", county_id, name, index))
            found = None if found and number and found.staff_number and found.staff_number != number else found
        return found

    def is_one(self, line: Line, person: Person, name, number, phone, index, username) -> bool:
        """All rows of a person say the same of them, and what they change is somebody's own."""
        if number and person.staff_number and number != person.staff_number:
            return refused(line, "staff_number", "conflict", "这个人的工号是 %(number)s，和表里的不一样。", number=person.staff_number)
        if username and username != (person.username or person.given or username):
            return refused(line, "username", "conflict", "这个人已有用户名 %(username)s，用户名不能改。", username=person.username or person.given)
        owner = self.staff.by_username.get(username) or self.usernames.get(username)
        if username and owner is not None and owner is not person:
            return refused(line, "username", "conflict", "用户名 %(username)s 已有人用，请换一个。", username=username)
        if id(person) in self.touched:
            return self.same_again(line, person, name, index)
        if person.id is not None:
            if "*" in phone and (not person.phone_sealed or person.phone_masked != phone):
                return refused(line, "phone", "bad_number", "手机号不完整，请填全部数字，或者空着。")
            person.changes = changes_of(person, name, number, phone, index)
            person.county_id = person.county_id or line.unit.county_id
        return True

    def same_again(self, line: Line, person: Person, name, index) -> bool:
        first = self.touched[id(person)]
        if name != first["name"]:
            return refused(line, "name", "conflict", "同一个人在表里写了两个姓名：%(one)s、%(other)s。", one=first["name"], other=name)
        if index and first["index"] and index != first["index"]:
            return refused(line, "phone", "conflict", "同一个人在表里写了两个手机号。")
        return True

    def remember(self, person, county_id, name, number, index, username) -> None:
        self.touched.setdefault(id(person), {"name": name, "index": index})
        if number:
            self.new["number", county_id, number] = person
        if index:
            self.new["phone", county_id, name, index] = person
        if username:
            self.usernames[username] = person


def changes_of(person: Person, name: str, number: str, phone: str, index) -> dict:
    found: dict = {}
    if name != person.name:
        found["name"] = name
    if number and number != person.staff_number:
        found["staff_number"] = number
    if index and index != person.phone_index:
        found |= {"phone": phone, "phone_index": index}
    return found


def refused(line: Line, key: str, code: str, text: str, **params) -> bool:
    line.check.refuse(line.i, key, code, text, **params)
    return False
