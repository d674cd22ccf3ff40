"""The county at a glance: its townships over the last twenty school days, and today."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.attendance.beside import Beside, beside_of
from aidtracker.attendance.figures import NOTHING, TREND_DAYS, day_trend, rows_of, sums_of_schools
from aidtracker.attendance.limits import limits_of
from aidtracker.attendance.models import DaySum
from aidtracker.attendance.sessions import TEACHING
from aidtracker.attendance.truants import at_limits, truants_of
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.orgs.scopes import SchoolPlace, Scope, schools_of, sum_up
from aidtracker.students.models import Student
from aidtracker.terms.calendar import is_school_day, school_days, term_of


class Overview(NamedTuple):
    """`figures` are the attendance report of the last twenty school days, with `students` and `state` in each row."""

    scope: Scope
    figures: dict
    students: int
    schools: int
    today: dict  # sums of today
    beside: list[Beside]  # of today
    is_open: bool
    newest: datetime.date | None  # the latest day with a roll, when none lies in the window
    term: str

    @property
    def range(self) -> dict[str, str]:
        return {"from": self.figures["from"], "to": self.figures["to"]}


def overview_of(scope: Scope, now: datetime.datetime) -> Overview:
    """`now` is the time in China."""
    today = now.date()
    days = school_days(today - datetime.timedelta(days=60), today, scope.county.id)[-TREND_DAYS:]
    schools = schools_of(scope)
    pupils = pupils_by_school(schools)
    figures = figures_of(scope, schools, days, now)
    add_pupils(figures, schools, pupils)
    open_today = is_school_day(today, scope.county.id)
    return Overview(
        scope,
        figures,
        sum(pupils.values()),
        sum(school.is_open(today) for school in schools),
        today_sums(scope, schools, now) if open_today else NOTHING,
        beside_of(scope, schools, today, today, now) if open_today else [],
        open_today,
        None if figures["total"]["sessions_submitted"] else newest_day([school.id for school in schools]),
        term_of(today).label,
    )


def figures_of(scope: Scope, schools: list[SchoolPlace], days: list[datetime.date], now: datetime.datetime) -> dict:
    """What pictures and table show of these days: the shape of the attendance report."""
    today = now.date()
    first = days[0] if days else today
    by_school, truants = sums_of_schools(scope, schools, first, today, now), truants_of(scope, today)
    limits = limits_of(scope.county.id, today)
    return {
        "place": {"kind": scope.place.kind},
        "from": first.isoformat(),
        "to": today.isoformat(),
        "days": days,
        "total": sum_up(by_school.values(), NOTHING),
        "limits": limits._asdict(),
        "at_limits": at_limits(truants, limits),
        "rows": rows_of(scope, schools, by_school, truants, limits, first, today),
        "trend": day_trend(scope, days),
    }


def today_sums(scope: Scope, schools: list[SchoolPlace], now: datetime.datetime) -> dict:
    return sum_up(sums_of_schools(scope, schools, now.date(), now.date(), now).values(), NOTHING)


def pupils_by_school(schools: list[SchoolPlace]) -> dict[int, int]:
    """{school: pupils now}, from the open spells alone: this page is asked all day."""
    counted = (
        SchoolClass.select(SchoolClass.school, peewee.fn.COUNT(Student.id))
        .join(Student, on=(Student.class_org == SchoolClass.org))
        .where(SchoolClass.school.in_([school.id for school in schools]))
        .group_by(SchoolClass.school)
    )
    return dict(counted.tuples()) if schools else {}


def add_pupils(figures: dict, schools: list[SchoolPlace], pupils: dict[int, int]) -> None:
    """How many pupils each township has, and what state it is in."""
    for row in figures["rows"]:
        row["students"] = sum(pupils.get(school.id, 0) for school in schools if school.township_id == row["id"])
        row["rate"] = row["present"] / row["expected"] if row["expected"] else None
        row["missing"] = max(0, row["sessions_due"] - row["sessions_submitted"])
        row["state"] = state_of(row, figures["limits"]["target"])


def state_of(row: dict, target: int) -> tuple[str, str]:
    """(kind, words): what needs a hand first."""
    if row["severe"]:
        return "bad", "需督办"
    if row["rate"] is None:
        return "info", "没有点名"
    if row["rate"] * 100 < target or row["missing"] or row["serious"]:
        return "warn", "关注"
    return "ok", "正常"


def newest_day(school_ids: list[int]) -> datetime.date | None:
    taught = DaySum.school.in_(school_ids) & DaySum.session.in_(TEACHING)
    return DaySum.select(peewee.fn.MAX(DaySum.on)).where(taught).scalar() if school_ids else None


def counties_at_a_glance(counties: list[Org], now: datetime.datetime) -> list[dict]:
    """For whoever looks at several counties: one line each."""
    lines = []
    for county in counties:
        seen = overview_of(Scope(county, county, [str(county.path)]), now)
        lines.append({"county": county, "overview": seen})
    return lines
