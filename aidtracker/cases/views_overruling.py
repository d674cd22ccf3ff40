"""Pages on which the bureau's administrators overrule a seal, without reading the case."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases import actions_overruling as acts
from aidtracker.cases.forms_sealing import OverruleReadersForm, OverruleSealForm
from aidtracker.cases.models import Case
from aidtracker.cases.queries import workers_for
from aidtracker.cases.sealed import overruled_case, readers_of, seal_of
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_working import write
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires

P = Permission


@blueprint.route("/cases/<int:case_id>/overrule-readers", methods=["GET", "POST"])
@requires(P.CASE_OVERRULE)
def overrule_readers(case_id):
    case = overruled_case(current_user, case_id)
    readers = readers_of(case)
    form = OverruleReadersForm(readers=[reader.user_id for reader in readers])
    form.readers.choices = [(id_, name) for id_, name in workers_for(case.student) if id_ != case.owner_id]
    about = {"readers": readers}
    return overrule(form, case, "cases/overrule_readers.html", lambda: acts.overrule_readers(case=case, readers=form.readers.data, reason=form.reason.data, by=current_user), about)


@blueprint.route("/cases/<int:case_id>/overrule-seal", methods=["GET", "POST"])
@requires(P.CASE_OVERRULE)
def overrule_seal(case_id):
    case = overruled_case(current_user, case_id)
    form = OverruleSealForm()
    return overrule(form, case, "cases/overrule_seal.html", lambda: acts.overrule_seal(case=case, reason=form.reason.data, by=current_user), {})


def overrule(form, case: Case, template: str, act, about: dict):
    """Afterwards to the tasks, from which the way leads here: the case may be kept from the reader."""
    seal, way_back = seal_of(case), url_for("tasks.list_tasks")
    if form.submitted():
        try:
            write(form, template.removeprefix("cases/").removesuffix(".html"), {"case": case.id, **form.typed()}, lambda: act() and None)
            flash(_("已保存。"), "ok")
            return redirect(way_back, 303)
        except Refused as refused:
            form.refuse(refused)
    elif seal is None:
        flash(_("这个个案没有保密。"), "warn")
        return redirect(way_back, 303)
    return render_template(template, form=form, case=case, seal=seal, way_back=way_back, **about), form.status
