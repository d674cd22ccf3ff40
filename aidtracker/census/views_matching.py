"""The workbench of 四查三比对: one list against the pupils, its three results, and what is done about the children."""

from flask import render_template, request
from flask_login import current_user

from aidtracker.census import listing
from aidtracker.census.comparing import Comparison, comparison_on
from aidtracker.census.listing import Filters
from aidtracker.census.views_asking import counties_asked, day_asked, filter_words, filters_asked, kind_asked, list_asked, without_number
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.permissions import Permission, requires
from aidtracker.students.search import is_number
from aidtracker.web.paging import Order, paginate

P = Permission


@blueprint.get("/")
@requires(P.CENSUS_VIEW)
def show_matching():
    counties, county = counties_asked()
    if is_number(request.args.get("q", "")):
        return without_number()
    day, wrong = day_asked()
    name, filters, comparison = list_asked(), filters_asked(), comparison_on(county.id, kind_asked(), day)
    page = paginate(listing.compared(current_user, comparison, name, filters))
    shown = {"name": name, "day": day, "comparison": comparison, "page": page, "rows": rows_of(comparison, name, page.items), "wrong": wrong}
    shown |= {"counties": counties, "county": county, "order": Order(filters.sort, filters.is_descending), **counts_of(comparison, name, filters)}
    shown |= {"may_work": current_user.may(P.CASE_WORK), "may_register": current_user.may(P.STUDENT_EDIT), "is_today": day == today_in_china()}
    return render_template("census/show_matching.html", **shown, **filter_words(filters, county)), 400 if wrong else 200


def rows_of(comparison: Comparison, name: str, items: list) -> list[listing.Row]:
    if not items:
        return []
    if name == "not_listed":
        return listing.pupil_rows(current_user, comparison, items)
    if name == "differing":
        return listing.differing_rows(current_user, comparison, items)
    return listing.child_rows(current_user, comparison, items)


def counts_of(comparison: Comparison, name: str, filters: Filters) -> dict:
    """What stands behind the tabs."""
    if comparison.snapshot is None:
        return {"by_state": {}, "by_change": {}}
    asks_state = name == "not_enrolled" and filters.change != "resolved"
    by_state = listing.counts_by_state(current_user, comparison, filters) if asks_state else {}
    return {"by_state": by_state, "by_change": listing.counts_by_change(current_user, comparison, name, filters)}
