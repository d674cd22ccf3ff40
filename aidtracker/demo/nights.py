"""晚自习 and 就寝 of one boarding school: its plan, and its rolls of the last weeks."""

import datetime
import random
from collections import Counter

from aidtracker.attendance.actions_plans import insert_plan
from aidtracker.attendance.many_rolls import WholeRoll, save_day_of_rolls
from aidtracker.attendance.marks import MARKS
from aidtracker.attendance.sessions import FOR_BOARDERS, TEACHING
from aidtracker.demo.rollbook import CHINA, WHY, RollBook
from aidtracker.demo.rolls import MORNING, Register
from aidtracker.orgs.models import Org

DAYS, LATELY = 20, 3
REPORTED = 0.96  # share of the evenings that the classes report
NOW_AND_THEN = {"evening": (0.004, "late", ""), "night": (0.003, "personal_leave", "家长接回家过夜")}
OPENS = {"evening": datetime.time(18, 40), "night": datetime.time(21, 30)}
REASON = "本学期起住校生晚自习、就寝点名"


class Nights:
    """Whoever was away in the afternoon is away in the evening, too; and one was there and is missing at night."""

    def __init__(self, book: RollBook, school: Org, days: list[datetime.date], rng: random.Random):
        self.book, self.school, self.days, self.rng = book, school, days[-DAYS:], rng
        self.missing = ""  # 学籍号 of whoever is missing since last night
        self.classes = [(room, r, boarders_of(r)) for room, r in zip(book.rooms, book.registers, strict=True) if room.parent_id == school.id]

    def lose(self, today: datetime.date) -> None:
        """A boarder who has not been away lately is missing at night, and this morning, too, where the class has taken its roll."""
        lately = self.days[-LATELY:]
        away = {number for _room, register, _ in self.classes for (day, _), roll in register.rolls.items() if day in lately for number in roll}
        found = [(register, row["student_number"]) for _room, register, boarders in self.classes for row in boarders]
        found = [(register, number) for register, number in found if number not in away and register.days()]
        if not found:
            return
        register, self.missing = self.rng.choice(found)
        if (today, MORNING) in register.rolls:
            register.rolls[today, MORNING][self.missing] = ("unexplained", "")

    def fill(self) -> None:
        if not self.days:
            return
        head = self.book.known.principals[self.school.id]
        insert_plan(org=self.school, sessions=(*TEACHING, *FOR_BOARDERS), holds_from=self.days[0], reason=REASON, by=head)
        rolls = [self.roll(*each, day, session) for day in self.days for session in FOR_BOARDERS for each in self.classes if each[2]]
        save_day_of_rolls(rolls=[roll for roll in rolls if roll], by=None, why=WHY, county_id=self.school.county_id)

    def roll(self, room: Org, register: Register, boarders: list[dict], day: datetime.date, session: str) -> WholeRoll | None:
        is_needed = day == self.days[-1] and any(row["student_number"] == self.missing for row in boarders)
        if self.rng.random() > REPORTED and not is_needed:
            return None
        marks = {row["student_number"]: mark for row in boarders if (mark := self.mark_of(register, row["student_number"], day, session))}
        if is_needed and session == FOR_BOARDERS[-1]:
            marks[self.missing] = ("unexplained", "")
        at = datetime.datetime.combine(day, OPENS[session]) - CHINA + datetime.timedelta(seconds=self.rng.randrange(1200))
        known = self.book.known
        seen = {known.students[number]: (mark, reason or None) for number, (mark, reason) in marks.items()}
        return WholeRoll(room.id, room.parent_id, day, session, len(boarders), seen, at=min(self.book.now, at), by_id=known.teachers[room.id].id)

    def mark_of(self, register: Register, number: str, day: datetime.date, session: str) -> tuple[str, str] | None:
        rolls = [register.rolls[key] for key in ((day, "afternoon"), (day, MORNING)) if key in register.rolls]
        mark, reason = rolls[0].get(number, ("", "")) if rolls else ("", "")
        if mark and not MARKS[mark].is_present:
            is_unexcused = MARKS[mark].counts_as == "unexcused" and mark != "not_returned"
            return ("unexplained" if is_unexcused and session == "night" else mark, reason)
        chance, mark, reason = NOW_AND_THEN[session]
        return (mark, reason) if self.rng.random() < chance else None


def boarding_school(book: RollBook, township: Org) -> Org:
    """The school of the township with most boarders."""
    counts: Counter[int] = Counter()
    for room, register in zip(book.rooms, book.registers, strict=True):
        if room.path.startswith(township.path):
            counts[room.parent_id] += len(boarders_of(register))
    return Org.get(Org.id == max(counts, key=lambda school: (counts[school], -school)))


def boarders_of(register: Register) -> list[dict]:
    return [row for row in register.expected if row["mode"] == "住校"]
