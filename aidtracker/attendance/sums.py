"""Attendance of a county over a range of days: sums by school, sessions that were due."""

import datetime
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from aidtracker.attendance.day_sums import FIGURES
from aidtracker.attendance.free import Free, free_in
from aidtracker.attendance.plans import Plans
from aidtracker.attendance.sessions import SESSIONS, TEACHING, so_far, who_at
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.terms.days import Calendar

SUMS = f"""SELECT d.session, d.school_id, {", ".join(f"SUM(d.{name})" for name in (*FIGURES, "rolls"))}
FROM org o JOIN day_sum d ON d.school_id = o.id
WHERE o.county_id = ? AND o.kind = 'school' AND d.on_day BETWEEN ? AND ? GROUP BY d.session, d.school_id"""  # noqa: S608 our own names
OF_DAYS = f"""SELECT d.school_id, d.on_day, d.session, {", ".join("d." + name for name in (*FIGURES, "rolls"))}
FROM org o JOIN day_sum d ON d.school_id = o.id
WHERE o.county_id = ? AND o.kind = 'school' AND d.on_day IN """  # noqa: S608 our own names
# A class with a pupil who is expected from the first day to the last is due on each of them; nearly all are such.
WHOLE = {
    who: f"""SELECT c.org_id, c.school_id, EXISTS (SELECT 1 FROM enrollment e WHERE e.class_org_id = c.org_id
AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {who})
FROM org o JOIN school_class c ON c.org_id = o.id WHERE o.county_id = ? AND o.kind = 'class'"""  # noqa: S608
    for who in map(who_at, SESSIONS)
}
SPELLS = {
    who: f"""SELECT DISTINCT e.class_org_id, e.starts_on, e.ends_on FROM enrollment e
WHERE e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {who} AND e.class_org_id IN """  # noqa: S608
    for who in map(who_at, SESSIONS)
}


class Asked:
    """Which rolls were asked for: their day has school there, the school takes the session, and its time has come. `now`, the time in
    China, is given where what is still to come today is no report yet."""

    def __init__(self, county_id: int | None, calendar: Calendar, now: datetime.datetime | None = None):
        self.calendar, self.plans, self.now = calendar, Plans(county_id, calendar.last), now
        self.opened = {school: set(days) for school, days in calendar.own.items()}
        self.county_opened = set(calendar.days)

    def counts(self, school: int, on: datetime.date, session: str) -> bool:
        """A roll from before its day was closed, or its session dropped, stands and counts for nothing."""
        return on in self.opened.get(school, self.county_opened) and session in self.plans.at(school, on)

    def is_report(self, school: int, on: datetime.date, session: str) -> bool:
        return self.now is None or session in so_far(self.plans.at(school, on), on, self.now)

    def odd_days(self) -> list[datetime.date]:
        """Those on which some roll may not count: without school somewhere, on which a plan begins, and today."""
        everywhere = self.county_opened.intersection(*self.opened.values())
        begins = {begins for steps in self.plans.steps.values() for begins, _taken in steps}
        today = self.now and self.now.date()
        return [day for day in self.calendar.every if day not in everywhere or day in begins or day == today]


def sums_by_school(
    county_id: int, calendar: Calendar, sessions: Collection[str] = TEACHING, now: datetime.datetime | None = None
) -> dict[int, dict[str, int]]:
    """{school id: {expected, present, ..., rolls}} of what was submitted and asked for; a school without such a roll is left out."""
    names, found = (*FIGURES, "rolls"), {}
    for session, school, *sums in run_sql(SUMS, (county_id, calendar.first, calendar.last)):
        if session in sessions:
            mine = found.setdefault(school, dict.fromkeys(names, 0))
            for name, value in zip(names, sums, strict=True):
                mine[name] += int(value)
    for school, unasked in (unasked_of(county_id, sessions, Asked(county_id, calendar, now)) if found else ()):
        for name, value in zip(names, unasked, strict=True):
            if school in found:
                found[school][name] -= value
    return {school: sums for school, sums in found.items() if any(sums.values())}


def unasked_of(county_id: int, sessions: Collection[str], asked: Asked) -> Iterator[tuple[int, list[int]]]:
    """(school id, what of its sums does not count): of a roll that is early no more than that it is a report."""
    for chunk in chunks_of(asked.odd_days()):
        for school, on, session, *sums in run_sql(OF_DAYS + marks_for(chunk), (county_id, *chunk)):
            if session not in sessions:
                continue
            if not asked.counts(school, as_day(on), session):
                yield school, list(map(int, sums))
            elif not asked.is_report(school, as_day(on), session):
                yield school, [0] * len(FIGURES) + [int(sums[-1])]


def sessions_due(
    county_id: int, calendar: Calendar, sessions: Collection[str] = TEACHING, now: datetime.datetime | None = None
) -> dict[int, int]:
    """{school id: sessions that its classes had to report}: each class, on the school days on which somebody of it was expected, as
    often as its school took one of these sessions, less those declared without class (无课). `now`, the time in China, leaves out what is still to come today."""
    due: dict[int, int] = defaultdict(int)
    if not calendar.anywhere():
        return {}
    plans, free = Plans(county_id, calendar.last), free_in(county_id, calendar.first, calendar.last)
    for who in dict.fromkeys(map(who_at, sessions)):
        weights = Weights(calendar, plans, [session for session in sessions if who_at(session) == who], now)
        if weights.is_anything():
            add_due(due, county_id, weights, who)
            for (_class, school), count in free_by_class(free, weights, who).items():
                due[school] -= count
    return dict(due)


def add_due(due: dict[int, int], county_id: int, weights: "Weights", who: str) -> None:
    days = weights.calendar.anywhere()
    partly: dict[int, int] = {}
    for class_id, school, is_whole in run_sql(WHOLE[who], (days[0], days[-1], county_id)):
        if is_whole:
            due[school] += weights.sum_of(school)
        else:
            partly[class_id] = school
    for class_id, attended in attended_days(list(partly), days, who).items():
        due[partly[class_id]] += weights.sum_of(partly[class_id], attended)


def free_by_class(free: list[Free], weights: "Weights", who: str) -> Counter:
    """{(class, school): sessions that would have been due, but the class had none (无课)}"""
    found: Counter = Counter()
    wanted = [one for one in free if one.session in weights.sessions and weights.is_due(one.school_id, one.on, one.session)]
    days = sorted({one.on for one in wanted})
    attended = attended_days(list({one.class_id for one in wanted}), days, who)
    for one in wanted:
        found[one.class_id, one.school_id] += one.on in attended.get(one.class_id, ())
    return found


class Weights:
    """How many of the wanted sessions a school takes on each of its school days."""

    def __init__(self, calendar: Calendar, plans: Plans, sessions: Collection[str], now: datetime.datetime | None):
        self.calendar, self.plans, self.sessions, self.now = calendar, plans, sessions, now
        self.known: dict[int | None, dict[datetime.date, int]] = {}

    def is_anything(self) -> bool:
        return self.plans.has_any(self.sessions)

    def of(self, school: int) -> dict[datetime.date, int]:
        """Schools without a calendar and a plan of their own share the county's."""
        key = school if school in self.calendar.own or self.plans.is_own(school) else None
        if key not in self.known:
            self.known[key] = {day: self.on(school, day) for day in self.calendar.of(school)}
        return self.known[key]

    def on(self, school: int, day: datetime.date) -> int:
        taken = self.taken(school, day)
        return sum(session in taken for session in self.sessions)

    def taken(self, school: int, day: datetime.date) -> tuple[str, ...]:
        taken = self.plans.at(school, day)
        return taken if self.now is None else so_far(taken, day, self.now)

    def is_due(self, school: int, day: datetime.date, session: str) -> bool:
        return day in self.of(school) and session in self.taken(school, day)

    def sum_of(self, school: int, days: Sequence[datetime.date] | None = None) -> int:
        weights = self.of(school)
        return sum(weights.values()) if days is None else sum(weights.get(day, 0) for day in days)


def attended_days(class_ids: list[int], days: Sequence[datetime.date], who: str) -> dict[int, list[datetime.date]]:
    """{class id: those of these days on which some pupil of it was expected}."""
    if not days:
        return {}
    spells = defaultdict(list)
    for chunk in chunks_of(class_ids):
        for class_id, starts_on, ends_on in run_sql(SPELLS[who] + marks_for(chunk), (days[-1], days[0], *chunk)):
            spells[class_id].append((as_day(starts_on), as_day(ends_on) or days[-1]))
    return {class_id: [day for day in days if any(first <= day <= last for first, last in found)] for class_id, found in spells.items()}
