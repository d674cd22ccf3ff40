"""常迟报: of the last school days, how often each class reported late or not at all."""

import datetime
from collections import defaultdict
from typing import NamedTuple

from aidtracker.attendance.free import free_in
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT, TEACHING
from aidtracker.attendance.sums import Weights, attended_days, free_by_class
from aidtracker.db import as_day, run_sql
from aidtracker.orgs.grades import class_label, school_year_of
from aidtracker.orgs.models import Org
from aidtracker.terms.days import ONE_DAY, Calendar

DAYS = 20  # school days
BACK = datetime.timedelta(days=60)  # among which they are looked for
ROOMS = """SELECT o.id, o.parent_id, s.name, c.stage, c.entry_year, c.number FROM org o JOIN school_class c ON c.org_id = o.id
JOIN org s ON s.id = o.parent_id WHERE o.path BETWEEN ? AND ? AND o.kind = 'class'"""
ROLLS = f"""SELECT r.class_org_id, r.school_id, r.on_day, COUNT(*), SUM(CASE WHEN r.is_late THEN 1 ELSE 0 END) FROM org o
JOIN roll_call r ON r.class_org_id = o.id WHERE o.path BETWEEN ? AND ? AND o.kind = 'class' AND r.on_day BETWEEN ? AND ? AND r.{TAUGHT}
GROUP BY r.class_org_id, r.school_id, r.on_day"""  # noqa: S608 our own names


class Often(NamedTuple):
    """One class: sessions due, reported, of these late, not reported."""

    class_id: int
    class_name: str
    school_name: str
    due: int
    reported: int
    late: int
    missing: int
    free: int

    @property
    def times(self) -> int:
        return self.late + self.missing


def last_days(county_id: int, before: datetime.date) -> Calendar:
    """The last school days of the county before the day: one that is over."""
    back = Calendar(county_id, before - BACK, before - ONE_DAY)
    days = back.days[-DAYS:]
    return Calendar(county_id, days[0], days[-1]) if days else Calendar(county_id, before, before - ONE_DAY)


def often_late(place: Org, today: datetime.date, least: int) -> tuple[list[Often], Calendar]:
    """Classes within the place that were late or silent so often, those that were most often first."""
    calendar = last_days(place.county_id, today)
    ends = (place.path, place.path + "~")
    rooms = {id_: rest for id_, *rest in run_sql(ROOMS, ends)} if calendar.every else {}
    weights = Weights(calendar, Plans(place.county_id, calendar.last), TEACHING, None)
    due = {id_: weights.sum_of(rooms[id_][0], days) for id_, days in attended_days(list(rooms), calendar.anywhere(), EVERYBODY).items()}
    free: dict[int, int] = defaultdict(int)
    for (class_id, _school), count in free_by_class([one for one in free_in(place.county_id, calendar.first, calendar.last) if one.class_id in due], weights, EVERYBODY).items():
        free[class_id] += count
    rolls, shut = defaultdict(lambda: [0, 0]), calendar.is_shut()
    for class_id, school, on, count, late in run_sql(ROLLS, (*ends, calendar.first, calendar.last)) if rooms else ():
        if not shut(school, as_day(on)):
            rolls[class_id][0] += count
            rolls[class_id][1] += int(late)
    found = [of_class(id_, rooms[id_], due[id_], free[id_], rolls[id_], calendar.last) for id_ in due]
    often = [one for one in found if one.times >= least]
    return sorted(often, key=lambda one: (-one.times, one.school_name, one.class_name)), calendar


def of_class(class_id: int, room, due: int, free: int, rolls: list[int], last: datetime.date) -> Often:
    _school, school_name, stage, entered, number = room
    name = class_label(stage, entered, number, school_year_of(last))
    return Often(class_id, name, school_name, due - free, rolls[0], rolls[1], max(0, due - free - rolls[0]), free)
