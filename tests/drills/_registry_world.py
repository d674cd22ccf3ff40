"""A small county whose calendar the drill turns: two townships, five schools, classes of six, people of every role that moves children."""

import contextlib
import datetime
from types import SimpleNamespace

from aidtracker.orgs.grades import PLACES
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.actions import create_student
from aidtracker.students.actions_rollover import set_feeder
from tests import factories
from tests.drills._registry_book import Book
from tests.drills.drill import Given, swapped

FIRST = datetime.date(2023, 9, 1)
GRADES = ("一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "七年级", "八年级", "九年级")
NAMES = ("王芳", "李强", "张丽", "单小明")  # few: many namesakes


class Clock:
    """The house's day; eight in the morning in China."""

    def __init__(self):
        self.day = FIRST

    @contextlib.contextmanager
    def turned(self):
        with swapped("aidtracker.db.utcnow", lambda _real: lambda: datetime.datetime.combine(self.day, datetime.time(0))):
            yield


def build(given: Given, clock: Clock) -> SimpleNamespace:
    world = SimpleNamespace(random=given.random, clock=clock, book=Book(), former=[], acts={}, before={}, dead=set(), number=0, merges={}, into={})
    city = factories.make_org("city", "九九市")
    world.county = factories.make_org("county", "云岭县", city)
    near, far = (factories.make_org("township", name, world.county) for name in ("双河镇", "石门乡"))
    world.villages = [factories.make_school(near, "双河小学"), factories.make_school(far, "石门小学"), factories.make_school(far, "白水小学")]
    world.nine = factories.make_school(near, "双河九年一贯制学校", category="九年一贯制学校")
    world.junior = factories.make_school(far, "石门初级中学", category="初级中学")
    world.schools = [*world.villages, world.nine, world.junior]
    world.chief = person("bureau_admin", world.county)
    world.heads = {school.id: person("school_admin", school) for school in world.schools}
    world.people = [world.chief, person("bureau_staff", world.county), person("township_coordinator", near), person("township_coordinator", far), *world.heads.values()]
    world.people.append(person("teacher", world.villages[0]))
    for village in world.villages:
        set_feeder(school=village, stage="primary", to_school=world.junior, classes=1, by=world.chief)
    for school, grades in [*((village, GRADES[:6]) for village in world.villages), (world.nine, GRADES), (world.junior, GRADES[6:])]:
        for grade in grades:
            room = factories.make_class(school, grade, "1", FIRST.year)
            for _ in range(6):
                come_in(world, room, world.chief)
    return world


def person(role: str, org: Org):
    user = factories.make_user(role, org)
    type(user).memberships  # noqa: B018 read below, at each look
    factories.Membership.update(starts_on=datetime.date(2010, 9, 1)).where(factories.Membership.user == user).execute()
    return type(user).get_by_id(user.id)


def come_in(world, room: Org, by) -> int:
    """A new child of the age of the grade, on the day that it is."""
    world.number += 1
    detail = SchoolClass.get(SchoolClass.org == room)
    age = {"primary": 6, "junior": 12}[detail.stage]
    born = datetime.date(detail.entry_year - age, world.number % 8 + 1, world.number % 28 + 1)
    values = {"name": world.random.choice(NAMES), "sex": "MF"[world.number % 2], "born_on": born, "ethnicity": "汉族", "id_kind": "居民身份证", "entered_on": "", "home_code": ""}
    values["id_number"] = factories.make_id_number(born, values["sex"]) if world.number % 9 else ""
    student = create_student(values=values, class_org=room, mode="day", seat=None, starts_on=world.clock.day, by=by)
    world.before[student.id] = []
    world.book.comes(student.id, room.id, world.clock.day)
    return student.id


def open_rooms(world, school: Org | None = None) -> list[SchoolClass]:
    schools = [school.id] if school else [each.id for each in world.schools]
    found = SchoolClass.select(SchoolClass, Org).join(Org, on=SchoolClass.org == Org.id).where(SchoolClass.school.in_(schools) & Org.closed_on.is_null())
    return list(found.order_by(SchoolClass.org))


def last_year_of(stage: str) -> int:
    return max(years for each, years in PLACES.values() if each == stage)
