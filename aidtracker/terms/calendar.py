"""School days, terms and school years.

A school day is Monday to Friday that is no public holiday, or a 调休 workday, unless the county's own
calendar says otherwise (days.py). The national days are seeded for 2004 to 2026; beyond them only weekends are known.
"""

import datetime
from typing import NamedTuple

import chinese_calendar.constants as published
import peewee

from aidtracker.db import transaction
from aidtracker.orgs.models import Org
from aidtracker.phrases import Phrase
from aidtracker.terms.days import WEEK, Calendar, half_year_of, is_vacation, term_spans
from aidtracker.terms.models import CalendarDay, Closure

SEEDED_YEARS = range(2004, 2027)


class Term(NamedTuple):
    """Aid counts by calendar half-year: 2021-spring is 1 February to 31 July 2021."""

    code: str
    label: str
    starts_on: datetime.date
    ends_on: datetime.date


def school_year_label(year: int) -> str:
    return f"{year}-{year + 1}"


def first_day_of(school_year: int) -> datetime.date:
    return datetime.date(school_year, 9, 1)


def term_of(on: datetime.date) -> Term:
    return term(half_year_of(on))


def term(code: str) -> Term:
    """The term of a code such as 2021-spring; ValueError when it is none."""
    year_text, _, season = code.partition("-")
    year = int(year_text)
    if season == "spring":
        return Term(code, Phrase("%(year)s年春季学期", year=year), datetime.date(year, 2, 1), datetime.date(year, 7, 31))
    if season == "autumn":
        return Term(code, Phrase("%(year)s年秋季学期", year=year), datetime.date(year, 8, 1), datetime.date(year + 1, 1, 31))
    raise ValueError(f"{code!r} is no term: say 2021-spring or 2021-autumn")


def school_days(first: datetime.date, last: datetime.date, county_id: int | None = None, school_id: int | None = None) -> list[datetime.date]:
    """Every school day from first to last, both included, of the county or of one school of it."""
    return Calendar(county_id, first, last).of(school_id)


def is_school_day(on: datetime.date, county_id: int | None = None, school_id: int | None = None) -> bool:
    return bool(school_days(on, on, county_id, school_id))


def why_closed(on: datetime.date, county_id: int | None = None, place_id: int | None = None) -> Phrase:
    """What a person reads on a day without school, of the county or of a place in it: 停课：大雪, 国庆节, 假期, 周末."""
    if county_id and (declared := closure_of(on, county_id, place_id or county_id)):
        return Phrase("停课：%(reason)s", reason=declared)
    if county_id and is_vacation(on, term_spans(county_id)):
        return Phrase("假期")
    mine = CalendarDay.county.is_null() | (CalendarDay.county == county_id)
    row = CalendarDay.select(CalendarDay.name).where((CalendarDay.on == on) & mine & (CalendarDay.kind != "workday"))
    named = row.order_by(CalendarDay.county.is_null()).scalar()
    return Phrase(named or ("周末" if on.weekday() >= WEEK else "轮休"))


def closure_of(on: datetime.date, county_id: int, place_id: int) -> str:
    """The reason of the closure that was declared nearest to the place; '' when there is none."""
    place = Org.get_by_id(place_id).path
    ends_on = peewee.fn.COALESCE(Closure.ended_on, Closure.last_on)
    rows = Closure.select(Org.path, Closure.id, Closure.reason).join(Org, on=Closure.org)
    found = rows.where((Closure.county == county_id) & (Closure.kind == "closure") & (Closure.first_on <= on) & (ends_on >= on))
    return max(((len(path), id_, reason) for path, id_, reason in found.tuples() if place.startswith(path)), default=(0, 0, ""))[2]


def seed_national_days() -> int:
    """Writes the public holidays and 调休 workdays that are missing; returns how many. Safe to repeat."""
    with transaction():
        known = {on for (on,) in CalendarDay.select(CalendarDay.on).where(CalendarDay.county.is_null()).tuples()}
        rows = [row for row in national_days() if row["on"] not in known]
        for start in range(0, len(rows), 100):
            CalendarDay.insert_many(rows[start : start + 100]).execute()
    return len(rows)


def national_days():
    for day, name in published.holidays.items():
        if day.year in SEEDED_YEARS and day.weekday() < 5:
            yield {"on": day, "county": None, "kind": "holiday", "name": chinese(name)}
    for day, name in published.workdays.items():
        if day.year in SEEDED_YEARS and day.weekday() >= 5:
            yield {"on": day, "county": None, "kind": "workday", "name": chinese(name) + "调休"}


NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}


def chinese(name: str) -> str:
    return NAMES.get(name, name)
