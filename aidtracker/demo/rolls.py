"""The invented rolls: who was away, when and why."""

import datetime
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from aidtracker.attendance.marks import SESSIONS
from aidtracker.demo.places import JUNIOR, PRIMARY
from aidtracker.demo.pupils import DemoClass

MORNING, AFTERNOON = SESSIONS
BOTH = (MORNING, AFTERNOON)
OLDER = PRIMARY[4:] + JUNIOR


@dataclass(frozen=True)
class Kind:
    """A kind of absence: its chance on any day, how many days it lasts, at which sessions, and what is noted."""

    mark: str
    chance: float
    lengths: tuple[int, ...]
    sessions: tuple[tuple[str, ...], ...]
    reasons: tuple[str, ...]


KINDS = (
    Kind(
        "sick_leave",
        0.0085,
        (1, 1, 1, 2, 2, 3),
        (BOTH, BOTH, (AFTERNOON,), (MORNING,)),
        ("感冒发烧", "肚子疼", "咳嗽，去卫生院输液", "牙疼", "扭伤了脚", "水痘", "过敏", ""),
    ),
    Kind(
        "personal_leave",
        0.004,
        (1, 1, 2),
        (BOTH, BOTH, (AFTERNOON,)),
        ("家中有事", "家里办酒席", "外公去世", "去县城办身份证", "随父母去外地", "照看弟弟妹妹", "路上塌方，车不通", ""),
    ),
    Kind("late", 0.004, (1,), ((MORNING,),), ("路远，走路上学", "睡过头", "校车晚点", "")),
    Kind("left_early", 0.0012, (1,), ((AFTERNOON,),), ("身体不舒服", "家长提前接走")),
    Kind("official", 0.0005, (1, 2), (BOTH,), ("县运动会", "乡镇文艺汇演", "去县里比赛")),
    Kind("unexplained", 0.0012, (1,), (BOTH, (MORNING,)), ("",)),
    Kind("unexcused", 0.0007, (1, 1, 2), (BOTH, (AFTERNOON,)), ("联系不上家长", "家长不知情", "在网吧找到", "")),
)
NOT_RETURNED = Kind("not_returned", 0.006, (1,), ((MORNING,), BOTH), ("周末回家未返校，正在联系", "家长说下午送来", ""))
OUTBREAK = Kind("isolated", 0, (4,), (BOTH,), ("水痘，居家隔离",))
STREAK = Kind("unexcused", 0, (1,), (BOTH,), ("联系不上家长", "家长说去外地打工了", "已外出，正在劝返", ""))
SHORTEST, MOST_OF_SCHOOL = 3, 2
STREAKS = (3, 3, 3, 3, 3, 3, 5, 5, 5, 5, 8, 8, 8, 12)
TODAY, USUALLY, SELDOM = 0.8, 0.985, 0.5  # shares of the classes that take the roll


@dataclass
class Register:
    """A class, who is expected in it, and its rolls: {(day, session): {学籍号: (mark, reason)}}."""

    room: DemoClass
    pupils: list[dict]
    is_waiting: bool = False  # this morning's roll has not been taken
    rolls: dict[tuple[datetime.date, str], dict[str, tuple[str, str]]] = field(default_factory=dict)

    @property
    def expected(self) -> list[dict]:
        return [row for row in self.pupils if row["mode"] != "送教上门"]

    def days(self) -> list[datetime.date]:
        """On which the class took at least one roll."""
        return sorted({day for day, _ in self.rolls})


class Rolls:
    """Fills the registers. `days` are the past school days; `today` is None on a day without school."""

    def __init__(self, registers: list[Register], days: list[datetime.date], today: datetime.date | None, rng: random.Random):
        self.registers, self.days, self.today, self.rng = registers, days, today, rng

    def fill(self, small: bool) -> None:
        seldom = set(self.rng.sample(range(len(self.registers)), 1 if small else 7))
        for n, register in enumerate(self.registers):
            self.open_rolls(register, SELDOM if n in seldom else USUALLY)
            self.mark(register)
        for register in self.rng.sample(self.registers, 1 if small else 2):
            self.break_out(register)
        self.add_streaks(seldom, STREAKS[5::3] if small else STREAKS)

    def open_rolls(self, register: Register, share: float) -> None:
        keys = [(day, session) for day in self.days for session in BOTH if self.rng.random() < share]
        if self.today and not register.is_waiting and self.rng.random() < TODAY:
            keys.append((self.today, MORNING))
        register.rolls = {key: {} for key in keys}

    def mark(self, register: Register) -> None:
        school_days = [*self.days, *([self.today] if self.today else [])]
        first_of_week = [day for last, day in pairwise(school_days) if (day - last).days > 1]
        for pupil in register.expected:
            if pupil["mode"] == "住校":
                for day in first_of_week:
                    if self.rng.random() < NOT_RETURNED.chance:
                        self.absent(register, pupil, NOT_RETURNED, [day])
            for at in range(len(school_days)):
                kind = self.kind_of_day()
                if kind:
                    self.absent(register, pupil, kind, school_days[at : at + self.rng.choice(kind.lengths)])

    def kind_of_day(self) -> Kind | None:
        draw = self.rng.random()
        for kind in KINDS:
            draw -= kind.chance
            if draw < 0:
                return kind
        return None

    def absent(self, register: Register, pupil: dict, kind: Kind, days) -> None:
        sessions, reason = self.rng.choice(kind.sessions), self.rng.choice(kind.reasons)
        for day in days:
            for session in sessions:
                roll = register.rolls.get((day, session))
                if roll is not None:
                    roll.setdefault(pupil["student_number"], (kind.mark, reason))

    def break_out(self, register: Register) -> None:
        """Chickenpox in one class."""
        away = self.rng.sample(register.expected, min(6, len(register.expected)))
        for pupil in away:
            start = self.rng.randrange(max(1, len(self.days) - 8))
            self.absent(register, pupil, OUTBREAK, self.days[start : start + 5])

    def add_streaks(self, seldom: set[int], lengths) -> None:
        """In upper grades, at most two in a school; and one each in the classes that the shown teachers have."""
        waiting = [register for register in self.registers if register.is_waiting]
        older = [r for n, r in enumerate(self.registers) if n not in seldom and r not in waiting and r.room.grade in OLDER]
        self.rng.shuffle(older)
        schools: Counter[str] = Counter()
        for register in older:
            schools[register.room.school.code] += 1
            if schools[register.room.school.code] <= MOST_OF_SCHOOL:
                waiting.append(register)
        for length, register in zip([*[SHORTEST] * 2, *lengths], waiting, strict=False):
            self.stay_away(register, length)

    def stay_away(self, register: Register, length: int) -> None:
        """A pupil, without excuse, on the last so many days on which the class took a roll, and not on the day before."""
        pupil, reason = self.rng.choice(register.expected)["student_number"], self.rng.choice(STREAK.reasons)
        days = register.days()
        last, before = set(days[-length:]), set(days[-length - 1 : -length])
        for (day, _session), roll in register.rolls.items():
            if day in last:
                roll[pupil] = (STREAK.mark, reason)
            elif day in before:
                roll.pop(pupil, None)
