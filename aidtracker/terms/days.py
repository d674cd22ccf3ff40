"""Calendar: the school days of a county over a range, and those of each school that differ.

What decides, the first that speaks of a day: a closure or made-up day of the school, of its township, of the county (the later
declared first); the county's dates of the term; public holidays and 调休; the school's rota of boarders; Monday to Friday.
"""

import datetime
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from aidtracker.db import as_day, run_sql

ONE_DAY = datetime.timedelta(days=1)
WEEK = 5  # days of the ordinary week, from Monday on
# Written out: every roll asks it. Two halves, so that each has its own partial index; and whether there is more to ask.
SPECIAL = """SELECT on_day, kind, 0 AS own FROM calendar_day WHERE county_id IS NULL AND on_day BETWEEN ? AND ?
UNION ALL SELECT on_day, kind, 1 FROM calendar_day WHERE county_id = ? AND on_day BETWEEN ? AND ?
UNION ALL SELECT NULL, 'more', 2 WHERE EXISTS (SELECT 1 FROM closure WHERE county_id = ?)
OR EXISTS (SELECT 1 FROM term_dates WHERE county_id = ?) OR EXISTS (SELECT 1 FROM rota WHERE county_id = ?) ORDER BY own"""
DECLARED = """SELECT CASE WHEN o.id = c.county_id THEN '' ELSE o.path END, c.kind, c.first_on, COALESCE(c.ended_on, c.last_on) FROM closure c JOIN org o ON o.id = c.org_id
WHERE c.county_id = ? AND c.last_on >= ? AND c.first_on <= ? ORDER BY c.id DESC"""
TERMS = "SELECT term, first_on, last_on FROM term_dates WHERE county_id = ? ORDER BY id"
ROTAS = "SELECT school_id, starts_on, days_in, days_off FROM rota WHERE county_id = ? AND starts_on <= ? ORDER BY starts_on, id"
SCHOOLS = "SELECT id, path FROM org WHERE county_id = ? AND kind = 'school'"


class Span(NamedTuple):
    """A closure (is_open False) or made-up days."""

    is_open: bool
    first: datetime.date
    last: datetime.date


class Turn(NamedTuple):
    """A rota from a day on; 0 days in: the ordinary week."""

    starts_on: datetime.date
    days_in: int
    days_off: int

    def is_in(self, day: datetime.date) -> bool:
        return (day - self.starts_on).days % (self.days_in + self.days_off) < self.days_in


class Calendar:
    """`days`: of the county; `own`: {school id: days} of the schools that differ from it."""

    def __init__(self, county_id: int | None, first: datetime.date, last: datetime.date):
        self.first, self.last = first, last
        self.every = [first + ONE_DAY * n for n in range((last - first).days + 1)]
        found = run_sql(SPECIAL, (first, last, county_id, first, last, *[county_id] * 3)).fetchall()
        self.special = {as_day(on): kind for on, kind, _own in found if on is not None}
        more = bool(found) and found[-1][0] is None
        self.terms = term_spans(county_id) if more else {}
        self.declared = declared_at(county_id, first, last) if more else {}
        self.days = self.at("")
        self.own: dict[int, list[datetime.date]] = {}
        rotas = rotas_of(county_id, last) if more else {}
        if rotas or any(self.declared):
            self.own = dict(self.schools_that_differ(county_id, rotas))

    def schools_that_differ(self, county_id, rotas: dict[int, list[Turn]]):
        for school, path in run_sql(SCHOOLS, (county_id,)).fetchall():
            if school in rotas or any(place and path.startswith(place) for place in self.declared):
                yield school, self.at(path, rotas.get(school))

    def at(self, path: str, turns: list[Turn] | None = None) -> list[datetime.date]:
        """School days of the place with this path, by what was declared there and above it."""
        near = [spans for place, spans in sorted(self.declared.items(), key=lambda each: -len(each[0])) if path.startswith(place)]
        spans = [span for found in near for span in found]
        return [day for day in self.every if self.is_open(day, spans, turns)]

    def is_open(self, day: datetime.date, spans: list[Span], turns: list[Turn] | None) -> bool:
        for span in spans:
            if span.first <= day <= span.last:
                return span.is_open
        if is_vacation(day, self.terms):
            return False
        turn = turn_on(day, turns)
        kind = self.special.get(day)
        if turn is not None and kind != "holiday":
            return turn.is_in(day)
        return kind == "workday" or (kind is None and day.weekday() < WEEK)

    def of(self, school_id: int | None) -> list[datetime.date]:
        return self.own.get(school_id, self.days) if school_id else self.days

    def anywhere(self) -> list[datetime.date]:
        """Days with school in some school of the county, in order."""
        return sorted(set(self.days).union(*self.own.values())) if self.own else self.days

    def is_shut(self) -> Callable[[int, datetime.date], bool]:
        """(school, day) -> whether it had no school then; asked very often."""
        own, days = {school: set(days) for school, days in self.own.items()}, set(self.days)
        return lambda school, day: day not in own.get(school, days)


def declared_at(county_id: int, first, last) -> dict[str, list[Span]]:
    """By path of the place, the county's own under ''; what was declared later first."""
    found = defaultdict(list)
    for path, kind, begins, ends in run_sql(DECLARED, (county_id, first, last)).fetchall():
        found[path].append(Span(kind == "makeup", as_day(begins), as_day(ends)))
    return found


def term_spans(county_id: int) -> dict[str, tuple[datetime.date, datetime.date]]:
    """{term: (first, last)} as the county has set them; the latest row of each."""
    return {term: (as_day(first), as_day(last)) for term, first, last in run_sql(TERMS, (county_id,)).fetchall()}


def is_vacation(day: datetime.date, terms: dict) -> bool:
    """Outside the dates of the term whose half-year the day lies in, where the county has set them."""
    if not terms:
        return False
    if any(first <= day <= last for first, last in terms.values()):
        return False
    return half_year_of(day) in terms


def half_year_of(day: datetime.date) -> str:
    """2021-spring is 1 February to 31 July 2021."""
    if 2 <= day.month <= 7:
        return f"{day.year}-spring"
    return f"{day.year if day.month >= 8 else day.year - 1}-autumn"


def rotas_of(county_id: int, last) -> dict[int, list[Turn]]:
    found = defaultdict(list)
    for school, starts_on, days_in, days_off in run_sql(ROTAS, (county_id, last)).fetchall():
        found[school].append(Turn(as_day(starts_on), days_in, days_off))
    return found


def turn_on(day: datetime.date, turns: list[Turn] | None) -> Turn | None:
    """The rota that holds on the day; None: the ordinary week."""
    begun = [turn for turn in turns or () if turn.starts_on <= day]
    return begun[-1] if begun and begun[-1].days_in else None
