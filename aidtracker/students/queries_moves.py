"""异动 of a place in a period, and how many were enrolled before and after it: in and out balance, for they are counted from the spells."""

import datetime
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.queries import visible_students
from aidtracker.terms.days import ONE_DAY

AT_END = """SELECT c.parent_id, COUNT(*) FROM enrollment e JOIN org c ON c.id = e.class_org_id
WHERE e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND ({places}) GROUP BY c.parent_id"""
TOUCHED = """SELECT e.student_id, c.parent_id, e.starts_on, e.ends_on FROM enrollment e JOIN org c ON c.id = e.class_org_id
WHERE (e.starts_on BETWEEN ? AND ? OR e.ends_on BETWEEN ? AND ?) AND ({places})"""


class Period(NamedTuple):
    """Both days included."""

    first: datetime.date
    last: datetime.date


class Balance(NamedTuple):
    """Of one school: at_start (the evening before the period) + came - left = at_end. Whoever changes class or mode there did neither."""

    school_id: int
    name: str
    at_start: int
    came: int
    left: int
    at_end: int


def moves_in(user, period: Period, kind: str = "", place: Org | None = None):
    """Out of, into or between the classes of the place; of a child in no class where it is at home. Withdrawn ones stay out."""
    paths = [place.path] if place is not None else user.scopes(Permission.MOVE_VIEW)
    places = Org.select(Org.id).where(within(paths))
    rooms = places.where(Org.kind == "class")
    nowhere = Move.from_class.is_null() & Move.to_class.is_null() & (Student.home.in_(places) | Move.county.in_(places))
    here = Move.from_class.in_(rooms) | Move.to_class.in_(rooms) | nowhere
    found = Move.select().join(Student, on=Move.student == Student.id).where(here & Move.withdrawn_at.is_null())
    found = found.where((Move.on_day >= period.first) & (Move.on_day <= period.last))
    return found.where(Move.kind == kind) if kind else found


def listed_moves(moves):
    """The newest first, with named columns; reasons are read on the pupil's own page."""
    columns = (Move.id, Move.kind, Move.on_day, Move.until_on, Move.from_class, Move.to_class, Move.place, Move.document)
    found = moves.select(*columns, Student.id.alias("student_id"), Student.name)
    return found.order_by(Move.on_day.desc(), Move.id.desc()).dicts()


def still_seen(user, student_ids: list[int]) -> set[int]:
    """Of these pupils, those whose pages the reader may open."""
    return {id_ for (id_,) in visible_students(user).where(Student.id.in_(student_ids)).select(Student.id).tuples()}


def balances(user, period: Period, place: Org | None = None) -> list[Balance]:
    """Of each school of the place, in the order of their codes."""
    paths = [place.path] if place is not None else user.scopes(Permission.MOVE_VIEW)
    schools = list(Org.select(Org.id, Org.name).where(within(paths) & (Org.kind == "school")).order_by(Org.code).tuples())
    before, after = enrolled(paths, period.first - ONE_DAY), enrolled(paths, period.last)
    came, left = who_came_and_left(paths, period)
    rows = [Balance(id_, name, before.get(id_, 0), came.get(id_, 0), left.get(id_, 0), after.get(id_, 0)) for id_, name in schools]
    return [row for row in rows if row.at_start or row.came or row.left or row.at_end]


def below(paths: list[str]) -> tuple[str, list[str]]:
    return " OR ".join("c.path LIKE ?" for _ in paths) or "1 = 0", [f"{path}%" for path in paths]


def enrolled(paths: list[str], day: datetime.date) -> dict[int, int]:
    """{school: pupils in its classes at the end of the day}"""
    places, values = below(paths)
    return dict(run_sql(AT_END.format(places=places), (day, day, *values)).fetchall())


def who_came_and_left(paths: list[str], period: Period) -> tuple[dict, dict]:
    """({school: came}, {school: left}): a spell that follows another of the same school on the next day is neither."""
    places, values = below(paths)
    days = (period.first, period.last, period.first - ONE_DAY, period.last - ONE_DAY)
    begun, ended = set(), set()
    for student, school, starts_on, ends_on in run_sql(TOUCHED.format(places=places), (*days, *values)):
        begun.add((student, school, as_day(starts_on)))
        ended |= {(student, school, as_day(ends_on) + ONE_DAY)} if ends_on else set()
    begun, ended = ({event for event in events if period.first <= event[2] <= period.last} for events in (begun, ended))
    return counted(begun - ended), counted(ended - begun)


def counted(events: set[tuple]) -> dict[int, int]:
    found: dict[int, int] = {}
    for _student, school, _day in events:
        found[school] = found.get(school, 0) + 1
    return found
