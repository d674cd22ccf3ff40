"""Pages of what is worth a second look: the list, and one of them with its visits side by side."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.errors import Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_students
from aidtracker.visits import actions_looks
from aidtracker.visits.forms_looks import LookForm, SecondLookListForm
from aidtracker.visits.models_looks import LOOK_REASONS, SecondLook
from aidtracker.visits.queries import name_of, pupils_of_many
from aidtracker.visits.queries_looks import former_looks_of, is_own_look, listed_second_looks, visible_second_look, visits_about
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import paginate

P = Permission


@blueprint.record_once
def words_of_looks(state):
    state.app.jinja_env.globals.update(LOOK_REASONS=LOOK_REASONS)


@blueprint.get("/visits/second-looks")
@requires(P.VISIT_VERIFY)
def list_second_looks():
    form = SecondLookListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.VISIT_VERIFY, form.places())
    form.offer_places(places)
    is_open = form.only.data != "looked"
    page = paginate(listed_second_looks(current_user, places.place, form.chosen("reason"), is_open).dicts())
    pupils = pupils_of_many([row["visit_id"] for row in page], current_user)
    context = {"form": form, "page": page, "pupils": pupils, "is_open": is_open, "waiting": listed_second_looks(current_user, None, "", True).count()}
    return render_template("visits/list_second_looks.html", chosen=form.words_of("township", "school", "reason"), **context)


@blueprint.route("/visits/second-looks/<int:second_look_id>", methods=["GET", "POST"])
@requires(P.VISIT_VERIFY)
def close_second_look(second_look_id):
    second_look, user = visible_second_look(current_user, second_look_id), current_user._get_current_object()
    visits, more = visits_about(user, second_look)
    pupils = pupils_of_many([visit.id for visit in visits], user)
    view_students(ids=[id_ for of in pupils.values() for id_ in of.ids], by=user)
    form = LookForm()
    if form.submitted():
        remark = form.note.data or ""
        try:
            write_look(form, second_look, {"remark": remark}, lambda: actions_looks.close_second_look(second_look=second_look, remark=remark, by=user))
            flash(_("已看过。"), "ok")
            return redirect(url_for(".list_second_looks"), 303)
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "look": second_look, "visits": visits, "more": more, "pupils": pupils, "looked_by": name_of(second_look.looked_by_id)}
    context |= {"is_own": is_own_look(user, second_look), "former": former_looks_of(second_look)}
    return render_template("visits/close_second_look.html", **context), form.status


@blueprint.post("/visits/second-looks/<int:second_look_id>/reopen")
@requires(P.VISIT_VERIFY)
def reopen_second_look(second_look_id):
    second_look, form = visible_second_look(current_user, second_look_id), ConfirmForm()
    if form.submitted():
        try:
            write_look(form, second_look, {"reopened": True}, lambda: actions_looks.reopen_second_look(second_look=second_look, by=current_user))
            flash(_("已撤销，这一条又回到要看的里面。"), "ok")
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for(".close_second_look", second_look_id=second_look.id), 303)


def write_look(form, second_look: SecondLook, body: dict, do) -> None:
    once(by=current_user, key=form.key.data, kind="visits.second_look", body={"second_look": second_look.id, **body}, do=do)
