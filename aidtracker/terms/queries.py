"""What a place's calendar shows: its month day by day, what was declared for it, its terms, its rota."""

import calendar as weeks
import datetime
from typing import NamedTuple

from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import top_orgs, visible_org, visible_orgs
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.terms.calendar import SEEDED_YEARS, why_closed
from aidtracker.terms.days import WEEK, Calendar
from aidtracker.terms.models import CalendarDay, Closure, Rota, TermDates

PLACES = ("county", "township", "school")  # that have a calendar of their own


class Day(NamedTuple):
    on: datetime.date
    is_open: bool
    words: str | Phrase  # why, where the day differs from its weekday's rule
    is_other: bool  # of the month before or after


def place_of(user, org_id: int | None) -> Org:
    """The place whose calendar is shown: the one asked for, else the reader's own; of a class its school, of a village its township."""
    found = visible_org(user, org_id) if org_id else next(iter(top_orgs(user, Permission.ORG_VIEW)), None)
    if found is not None and found.kind in ("class", "village"):
        found = found.parent
    if found is None or found.kind not in PLACES:
        raise NotFound
    return found


def counties_of_city(user) -> list[Org]:
    """To choose from, for whoever has only a place above counties."""
    tops = top_orgs(user, Permission.ORG_VIEW)
    above = bool(tops) and all(org.kind == "city" for org in tops)
    return list(visible_orgs(user).where(Org.kind == "county").order_by(Org.code)) if above else []


def school_of(place: Org) -> int | None:
    return place.id if place.kind == "school" else None


def month_of(place: Org, month: datetime.date) -> list[list[Day]]:
    """Whole weeks from Monday to Sunday."""
    rows = weeks.Calendar().monthdatescalendar(month.year, month.month)
    open_days = set(days_at(place, rows[0][0], rows[-1][-1]))
    return [[day_of(place, on, on in open_days, month) for on in row] for row in rows]


def days_at(place: Org, first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """School days of a county, a township or a school."""
    calendar = Calendar(place.county_id, first, last)
    return calendar.at(place.path) if place.kind == "township" else calendar.of(school_of(place))


def day_of(place: Org, on: datetime.date, is_open: bool, month: datetime.date) -> Day:
    is_usual = is_open == (on.weekday() < WEEK)
    words = "" if is_usual else Phrase("上课") if is_open else why_closed(on, place.county_id, place.id)
    return Day(on, is_open, words, on.month != month.month)


def is_seeded(year: int, county_id: int | None) -> bool:
    """The holidays of the year are known: they came with the product, or the county has entered some."""
    first, last = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    mine = CalendarDay.county.is_null() | (CalendarDay.county == county_id)
    return year in SEEDED_YEARS or CalendarDay.select().where(CalendarDay.on.between(first, last) & mine).exists()


def declared_for(place: Org, first: datetime.date) -> list[Closure]:
    """Of the place, of those above it and of those below it, which reach beyond the day; the latest first."""
    above = [place.path[: end + 1] for end, letter in enumerate(place.path) if letter == "/"]
    near = Org.path.in_(above) | Org.path.between(place.path, place.path + "~")
    rows = Closure.select(Closure, Org).join(Org, on=Closure.org)
    return list(rows.where((Closure.county == place.county_id) & near & (Closure.last_on >= first)).order_by(Closure.first_on.desc(), Closure.id.desc()))


def visible_closure(user, closure_id: int) -> Closure:
    found = Closure.select(Closure, Org).join(Org, on=Closure.org)
    found = found.where((Closure.id == closure_id) & Closure.org.in_(visible_orgs(user))).first()
    if found is None:
        raise NotFound
    return found


def terms_of(county_id: int) -> dict[str, TermDates]:
    """{term: its dates} as the county has set them."""
    return {row.term: row for row in TermDates.select().where(TermDates.county == county_id).order_by(TermDates.id)}


def rotas_set(school: Org) -> list[Rota]:
    """The latest first."""
    return list(Rota.select().where(Rota.school == school).order_by(Rota.starts_on.desc(), Rota.id.desc()))
