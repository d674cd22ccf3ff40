"""Pages of calls back: which visits to phone back, one call, and the results place by place."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_students
from aidtracker.visits import actions_calls
from aidtracker.visits.actions_exporting import export_list
from aidtracker.visits.forms_calls import CallForm, CallListForm
from aidtracker.visits.list_sheets import results_table
from aidtracker.visits.models_calls import CALL_OUTCOMES, CALL_STATES, CallBack
from aidtracker.visits.queries import pupils_of, pupils_of_many
from aidtracker.visits.queries_calls import (
    Result,
    calls_of,
    guardians_to_call,
    is_made_by,
    listed_call_backs,
    months_drawn,
    results_of,
    total_of,
    visible_call_back,
)
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.visits.views_pages import as_workbook
from aidtracker.web.paging import paginate

P = Permission


@blueprint.record_once
def words_of_calls(state):
    state.app.jinja_env.globals.update(CALL_STATES=CALL_STATES, CALL_OUTCOMES=CALL_OUTCOMES)


@blueprint.get("/visits/calls")
@requires(P.VISIT_VERIFY)
def list_calls():
    """What is still to be phoned, unless something else is asked for."""
    form = CallListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.VISIT_VERIFY, form.places())
    form.offer_places(places)
    month, is_all = form.offer_months(months_drawn(current_user), is_any=True), form.only.data == "all"
    state = form.chosen("state") if is_all else "open"
    page = paginate(listed_call_backs(current_user, places.place, month, state).dicts())
    pupils = pupils_of_many([row["visit_id"] for row in page], current_user)
    waiting = listed_call_backs(current_user, None, "", "open").count()
    context = {"form": form, "page": page, "pupils": pupils, "is_all": is_all, "waiting": waiting}
    return render_template("visits/list_calls.html", chosen=form.words_of("township", "school", "month", *(["state"] if is_all else [])), **context)


@blueprint.route("/visits/calls/<int:call_back_id>", methods=["GET", "POST"])
@requires(P.VISIT_VERIFY)
def record_call(call_back_id):
    call_back, user = visible_call_back(current_user, call_back_id), current_user._get_current_object()
    pupils = pupils_of(call_back.visit, user)
    view_students(ids=pupils.ids, by=user)
    guardians = guardians_to_call(pupils.seen)
    form = CallForm(revision=call_back.tries + 1)
    form.offer_people(guardians[0][1] if guardians else [])
    if form.submitted():
        try:
            return write_call(form, call_back)
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "call_back": call_back, "visit": call_back.visit, "pupils": pupils, "guardians": guardians, "calls": calls_of(call_back)}
    return render_template("visits/record_call.html", is_own=is_made_by(user, call_back.visit), may_reveal=user.may(P.STUDENT_REVEAL), **context), form.status


def write_call(form: CallForm, call_back: CallBack):
    told = {"tries": form.base - 1, "outcome": form.outcome.data, "spoke_to": form.spoke_to, "remark": form.note.data or ""}
    body = {"call_back": call_back.id, **told}
    once(by=current_user, key=form.key.data, kind="visits.record_call", body=body, do=lambda: actions_calls.record_call(call_back=call_back, **told, by=current_user))
    flash(_("已保存。"), "ok")
    return redirect(url_for(".list_calls"), 303)


@blueprint.get("/visits/calls/results")
@requires(P.REPORT_VIEW)
def show_call_results():
    form, place, month, results = results_asked()
    context = {"form": form, "place": place, "month": month, "results": results, "total": total_of(results), "chosen": form.words_of("township", "school")}
    may = {"may_call": current_user.may(P.VISIT_VERIFY), "may_export": current_user.may(P.REPORT_EXPORT)}
    return render_template("visits/show_call_results.html", **may, **context)


@blueprint.get("/visits/calls/results.xlsx")
@requires(P.REPORT_EXPORT)
def fetch_call_results():
    _form, place, month, results = results_asked()
    name = place.name if place else ""
    export_list(what="call_results", org=place, count=len(results), by=current_user)
    return as_workbook(results_table(results, total_of(results), name, month), f"{name}_回访结果_{month or today_in_china().isoformat()}.xlsx")


def results_asked() -> tuple[CallListForm, Org | None, str, list[Result]]:
    form = CallListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.REPORT_VIEW, form.places())
    form.offer_places(places)
    month = form.offer_months(months_drawn(current_user), is_any=False) or ""
    return form, places.place, month, results_of(current_user, month, places.place) if month else []
