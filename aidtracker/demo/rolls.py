"""The invented rolls: who was away, when and why."""

import datetime
import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, pairwise

from aidtracker.attendance.sessions import TEACHING
from aidtracker.demo.cohorts import DemoClass
from aidtracker.demo.places import JUNIOR, PRIMARY

MORNING, AFTERNOON = TEACHING
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
CHANCES = [kind.chance for kind in KINDS]
ANYTHING = sum(CHANCES)
NOT_RETURNED = Kind("not_returned", 0.006, (1,), ((MORNING,), BOTH), ("周末回家未返校，正在联系", "家长说下午送来", ""))
OUTBREAK = Kind("isolated", 0, (4,), (BOTH,), ("水痘，居家隔离",))
STREAK = Kind("unexcused", 0, (1,), (BOTH,), ("联系不上家长", "家长说去外地打工了", "已外出，正在劝返", ""))
SHORTEST = 3
# School days without excuse: up to now, and of those who came back since; the first of them stays away again.
STREAKS = (12, 8, 5, 3, 26, 5, 3, 12, 8, 5, 3, 5, 3, 8, 17, 5, 3, 8, 3, 5, 12, 3, 5, 3)
BACK_AGAIN = (9, 6, 12, 5, 8, 7, 15, 6, 10, 5, 9, 7)
RELAPSE, STEADY = 5, datetime.timedelta(days=16)  # school days away again, after so many days back
SMALL_STREAKS, SMALL_BACK_AGAIN = (12, 8, 5, 3), (6, 5, 9, 7)
TODAY, USUALLY, SELDOM = 0.8, 0.985, 0.5  # shares of the classes that take the roll


@dataclass
class Streak:
    """School days on which a pupil was away without excuse, up to now or until they came back."""

    register: "Register"
    number: str  # 学籍号
    first: datetime.date
    last: datetime.date
    is_over: bool


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
    """Fills the registers. `days` are the past school days; `today` is None on a day without school.

    One of those who stay away is registered in `village`, so that its officer has a case.
    """

    def __init__(self, registers: list[Register], days: list[datetime.date], today: datetime.date | None, village: str, rng: random.Random):
        self.registers, self.days, self.today, self.village, self.rng = registers, days, today, village, rng
        self.streaks: list[Streak] = []

    def fill(self, small: bool) -> None:
        seldom = set(self.rng.sample(range(len(self.registers)), 1 if small else 7))
        for n, register in enumerate(self.registers):
            self.open_rolls(register, SELDOM if n in seldom else USUALLY)
            self.mark(register)
        for register in self.rng.sample(self.registers, 1 if small else 2):
            self.break_out(register)
        self.add_streaks(seldom, *((SMALL_STREAKS, SMALL_BACK_AGAIN) if small else (STREAKS, BACK_AGAIN)))

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
            for at in self.days_away(len(school_days)):
                kind = self.rng.choices(KINDS, CHANCES)[0]
                self.absent(register, pupil, kind, school_days[at : at + self.rng.choice(kind.lengths)])

    def days_away(self, days: int) -> list[int]:
        """On which of so many days something keeps a pupil away."""
        return [at for at in range(days) if self.rng.random() < ANYTHING]

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

    def add_streaks(self, seldom: set[int], lengths, back_again) -> None:
        """One each in the classes that the shown teachers have, the others in upper grades: first in the shown township, then school by school."""
        waiting = [register for register in self.registers if register.is_waiting]
        for register in waiting:
            self.stay_away(register, SHORTEST)
            self.stay_away(register, BACK_AGAIN[-1], is_over=True)
        shown = waiting[0].room.school
        usual = [r for n, r in enumerate(self.registers) if n not in seldom and r not in waiting]
        older = [r for r in usual if r.room.grade in OLDER and r.room.school.county == shown.county]
        self.rng.shuffle(older)
        rooms = cycle(school_by_school(older, shown.township))
        for length in lengths:
            self.stay_away(next(rooms), length)
        for length in back_again:
            self.stay_away(next(rooms), length, is_over=True)
        relapsed = next((streak for streak in self.streaks if streak.is_over and not streak.register.is_waiting), None)
        if relapsed and self.days[-RELAPSE] - relapsed.last > STEADY:
            self.stay_away(relapsed.register, RELAPSE, relapsed.number)

    def stay_away(self, register: Register, length: int, number: str = "", is_over: bool = False) -> None:
        """A pupil, without excuse, on so many days on which the class took a roll, and not on the day before.

        The last of them is the class's last; of those who came back it lies some weeks ago, and no day after it is one.
        """
        days = register.days()
        end = len(days) - (self.rng.randint(len(days) // 3, len(days) // 2) if is_over else 0)
        away = days[max(0, end - length) : end]
        if not away or is_over and len(days) < 3 * length:  # too early in the year for somebody to have come back
            return
        number = number or self.one_of(register, length)
        reason = self.rng.choice(STREAK.reasons)
        for (day, _session), roll in register.rolls.items():
            if day in away:
                roll[number] = (STREAK.mark, reason)
            elif day in days[max(0, end - length - 1) : end] or is_over and day > away[-1]:
                roll.pop(number, None)
        self.streaks.append(Streak(register, number, away[0], away[-1], is_over))

    def one_of(self, register: Register, length: int) -> str:
        """Somebody who has not been away yet."""
        known = {streak.number for streak in self.streaks}
        pupils = [pupil for pupil in register.expected if pupil["student_number"] not in known]
        near = [pupil for pupil in pupils if pupil["home_code"] == self.village]
        if near and length > SHORTEST and not register.is_waiting:
            pupils, self.village = near, ""
        return self.rng.choice(pupils)["student_number"]


def school_by_school(registers: list[Register], township: str) -> list[Register]:
    """Each school's first class, then each school's second ...; two of each school of this township before all others."""
    places: Counter[str] = Counter()
    order = []
    for n, register in enumerate(registers):
        school = register.room.school
        places[school.code] += 1
        is_near = school.township == township and places[school.code] <= 2
        order.append((not is_near, places[school.code], n))
    return [registers[n] for _far, _place, n in sorted(order)]
