"""The list of pupils taught at home: whose plan is missing or over, whose month still lacks lessons."""

from typing import NamedTuple

from flask import render_template, request
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.phrases import Phrase
from aidtracker.visits.actions_exporting import export_list
from aidtracker.visits.forms_individual import TutoredForm
from aidtracker.visits.list_sheets import tutored_table
from aidtracker.visits.quotas import quota_of, words_of
from aidtracker.visits.tutored import MONTHS, ORDERS, Tutored, tutored_pupils
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.visits.views_pages import as_workbook
from aidtracker.web.language import said
from aidtracker.web.paging import Order, order_of, page_of

P = Permission
FILTERS = ("township", "school", "room", "plan", "state", "sort")


class Asked(NamedTuple):
    """`found` of the place, `rows` of them that fit, in order."""

    form: TutoredForm
    place: Org | None
    found: list[Tutored]
    rows: list[Tutored]
    order: Order
    quota: list[Phrase]


@blueprint.get("/visits/tutoring")
@requires(P.VISIT_VIEW)
def list_tutored():
    asked = asked_for()
    form, found = asked.form, asked.found
    sums = {"pupils": len(found), "due": sum(one.state != "none" for one in found), "met": sum(one.state == "met" for one in found)}
    sums["planned"] = sum(one.plan in ("ok", "soon") for one in found)
    context = {"form": form, "page": page_of(asked.rows), "order": asked.order, "sums": sums, "quota": asked.quota, "months": MONTHS}
    context |= {"chosen": form.words_of("township", "school", "room", "plan", "state"), "may_record": current_user.may(P.VISIT_RECORD)}
    context["filters"] = {name: value for name, value in request.args.items() if name in FILTERS}
    return render_template("visits/list_tutored.html", **context), form.status


@blueprint.get("/visits/tutoring.xlsx")
@requires(P.VISIT_VIEW)
def fetch_tutored():
    """What the list shows, all of its pages."""
    asked, today = asked_for(), today_in_china()
    place = asked.place.name if asked.place else ""
    export_list(what="tutored", org=asked.place, count=len(asked.rows), by=current_user)
    return as_workbook(tutored_table(asked.rows, place, today, [said(words) for words in asked.quota]), f"{place}_送教学生_{today.isoformat()}.xlsx")


def asked_for() -> Asked:
    form, today = TutoredForm(request.args, meta={"csrf": False}), today_in_china()
    places = narrowed(current_user, P.VISIT_VIEW, form.places())
    form.offer_places(places)
    plan, state, order = form.chosen("plan"), form.chosen("state"), order_of(("name", "plan", "state"), "state")
    found = tutored_pupils(current_user, places.place, today)
    rows = sorted_rows([one for one in found if (not plan or one.plan == plan) and (not state or one.state == state)], order)
    counties = {place.county_id for place in [places.place] if place is not None} or {m.org.county_id for m in current_user.memberships if m.org.county_id}
    quota = words_of(quota_of(counties.pop(), today)) if len(counties) == 1 else []
    return Asked(form, places.place, found, rows, order, quota)


def sorted_rows(rows: list[Tutored], order) -> list[Tutored]:
    """What is urgent first, unless a heading was clicked."""
    if order.key in ORDERS:
        rows = sorted(rows, key=lambda one: ORDERS[order.key].index(getattr(one, order.key)))
    return rows[::-1] if order.descending else rows
