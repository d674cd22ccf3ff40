"""What a class teacher does today: the rolls of the own classes."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.attendance.figures import sums_of_classes
from aidtracker.attendance.free import free_at
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import ClassRoom, rolls_of, visible_class
from aidtracker.attendance.sessions import FOR_BOARDERS, SESSIONS, in_order, modes_at, so_far
from aidtracker.attendance.sweeps import Round, sweep_due
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from aidtracker.students.queries import attending_counts
from aidtracker.terms.calendar import is_school_day, why_closed


class Session(NamedTuple):
    code: str
    label: str
    expected: int
    is_now: bool  # its time has come
    roll: RollCall | None  # None: not taken yet
    why_free: str = ""  # 无课

    @property
    def absent(self) -> int:
        return self.roll.expected - self.roll.present


class MyClass(NamedTuple):
    id: int
    name: str
    pupils: int  # those taught at home among them
    expected: int
    sessions: list[Session]
    is_open: bool  # a school day, with somebody to expect
    sweep: Round | None = None  # 返校核查 that it still has to answer


def my_classes(user, classes: list[Org], now: datetime.datetime) -> list[MyClass]:
    """`now` is the time in China."""
    today, ids = now.date(), [org.id for org in classes]
    expected, boarders = attending_counts(today, ids), attending_counts(today, ids, modes_at(FOR_BOARDERS[0]))
    pupils = pupils_in(ids)
    rooms = [visible_class(user, org.id) for org in classes]
    opened = {school: is_school_day(today, county, school) for county, school in {(room.county_id, room.parent_id) for room in rooms}}
    return [
        MyClass(
            room.id,
            room.label_on(today),
            pupils.get(room.id, 0),
            expected.get(room.id, 0),
            sessions_of(room, now, expected.get(room.id, 0), boarders.get(room.id, 0)),
            opened[room.parent_id] and expected.get(room.id, 0) > 0,
            sweep_due(room) if expected.get(room.id, 0) else None,
        )
        for room in rooms
    ]


def pupils_in(class_ids: list[int]) -> dict[int, int]:
    """{class: pupils now}, as the list of pupils counts them."""
    counted = Student.select(Student.class_org, peewee.fn.COUNT(Student.id)).where(Student.class_org.in_(class_ids))
    return dict(counted.group_by(Student.class_org).tuples())


def sessions_of(room: ClassRoom, now: datetime.datetime, expected: int, boarders: int) -> list[Session]:
    """What the class takes today, and what it has taken though it is asked no more."""
    today = now.date()
    rolls = {roll.session: roll for roll in rolls_of(room.id, today)}
    counts = {code: boarders if code in FOR_BOARDERS else expected for code in SESSIONS}
    taken = tuple(code for code in sessions_taken(room.county_id, room.parent_id, today) if counts[code])
    asked, free = so_far(taken, today, now), free_at(room, today)
    return [Session(code, SESSIONS[code], counts[code], code in asked, rolls.get(code), free.get(code, "")) for code in in_order((*taken, *rolls))]


def closed_because(room: Org, today: datetime.date) -> str:
    """大雪停课, 国庆节, 周末; '' on a day when the class has school."""
    return "" if is_school_day(today, room.county_id, room.parent_id) else why_closed(today, room.county_id, room.parent_id)


def month_sums(classes: list[Org], today: datetime.date) -> dict:
    """Sums of this month's rolls of the classes together."""
    return sums_of_classes(classes, today.replace(day=1), today)
