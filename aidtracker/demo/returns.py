"""返校核查 and 无课 of the demo county: a day of the last week on which each class said who had not come back, and sessions without class."""

import datetime

from aidtracker.attendance.free import KINDS as WHY_FREE
from aidtracker.attendance.models import NoClass
from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.sweeps import KINDS
from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.demo.rollbook import BOTH, CHINA, RollBook
from aidtracker.demo.rolls import MORNING
from aidtracker.orgs.models import Org

BEFORE = 3  # school days before the last
SILENT, OFTEN = 17, 5  # one class of so many has not answered; one pupil of so many is not spoken of
REASON = "放假后返校"
AWAY = ("unexcused", "unexplained", "not_returned", "sick_leave")
MOST_FREE = 12
WORDS = {"outing": "秋季研学", "exam": "期中考试", "stopped": "教室检修", "shifted": "调到周六", "other": "村里开运动会"}


class Returns:
    """Of the county that is shown: whoever was away that morning had not come back."""

    def __init__(self, book: RollBook, county: Org, days: list[datetime.date], by):
        self.book, self.county, self.days, self.by = book, county, days, by
        self.rooms = [(room, register) for room, register in zip(book.rooms, book.registers, strict=True) if room.county_id == county.id]

    def fill(self) -> None:
        if len(self.days) <= BEFORE:
            return
        with transaction():
            self.sweep(self.days[-BEFORE])
            self.free()
            told = {"object_kind": "org", "object_id": self.county.id, "fields": ("not_returned", "no_class"), "reason": REASON}
            record(action="attendance.confirm_return", by=self.by, county_id=self.county.id, **told)

    def sweep(self, on: datetime.date) -> None:
        SweepDay.create(county=self.county, on=on, reason=REASON, declared_by=self.by)
        for place, (room, register) in enumerate(self.rooms):
            roll = register.rolls.get((on, MORNING))
            if roll is None or place % SILENT == 0 or not register.expected:
                continue
            teacher, late = self.book.known.teachers[room.id], place % SILENT == 1
            at = datetime.datetime.combine(on, datetime.time(10 if late else 8, 40)) - CHINA
            told = {"class_org": room, "school": room.parent_id, "round": on.isoformat(), "on": on, "expected": len(register.expected)}
            sweep = Sweep.create(**told, is_late=late, confirmed_by=teacher, confirmed_at=at)
            away = [number for number, (mark, _reason) in roll.items() if mark in AWAY]
            for n, number in enumerate(away):
                kind = list(KINDS)[(place + n) % OFTEN]
                NotReturned.create(sweep=sweep, student=self.book.known.students[number], kind=kind, changed_by=teacher, changed_at=at)

    def free(self) -> None:
        """Where nobody took the roll: some of these sessions had none."""
        gaps = [(room, day, session) for room, register in self.rooms for day in self.days[-BEFORE * 2 :] for session in BOTH if (day, session) not in register.rolls]
        for n, (room, day, session) in enumerate(gaps[:MOST_FREE]):
            kind = list(WHY_FREE)[n % len(WHY_FREE)]
            told = {"county": self.county, "org": room, "on": day, "session": session, "kind": kind, "reason": WORDS[kind]}
            NoClass.create(**told, declared_by=self.book.known.teachers[room.id])
