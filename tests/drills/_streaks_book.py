"""What a county's rolls say by the plainest reckoning: every pupil, every day back, one at a time; written without the product's rules."""

import datetime
from collections import defaultdict

from aidtracker.terms.models import CalendarDay

ONE_DAY = datetime.timedelta(days=1)
TAUGHT = ("morning", "afternoon")
AWAY = ("unexcused", "unexplained", "not_returned")
GONE = (*AWAY, "sick_leave", "personal_leave", "isolated")
STEPS = ("call", "visit", "report_school", "report_township", "suspected", "dropout")
TWENTY, SO_FAR_BACK = 20, 120


class Book:
    def __init__(self, first: datetime.date, rules: dict):
        self.first, self.rules = first, rules
        self.rolls: dict[tuple, dict[int, str]] = {}  # (room, day, session): {pupil: mark}
        self.spells: dict[int, list[list]] = defaultdict(list)  # pupil: [room, first, last or None]
        self.school_of: dict[int, int] = {}
        self.declared: list[tuple] = []  # (place, is_open, first, last), the latest last
        self.rotas: dict[int, list[tuple]] = defaultdict(list)
        self.above: dict[int, tuple] = {}  # school: (itself, its township, its county)
        self.national = dict(CalendarDay.select(CalendarDay.on, CalendarDay.kind).where(CalendarDay.county.is_null()).tuples())

    def room_on(self, pupil: int, day: datetime.date) -> int | None:
        return next((room for room, first, last in self.spells[pupil] if first <= day and (last is None or day <= last)), None)

    def has_school(self, school: int, day: datetime.date) -> bool:
        for place in self.above[school]:
            for where, is_open, first, last in reversed(self.declared):
                if where == place and first <= day <= last:
                    return is_open
        kind = self.national.get(day)
        if kind == "holiday":
            return False
        turns = [turn for turn in self.rotas[school] if turn[0] <= day]
        if turns and turns[-1][1]:
            begins, days_in, days_off = turns[-1]
            return (day - begins).days % (days_in + days_off) < days_in
        return kind == "workday" or day.weekday() < 5

    def days_back(self, today: datetime.date) -> list[datetime.date]:
        return [today - ONE_DAY * n for n in range((today - self.first).days + 1)]

    def taken(self, room: int, day: datetime.date) -> list[dict]:
        """The rolls that a class took on a school day."""
        found = [self.rolls[room, day, session] for session in TAUGHT if (room, day, session) in self.rolls]
        return found if found and self.has_school(self.school_of[room], day) else []

    def away(self, pupil: int, today: datetime.date) -> list[datetime.date]:
        """Days in a row without leave, the first first; of somebody who sits somewhere today."""
        found: list[datetime.date] = []
        if self.room_on(pupil, today) is None:
            return found
        for day in self.days_back(today):
            room = self.room_on(pupil, day)
            rolls = self.taken(room, day) if room else []
            if rolls and not all(roll.get(pupil) in AWAY for roll in rolls):
                break
            if rolls:
                found.insert(0, day)
        return found

    def steps(self, pupil: int, today: datetime.date) -> dict[str, tuple]:
        """{step: (first day, the day that reached it)}"""
        away, found = self.away(pupil, today), {}
        for step in STEPS:
            after = self.rules[step]
            if not away or not after:
                continue
            by_calendar = away[0] + ONE_DAY * (after - 1)
            if self.rules["basis"] == "calendar" and by_calendar <= today:
                found[step] = (away[0], by_calendar)
            if self.rules["basis"] == "school" and len(away) >= after:
                found[step] = (away[0], away[after - 1])
        return found

    def is_seldom_there(self, pupil: int, today: datetime.date) -> bool:
        """Under so many percent of the last twenty days that the class reported, and in it on all of them."""
        room = self.room_on(pupil, today)
        days = [day for day in self.days_back(today)[: SO_FAR_BACK + 1] if room and self.taken(room, day)][:TWENTY]
        if len(days) < TWENTY or any(self.room_on(pupil, day) != room for day in self.days_back(today) if day >= days[-1]):
            return False
        rolls = [roll for day in days for roll in self.taken(room, day)]
        there = sum(roll.get(pupil) not in GONE for roll in rolls)
        return there * 100 < self.rules["rate"] * len(rolls)

    def is_silent(self, room: int, today: datetime.date) -> bool:
        """Took rolls once, and none on so many school days before today."""
        heard = max((day for other, day, session in self.rolls if other == room and session in TAUGHT and day <= today), default=None)
        if heard is None or not self.rules["silent"] or not any(self.room_on(pupil, today) == room for pupil in self.spells):
            return False
        missed = [day for day in self.days_back(today)[1:] if day > heard and self.has_school(self.school_of[room], day)]
        return len(missed) >= self.rules["silent"]

    def wanted(self, today: datetime.date) -> dict[tuple, tuple | None]:
        """{(pupil or None, class, step): days}, of a rate and of silence without them."""
        found: dict[tuple, tuple | None] = {}
        for pupil in self.spells:
            room = self.room_on(pupil, today)
            found |= {(pupil, room, step): days for step, days in self.steps(pupil, today).items()}
            if room and self.is_seldom_there(pupil, today):
                found[pupil, room, "low_rate"] = None
        return found | {(None, room, "class_silent"): None for room in self.school_of if self.is_silent(room, today)}
