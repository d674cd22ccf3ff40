"""Who has submitted and who has not: one day, one step of the tree at a time.

A class that has not reported is never a zero: it counts as due and not as reported. Where it has no class (无课) it is neither. The sums are those of the teaching sessions;
each of the others has its own count of classes.
"""

import datetime
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.free import free_on
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.sessions import BOARDERS, EVERYBODY, FOR_BOARDERS, SESSIONS, TEACHING, in_order, so_far
from aidtracker.db import as_time, run_sql
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.terms.days import Calendar

DUE = f"""SELECT o.id, o.county_id, o.parent_id, o.path, c.stage, c.entry_year, c.number FROM org o JOIN school_class c ON c.org_id = o.id
WHERE o.path BETWEEN ? AND ? AND o.kind = 'class' AND EXISTS (SELECT 1 FROM enrollment e WHERE e.class_org_id = o.id
AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {EVERYBODY})"""  # noqa: S608 our own names
BOARDING = f"""SELECT DISTINCT e.class_org_id FROM org o JOIN enrollment e ON e.class_org_id = o.id
WHERE o.path BETWEEN ? AND ? AND o.kind = 'class' AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {BOARDERS}"""  # noqa: S608
ROLLS = f"""SELECT r.class_org_id, o.path, r.session, r.submitted_at, u.name, r.is_late, r.school_id, {", ".join("r." + name for name in FIGURES)}
FROM roll_call r JOIN org o ON o.id = r.class_org_id LEFT JOIN user_account u ON u.id = r.submitted_by_id
WHERE r.on_day = ? AND o.path BETWEEN ? AND ?"""  # noqa: S608
STAGES = list(grades.STAGE_LABELS)


class Report(NamedTuple):
    """One submitted roll."""

    at: datetime.datetime
    by: str
    is_late: bool


@dataclass
class Line:
    """A place of the board: classes due and reported by session, and the sums of the teaching sessions that were reported.

    `asked` are the classes whose session's time has come.
    """

    org_id: int
    kind: str
    name: str
    order: tuple = ()  # of a class: by stage, grade and number
    classes: int = 0
    due: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))
    asked: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))
    reported: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))
    late: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))  # of the reported
    free: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))  # classes without class
    rolls: dict[str, Report] = field(default_factory=dict)  # of a class
    why: dict[str, str] = field(default_factory=dict)  # of a class that has none
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))
    away: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SESSIONS, 0))  # who was not there, by session

    def is_complete(self) -> bool:
        return not any(map(self.missing, SESSIONS))

    def is_late(self) -> bool:
        return any(self.late.values())

    def is_free(self) -> bool:
        return any(self.free.values())

    def missing(self, session: str) -> int:
        return max(0, self.asked[session] - self.reported[session])


@dataclass
class Board:
    on: datetime.date
    lines: list[Line]
    total: Line
    gaps: dict[tuple[int, int, str], int] = field(default_factory=dict)  # (line, school, session): classes that have not reported

    @property
    def sessions(self) -> tuple[str, ...]:
        """Its columns: what somebody takes or has reported."""
        seen = {session for line in self.lines for session in line.rolls}
        return in_order(session for session in SESSIONS if self.total.due[session] or self.total.free[session] or session in seen)

    @property
    def beside(self) -> tuple[str, ...]:
        """Of its columns those that count for no rate."""
        return tuple(session for session in self.sessions if session not in TEACHING)

    @property
    def asked(self) -> int:
        """Teaching sessions whose time has come."""
        return sum(self.total.asked[session] for session in TEACHING)

    @property
    def reported(self) -> int:
        return sum(self.total.reported[session] for session in TEACHING if self.total.asked[session])

    @property
    def late(self) -> int:
        return sum(self.total.late.values())

    @property
    def free(self) -> int:
        return sum(self.total.free.values())


def board_of(places: list[Org], on: datetime.date, now: datetime.datetime) -> Board:
    """One line for each place; a class stands for itself, a place without a class that is due is left out. `now` is the time in China."""
    lines = {place.path: Line(place.id, place.kind, place.name) for place in places}
    total = Line(0, "", "")
    due = Due(on, now)
    for prefix in prefixes_of(places):
        add_due(lines, total, prefix, due)
        add_rolls(lines, total, prefix, due)
    shown = sorted((line for line in lines.values() if line.classes), key=lambda line: line.order)  # others keep theirs
    return Board(on, shown, total, {key: count for key, count in due.gaps.items() if count > 0})


def prefixes_of(places: list[Org]) -> list[str]:
    """The paths to ask for: one where all the places are siblings, so that a county is one question, not 25."""
    parents = {place.path[: place.path.rstrip("/").rindex("/") + 1] for place in places}
    return list(parents) if len(parents) == 1 and len(places) > 3 else [place.path for place in places]


def line_at(lines: dict[str, Line], path: str) -> Line | None:
    """The line of the place that the class lies in, or is."""
    end = len(path)
    while end > 1:
        if path[:end] in lines:
            return lines[path[:end]]
        end = path.rindex("/", 0, end - 1) + 1
    return None


class Due:
    """Of the schools of some counties on one day: whether there is school, which sessions they take, and whose time has come."""

    def __init__(self, on: datetime.date, now: datetime.datetime):
        self.on, self.now = on, now
        self.known: dict[int, tuple[Callable, Plans]] = {}
        self.rolls: set[tuple[int, str]] = set()  # (class, session) that are due
        self.free: dict[tuple[int, str], bool] = {}  # (class, session) without class: whether it would be asked by now
        self.declared: dict[int, dict] = {}
        self.gaps: Counter = Counter()

    def of(self, county: int) -> tuple[Callable, Plans]:
        """(school, day) -> whether it is shut; and the plans of the county's schools."""
        if county not in self.known:
            self.known[county] = Calendar(county, self.on, self.on).is_shut(), Plans(county, self.on)
        return self.known[county]

    def why_free(self, county: int, school: int, class_id: int, session: str):
        if county not in self.declared:
            self.declared[county] = free_on(county, self.on)
        found = self.declared[county]
        return (found.get((class_id, session)) or found.get((school, session))) if found else None

    def boarding(self, prefix: str, counties: set[int]) -> set[int]:
        """Classes below with somebody who boards; not asked where nobody takes an evening."""
        if not any(self.of(county)[1].has_any(FOR_BOARDERS) for county in counties):
            return set()
        return {row[0] for row in run_sql(BOARDING, (prefix, prefix + "~", self.on, self.on))}

    def at(self, county: int, school: int, has_boarders: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What a class takes, and what of it is asked by now."""
        taken = tuple(session for session in self.of(county)[1].at(school, self.on) if has_boarders or session not in FOR_BOARDERS)
        return taken, so_far(taken, self.on, self.now)


def add_due(lines, total: Line, prefix: str, due: Due) -> None:
    year, rooms = grades.school_year_of(due.on), run_sql(DUE, (prefix, prefix + "~", due.on, due.on)).fetchall()
    boarding = due.boarding(prefix, {county for _id, county, *_more in rooms})
    for class_id, county, school, path, stage, entered, number in rooms:
        line = line_at(lines, path)
        if line is None or due.of(county)[0](school, due.on):
            continue
        taken, asked = due.at(county, school, class_id in boarding)
        if line.kind == "class":
            line.name = grades.class_label(stage, entered, number, year)
            line.order = (STAGES.index(stage), -entered, number.zfill(6))
        line.classes, total.classes = line.classes + 1, total.classes + 1
        for session in taken:
            if why := due.why_free(county, school, class_id, session):
                due.free[class_id, session] = session in asked
                line.free[session], total.free[session] = line.free[session] + 1, total.free[session] + 1
                line.why[session] = why
            else:
                count_due(line, total, session, session in asked)
                due.rolls.add((class_id, session))
                due.gaps[line.org_id, school, session] += session in asked


def count_due(line: Line, total: Line, session: str, is_asked: bool) -> None:
    for counted in (line, total):
        counted.due[session] += 1
        counted.asked[session] += is_asked


def outrank(line: Line, total: Line, key: tuple[int, str], school: int, due: Due) -> None:
    """A roll of a class that was said to have no class: it had."""
    session = key[1]
    line.free[session], total.free[session] = line.free[session] - 1, total.free[session] - 1
    line.why.pop(session, None)
    count_due(line, total, session, due.free.pop(key))
    due.rolls.add(key)
    due.gaps[line.org_id, school, session] += 1


def add_rolls(lines, total: Line, prefix: str, due: Due) -> None:
    """A roll that is not due, of a day that was closed or a session that was dropped since, is shown and counts for nothing."""
    for class_id, path, session, at, by, is_late, school, *figures in run_sql(ROLLS, (due.on, prefix, prefix + "~")):
        line = line_at(lines, path)
        if line is None:
            continue
        if line.kind == "class":
            line.rolls[session] = Report(as_time(at), by or "", bool(is_late))
            line.classes = 1  # reported before its last pupil left
        if (class_id, session) in due.free:
            outrank(line, total, (class_id, session), school, due)
        if (class_id, session) not in due.rolls:
            continue
        due.gaps[line.org_id, school, session] -= 1
        for counted in (line, total):
            counted.reported[session] += 1
            counted.late[session] += bool(is_late)
            counted.away[session] += figures[FIGURES.index("expected")] - figures[FIGURES.index("present")]
            for name, value in zip(FIGURES, figures, strict=True) if session in TEACHING else ():
                counted.sums[name] += value


