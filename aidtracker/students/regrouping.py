"""The plans of splitting a class (分班), joining classes (并班) and merging a school into another (撤并). Reads only."""

from collections import Counter
from typing import NamedTuple

from aidtracker.db import run_sql
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.rollover import Sitting, dealt, sittings_of

WAYS = {"keep": "原班整班转入，在接收学校另开新班", "join": "并入接收学校的同年级班，没有同年级班的另开新班"}
NOTES = "SELECT c.org_id, c.stage, c.entry_year, c.number, o.name FROM school_class c JOIN org o ON o.id = c.org_id WHERE c.school_id = ? AND o.closed_on IS NULL ORDER BY c.stage, c.entry_year DESC, LENGTH(c.number), c.number"


class Room(NamedTuple):
    """An open class of a school."""

    id: int
    stage: str
    entry_year: int
    number: str
    name: str

    @property
    def cohort(self) -> tuple[str, int]:
        return self.stage, self.entry_year

    def grade(self, year: int) -> str:
        return grades.grade_label(self.stage, self.entry_year, year)


class Half(NamedTuple):
    """Who stays in the class and who goes into the new one."""

    stay: list[Sitting]
    go: list[Sitting]


class Coming(NamedTuple):
    """A class of the school that ends, and where its pupils go: into classes that there are, or a new one (`rooms` empty)."""

    room: Room
    pupils: list[Sitting]
    rooms: list[Room]


def rooms_of(school_id: int) -> list[Room]:
    return [Room(*row) for row in run_sql(NOTES, (school_id,)).fetchall()]


def sittings_in(room: Org) -> list[Sitting]:
    return [pupil for pupil in sittings_of(room.parent_id) if pupil.class_id == room.id]


def halves(room: Org) -> Half:
    """Girls and boys are dealt alternately, by name."""
    pupils = sittings_in(room)
    chosen = dealt(pupils, [Counter(), Counter()])
    pairs = list(zip(pupils, chosen, strict=True))
    return Half([pupil for pupil, at in pairs if at == 0], [pupil for pupil, at in pairs if at == 1])


def joinable(room: Org) -> list[tuple[Room, int]]:
    """Other open classes of the same school and cohort, with how many sit there."""
    detail = SchoolClass.get_or_none(SchoolClass.org == room)
    if detail is None:
        return []
    sitting = Counter(pupil.class_id for pupil in sittings_of(room.parent_id))
    alike = [one for one in rooms_of(room.parent_id) if one.cohort == (detail.stage, detail.entry_year) and one.id != room.id]
    return [(one, sitting[one.id]) for one in alike]


def merger(school: Org, receiving: Org, way: str) -> list[Coming]:
    theirs, pupils = rooms_of(receiving.id), sittings_of(school.id)
    found = []
    for room in rooms_of(school.id):
        mine = [pupil for pupil in pupils if pupil.class_id == room.id]
        alike = [one for one in theirs if one.cohort == room.cohort] if way == "join" else []
        found.append(Coming(room, mine, alike))
    return found


def counted(pupils: list[Sitting]) -> Counter:
    return Counter(pupil.sex for pupil in pupils)


