"""Pages of visits: the list, one visit with what stood before, a pupil's own, verifying and sending back."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.grades import school_year_of
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.receipts.numbers import typed_number
from aidtracker.students.actions_looking import view_student, view_students
from aidtracker.students.queries import may_with as may_with_student
from aidtracker.students.queries import visible_student, visible_students
from aidtracker.students.records import open_spell
from aidtracker.students.search import is_number, search
from aidtracker.terms.calendar import first_day_of
from aidtracker.visits import (  # noqa: F401  whose pages register themselves
    actions,
    views_calls,
    views_files,
    views_individual,
    views_looks,
    views_pages,
    views_papers,
    views_plans,
    views_recording,
    views_tutored,
)
from aidtracker.visits.forms import FilterForm, SendBackForm
from aidtracker.visits.individual import STATES as STATES_OF_PLANS
from aidtracker.visits.individual import holding
from aidtracker.visits.listing import CHOICES_OF_STATE, IMPORTED, ORDERS, Filters, filtered_visits, listed
from aidtracker.visits.models import FORMS, LABELS, NO_PHOTO, PLACES, PURPOSES, STATES, TUTORING, UNSIGNED, Visit
from aidtracker.visits.queries import (
    may_edit,
    may_verify,
    may_with,
    name_of,
    pupils_of,
    pupils_of_many,
    to_verify,
    versions_of,
    visible_visit,
    visits_of,
)
from aidtracker.visits.queries_calls import call_back_of, calls_of
from aidtracker.visits.queries_files import awaited_of, files_of, may_remove, twins_of
from aidtracker.visits.queries_looks import open_second_looks_of
from aidtracker.visits.queries_papers import code_of
from aidtracker.visits.quotas import quota_of
from aidtracker.visits.quotas import words_of as words_of_quota
from aidtracker.visits.tutoring import months_of_pupil
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import CARRIED, ConfirmForm
from aidtracker.web.paging import order_of, paginate

P = Permission


@blueprint.record_once
def words_of_visits(state):
    words = {"VISIT_FORMS": FORMS, "PURPOSES": PURPOSES, "VISIT_PLACES": PLACES, "VISIT_STATES": CHOICES_OF_STATE, "VISIT_LABELS": LABELS}
    words |= {"NO_PHOTO": NO_PHOTO, "UNSIGNED": UNSIGNED, "PLAN_STATES": STATES_OF_PLANS}
    state.app.jinja_env.globals.update(words | {"visit_state": visit_state})


def visit_state(visit) -> tuple[str, str]:
    """(kind of tag, word): history that came in a workbook waits for nobody."""
    of = visit if isinstance(visit, dict) else {"state": visit.state, "is_imported": visit.is_imported}
    if of["is_imported"] and of["state"] == "recorded":
        return "info", CHOICES_OF_STATE[IMPORTED]
    return {"recorded": "warn", "verified": "ok", "sent_back": "bad"}[of["state"]], STATES[of["state"]]


@blueprint.get("/visits/")
@requires(P.VISIT_VIEW)
def list_visits():
    return show_list(FilterForm(request.args, meta={"csrf": False}))


@blueprint.post("/visits/search")
@requires(P.VISIT_VIEW)
def search_visits():
    """What is typed goes into the address, unless it is a number: that is answered here and written nowhere."""
    form = FilterForm(meta={"csrf": False})  # its token has been looked at before this view
    if is_number(form.text) and not typed_number(form.text):
        return show_list(form)
    asked = {name: value for name, value in request.form.items() if value and name not in CARRIED}
    return redirect(url_for("visits.list_visits", **asked), 303)


def show_list(form):
    filters, text, is_cut = filters_of(form), form.text, False
    if text and not filters.receipt:
        try:
            found = search(current_user, text, visible_students(current_user, P.VISIT_VIEW))
            filters.student_ids, is_cut = found.ids, found.is_cut
        except Refused as refused:
            form.refuse(refused)
            filters.student_ids = []
    order = order_of(ORDERS, "-on")
    visits = filtered_visits(current_user, filters)
    page = paginate(listed(visits, order), total=visits.count())
    verifies = current_user.may(P.VISIT_VERIFY)
    context = {"form": form, "page": page, "order": order, "is_cut": is_cut, "text": text, "filters": filters}
    context |= {"pupils": pupils_of_many([row["id"] for row in page], current_user), "chosen": words_of(form)}
    context |= {"verifies": verifies, "waiting": to_verify(current_user).count() if verifies else 0}
    return render_template("visits/list_visits.html", may_record=current_user.may(P.VISIT_RECORD), sees_report=current_user.may(P.REPORT_VIEW), **context), form.status


def filters_of(form) -> Filters:
    chosen = {name: form.chosen(name) for name in ("form", "purpose", "state")}
    places = narrowed(current_user, P.VISIT_VIEW, form.places())
    form.offer_places(places)
    filters = Filters(place=places.place, first=form.first.data, last=form.last.data, **chosen)
    filters.waiting = form.only.data == "waiting" and current_user.may(P.VISIT_VERIFY)
    filters.receipt = typed_number(form.text)
    return filters


def words_of(form) -> list[str]:
    """What the list is narrowed to."""
    days = [f"{field.label.text} {field.data.isoformat()}" for field in (form.first, form.last) if field.data]
    return form.words_of("township", "school", "room", "form", "purpose", "state") + days


@blueprint.get("/visits/<int:visit_id>")
@requires(P.VISIT_VIEW)
def show_visit(visit_id):
    visit = visible_visit(current_user, visit_id)
    user = current_user._get_current_object()
    pupils = pupils_of(visit, user)
    view_students(ids=pupils.ids, by=user)
    verifies = may_with(user, P.VISIT_VERIFY, visit)
    may_decide = visit.state == "recorded" and not visit.is_imported and may_verify(user, visit)
    files, call_back = files_of(visit), call_back_of(visit)
    return render_template(
        "visits/show_visit.html",
        **({} if may_decide else rest_to_verify(user)),
        visit=visit,
        files=files,
        awaited=awaited_of(visit),
        twins=twins_of(visit, files) if verifies else [],
        looks=open_second_looks_of(visit) if verifies else [],
        may_remove=bool(files) and may_remove(user, visit),
        pupils=pupils,
        versions=versions_of(visit),
        code=code_of(visit),
        call_back=call_back,
        calls=calls_of(call_back) if call_back and (verifies or not call_back.is_open) else [],  # who went learns what was found, not that somebody will call
        may_call=call_back is not None and verifies,
        recorded_by=name_of(visit.recorded_by_id),
        checked_by=name_of(visit.checked_by_id),
        is_tutoring=visit.form == TUTORING,
        may_edit=visit.state != "verified" and may_edit(user, visit),
        may_verify=may_decide,
    )


def rest_to_verify(user) -> dict:
    """Whoever has decided one goes on to the next without going back to the list."""
    if not user.may(P.VISIT_VERIFY):
        return {}
    rest = to_verify(user)
    after = rest.order_by(Visit.on.desc(), Visit.id.desc()).first()
    return {"waiting": rest.count(), "after": after.id if after else None}


@blueprint.get("/students/<int:student_id>/visits")
@requires(P.VISIT_VIEW)
def show_student(student_id):
    """The pupil's visits, and the tutoring months of this school year."""
    student, today = visible_student(current_user, student_id, P.VISIT_VIEW), today_in_china()
    view_student(student=student, by=current_user)
    page = paginate(visits_of(student), per_page=20)
    spell = open_spell(student)
    return render_template(
        "visits/show_student.html",
        student=student,
        page=page,
        months=months_of_pupil(student, first_day_of(school_year_of(today)), today),
        quota=words_of_quota(quota_of(student.county_id, today)),
        plan=holding([student.id], today)[student.id],
        may_record=may_with_student(current_user, P.VISIT_RECORD, student),
        is_home_taught=spell is not None and spell.mode == "home_taught",
    )


@blueprint.post("/visits/<int:visit_id>/verify")
@requires(P.VISIT_VERIFY)
def verify_visit(visit_id):
    """One tap; the revision that was looked at comes with it."""
    visit, form = decidable(visit_id), ConfirmForm()
    revision = number_or_none(request.form.get("revision")) or 0
    try:
        if not form.submitted():
            raise Refused("没有保存：页面停留太久。请核对后再点一次。")
        write(
            form,
            "verify_visit",
            visit,
            {"revision": revision},
            lambda: actions.verify_visit(visit=visit, revision=revision, by=current_user),
        )
        flash(_("已核实。"), "ok")
    except Refused as refused:
        form.refuse(refused)
        return render_template("visits/decided.html", form=form, visit=visit), refused.status
    return redirect(url_for("visits.show_visit", visit_id=visit.id), 303)


@blueprint.route("/visits/<int:visit_id>/send-back", methods=["GET", "POST"])
@requires(P.VISIT_VERIFY)
def send_back_visit(visit_id):
    visit = decidable(visit_id)
    pupils = pupils_of(visit, current_user)
    view_students(ids=pupils.ids, by=current_user)
    form = SendBackForm(revision=visit.revision)
    if form.submitted():
        asked = {"revision": form.base, "reason": form.reason.data}
        try:
            write(form, "send_back_visit", visit, asked, lambda: actions.send_back_visit(visit=visit, **asked, by=current_user))
            flash(_("已退回，记录人补充后会再次待核实。"), "ok")
            return redirect(url_for("visits.show_visit", visit_id=visit.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/send_back_visit.html", form=form, visit=visit, pupils=pupils), form.status


def decidable(visit_id: int) -> Visit:
    """Within the scope, and within reach of the right to verify; the action looks at the rest."""
    visit = visible_visit(current_user, visit_id)
    if not may_with(current_user, P.VISIT_VERIFY, visit):
        raise Forbidden("家访由乡镇专干或教育局核实。")
    return visit


def write(form, verb: str, visit: Visit, body: dict, do):
    return once(by=current_user, key=form.key.data, kind=f"visits.{verb}", body={"visit": visit.id, **body}, do=do)
