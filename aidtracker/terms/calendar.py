"""School days, terms and school years.

A school day is Monday to Friday that is no public holiday, or a 调休 workday, unless the county's own
calendar says otherwise. The national days are seeded for 2004 to 2026; beyond them only weekends are known.
"""

import datetime
from typing import NamedTuple

import chinese_calendar.constants as published

from aidtracker.db import as_day, run_sql, transaction
from aidtracker.phrases import Phrase
from aidtracker.terms.models import CalendarDay

ONE_DAY = datetime.timedelta(days=1)
# Written out: every roll asks it. Two halves, so that each has its own partial index.
SPECIAL = """SELECT on_day, kind, 0 AS own FROM calendar_day WHERE county_id IS NULL AND on_day BETWEEN ? AND ?
UNION ALL SELECT on_day, kind, 1 FROM calendar_day WHERE county_id = ? AND on_day BETWEEN ? AND ? ORDER BY own"""
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
    if 2 <= on.month <= 7:
        return term(f"{on.year}-spring")
    return term(f"{on.year if on.month >= 8 else on.year - 1}-autumn")


def term(code: str) -> Term:
    """The term of a code such as 2021-spring; ValueError when it is none."""
    year_text, _, season = code.partition("-")
    year = int(year_text)
    if season == "spring":
        return Term(code, Phrase("%(year)s年春季学期", year=year), datetime.date(year, 2, 1), datetime.date(year, 7, 31))
    if season == "autumn":
        return Term(code, Phrase("%(year)s年秋季学期", year=year), datetime.date(year, 8, 1), datetime.date(year + 1, 1, 31))
    raise ValueError(f"{code!r} is no term: say 2021-spring or 2021-autumn")


def school_days(first: datetime.date, last: datetime.date, county_id: int | None = None) -> list[datetime.date]:
    """Every school day from first to last, both included. The county's own days outrank the national ones."""
    special = special_days(first, last, county_id)
    days = (first + ONE_DAY * n for n in range((last - first).days + 1))
    return [day for day in days if special.get(day, "workday" if day.weekday() < 5 else "holiday") == "workday"]


def is_school_day(on: datetime.date, county_id: int | None = None) -> bool:
    return bool(school_days(on, on, county_id))


def special_days(first, last, county_id) -> dict[datetime.date, str]:
    """Days that differ from their weekday's rule: {day: kind}; the county's own come last and win."""
    return {as_day(on): kind for on, kind, _own in run_sql(SPECIAL, (first, last, county_id, first, last))}


def why_closed(on: datetime.date, county_id: int | None = None) -> Phrase:
    """What a person reads on a day without school: 国庆节, 周末."""
    mine = CalendarDay.county.is_null() | (CalendarDay.county == county_id)
    row = CalendarDay.select(CalendarDay.name).where((CalendarDay.on == on) & mine & (CalendarDay.kind != "workday"))
    return Phrase(row.order_by(CalendarDay.county.is_null()).scalar() or "周末")


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
