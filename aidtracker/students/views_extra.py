"""Pages on which a county defines fields of its own."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission, requires
from aidtracker.policies.queries import visible_counties, visible_county
from aidtracker.receipts.actions import once
from aidtracker.students import actions_extra
from aidtracker.students.extra_fields import all_fields_of, field_of
from aidtracker.students.forms_extra import AddFieldForm, EditFieldForm
from aidtracker.students.models_extra import KINDS
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import verb_of
from aidtracker.web.forms import ConfirmForm, translated

P = Permission


@blueprint.get("/students/fields")
@blueprint.get("/students/fields/<int:county_id>")
@requires(P.POLICY_EDIT)
def list_fields(county_id=None):
    counties = [county for county in visible_counties(current_user) if current_user.may(P.POLICY_EDIT, county)]
    county = editable(county_id) if county_id is not None else counties[0] if counties else abort(403)
    context = {"county": county, "counties": counties, "fields": all_fields_of(county), "KINDS": KINDS}
    return render_template("students/list_fields.html", form=ConfirmForm(), **context)


@blueprint.route("/students/fields/<int:county_id>/new", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def add_field(county_id):
    county, form = editable(county_id), AddFieldForm()
    return answered(form, county, "students/add_field.html", lambda: actions_extra.add_field(county=county, kind=form.kind.data, values=form.values(), by=current_user))


@blueprint.route("/students/fields/<int:county_id>/<int:field_id>", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def edit_field(county_id, field_id):
    county = editable(county_id)
    field = field_of(county, field_id)
    form = EditFieldForm(obj=field)
    if field.kind != "choice":
        del form.choices
    act = lambda: actions_extra.edit_field(field=field, values=form.values(), by=current_user)  # noqa: E731
    return answered(form, county, "students/edit_field.html", act, field=field)


@blueprint.post("/students/fields/<int:county_id>/<int:field_id>/withdraw")
@requires(P.POLICY_EDIT)
def withdraw_field(county_id, field_id):
    return at_once(county_id, field_id, actions_extra.withdraw_field, _("已停用，填过的内容都保留。"))


@blueprint.post("/students/fields/<int:county_id>/<int:field_id>/reopen")
@requires(P.POLICY_EDIT)
def reopen_field(county_id, field_id):
    return at_once(county_id, field_id, actions_extra.reopen_field, _("已恢复使用。"))


def editable(county_id: int) -> Org:
    county = visible_county(current_user, county_id)
    if not current_user.may(P.POLICY_EDIT, county):
        abort(403)
    return county


def answered(form, county: Org, template: str, act, **context):
    if form.submitted():
        try:
            body = {"county": county.id, "field": context["field"].id if context else None, **form.typed()}
            once(by=current_user, key=form.key.data, kind=f"students.{verb_of(template)}", body=body, do=lambda: act() and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("students.list_fields", county_id=county.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, county=county, **context), form.status


def at_once(county_id: int, field_id: int, action, words: str):
    county, form = editable(county_id), ConfirmForm()
    field = field_of(county, field_id)
    if not form.submitted():
        abort(400)
    try:
        body = {"field": field.id}
        once(by=current_user, key=form.key.data, kind=f"students.{action.__name__}", body=body, do=lambda: action(field=field, by=current_user))
        flash(words, "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for("students.list_fields", county_id=county.id), 303)
