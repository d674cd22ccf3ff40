"""A seeded small county, its facts kept in plain lists: figures are added up from them, not from the database."""

import datetime
import random
from collections import defaultdict
from types import SimpleNamespace

from aidtracker.attendance.marks import COUNTS, MARKS, MARKS_AT, UNEXCUSED
from aidtracker.attendance.models import Absence, DaySum, RollCall
from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import chunks_of, transaction
from aidtracker.students.models import Enrollment, Student
from tests import factories

YEAR_START = datetime.date(2026, 9, 1)
BEFORE = datetime.date(2026, 10, 12)  # the first day with rolls; no holiday between here and the last
FIRST, LAST = datetime.date(2026, 10, 19), datetime.date(2026, 10, 30)
SESSIONS = ("morning", "afternoon")


def weekdays(first, last):
    days = (first + datetime.timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < 5]


def write_many(model, rows):
    for some in chunks_of(rows, len(rows[0]) if rows else 1):
        model.insert_many(some).execute()


def day_sum(school, day, session, sums):
    return {"school": school, "on": day, "session": session, "rolls": len(sums), **{name: sum(s[name] for s in sums) for name in sums[0]}}


class InventedCounty:
    """`schools`: {school: township}, `rooms`: {class: school}, `spells`: of each pupil, `rolls`: {(class, day, session): marks}."""

    def __init__(self, seed: int, code: str = "990301"):
        self.random = random.Random(seed)
        self.city = factories.make_org("city", f"第{seed}市", code=f"98{seed:02}")
        self.county = factories.make_org("county", "青石县", self.city, code)
        self.townships = [factories.make_org("township", f"{word}镇", self.county, f"{code}1{n:02}") for n, word in enumerate("东南西")]
        self.villages = [factories.make_org("village", f"{t.name}村", t, f"{t.code}201") for t in self.townships]
        self.schools = {}
        for number in range(4):
            township = self.townships[number % 2]  # the third township has no school
            self.schools[factories.make_school(township, f"第{number}小学", f"21993{seed % 100:02}{number:03}")] = township
        self.rooms = {
            factories.make_class(school, grade, "1"): school for school in self.schools for grade in self.random.sample(("一年级", "三年级", "六年级"), 2)
        }
        self.spells = defaultdict(list)  # {pupil: [(class, mode, first day, last day or None)]}
        self.pupils = {}
        with transaction():
            for room in self.rooms:
                for _ in range(self.random.randint(0, 6)):
                    self.add_pupil(room)
        self.rolls = self.take_rolls()
        self.write_rolls()

    def add_pupil(self, room):
        sex = self.random.choice("MF")
        number = factories.make_id_number(datetime.date(2016, 1, 1) + datetime.timedelta(days=len(self.pupils)), sex)
        mode = self.random.choices(("day", "boarding", "home_taught"), (6, 3, 2))[0]
        pupil = Student.create(
            county=self.county, name=f"雀{len(self.pupils)}", pinyin="que", sex=sex, born_on=datetime.date(2016, 1, 1), ethnicity="汉族",
            id_kind="居民身份证", id_number=number, id_index=keyed("index_id", number), entered_on="202209", home_code="", class_org=room, mode=mode,
        )  # fmt: skip
        self.pupils[pupil.id] = SimpleNamespace(sex=sex, number=number)
        last, fate = None, self.random.random()
        if fate < 0.2:
            last = self.random.choice(weekdays(BEFORE, LAST))
        self.add_spell(pupil, room, mode, YEAR_START, last)
        if fate < 0.1:  # went on in another class
            other = self.random.choice(list(self.rooms))
            self.add_spell(pupil, other, "day", last + datetime.timedelta(days=1), None)

    def add_spell(self, pupil, room, mode, first, last):
        Enrollment.create(student=pupil, class_org=room, mode=mode, starts_on=first, ends_on=last)
        self.spells[pupil.id].append((room, mode, first, last))

    def spell_on(self, pupil_id, day):
        return next((s for s in self.spells[pupil_id] if s[2] <= day and (s[3] is None or s[3] >= day)), None)

    def expected_in(self, room, day):
        sitting = ((pupil, self.spell_on(pupil, day)) for pupil in self.pupils)
        return [pupil for pupil, spell in sitting if spell and spell[0] == room and spell[1] != "home_taught"]

    def take_rolls(self):
        truants = set(self.random.sample(list(self.pupils), len(self.pupils) // 3))
        rolls = {}
        for room in self.rooms:
            for day in weekdays(BEFORE, LAST):
                expected = self.expected_in(room, day)
                for session in SESSIONS:
                    if expected and self.random.random() < 0.85:
                        rolls[room, day, session] = (expected, {p: m for p in expected if (m := self.mark_of(p in truants))})
        return rolls

    def mark_of(self, is_truant):
        if is_truant and self.random.random() < 0.8:
            return self.random.choice(UNEXCUSED)
        return self.random.choice(MARKS_AT["morning"]) if self.random.random() < 0.2 else None

    def write_rolls(self):
        """By the hundred: made one by one they would take longer than all that is asked of them."""
        of_days = defaultdict(list)  # {(school, day, session): sums of its rolls}
        rolls = []
        for (room, day, session), taken in self.rolls.items():
            sums = self.sums_of(*taken)
            of_days[self.rooms[room], day, session].append(sums)
            rolls.append({"class_org": room, "school": self.rooms[room], "on": day, "session": session, **sums})
        with transaction():
            write_many(RollCall, rolls)
            ids = {(room, day, session): id_ for id_, room, day, session in RollCall.select(RollCall.id, RollCall.class_org_id, RollCall.on, RollCall.session).tuples()}
            marked = [(ids[room.id, day, session], day, marks) for (room, day, session), (_expected, marks) in self.rolls.items()]
            write_many(Absence, [{"roll_call": id_, "student": pupil, "on": day, "mark": mark} for id_, day, marks in marked for pupil, mark in marks.items()])
            write_many(DaySum, [day_sum(*place, sums) for place, sums in of_days.items()])

    @staticmethod
    def sums_of(expected, marks):
        sums = {"expected": len(expected), "present": len(expected), **dict.fromkeys(COUNTS, 0)}
        for mark in marks.values():
            sums[MARKS[mark].counts_as] += 1
            sums["present"] -= not MARKS[mark].is_present
        return sums

    # What the reports must say.

    def attendance(self, schools, first=FIRST, last=LAST):
        """Sums of these schools' rolls, and the sessions due."""
        sums = dict.fromkeys(("expected", "present", *COUNTS, "sessions_due", "sessions_submitted"), 0)
        for room, school in self.rooms.items():
            if school not in schools:
                continue
            for day in weekdays(first, last):
                for session in SESSIONS:
                    sums["sessions_due"] += bool(self.expected_in(room, day))
                    if (room, day, session) in self.rolls:
                        sums["sessions_submitted"] += 1
                        for name, value in self.sums_of(*self.rolls[room, day, session]).items():
                            sums[name] += value
        return sums

    def streaks(self, schools, as_of=LAST):
        """{ID: days}, of pupils enrolled on the day in these schools."""
        found = {}
        for pupil in self.pupils:
            spell = self.spell_on(pupil, as_of)
            if spell and spell[1] != "home_taught" and self.rooms[spell[0]] in schools and (days := self.streak_of(pupil, as_of)):
                found[self.pupils[pupil].number] = days
        return found

    def streak_of(self, pupil, as_of):
        days = 0
        for day in reversed(weekdays(BEFORE, as_of)):
            spell = self.spell_on(pupil, day)
            taken = [self.rolls[spell[0], day, s] for s in SESSIONS if spell and (spell[0], day, s) in self.rolls]
            taken = [marks for expected, marks in taken if pupil in expected]
            if not taken:
                continue
            if not all(marks.get(pupil) in UNEXCUSED for marks in taken):
                break
            days += 1
        return days

    def enrolled(self, schools, day):
        """[(class, sex, mode)] of everybody enrolled there on the day."""
        sitting = [(self.spell_on(pupil, day), self.pupils[pupil].sex) for pupil in self.pupils]
        return [(spell[0], sex, spell[1]) for spell, sex in sitting if spell and self.rooms[spell[0]] in schools]

    def schools_in(self, township):
        return [school for school, where in self.schools.items() if where == township]
