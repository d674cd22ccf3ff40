"""The list of pupils taught at home: whose plan is missing or over, whose month still lacks lessons."""

from flask import render_template, request
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.visits.forms_individual import TutoredForm
from aidtracker.visits.quotas import quota_of, words_of
from aidtracker.visits.tutored import MONTHS, ORDERS, Tutored, tutored_pupils
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.paging import order_of, page_of

P = Permission


@blueprint.get("/visits/tutoring")
@requires(P.VISIT_VIEW)
def list_tutored():
    form, today = TutoredForm(request.args, meta={"csrf": False}), today_in_china()
    places = narrowed(current_user, P.VISIT_VIEW, form.places())
    form.offer_places(places)
    plan, state, order = form.chosen("plan"), form.chosen("state"), order_of(("name", "plan", "state"), "state")
    found = tutored_pupils(current_user, places.place, today)
    rows = sorted_rows([one for one in found if (not plan or one.plan == plan) and (not state or one.state == state)], order)
    sums = {"pupils": len(found), "due": sum(one.state != "none" for one in found), "met": sum(one.state == "met" for one in found)}
    sums["planned"] = sum(one.plan in ("ok", "soon") for one in found)
    counties = {place.county_id for place in [places.place] if place is not None} or {m.org.county_id for m in current_user.memberships if m.org.county_id}
    quota = words_of(quota_of(counties.pop(), today)) if len(counties) == 1 else []
    context = {"form": form, "page": page_of(rows), "order": order, "sums": sums, "quota": quota, "months": MONTHS}
    context |= {"chosen": form.words_of("township", "school", "room", "plan", "state"), "may_record": current_user.may(P.VISIT_RECORD)}
    return render_template("visits/list_tutored.html", **context), form.status


def sorted_rows(rows: list[Tutored], order) -> list[Tutored]:
    """What is urgent first, unless a heading was clicked."""
    if order.key in ORDERS:
        rows = sorted(rows, key=lambda one: ORDERS[order.key].index(getattr(one, order.key)))
    return rows[::-1] if order.descending else rows
