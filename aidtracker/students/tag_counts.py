"""How many pupils of each kind each school or township has on a day, as a table whose numbers lead to the pupils."""

import datetime
from typing import NamedTuple

from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import TAGS
from aidtracker.students.queries_tags import counted, schools_named
from aidtracker.students.tag_kinds import MONITORED, family


class Line(NamedTuple):
    """`place` is what the list is narrowed by; {}: nothing names these schools together."""

    name: str
    place: dict[str, int]
    numbers: dict[str, int]


class Table(NamedTuple):
    kinds: list[str]
    lines: list[Line]
    total: dict[str, int]


def table_of(pupils, user, day: datetime.date, level: str, kind: str) -> Table:
    """`kind` '': all that anybody is of. A pupil sits in one school on a day, so lines add up."""
    found = counted(pupils, user, day)
    wanted = set(family(kind)) if kind else set(TAGS)
    found = {school: {name: n for name, n in numbers.items() if name in wanted} for school, numbers in found.items()}
    present = {name for numbers in found.values() for name in numbers}
    paths = user.scopes(Permission.STUDENT_VIEW)
    lines = [line for line in (by_school(found, paths) if level == "school" else by_township(found, paths)) if line.numbers]
    total = {name: sum(line.numbers.get(name, 0) for line in lines) for name in present}
    return Table([name for name in ordered() if name in present], lines, total)


def ordered() -> list[str]:
    """监测对象 before its three."""
    rest = [name for name in TAGS if name not in MONITORED]
    at = list(TAGS).index("monitored")
    return [*rest[:at], *MONITORED, *rest[at:]]


def by_school(found: dict, paths: list[str]) -> list[Line]:
    return [Line(name, named("school", id_, path, paths), found[id_]) for id_, name, path, _above, _kind in schools_named(found)]


def named(kind: str, id_: int, path: str, paths: list[str]) -> dict[str, int]:
    """The list can be narrowed to what lies within the reader's scope."""
    return {kind: id_} if any(path.startswith(scope) for scope in paths) else {}


def by_township(found: dict, paths: list[str]) -> list[Line]:
    """Schools right below a county stand together, last."""
    sums: dict[int | None, dict[str, int]] = {}
    for id_, _name, _path, above, kind in schools_named(found):
        numbers = sums.setdefault(above if kind == "township" else None, {})
        for name, number in found[id_].items():
            numbers[name] = numbers.get(name, 0) + number
    asked = Org.select(Org.id, Org.name, Org.path).where(Org.id.in_([place for place in sums if place])).order_by(Org.code).tuples()
    lines = [Line(name, named("township", id_, path, paths), sums[id_]) for id_, name, path in asked]
    return lines + ([Line("县直学校", {}, sums[None])] if None in sums else [])
