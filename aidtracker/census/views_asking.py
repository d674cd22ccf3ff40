"""What the addresses of the workbench and of the lists ask for: county, day, and what a list is narrowed to."""

import datetime

from flask import flash, redirect, request
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.census import listing
from aidtracker.census.asked import LONGEST_TEXT, ORDERS, OUTSIDE
from aidtracker.census.comparing import CHANGES, COMPARISONS
from aidtracker.census.list_kinds import kinds_of
from aidtracker.census.listing import Filters
from aidtracker.census.queries import sees_homes
from aidtracker.census.standing import STATES
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.queries import counties_of, visible_org
from aidtracker.permissions import Permission
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import parse_day
from aidtracker.web.paging import order_of, url_with

P = Permission


def counties_asked() -> tuple[list, object]:
    """(those that the reader belongs to, the one of ?county=)"""
    counties = counties_of(current_user, P.CENSUS_VIEW)
    if not counties:
        raise Refused("还没有县，请先导入行政区划。")
    return counties, next((each for each in counties if each.code == request.values.get("county")), counties[0])


def day_asked() -> tuple[datetime.date, str]:
    """?as-of=, and what is wrong with it."""
    text, today = request.values.get("as-of", ""), today_in_china()
    day = parse_day(text) if text else today
    if day is None:
        return today, _("请填写真实的日期，例如：2012-03-05。")
    return day, ""


def results_offered() -> dict[str, str]:
    """A school is told what concerns its pupils."""
    return COMPARISONS if sees_homes(current_user) else {name: label for name, label in COMPARISONS.items() if name != "not_enrolled"}


def list_asked() -> str:
    """?list=, one of the results."""
    asked, offered = request.values.get("list", ""), results_offered()
    return asked if asked in offered else next(iter(offered))


def kind_asked(county) -> str:
    """?kind=, whose list it is."""
    asked, known = request.values.get("kind", ""), kinds_of(county.id)
    return asked if asked in known else next(iter(known))


def without_number():
    """A number that was typed for a name: out of the address, and the way to where it may be asked."""
    flash(_("这里只按姓名查找。证件号请到「学生」里查，那里不会留在地址里。"), "warn")
    return redirect(url_with(q=None), 303)


def filters_asked() -> Filters:
    """What the address, or the form that was made of it, narrows the list to. 404 for a township outside the reader's scope."""
    values = request.values
    asked, state, change, order = values.get("township", ""), values.get("state", ""), values.get("change", ""), order_of(ORDERS, "home")
    number = number_or_none(asked)
    township = visible_org(current_user, number, P.CENSUS_VIEW) if number is not None else None
    text = "".join(letter for letter in values.get("q", "") if letter.isprintable()).strip()[:LONGEST_TEXT]
    return Filters(
        township,
        asked == OUTSIDE,
        text,
        values.get("only") == "monitored",
        state if state in STATES else "",
        change if change in CHANGES else "",
        order.key,
        order.descending,
    )


def filter_words(filters: Filters, county) -> dict:
    """The choices of the filters, and what was chosen."""
    townships = listing.townships_of(current_user, county)
    sees_outside = current_user.may(P.CENSUS_VIEW, county)
    is_narrowed = bool(filters.township or filters.is_outside or filters.text or filters.only_monitored)
    return {"filters": filters, "townships": townships, "sees_outside": sees_outside, "is_narrowed": is_narrowed}


def address_of(comparison, filters: Filters, county, name: str = "") -> dict:
    """What the address of a page or a workbook says that shows the same."""
    place = OUTSIDE if filters.is_outside else filters.township.id if filters.township else None
    order = ("-" if filters.is_descending else "") + filters.sort
    words = {"kind": comparison.kind, "list": name or None, "county": county.code, "township": place, "q": filters.text or None}
    words |= {"only": "monitored" if filters.only_monitored else None, "state": filters.state or None, "change": filters.change or None}
    return words | {"sort": order if order != "home" else None}
