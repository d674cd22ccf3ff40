"""The kinds of lists that a county names beside the three."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.census import actions_kinds
from aidtracker.census.forms import ListKindForm
from aidtracker.census.list_kinds import visible_list_kind
from aidtracker.census.views_asking import counties_asked
from aidtracker.census.views_blueprint import blueprint
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm, translated

P = Permission


@blueprint.route("/list-kinds/add", methods=["GET", "POST"])
@requires(P.CENSUS_IMPORT)
def add_list_kind():
    (_counties, county), form = counties_asked(), ListKindForm()
    if form.submitted():
        try:
            values = form.typed()
            do = lambda: actions_kinds.add_list_kind(county=county, **values, by=current_user).id  # noqa: E731
            once(by=current_user, key=form.key.data, kind="census.add_list_kind", body={"county": county.code, **values}, do=do)
            flash(_("已新增名单种类。"), "ok")
            return redirect(url_for("census.list_snapshots"), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("census/add_list_kind.html", form=form, county=county), form.status


@blueprint.post("/list-kinds/<int:kind_id>/end")
@requires(P.CENSUS_IMPORT)
def end_list_kind(kind_id):
    kind, form = visible_list_kind(current_user, kind_id), ConfirmForm()
    if not form.submitted():
        abort(400)
    try:
        do = lambda: actions_kinds.end_list_kind(kind=kind, by=current_user)  # noqa: E731
        once(by=current_user, key=form.key.data, kind="census.end_list_kind", body={"kind": kind.uid}, do=do)
        flash(_("已停用这个名单种类；已有的名单还在。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for("census.list_snapshots"), 303)
