"""A county for a history of some weeks: two schools of two classes, a few pupils who come and stay away, its own ladder."""

import datetime
from types import SimpleNamespace

from aidtracker.accounts.models import User
from aidtracker.attendance.ladder import STEPS
from aidtracker.orgs.models import Org
from aidtracker.policies.models import PolicyValue
from aidtracker.policies.registry import POLICIES
from aidtracker.students.models import Enrollment
from tests import factories
from tests.drills._registry_world import Clock
from tests.drills._streaks_book import Book
from tests.drills.drill import Given

FIRST = datetime.date(2026, 9, 7)  # a Monday; the autumn festival, the national day and a week of 调休 lie ahead
KEYS = {**STEPS, "basis": "absence_basis", "rate": "rate_warned", "silent": "class_silent_days"}
LADDERS = ((1, 1, 2, 3, 5, 20), (1, 2, 3, 4, 5, 7), (0, 1, 1, 2, 2, 5), (2, 2, 2, 3, 3, 6))  # days of each step


def build(given: Given, clock: Clock) -> SimpleNamespace:
    draw = given.random
    world = SimpleNamespace(random=draw, clock=clock, waiting=[], mute=set(), chance=draw.choice((0.6, 0.85, 1)))
    world.county = factories.make_org("county", "云岭县", factories.make_org("city", "九九市"))
    steps = dict(zip(STEPS, draw.choice(LADDERS), strict=True))
    world.rules = steps | {"basis": draw.choice(("school", "school", "calendar")), "rate": draw.choice((90, 90, 80, 0)), "silent": draw.choice((3, 2, 0))}
    world.officer = factories.make_user("bureau_admin", world.county)
    for name, key in KEYS.items():
        if POLICIES[key].default != world.rules[name]:
            PolicyValue.create(county=world.county, key=key, value=str(world.rules[name]), holds_from=FIRST, reason="县文", set_by=world.officer)
    world.book = Book(FIRST, world.rules)
    world.township = factories.make_org("township", "双河镇", world.county)
    factories.make_user("township_coordinator", world.township)
    world.heads, world.teachers, world.rooms, world.pupils = {}, {}, {}, []
    for name in ("双河小学", "石门小学"):
        school = factories.make_school(world.township, name)
        world.heads[school.id] = factories.make_user("school_admin", school)
        world.book.above[school.id] = (school.id, world.township.id, world.county.id)
        for number in ("1", "2"):
            open_room(world, school, number)
    return world


def open_room(world, school: Org, number: str) -> None:
    room = factories.make_class(school, "三年级", number)
    world.rooms[room.id], world.teachers[room.id] = room, factories.make_user("teacher", room)
    world.book.school_of[room.id] = school.id
    for _ in range(world.random.randrange(2, 5)):
        pupil = factories.make_student(room, "王小明")
        Enrollment.update(starts_on=FIRST).where(Enrollment.student == pupil).execute()
        world.book.spells[pupil.id].append([room.id, FIRST, None])
        world.pupils.append(SimpleNamespace(id=pupil.id, is_away=False, leaves=world.random.random() < 0.3))


def teacher_of(world, room_id: int) -> User:
    return User.get_by_id(world.teachers[room_id].id)  # what they may do is read anew each day


def head_of(world, room_id: int) -> User:
    return User.get_by_id(world.heads[world.book.school_of[room_id]].id)
