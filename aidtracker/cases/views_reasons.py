"""The page on which the bureau says what its county calls the reasons."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases.actions_reasons import set_reason_names as set_action
from aidtracker.cases.forms_reasons import ReasonNamesForm
from aidtracker.cases.reasons import local_names
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_notice_texts import editable
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once


@blueprint.route("/cases/reason-names/<int:county_id>", methods=["GET", "POST"])
@requires(Permission.POLICY_EDIT)
def set_reason_names(county_id):
    county = editable(county_id)
    form = ReasonNamesForm(**{f"reason_{code}": label for code, label in local_names(county.id).items()})
    if form.submitted():
        try:
            body = {"county": county.id, **form.typed()}
            once(by=current_user, key=form.key.data, kind="cases.set_reason_names", body=body, do=lambda: set_action(county=county, names=form.names(), by=current_user))
            flash(_("已保存。"), "ok")
            return redirect(url_for(".set_reason_names", county_id=county.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/set_reason_names.html", form=form, county=county), form.status
