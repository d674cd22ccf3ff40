"""The year rollover: the county's schools, one school before and after, asking for it, where pupils go on, taking it back."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students import actions_rollover as actions
from aidtracker.students import actions_undoing
from aidtracker.students.actions_shifting import journal_of
from aidtracker.students.actions_undoing import in_the_way
from aidtracker.students.forms_rollover import NOWHERE, FeederForm
from aidtracker.students.models_rollover import KINDS
from aidtracker.students.queries_rollover import (
    feeders_of,
    rollovers_of,
    schools_of_county,
    visible_order,
    visible_rollover,
    visible_school,
    waiting_order,
)
from aidtracker.students.rollover import coming_year, county_plan, school_plan, sittings_of
from aidtracker.students.rollover_preview import fates, odd_ages, sized_wrong, suspended_of
from aidtracker.students.views_blueprint import blueprint
from aidtracker.terms.calendar import first_day_of
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import PER_PAGE, Page, page_number

P = Permission
SHOWN_ODD = 100


@blueprint.get("/rollover")
@requires(P.STUDENT_EDIT)
def show_rollover():
    """Every school of the reader's scope, with the sums of all; ?county= where there are several."""
    counties = counties_of(current_user, P.STUDENT_EDIT)
    if not counties:
        abort(404)
    county = next((one for one in counties if one.code == request.args.get("county")), counties[0])
    year, paths = coming_year(today_in_china()), current_user.scopes(P.STUDENT_EDIT)
    plans = [plan for plan in county_plan(county.id, year).values() if any(plan.path.startswith(path) for path in paths)]
    order, may_all = waiting_order(county), current_user.may(P.ORG_MANAGE, county)
    shown = {"county": county, "counties": counties, "year": year, "plans": plans, "page": paged(plans), "order": order, "may_all": may_all}
    return render_template("students/show_rollover.html", **shown, **days(year))


def paged(items: list) -> Page:
    number = min(max(1, page_number()), max(1, -(-len(items) // PER_PAGE)))
    return Page(items[(number - 1) * PER_PAGE : number * PER_PAGE], number, PER_PAGE, len(items))


def days(year: int) -> dict:
    day = first_day_of(year)
    return {"day": day, "is_ahead": day > today_in_china(), "form": ConfirmForm()}


@blueprint.get("/rollover/<int:school_id>")
@requires(P.STUDENT_EDIT)
def show_school_rollover(school_id):
    """Classes before and after, pupils of classes that finish by name, and what looks wrong."""
    school, year = visible_school(current_user, school_id), coming_year(today_in_china())
    plan = school_plan(school, year)
    pupils = sittings_of(school.id) if plan else []
    shown = {"school": school, "year": year, "plan": plan, "past": rollovers_of(school), "KINDS": KINDS, "P": P, "order": waiting_order(school)}
    if plan and not plan.done:
        odd = odd_ages(plan, pupils, school.county_id)
        found, ahead = fates(plan, pupils)
        shown |= {"fates": found, "odd": odd[:SHOWN_ODD], "odd_in_all": len(odd), "sized_wrong": sized_wrong(plan, ahead, school.county_id)}
        shown["suspended"] = suspended_of(school.id)
    return render_template("students/show_school_rollover.html", **shown, **days(year))


@blueprint.post("/rollover/<int:school_id>/start")
@requires(P.STUDENT_EDIT)
def start_school_rollover(school_id):
    return ask(visible_school(current_user, school_id))


@blueprint.post("/rollover/counties/<int:county_id>/start")
@requires(P.ORG_MANAGE)
def start_rollover(county_id):
    county = visible_org(current_user, county_id, P.ORG_MANAGE)
    if county.kind != "county":
        raise NotFound
    return ask(county)


def ask(place: Org):
    """To the job that runs, or back to the page that says when it will."""
    form = ConfirmForm()
    if not form.submitted():
        abort(400)
    try:
        body = {"place": place.id, "year": coming_year(today_in_china())}
        receipt = once(by=current_user, key=form.key.data, kind="students.ask_for_rollover", body=body, do=lambda: actions.ask_for_rollover(place=place, by=current_user))
        if receipt.result:
            return redirect(url_for("jobs.show_job", uid=receipt.result), 303)
        flash(_("已预约，9 月 1 日自动升级。在那以前名单不变，可以随时取消。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(page_of(place), 303)


def page_of(place: Org) -> str:
    return url_for("students.show_school_rollover", school_id=place.id) if place.kind == "school" else url_for("students.show_rollover", county=place.code)


@blueprint.post("/rollover/orders/<int:order_id>/withdraw")
@requires(P.STUDENT_EDIT)
def withdraw_rollover_order(order_id):
    order = visible_order(current_user, order_id)
    return button("withdraw_rollover_order", {"order": order.id}, lambda: actions.withdraw_rollover_order(place=order.place, by=current_user), page_of(order.place))


@blueprint.get("/rollover/done/<int:rollover_id>")
@requires(P.STUDENT_EDIT)
def show_done_rollover(rollover_id):
    """What was done, and what stands in the way of taking it back."""
    rollover = visible_rollover(current_user, rollover_id)
    why = [] if rollover.undone_at else in_the_way(rollover, journal_of(rollover))
    return render_template("students/show_done_rollover.html", rollover=rollover, why=why, KINDS=KINDS, form=ConfirmForm())


@blueprint.post("/rollover/done/<int:rollover_id>/undo")
@requires(P.STUDENT_EDIT)
def undo_rollover(rollover_id):
    rollover = visible_rollover(current_user, rollover_id)
    here = url_for("students.show_done_rollover", rollover_id=rollover.id)
    return button("undo_rollover", {"rollover": rollover.uid}, lambda: actions_undoing.undo_rollover(rollover=rollover, by=current_user), here)


def button(verb: str, body: dict, do, back: str):
    form = ConfirmForm()
    if not form.submitted():
        abort(400)
    try:
        once(by=current_user, key=form.key.data, kind=f"students.{verb}", body=body, do=lambda: do() and None)
        flash(_("已保存。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(back, 303)


@blueprint.route("/rollover/<int:school_id>/receiving", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def set_feeder(school_id):
    """对口升学."""
    school = visible_school(current_user, school_id, P.ORG_MANAGE)
    schools = {org.id: org for org in schools_of_county(school.county_id)}
    form = FeederForm(classes=1)
    form.to_school.choices = [NOWHERE, *((str(org.id), org.name) for org in schools.values())]
    if form.submitted():
        values = form.typed()
        try:
            once(by=current_user, key=form.key.data, kind="students.set_feeder", body={"school": school.id, **values}, do=lambda: saved(school, schools, values))
            flash(_("已保存。"), "ok")
            return redirect(url_for("students.show_school_rollover", school_id=school.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/set_feeder.html", form=form, school=school, set_=feeders_of(school)), form.status


def saved(school: Org, schools: dict[int, Org], values: dict) -> None:
    to_school = schools[int(values["to_school"])] if values["to_school"] else None
    actions.set_feeder(school=school, stage=values["stage"], to_school=to_school, classes=values["classes"], by=current_user)
