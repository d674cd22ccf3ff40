"""返校核查: the board of a round, a class's answer, who has not come back and what is known, and a county's further days."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import actions_sweeps
from aidtracker.attendance.actions_exporting import export_list
from aidtracker.attendance.forms_sweeps import FollowReturnForm, ReturnForm, SweepDayForm
from aidtracker.attendance.queries import ClassRoom, nearest_seen, place_in_county, places_below, roll_sheet, visible_class
from aidtracker.attendance.queries_sweeps import (
    STATES,
    STILL_AWAY,
    declared_days,
    histories,
    not_returned_below,
    round_asked,
    sweep_board,
    sweep_day_of,
    sweep_or_none,
    visible_returner,
)
from aidtracker.attendance.sweep_sheet import returner_table
from aidtracker.attendance.sweeps import KINDS, Days, Round, until
from aidtracker.attendance.views_blueprint import SUMS_ONLY, blueprint
from aidtracker.attendance.views_board import as_workbook
from aidtracker.attendance.windows import may_take
from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import ancestors_of, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import page_of

P = Permission
PAGE = 30


def place_asked() -> Org:
    """Of ?org=, else the reader's first place that lies in a county."""
    return place_in_county(current_user, number_or_none(request.args.get("org")))


@blueprint.get("/sweep")
@requires(P.ROLL_VIEW)
def show_sweep():
    place, today = place_asked(), today_in_china()
    round_, rounds = round_asked(place.county_id, request.args.get("round", ""), today)
    lines, total = sweep_board(places_below(place), round_, today) if round_ else ([], None)
    above = [one for one in ancestors_of(place) if one.county_id and current_user.may(P.ROLL_VIEW, one)]
    shown = {"place": place, "above": above, "round": round_, "rounds": rounds, "lines": lines, "total": total}
    return render_template(
        "attendance/show_sweep.html",
        **shown,
        until=until(place.county_id, today),
        only=request.args.get("only", "") == "missing",
        sees_pupils=current_user.may(P.STUDENT_VIEW),
        may_declare=place.kind == "county" and current_user.may(P.CALENDAR_EDIT, place),
        may_take=[line.org_id for line in lines if line.kind == "class"] if may_take(current_user, place) else [],
    )


@blueprint.route("/sweep/<int:class_id>/<string:round_key>", methods=["GET", "POST"])
@requires(P.ROLL_VIEW)
def confirm_return(class_id, round_key):
    user = current_user._get_current_object()
    room = visible_class(user, class_id)
    actions_sweeps.refuse_outsider(room, user)
    today = today_in_china()
    round_, _all = round_asked(room.county_id, round_key, today)
    on = Days(room.county_id, round_).of(room.parent_id) if round_ else None
    if on is None or on > today:
        raise NotFound
    standing, roster = sweep_or_none(room.id, round_.key), roll_sheet(room, on, "morning").roster
    pupils = [one for one in not_returned_below(room.path, round_, today) if one.state != "cleared"]
    form = ReturnForm(absent=[one.student_id for one in pupils], base_revision=standing.revision if standing else 0)
    form.offer(roster)
    if form.submitted():
        try:
            return confirmed(room, round_, form)
        except Refused as refused:
            form.refuse(refused)
    shown = {"room": room, "round": round_, "on": on, "standing": standing, "roster": roster, "pupils": pupils, "form": form, "KINDS": KINDS, "STATES": STATES}
    shown["back_org"] = nearest_seen(current_user, room)
    is_asking = standing is None or "edit" in request.args or form.is_submitted()
    return render_template("attendance/confirm_return.html", **shown, is_asking=is_asking, today=today, until=until(room.county_id, on)), form.status


def confirmed(room: ClassRoom, round_: Round, form: ReturnForm):
    asked = {"absent": sorted(form.absent.data or ()), "base_revision": form.base}

    def do():
        return actions_sweeps.confirm_return(class_org=room, round_=round_, **asked, by=current_user).revision

    once(by=current_user, key=form.key.data, kind="attendance.confirm_return", body={"room": room.id, "round": round_.key, **asked}, do=do)
    flash(_("返校核查已提交。"), "ok")
    return redirect(url_for(".confirm_return", class_id=room.id, round_key=round_.key), 303)


@blueprint.get("/sweep/pupils")
@requires(P.ROLL_VIEW)
def list_not_returned():
    """Names stand here: for those who may see the pupils themselves. ?state=, ?return_kind=; at first those who are still away."""
    if not current_user.may(P.STUDENT_VIEW):
        return render_template("attendance/list_not_returned.html", place=place_asked(), why=SUMS_ONLY)
    place, round_, rounds, pupils, state, kind = returners_asked()
    page = page_of(pupils, PAGE)
    shown = {"place": place, "round": round_, "rounds": rounds, "page": page, "state": state, "kind": kind, "STATES": STATES, "KINDS": KINDS}
    rights = {"sees_cases": current_user.may(P.CASE_VIEW), "may_reveal": current_user.may(P.STUDENT_REVEAL), "may_export": current_user.may(P.LEDGER_EXPORT, place)}
    rights |= {"may_follow": any(map(current_user.may, actions_sweeps.MAY_FOLLOW)), "may_open_case": current_user.may(P.CASE_WORK)}
    shown["back_org"] = place.id if place.kind != "class" else nearest_seen(current_user, place)
    return render_template("attendance/list_not_returned.html", **shown, **rights, told=histories(page.items, round_) if round_ else {})


@blueprint.get("/sweep/pupils.xlsx")
@requires(P.LEDGER_EXPORT)
def fetch_not_returned():
    place, round_, _rounds, pupils, _state, _kind = returners_asked()
    if round_ is None or not current_user.may(P.LEDGER_EXPORT, place):
        abort(404)
    export_list(what="not_returned", org=place, count=len(pupils), by=current_user)
    return as_workbook(returner_table(pupils, histories(pupils, round_), place.name, str(round_.label)), f"{place.name}_未返校_{today_in_china().isoformat()}.xlsx")


def returners_asked():
    place, today = place_asked(), today_in_china()
    if not current_user.may(P.STUDENT_VIEW, place):
        raise Forbidden(SUMS_ONLY)
    round_, rounds = round_asked(place.county_id, request.args.get("round", ""), today)
    state, kind = request.args.get("state", "open"), request.args.get("return_kind", "")
    state, kind = state if state in ("away", *STATES) else "", kind if kind in KINDS else ""
    wanted = {"": tuple(STATES), "away": STILL_AWAY}.get(state, (state,))
    found = not_returned_below(place.path, round_, today) if round_ else []
    found = [one for one in found if one.state in wanted and (not kind or one.kind == kind)]
    return place, round_, rounds, found, state, kind


@blueprint.route("/sweep/pupils/<int:returner_id>", methods=["GET", "POST"])
@requires(P.ROLL_VIEW)
def edit_not_returned(returner_id):
    row, pupil = visible_returner(current_user, returner_id, today_in_china())
    actions_sweeps.refuse_follower(row.sweep.class_org, current_user)
    form = FollowReturnForm(return_kind=row.kind, expected_on=row.expected_on, note=row.note)
    back = url_for(".list_not_returned", org=row.sweep.class_org_id, round=row.sweep.round)
    if form.submitted():
        try:
            values = {"kind": form.return_kind.data, "expected_on": form.expected_on.data, "note": form.note.data or ""}
            do = lambda: actions_sweeps.edit_not_returned(row=row, **values, by=current_user)  # noqa: E731
            once(by=current_user, key=form.key.data, kind="attendance.edit_not_returned", body={"row": row.id, **values}, do=do)
            flash(_("已保存。"), "ok")
            return redirect(back, 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("attendance/edit_not_returned.html", form=form, pupil=pupil, row=row, back_url=back, STATES=STATES), form.status


@blueprint.route("/sweep/days/<int:org_id>", methods=["GET", "POST"])
@requires(P.CALENDAR_EDIT)
def declare_sweep(org_id):
    county, form = county_here(org_id), SweepDayForm(on_day=today_in_china())
    if form.submitted():
        try:
            values = {"on": form.on_day.data, "reason": form.reason.data}
            do = lambda: actions_sweeps.declare_sweep(county=county, **values, by=current_user).id  # noqa: E731
            once(by=current_user, key=form.key.data, kind="attendance.declare_sweep", body={"county": county.id, **values}, do=do)
            flash(_("已定为返校核查日。"), "ok")
            return redirect(url_for(".declare_sweep", org_id=county.id), 303)
        except Refused as refused:
            form.refuse(refused)
    rounds = round_asked(county.id, "", today_in_china())[1]
    shown = {"county": county, "form": form, "rounds": rounds, "days": list(declared_days(county)), "confirm": ConfirmForm()}
    return render_template("attendance/declare_sweep.html", **shown), form.status


@blueprint.post("/sweep/days/<int:org_id>/<int:day_id>/withdraw")
@requires(P.CALENDAR_EDIT)
def withdraw_sweep(org_id, day_id):
    county, form = county_here(org_id), ConfirmForm()
    row = sweep_day_of(county, day_id)
    if not form.submitted():
        abort(400)
    try:
        do = lambda: actions_sweeps.withdraw_sweep(row=row, by=current_user)  # noqa: E731
        once(by=current_user, key=form.key.data, kind="attendance.withdraw_sweep", body={"row": row.id}, do=do)
        flash(_("已撤销这个核查日。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".declare_sweep", org_id=county.id), 303)


def county_here(org_id: int) -> Org:
    county = visible_org(current_user, org_id, P.CALENDAR_EDIT)
    if county.kind != "county":
        raise NotFound
    return county
