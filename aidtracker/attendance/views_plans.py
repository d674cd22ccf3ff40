"""点名场次: which sessions a school takes, or a county's schools by default; what a change would change, and making it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import actions_plans
from aidtracker.attendance.forms_plans import sessions_form
from aidtracker.attendance.plans import Plans, read
from aidtracker.attendance.queries_plans import change_of, plan_on, planned_place, plans_ahead, plans_set
from aidtracker.attendance.sessions import FOR_BOARDERS, SESSIONS, TEACHING
from aidtracker.attendance.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm, translated

P = Permission


@blueprint.get("/sessions/<int:org_id>")
@requires(P.ORG_VIEW)
def show_sessions(org_id):
    place = planned_place(current_user, org_id)
    return render_template("attendance/show_sessions.html", **context(place), org_id=org_id, is_ahead=bool(plans_ahead(place, today_in_china())), may_plan=current_user.may(P.CALENDAR_EDIT, place))


def context(place: Org) -> dict:
    today = today_in_china()
    follows = place.kind == "school" and Plans(place.county_id, today).follows(place.id, today)
    words = {"SESSIONS": SESSIONS, "TEACHING": TEACHING, "FOR_BOARDERS": FOR_BOARDERS}
    return {"place": place, "today": today, "taken": plan_on(place, today), "follows": follows, "history": plans_set(place), "read": read, **words}


@blueprint.route("/sessions/<int:org_id>/edit", methods=["GET", "POST"])
@requires(P.CALENDAR_EDIT)
def set_sessions(org_id):
    """?look=y shows what would change, and writes nothing."""
    place = editable(org_id)
    standing = context(place)
    form = sessions_form(place, sessions=list(standing["taken"]), follows=standing["follows"], holds_from=standing["today"])
    change = None
    if form.submitted():
        try:
            refuse_both(form, standing)
            if "look" not in request.args:
                return save(place, form)
            actions_plans.refuse_sessions(place, form.wanted)
            change = change_of(place, form.wanted, form.holds_from.data)
        except Refused as refused:
            form.refuse(refused)
    return render_template("attendance/set_sessions.html", **standing, form=form, change=change), form.status


def refuse_both(form, standing: dict) -> None:
    """Other sessions ticked while the school still goes by its county: which of the two was meant?"""
    if standing["follows"] and not form.wanted and set(form.sessions.data or ()) != set(standing["taken"]):
        raise Refused("选了别的场次，又勾着「不单独设，按县里的规定」。要单独设，请去掉这个勾；不单独设，请把场次改回来。")


def save(place: Org, form):
    values = {"sessions": form.wanted, "holds_from": form.holds_from.data, "reason": form.reason.data}
    body = {"org": place.id, **form.typed()}
    once(by=current_user, key=form.key.data, kind="attendance.set_sessions", body=body, do=lambda: saved(place, values))
    flash(_("已保存。"), "ok")
    return redirect(url_for(".show_sessions", org_id=place.id), 303)


def saved(place: Org, values) -> None:
    actions_plans.set_sessions(org=place, **values, by=current_user)


@blueprint.post("/sessions/<int:org_id>/withdraw")
@requires(P.CALENDAR_EDIT)
def withdraw_sessions(org_id):
    place, form = editable(org_id), ConfirmForm()
    if not form.submitted():
        abort(400)
    try:
        once(by=current_user, key=form.key.data, kind="attendance.withdraw_sessions", body={"org": place.id}, do=lambda: withdrawn(place))
        flash(_("已撤回还未生效的设置。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".show_sessions", org_id=place.id), 303)


def withdrawn(place: Org) -> None:
    actions_plans.withdraw_sessions(org=place, by=current_user)


def editable(org_id: int) -> Org:
    place = planned_place(current_user, org_id)
    if place.id != org_id:
        abort(404)
    if not current_user.may(P.CALENDAR_EDIT, place):
        abort(403)
    return place
