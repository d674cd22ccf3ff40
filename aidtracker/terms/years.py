"""Closed school years (学年封存): whoever writes what happened on a day asks here first."""

import datetime

from aidtracker.db import run_sql, today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs import grades
from aidtracker.phrases import Phrase
from aidtracker.terms.models_years import ClosedYear

STANDING = "SELECT school_year FROM closed_year WHERE county_id = ? AND reopened_at IS NULL"
CLOSED = "%(year)s学年已封存，里面的学籍、异动、点名和家访不能再改。确有错误，请教育局在「学年」页先解封，写明原因。"


def refuse_closed_year(county_id: int, day: datetime.date) -> None:
    """The present year is never closed, so that a roll of today asks nothing."""
    year = grades.school_year_of(day)
    if year < grades.school_year_of(today_in_china()) and year in closed_years(county_id):
        raise Refused(CLOSED, year=year_words(year))


def refuse_closed_years(county_id: int, first: datetime.date, last: datetime.date) -> None:
    """What changes something of every day from the first to the last."""
    for year in range(grades.school_year_of(first), grades.school_year_of(last) + 1):
        refuse_closed_year(county_id, max(first, datetime.date(year, 9, 1)))


def closed_years(county_id: int) -> set[int]:
    return {year for (year,) in run_sql(STANDING, (county_id,)).fetchall()}


def year_words(year: int) -> Phrase:
    return Phrase("%(first)s–%(last)s", first=year, last=year + 1)


def closed_row(county_id: int, year: int) -> ClosedYear | None:
    mine = (ClosedYear.county == county_id) & (ClosedYear.school_year == year) & ClosedYear.reopened_at.is_null()
    return ClosedYear.get_or_none(mine)
