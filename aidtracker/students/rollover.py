"""The plan of a year rollover (升级): which classes rise, which finish, where their pupils go. Reads only.

A class keeps its year of entry, so that its grade rises by itself; what a rollover writes is the name that it is called by,
and for those who finish the end of their spell on 31 August and, where they go on, a new one from 1 September.
"""

import datetime
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.students.models_rollover import Feeder, Rollover
from aidtracker.terms.calendar import first_day_of

NEXT = {"preschool": "primary", "primary": "junior", "junior": "senior"}  # 中考 lies before the last: only where the bureau says so
NINE_YEARS = ("九年一贯制学校", "十二年一贯制学校")
OPENS = (7, 15)  # from this day on the coming year may be planned and ordered
SCHOOLS = """SELECT o.id, o.name, o.code, o.path, d.category FROM org o JOIN school d ON d.org_id = o.id
WHERE o.county_id = ? AND o.closed_on IS NULL ORDER BY o.code"""
CLASSES = """SELECT c.org_id, c.school_id, c.stage, c.entry_year, c.number, o.name FROM school_class c JOIN org o ON o.id = c.org_id
WHERE o.county_id = ? AND o.closed_on IS NULL{} ORDER BY c.school_id, c.stage, c.entry_year DESC, LENGTH(c.number), c.number"""
SITTING = """SELECT e.class_org_id, COUNT(*), SUM(CASE WHEN e.starts_on >= ? OR t.id IS NOT NULL THEN 1 ELSE 0 END)
FROM school_class c JOIN org o ON o.id = c.org_id JOIN enrollment e ON e.class_org_id = c.org_id
LEFT JOIN transfer t ON t.student_id = e.student_id AND t.ended_at IS NULL
WHERE e.ends_on IS NULL AND o.county_id = ?{} GROUP BY e.class_org_id"""
PUPILS = """SELECT e.id, e.student_id, e.class_org_id, e.mode, e.starts_on, s.name, s.sex, s.pinyin, s.born_on, t.id
FROM enrollment e JOIN student s ON s.id = e.student_id LEFT JOIN transfer t ON t.student_id = e.student_id AND t.ended_at IS NULL
WHERE e.ends_on IS NULL AND e.class_org_id IN (SELECT org_id FROM school_class WHERE school_id = ?) ORDER BY s.sex, s.pinyin, s.id"""
SEXES_OF = "SELECT s.sex, COUNT(*) FROM enrollment e JOIN student s ON s.id = e.student_id WHERE e.ends_on IS NULL AND e.class_org_id = ? GROUP BY s.sex"


@dataclass
class ClassLine:
    """A class before and after. `state`: rises, finishes, or new (it is called so already). `held`: left alone when it finishes."""

    id: int
    school_id: int
    stage: str
    entry_year: int
    number: str
    name: str
    after: str
    state: str
    pupils: int
    held: int

    @property
    def leaving(self) -> int:
        return self.pupils - self.held if self.state == "finishes" else 0


class Target(NamedTuple):
    """Where those who finish go on: the receiving school, its first stage, and how many classes it shall have."""

    school_id: int
    name: str
    stage: str
    classes: int


@dataclass
class SchoolPlan:
    id: int
    name: str
    path: str
    year: int
    category: str
    lines: list[ClassLine] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)  # by the stage that is finished
    done: Rollover | None = None

    @property
    def has_work(self) -> bool:
        return self.done is None and bool(self.rising or self.finishing)

    @property
    def rising(self) -> list[ClassLine]:
        return [line for line in self.lines if line.state == "rises"]

    @property
    def finishing(self) -> list[ClassLine]:
        return [line for line in self.lines if line.state == "finishes"]

    @property
    def promoted(self) -> int:
        return sum(line.leaving for line in self.finishing if line.stage in self.targets)

    @property
    def graduating(self) -> int:
        return sum(line.leaving for line in self.finishing if line.stage not in self.targets)

    @property
    def held(self) -> int:
        return sum(line.held for line in self.finishing)

    @property
    def staying(self) -> int:
        return sum(line.pupils for line in self.rising)


@dataclass(slots=True)
class Sitting:
    """The open spell of a pupil, and who it is."""

    spell_id: int
    student_id: int
    class_id: int
    mode: str
    starts_on: datetime.date
    name: str
    sex: str
    pinyin: str
    born_on: datetime.date
    has_transfer: bool

    def why_held(self, day: datetime.date) -> str:
        """Why a rollover leaves the pupil alone; '' when it does not."""
        if self.has_transfer:
            return "正在办理转学"
        return "这一天或以后才进这个班" if self.starts_on >= day else ""


def coming_year(today: datetime.date) -> int:
    """The school year that a rollover leads to: from 15 July on the one that begins this year, before it the present one."""
    return today.year if (today.month, today.day) >= OPENS else grades.school_year_of(today)


def county_plan(county_id: int, year: int, school_id: int | None = None) -> dict[int, SchoolPlan]:
    """{school: its plan} of all open schools, in the order of their codes; with the classes of all, or of the one that is asked."""
    only, asked = (" AND c.school_id = ?", (school_id,)) if school_id else ("", ())
    plans = {id_: SchoolPlan(id_, name, path, year, category) for id_, name, _code, path, category in run_sql(SCHOOLS, (county_id,)).fetchall()}
    day, sitting = first_day_of(year), {}
    for class_id, pupils, held in run_sql(SITTING.format(only), (day, county_id, *asked)).fetchall():
        sitting[class_id] = (pupils, held)
    for row in run_sql(CLASSES.format(only), (county_id, *asked)).fetchall():
        if row[1] in plans:
            plans[row[1]].lines.append(class_line(row, year, sitting.get(row[0], (0, 0))))
    set_targets(county_id, plans)
    standing = (Rollover.kind == "year") & (Rollover.school_year == year) & Rollover.undone_at.is_null()
    for done in Rollover.select().where((Rollover.school == school_id if school_id else Rollover.county == county_id) & standing):
        if done.school_id in plans:
            plans[done.school_id].done = done
    return plans


def class_line(row: tuple, year: int, sitting: tuple[int, int]) -> ClassLine:
    id_, school_id, stage, entry_year, number, name = row
    last = len(next(one.grades for one in grades.STAGES if one.code == stage))
    state = "new" if entry_year >= year else "rises" if year - entry_year < last else "finishes"
    after = name if state == "new" else grades.class_label(stage, entry_year, number, year)
    if state == "rises" and after == name:
        state = "new"
    return ClassLine(id_, school_id, stage, entry_year, number, name, after, state, *sitting)


def set_targets(county_id: int, plans: dict[int, SchoolPlan]) -> None:
    """The bureau's word where there is one, else the school itself where it holds the next stage, except behind 中考."""
    set_ = {(row.school_id, row.stage): row for row in Feeder.select().where(Feeder.county == county_id)}
    most: Counter = Counter()  # schools that feed one share its first-grade classes: the largest number counts
    for row in set_.values():
        key = (row.to_school_id, NEXT[row.stage])
        most[key] = max(most[key], row.classes)
    for plan in plans.values():
        for stage in {line.stage for line in plan.lines} & NEXT.keys():
            row, following = set_.get((plan.id, stage)), NEXT[stage]
            to = row.to_school_id if row else plan.id if holds_next(plan, following) else None
            if to in plans:
                plan.targets[stage] = Target(to, plans[to].name, following, max(most[to, following], 1))


def holds_next(plan: SchoolPlan, stage: str) -> bool:
    if stage == "senior":
        return False
    return any(line.stage == stage for line in plan.lines) or (stage == "junior" and plan.category in NINE_YEARS)


def school_plan(school: Org, year: int) -> SchoolPlan | None:
    """None for a school that is closed."""
    return county_plan(school.county_id, year, school.id).get(school.id)


def sittings_of(school_id: int) -> list[Sitting]:
    """Everybody who sits in a class of the school, girls and boys apart, by name."""
    return [
        Sitting(spell, student, room, mode, as_day(starts), name, sex, pinyin, as_day(born), transfer is not None)
        for spell, student, room, mode, starts, name, sex, pinyin, born, transfer in run_sql(PUPILS, (school_id,)).fetchall()
    ]


def dealt(pupils: list[Sitting], rooms: list[Counter]) -> list[int]:
    """Which room each pupil goes to: the one with the fewest of the same sex, then the fewest in all. `rooms` count the sexes
    that sit there, and are counted on."""
    found = []
    for pupil in pupils:
        at = min(range(len(rooms)), key=lambda n: (rooms[n][pupil.sex], rooms[n].total(), n))
        rooms[at][pupil.sex] += 1
        found.append(at)
    return found


def sexes_in(class_id: int) -> Counter:
    return Counter({sex: number for sex, number in run_sql(SEXES_OF, (class_id,)).fetchall()})
