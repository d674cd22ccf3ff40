"""Who a county's staff workbook speaks of: the people, roles and places that are there, and what an export writes of them."""

import datetime
from dataclasses import dataclass, field

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.models_staff import StaffRecord
from aidtracker.accounts.queries import Parent
from aidtracker.accounts.sheets import HOMEROOM
from aidtracker.crypto.field import unsealed_column
from aidtracker.crypto.masking import mask_phone
from aidtracker.db import today_in_china
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import ROLES, Permission

LISTED = ("", "homeroom")  # roles of a person's own; who stands in for somebody is no row of the list


@dataclass(slots=True, eq=False)
class Person:
    """One person of the workbook; `id` None is somebody new. `changes` are the record's and the name's."""

    name: str
    county_id: int
    id: int | None = None
    uid: str = ""
    username: str = ""
    is_active: bool = True
    record_uid: str = ""  # '' while there is no record
    staff_number: str = ""
    phone_index: bytes | None = None
    phone_sealed: bytes | None = None
    changes: dict = field(default_factory=dict)
    given: str = ""  # the user name that the workbook asks for

    @property
    def phone_masked(self) -> str:
        return mask_phone(unsealed_column(StaffRecord.phone)(self.record_uid, self.phone_sealed))


@dataclass(slots=True)
class Held:
    """A role that somebody holds, held or will hold."""

    id: int
    user_id: int
    role: str
    org_id: int
    starts_on: datetime.date
    ends_on: datetime.date | None
    duty: str

    def lasts(self, today: datetime.date) -> bool:
        return self.ends_on is None or self.ends_on >= today


class Staff:
    """What is known before the workbook is read; `paths`: within which accounts are managed."""

    def __init__(self, paths: list[str], today: datetime.date):
        self.today = today
        self.places = {org.code: org for org in Org.select()}
        self.by_id = {org.id: org for org in self.places.values()}
        self.managed = {id_ for id_, org in self.by_id.items() if any(org.path.startswith(path) for path in paths)}
        self.held: dict[tuple, list[Held]] = {}
        self.visible: set[int] = set()  # users with a role, once or now, within the paths
        self.beyond: set[int] = set()  # who holds a lasting one outside them
        self.homerooms: dict[int, Held] = {}
        self.lasting: dict[int, list[Held]] = {}  # of each user, in whatever duty
        self.read_roles()
        self.people: dict[int, Person] = {}
        self.by_number: dict[tuple, Person] = {}
        self.by_phone: dict[tuple, Person] = {}
        self.by_username: dict[str, Person] = {}
        self.read_people()

    def read_roles(self) -> None:
        names = ("id", "user_id", "role", "org_id", "starts_on", "ends_on", "duty")
        for row in Membership.select(*(getattr(Membership, name) for name in names)).order_by(Membership.starts_on).tuples():
            held = Held(*row)
            (self.visible if held.org_id in self.managed else self.beyond if held.lasts(self.today) else set()).add(held.user_id)
            if held.lasts(self.today):
                self.lasting.setdefault(held.user_id, []).append(held)
            if held.duty in LISTED:
                self.held.setdefault((held.user_id, held.role, held.org_id), []).append(held)
            if held.duty == "homeroom" and held.ends_on is None:
                self.homerooms[held.org_id] = held

    def read_people(self) -> None:
        columns = (User.id, User.uid, User.username, User.name, User.disabled_at)
        known = {row[0]: row[1:] for row in StaffRecord.select(
            StaffRecord.user_id, StaffRecord.uid, StaffRecord.county_id, StaffRecord.staff_number, StaffRecord.phone_index, StaffRecord.phone
        ).tuples()}  # fmt: skip
        for id_, uid, username, name, disabled_at in User.select(*columns).tuples():
            record_uid, county_id, number, index, phone = known.get(id_, ("", 0, "", None, None))
            index = None if index is None else bytes(index)
            person = Person(name, county_id, id_, uid, username, disabled_at is None, record_uid, number, index, phone)
            self.people[id_] = self.by_username[username] = person
            if number:
                self.by_number[county_id, number] = person
            if index:
                self.by_phone[county_id, name, index] = person

    def role_of(self, person: Person, role: str, org_id: int, ends_on: datetime.date | None) -> Held | None:
        """The one that a row speaks of: the lasting one; or, of a row that says when it ended, the last of the past."""
        found = self.held.get((person.id, role, org_id), []) if person.id else []
        lasting = [held for held in found if held.lasts(self.today)]
        is_past = ends_on is not None and ends_on < self.today
        return lasting[-1] if lasting else found[-1] if found and is_past else None


def missing_people(staff: Staff, units: set[int], named: set[int]) -> dict[int, list[str]]:
    """{unit: names of who holds a role there today and is not in the file}."""
    found: dict[int, set[str]] = {}
    for helds in staff.held.values():
        for held in helds:
            org = staff.by_id[held.org_id]
            unit = org.parent_id if org.kind == "class" else org.id
            is_here = unit in units and org.id in staff.managed and held.starts_on <= staff.today and held.lasts(staff.today)
            if is_here and held.user_id not in named and staff.people[held.user_id].is_active:
                found.setdefault(unit, set()).add(staff.people[held.user_id].name)
    return {unit: sorted(names) for unit, names in found.items()}


def staff_rows(by: User, place: Org | None = None) -> list[tuple]:
    """A row under each of HEADINGS for every role held today or later within the reader's accounts; phones masked."""
    lasting = Membership.ends_on.is_null() | (Membership.ends_on >= today_in_china())
    here = within(by.scopes(Permission.ACCOUNT_MANAGE)) & (within([place.path]) if place else ~NOTHING)
    found = (
        Membership.select(User.name, StaffRecord.uid, StaffRecord.phone, StaffRecord.staff_number, Org.kind, Org.code, Parent.code,
            Membership.role, Membership.duty, Membership.starts_on, Membership.ends_on, User.username,
            SchoolClass.stage, SchoolClass.entry_year, SchoolClass.number)
        .join(User, on=Membership.user == User.id)
        .switch(Membership).join(Org).left_outer_join(Parent, on=Org.parent == Parent.id)
        .left_outer_join(SchoolClass, on=SchoolClass.org == Org.id)
        .left_outer_join(StaffRecord, on=StaffRecord.user == User.id)
        .where(here & lasting & Membership.duty.in_(LISTED) & User.disabled_at.is_null())
        .order_by(Org.path, User.name, User.id, Membership.id)
    )  # fmt: skip
    opened, newest = unsealed_column(StaffRecord.phone), newest_years()
    return [row_of(row, opened, newest) for row in found.tuples()]


def row_of(row, opened, newest) -> tuple:
    name, uid, phone, number, kind, code, above, role, duty, starts_on, ends_on, username, stage, entered, class_number = row
    label = HOMEROOM if duty == "homeroom" else ROLES[role].label if role in ROLES else role
    grade = grade_now(stage, entered, newest.get((above, stage))) if kind == "class" else ""
    unit = above if kind == "class" else code
    return (name, mask_phone(opened(uid, phone)) if phone else "", number or "", unit, label, grade, class_number or "", starts_on, ends_on, username)


def newest_years() -> dict:
    """{(school's code, stage): the year in which its newest classes entered}."""
    found: dict = {}
    rows = SchoolClass.select(Org.code, SchoolClass.stage, SchoolClass.entry_year).join(Org, on=SchoolClass.school == Org.id)
    for code, stage, year in rows.tuples():
        found[code, stage] = max(year, found.get((code, stage), 0))
    return found


def grade_now(stage: str, entered: int, newest: int | None) -> str:
    """As an import finds the class again: in this school year, else in the last year of the school's newest classes."""
    label = grades.grade_label(stage, entered, grades.school_year_of(today_in_china()))
    return label if label in grades.PLACES else grades.grade_label(stage, entered, newest or entered)
