"""无课: declaring it for a class or a school, what was declared, and taking it back."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance import actions_free
from aidtracker.attendance.forms_free import NoClassForm
from aidtracker.attendance.free import why
from aidtracker.attendance.plans import sessions_taken
from aidtracker.attendance.queries import nearest_seen
from aidtracker.attendance.queries_free import declared_at, free_place, visible_no_class
from aidtracker.attendance.sessions import SESSIONS
from aidtracker.attendance.views_blueprint import blueprint
from aidtracker.attendance.windows import may_take
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import paginate


@blueprint.route("/roll/no-class/<int:org_id>", methods=["GET", "POST"])
@requires(Permission.ROLL_VIEW)
def declare_no_class(org_id):
    place, today = free_place(current_user, org_id), today_in_china()
    may_declare = may_take(current_user, place)
    taken = sessions_taken(place.county_id, place.id if place.kind == "school" else place.parent_id, today)
    form = NoClassForm(on_day=today, sessions=list(taken))
    form.sessions.choices = [choice for choice in form.sessions.choices if choice[0] in taken or form.is_submitted()]
    if form.is_submitted() and not may_declare:
        abort(403)
    if form.submitted():
        try:
            return declared(place, form)
        except Refused as refused:
            form.refuse(refused)
    page = paginate(declared_at(place), per_page=20)
    shown = {"place": place, "form": form, "page": page, "may_declare": may_declare, "confirm": ConfirmForm(), "why": why, "SESSIONS": SESSIONS}
    back = place.id if place.kind == "school" else nearest_seen(current_user, place)
    return render_template("attendance/declare_no_class.html", **shown, back_org=back), form.status


def declared(place: Org, form: NoClassForm):
    values = {"on": form.on_day.data, "sessions": form.sessions.data or (), "kind": form.free_kind.data, "reason": form.reason.data or ""}

    def do():
        return len(actions_free.declare_no_class(org=place, **values, by=current_user))

    body = {"org": place.id, **form.typed()}
    once(by=current_user, key=form.key.data, kind="attendance.declare_no_class", body=body, do=do)
    flash(_("已登记无课，不计入应报。"), "ok")
    return redirect(url_for(".declare_no_class", org_id=place.id), 303)


@blueprint.post("/roll/no-class/<int:free_id>/withdraw")
@requires(Permission.ROLL_VIEW)
def withdraw_no_class(free_id):
    row, form = visible_no_class(current_user, free_id), ConfirmForm()
    if not may_take(current_user, row.org):
        abort(403)
    if not form.submitted():
        abort(400)
    try:
        do = lambda: actions_free.withdraw_no_class(row=row, by=current_user)  # noqa: E731
        once(by=current_user, key=form.key.data, kind="attendance.withdraw_no_class", body={"row": row.id}, do=do)
        flash(_("已撤销无课，这一场要点名。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".declare_no_class", org_id=row.org_id), 303)
