"""How many pupils there are: registered where, in which grade, as day pupils or boarders, and who got the aid of last spring.

The numbers of the aid are those that 金寨县 published for the spring of 2021; three in four pupils got it.
"""

import csv
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aidtracker.demo.places import COUNTY, JUNIOR, NEIGHBOUR, PRIMARY, STAGES, DemoSchool, Places

PUBLISHED = Path(__file__).with_name("aid_2021_spring.csv")
DAY, BOARDING = "走读", "住校"
COLUMNS = {
    "小学走读": ("primary", DAY),
    "小学寄宿": ("primary", BOARDING),
    "初中走读": ("junior", DAY),
    "初中寄宿": ("junior", BOARDING),
}
AIDED = 0.768  # share of the pupils
WITHOUT_AID = {"341524112": (20, 4, 10, 18)}  # 流波䃥镇 has no line in the published table
NEIGHBOURS = {"990200100": (110, 8, 14, 52), "990200200": (96, 6, 12, 44)}
SMALL_NEIGHBOURS = {"990200100": (44, 0, 4, 14)}
SMALL_ELSEWHERE = (5, 2, 1, 4)
AWAY = 0.04  # share of the pupils who go to school in another township than their own
BOARDERS_FROM = PRIMARY[2:]
MOST_IN_CLASS = 45


@dataclass(frozen=True)
class DemoClass:
    """In one school year: the same class is a grade higher in the next."""

    school: DemoSchool
    grade: str
    number: int


@dataclass
class Line:
    """Of one township (`home` is '' for all outside the county): pupils and those of them who got aid, in the order of COLUMNS."""

    county: str
    home: str
    pupils: tuple[int, ...]
    aided: tuple[int, ...]


@dataclass
class Slot:
    """A pupil who is yet to be invented. `past` and `now` are (grade, mode) of the last school year and of this one."""

    county: str
    home: str
    is_aided: bool
    past: tuple[str, str] | None
    now: tuple[str, str] | None = None
    at: str = ""  # the township of the school
    pick: int = 0  # which of its schools
    past_room: tuple[DemoClass, int] | None = None  # and the seat
    room: tuple[DemoClass, int] | None = None
    row: dict = field(default_factory=dict)


def lines(places: Places, small: bool) -> list[Line]:
    """金寨县's, then 邻山县's."""
    known = [line for line in published() if line.home in places.townships]
    elsewhere = (0,) * 4 if small else next(line.aided for line in published() if not line.home)
    if small:
        elsewhere = SMALL_ELSEWHERE
    found = [*known, Line(COUNTY[0], "", tuple(map(pupils_for, elsewhere)), elsewhere)]
    found += [Line(COUNTY[0], home, pupils, (0,) * 4) for home, pupils in WITHOUT_AID.items() if home in places.townships]
    near = SMALL_NEIGHBOURS if small else NEIGHBOURS
    return found + [Line(NEIGHBOUR[0], home, pupils, aided_of(pupils)) for home, pupils in {**near, "": (6, 0, 1, 3)}.items()]


def published() -> list[Line]:
    with PUBLISHED.open(encoding="utf-8") as text:
        rows = list(csv.DictReader(line for line in text if not line.startswith("#")))
    counts = [tuple(int(row[column]) for column in COLUMNS) for row in rows]
    return [Line(COUNTY[0], row["代码"], tuple(map(pupils_for, aided)), aided) for row, aided in zip(rows, counts, strict=True)]


def pupils_for(aided: int) -> int:
    return round(aided / AIDED)


def aided_of(pupils: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(int(number * AIDED) for number in pupils)


class Cohorts:
    """Makes the slots, and seats them in classes."""

    def __init__(self, places: Places, school_year: int, rng: random.Random):
        self.places, self.year, self.rng, self.salt = places, school_year, rng, rng.random()

    def slots(self, small: bool) -> list[Slot]:
        found = [slot for line in lines(self.places, small) for slot in self.of_line(line)]
        townships = {county: self.weights(found, county) for county in (COUNTY[0], NEIGHBOUR[0])}
        for slot in found:
            self.choose_school(slot, *townships[slot.county])
        self.seat(found, "past", self.year - 1)
        self.seat(found, "now", self.year)
        return found

    def of_line(self, line: Line) -> list[Slot]:
        """Who was there last year and moved up, who came into 七年级 from outside the county, and the new 一年级."""
        found, filled = [], Counter()
        columns = zip(COLUMNS.values(), line.pupils, line.aided, strict=True)
        for (stage, mode), count, aided in sorted(columns, key=lambda column: column[0][1] == DAY):  # boarders first
            got = [True] * aided + [False] * (count - aided)
            self.rng.shuffle(got)
            allowed = BOARDERS_FROM if (stage, mode) == ("primary", BOARDING) else STAGES[stage]
            for is_aided in got:
                grade = min(allowed, key=filled.__getitem__)
                filled[grade] += 1
                found.append(Slot(line.county, line.home, is_aided, (grade, mode)))
        self.move_up(found, line)
        return found

    def move_up(self, found: list[Slot], line: Line) -> None:
        """Modes stay; those of the new 七年级 are drawn so that it is like the one before. Who leaves 九年级 has no `now`."""
        junior = [mode for mode, count in zip((DAY, BOARDING), line.pupils[2:], strict=True) for _ in range(round(count / 3))]
        self.rng.shuffle(junior)
        for slot in found:
            grade, mode = slot.past
            if grade == PRIMARY[-1]:
                slot.now = (JUNIOR[0], junior.pop() if junior else BOARDING)
            elif grade != JUNIOR[-1]:
                grades = PRIMARY if grade in PRIMARY else JUNIOR
                slot.now = (grades[grades.index(grade) + 1], mode)
        new = [(JUNIOR[0], mode) for mode in junior] + [(PRIMARY[0], DAY)] * round(sum(line.pupils[:2]) / 6)
        found += [Slot(line.county, line.home, False, None, now) for now in new]

    def weights(self, slots: list[Slot], county: str) -> tuple[list[str], list[int]]:
        counted = Counter(slot.home for slot in slots if slot.county == county and slot.home)
        return list(counted), list(counted.values())

    def choose_school(self, slot: Slot, townships: list[str], weights: list[int]) -> None:
        """Mostly in the township of the home."""
        is_away = not slot.home or self.rng.random() < AWAY
        slot.at = self.rng.choices(townships, weights)[0] if is_away else slot.home
        slot.pick = self.rng.randrange(2)

    def seat(self, slots: list[Slot], when: str, year: int) -> None:
        """Classes of at most 45, as equal as they can be. Those of both years are divided alike: the same slots in the same order."""
        heaps: dict[tuple[DemoSchool, str], list[Slot]] = {}
        for slot in slots:
            if getattr(slot, when):
                grade = getattr(slot, when)[0]
                fitting = self.places.schools_for("primary" if grade in PRIMARY else "junior", slot.at)
                heaps.setdefault((fitting[slot.pick % len(fitting)], grade), []).append(slot)
        for (school, grade), heap in heaps.items():
            rooms = -(-len(heap) // MOST_IN_CLASS)
            random.Random(f"{self.salt}/{school.code}/{entered(grade, year)}").shuffle(heap)
            for n, slot in enumerate(heap):
                seated = (DemoClass(school, grade, n % rooms + 1), n // rooms + 1)
                setattr(slot, "room" if when == "now" else "past_room", seated)


def entered(grade: str, year: int) -> int:
    """The year in which the class of that grade came to the school."""
    return year - (PRIMARY if grade in PRIMARY else JUNIOR).index(grade)
