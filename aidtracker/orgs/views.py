"""Browsing the places from the county down to a class, and mending their names."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.errors import Refused
from aidtracker.orgs import actions
from aidtracker.orgs.forms import CloseOrgForm, EditOrgForm
from aidtracker.orgs.hooks import additions
from aidtracker.orgs.models import KINDS, Org
from aidtracker.orgs.queries import ancestors_of, children_of, counts_below, detail_of, top_orgs, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.web.fields import parse_day
from aidtracker.web.forms import ConfirmForm

blueprint = Blueprint("orgs", __name__)
P = Permission


@blueprint.get("/orgs")
@blueprint.get("/orgs/<int:org_id>")
@requires(P.ORG_VIEW)
def show_org(org_id=None):
    """Without a number: where the reader's own scope begins."""
    if org_id is None:
        tops = top_orgs(current_user, P.ORG_VIEW)
        if len(tops) != 1:
            return render_template("orgs/list_tops.html", tops=tops, KINDS=KINDS)
        org = tops[0]
    else:
        org = visible_org(current_user, org_id)
    below = list(children_of(org))
    context = {"org": org, "above": ancestors_of(org), "below": below, "counts": counts_below(org), "detail": detail_of(org)}
    context |= {"KINDS": KINDS, "P": P, "is_visible": is_visible}
    on = parse_day(request.args.get("on", ""))
    return render_template("orgs/show_org.html", **context, **additions(current_user, org, below, on))


def is_visible(org: Org) -> bool:
    return current_user.may(P.ORG_VIEW, org)


@blueprint.route("/orgs/<int:org_id>/edit", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def edit_org(org_id):
    org = manageable(org_id)
    detail = detail_of(org)
    form = EditOrgForm(name=org.name, category=detail.category if detail else "", sponsor=detail.sponsor if detail else "")
    form.fit(org.kind, detail.category if detail else "")

    def act():
        actions.edit_org(
            org=org, **{name: form[name].data or "" for name in ("name", "category", "sponsor") if name in form}, by=current_user
        )

    return change(form, org, "orgs/edit_org.html", act)


@blueprint.route("/orgs/<int:org_id>/close", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def close_org(org_id):
    org = manageable(org_id)
    form = CloseOrgForm()
    return change(form, org, "orgs/close_org.html", lambda: actions.close_org(org=org, reason=form.reason.data, by=current_user))


@blueprint.route("/orgs/<int:org_id>/reopen", methods=["GET", "POST"])
@requires(P.ORG_MANAGE)
def reopen_org(org_id):
    org = manageable(org_id)
    return change(ConfirmForm(), org, "orgs/reopen_org.html", lambda: actions.reopen_org(org=org, by=current_user))


def manageable(org_id: int) -> Org:
    org = visible_org(current_user, org_id)
    if not current_user.may(P.ORG_MANAGE, org):
        abort(403)
    return org


def change(form, org: Org, template: str, act):
    if form.submitted():
        verb = template.removeprefix("orgs/").removesuffix(".html")
        body = {"org": org.id, "at": request.path, **form.typed()}
        try:
            once(by=current_user, key=form.key.data, kind=f"orgs.{verb}", body=body, do=lambda: act() and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("orgs.show_org", org_id=org.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, org=org, KINDS=KINDS), form.status
