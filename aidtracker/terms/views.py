"""The calendar of a county, a township or a school: a month, what was declared, and changing it."""

import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import KINDS, Org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.terms import actions
from aidtracker.terms.calendar import term, term_of
from aidtracker.terms.days import ONE_DAY
from aidtracker.terms.forms import ClosureForm, RotaForm, TermForm
from aidtracker.terms.models import CLOSURES
from aidtracker.terms.queries import counties_of_city, declared_for, is_seeded, month_of, place_of, rotas_set, terms_of, visible_closure
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import parse_day
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.language import said

blueprint = Blueprint("terms", __name__, url_prefix="/calendar")
P = Permission


@blueprint.get("")
@requires(P.ORG_VIEW)
def show_calendar():
    """This month, or ?month=2026-11; of the reader's own place, or ?org=."""
    asked, today = number_or_none(request.args.get("org")), today_in_china()
    if asked is None and (counties := counties_of_city(current_user)):
        return render_template("terms/list_counties.html", counties=counties)
    place = place_of(current_user, asked)
    month = parse_day(f"{request.args.get('month', '')}-01") or today.replace(day=1)
    if not datetime.date.min.year < month.year < datetime.date.max.year:
        abort(404)
    return render_template(
        "terms/show_calendar.html",
        place=place,
        asked=asked,
        weeks=month_of(place, month),
        month=month,
        before=(month - ONE_DAY).replace(day=1),
        after=(month + 31 * ONE_DAY).replace(day=1),
        today=today,
        declared=declared_for(place, month),
        terms=sorted(terms_of(place.county_id).items(), reverse=True),
        term=term,
        rotas=rotas_set(place) if place.kind == "school" else [],
        is_seeded=is_seeded(month.year, place.county_id),
        form=ConfirmForm(),
        CLOSURES=CLOSURES,
        KINDS=KINDS,
        P=P,
    )


@blueprint.route("/<int:org_id>/closures/new", methods=["GET", "POST"])
@requires(P.CALENDAR_EDIT)
def declare_closure(org_id):
    place, form = editable(org_id), ClosureForm(first_on=today_in_china(), last_on=today_in_china())
    return change(form, place, "terms/declare_closure.html", lambda values: actions.declare_closure(org=place, **values, by=current_user))


@blueprint.route("/<int:org_id>/terms", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def set_term(org_id):
    place = place_of(current_user, org_id)
    if place.kind != "county":
        abort(404)
    now, form = term_of(today_in_china()), TermForm()
    near = [now, term_of(now.ends_on + ONE_DAY), term_of(term_of(now.ends_on + ONE_DAY).ends_on + ONE_DAY)]
    form.term.choices = [(each.code, said(each.label)) for each in near]
    return change(form, place, "terms/set_term.html", lambda values: actions.set_term(county=place, code=values.pop("term"), **values, by=current_user))


@blueprint.route("/<int:org_id>/rota", methods=["GET", "POST"])
@requires(P.CALENDAR_EDIT)
def set_rota(org_id):
    place = editable(org_id)
    if place.kind != "school":
        abort(404)
    form = RotaForm(starts_on=today_in_china())
    return change(form, place, "terms/set_rota.html", lambda values: actions.set_rota(school=place, **values, by=current_user))


@blueprint.route("/closures/<int:closure_id>/end", methods=["GET", "POST"])
@requires(P.CALENDAR_EDIT)
def end_closure(closure_id):
    """Says first what ends, and from which day on there is school again."""
    closure, form = visible_closure(current_user, closure_id), ConfirmForm()
    if not current_user.may(P.CALENDAR_EDIT, closure.org):
        abort(403)
    if not form.submitted():
        is_ahead = closure.first_on > today_in_china()
        return render_template("terms/end_closure.html", form=form, closure=closure, is_ahead=is_ahead, CLOSURES=CLOSURES), form.status
    try:
        body = {"closure": closure.id}
        once(by=current_user, key=form.key.data, kind="terms.end_closure", body=body, do=lambda: actions.end_closure(closure=closure, by=current_user))
        flash(_("已保存。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".show_calendar", org=closure.org_id), 303)


def editable(org_id: int) -> Org:
    place = place_of(current_user, org_id)
    if place.id != org_id:
        abort(404)
    if not current_user.may(P.CALENDAR_EDIT, place):
        abort(403)
    return place


def change(form, place: Org, template: str, act):
    if form.submitted():
        verb = template.removeprefix("terms/").removesuffix(".html")
        values = form.typed()
        try:
            once(by=current_user, key=form.key.data, kind=f"terms.{verb}", body={"org": place.id, **values}, do=lambda: act(values) and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for(".show_calendar", org=place.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, place=place), form.status
