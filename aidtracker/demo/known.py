"""What the demo's codes and numbers are called in the database, while the rooms above the pupils are filled."""

import datetime
import random
from dataclasses import dataclass

from aidtracker.accounts.models import Membership, User
from aidtracker.demo.cohorts import DemoClass, Slot
from aidtracker.demo.places import COUNTY
from aidtracker.demo.rolls import Register, Streak
from aidtracker.demo.staff import NEIGHBOURS, SHOWN
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import class_code
from aidtracker.students.lookup import students_by_number
from aidtracker.students.models import Student


@dataclass
class Known:
    classes: dict[str, Org]
    teachers: dict[int, User]  # by class id
    principals: dict[int, User]  # by school id
    students: dict[str, int]  # {学籍号: student id}


def known_of(registers: list[Register]) -> Known:
    classes = {org.code: org for org in Org.select().where(Org.kind == "class")}
    numbers = {row["student_number"] for register in registers for row in register.pupils}
    known = students_by_number(numbers, {org.county_id for org in classes.values()})
    held = Membership.select(Membership, User).join(User)
    return Known(
        classes,
        {m.org_id: m.user for m in held.where(Membership.role == "teacher")},
        {m.org_id: m.user for m in held.where(Membership.role == "school_admin")},
        {number: student.id for number, student in known.items()},
    )


def code_of(room: DemoClass, school_year: int) -> str:
    return class_code(room.school.code, *grades.entry_year(room.grade, school_year), str(room.number))


@dataclass
class Filled:
    """The county once its pupils and rolls stand."""

    slots: list[Slot]
    registers: list[Register]
    streaks: list[Streak]
    known: Known
    days: list[datetime.date]  # school days with rolls, today among them when there is school
    on: datetime.date
    school_year: int
    small: bool

    def room_of(self, register: Register) -> Org:
        return self.known.classes[code_of(register.room, self.school_year)]

    def teacher_of(self, register: Register) -> User:
        return self.known.teachers[self.room_of(register).id]

    def student(self, number: str) -> Student:
        return Student.get_by_id(self.known.students[number])

    @property
    def first(self) -> datetime.date:
        """The first day of the rolls."""
        return self.days[0] if self.days else self.on

    @property
    def yesterday(self) -> datetime.date:
        return self.on - datetime.timedelta(days=1)


def shown_user(role: str) -> User:
    """The account of 金寨县 that `demo` prints for the role."""
    return User.get(User.username == SHOWN[role][0])


def importer_of(county: str) -> User:
    return shown_user("bureau_staff") if county == COUNTY[0] else User.get(User.username == NEIGHBOURS["bureau_staff"][0])


def days_of(streak: Streak) -> list[datetime.date]:
    """On which the class took the roll and the pupil was away; the third is the one on which it is noticed."""
    return [day for day in streak.register.days() if streak.first <= day <= streak.last]


def days_between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]


def some(rng: random.Random, values: list, most: int) -> list:
    return rng.sample(values, min(most, len(values)))
