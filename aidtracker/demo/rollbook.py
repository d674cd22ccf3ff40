"""The invented rolls on their way into the database: whose they are, when they were submitted, what was corrected later."""

import datetime
import random

from aidtracker.accounts.models import User
from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.attendance.models import RollCall
from aidtracker.db import utcnow
from aidtracker.demo.known import code_of, known_of
from aidtracker.demo.rolls import BOTH, MORNING, Register
from aidtracker.orgs.models import Org

WHY = "演示数据"
NO_TIME, LATE = datetime.timedelta(0), datetime.timedelta(minutes=95)
NOW_AND_THEN, SLOW = 37, 8  # days of any class; classes that are late every third day
CHINA = datetime.timedelta(hours=8)
CORRECTED = ("unexcused", "unexplained")
CORRECTIONS = (
    ("sick_leave", "感冒，在村卫生室看病", "家长补交了病假条"),
    ("personal_leave", "家中有事", "家长来电话补请假"),
    ("late", "路上塌方，第二节课到校", "点错了，学生是迟到"),
)


class RollBook:
    """Turns registers into the rolls that the attendance room saves, a day and a county at a time."""

    def __init__(self, registers: list[Register], school_year: int, rng: random.Random):
        self.registers, self.known, self.rng, self.now = registers, known_of(registers), rng, utcnow()
        self.rooms = [self.known.classes[code_of(register.room, school_year)] for register in registers]

    def save_day(self, day: datetime.date, by: User | None) -> None:
        counties: dict[int, list[WholeRoll]] = {}
        for room, register in zip(self.rooms, self.registers, strict=True):
            for session in BOTH:
                roll = register.rolls.get((day, session))
                if roll is not None:
                    whole = self.whole_roll(room, register, day, session, roll)
                    counties.setdefault(room.county_id, []).append(whole)
        for county, rolls in counties.items():
            save_day_of_rolls(rolls=rolls, by=by, why=WHY, county_id=county)

    def whole_roll(self, room: Org, register: Register, day, session: str, roll: dict) -> WholeRoll:
        return WholeRoll(
            class_id=room.id,
            school_id=room.parent_id,
            on=day,
            session=session,
            expected=len(register.expected),
            marks={self.known.students[number]: (mark, reason or None) for number, (mark, reason) in roll.items()},
            at=min(self.now, self.minute_of(day, session) + (LATE if is_slow(room, day) else NO_TIME)),
            by_id=self.known.teachers[room.id].id,
        )

    def minute_of(self, day: datetime.date, session: str) -> datetime.datetime:
        """When the teacher stood before the class; UTC."""
        opens = datetime.time(7, 50) if session == MORNING else datetime.time(14, 5)
        return datetime.datetime.combine(day, opens) - CHINA + datetime.timedelta(seconds=self.rng.randrange(2700))

    def correct_some(self, days: list[datetime.date], most: int) -> None:
        """By the school's head, with the reason; only what is no long absence."""
        found = [
            (room, register, key, number)
            for room, register in zip(self.rooms, self.registers, strict=True)
            for key, roll in register.rolls.items()
            for number, (mark, _reason) in roll.items()
            if key[0] in days and mark in CORRECTED and is_single(register, number)
        ]
        for room, register, key, number in self.rng.sample(found, min(most, len(found))):
            mark, reason, why = self.rng.choice(CORRECTIONS)
            roll = register.rolls[key] | {number: (mark, reason)}
            standing = RollCall.get((RollCall.class_org == room) & (RollCall.on == key[0]) & (RollCall.session == key[1]))
            whole = self.whole_roll(room, register, *key, roll)
            head = self.known.principals[room.parent_id]
            corrected = whole._replace(standing=(standing.id, standing.revision), at=None, by_id=None)
            register.rolls[key] = roll
            save_day_of_rolls(rolls=[corrected], by=head, why=why, county_id=room.county_id)


def is_slow(room: Org, day: datetime.date) -> bool:
    """迟报: each class now and then, a few of them often."""
    number = room.id + day.toordinal()
    return number % NOW_AND_THEN == 0 or (room.id % SLOW == 0 and number % 3 == 0)


def is_single(register: Register, number: str) -> bool:
    """Not the beginning of a streak: away at no more than two sessions."""
    return sum(roll.get(number, ("",))[0] in CORRECTED for roll in register.rolls.values()) <= 2
