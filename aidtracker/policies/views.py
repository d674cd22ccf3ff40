"""The county's rules: all of them with what holds today, one with its history, and changing it."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.policies import actions
from aidtracker.policies.forms import policy_form
from aidtracker.policies.queries import history_of, line_of, lines_of, policy_named, value_of, visible_counties, visible_county
from aidtracker.policies.registry import GROUPS
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm, translated

blueprint = Blueprint("policies", __name__, url_prefix="/policies")
P = Permission


@blueprint.get("")
@blueprint.get("/<int:county_id>")
@requires(P.ORG_VIEW)
def list_policies(county_id=None):
    """Without a number: of the one county that the person belongs to, else a choice of counties."""
    counties = visible_counties(current_user)
    if county_id is None and len(counties) != 1:
        return render_template("policies/list_counties.html", counties=counties)
    county = counties[0] if county_id is None else visible_county(current_user, county_id)
    lines = lines_of(county, today_in_china())
    groups = [(group, [line for line in lines if line.policy.group == group]) for group in GROUPS]
    return render_template("policies/list_policies.html", county=county, groups=groups, P=P)


@blueprint.get("/<int:county_id>/<key>")
@requires(P.ORG_VIEW)
def show_policy(county_id, key):
    county, policy = visible_county(current_user, county_id), policy_named(key)
    return render_template("policies/show_policy.html", **context(county, policy), P=P, form=ConfirmForm())


def context(county, policy) -> dict:
    today, history = today_in_china(), history_of(county, policy.key)
    standing = [(row.holds_from, row.value, row.reason) for row in reversed(history) if row.withdrawn_at is None]
    return {
        "county": county,
        "policy": policy,
        "history": history,
        "today": today,
        "line": line_of(policy, standing, today),
    }


@blueprint.route("/<int:county_id>/<key>/edit", methods=["GET", "POST"])
@requires(P.POLICY_EDIT)
def set_policy(county_id, key):
    county, policy = editable(county_id), policy_named(key)
    line = context(county, policy)["line"]
    form = policy_form(policy, value=line.value if policy.choices else policy.shown(line.value), holds_from=today_in_china())
    if form.submitted():
        try:
            values = {"value": form.wanted, "holds_from": form.holds_from.data, "reason": form.reason.data}
            body = {"county": county.id, "key": policy.key, **form.typed()}
            once(by=current_user, key=form.key.data, kind="policies.set_policy", body=body, do=lambda: saved(county, policy, values))
            flash(_("已保存。"), "ok")
            return redirect(url_for(".show_policy", county_id=county.id, key=key), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("policies/set_policy.html", form=form, **context(county, policy)), form.status


def saved(county, policy, values) -> None:
    actions.set_policy(county=county, policy=policy, **values, by=current_user)


@blueprint.post("/<int:county_id>/<key>/values/<int:value_id>/withdraw")
@requires(P.POLICY_EDIT)
def withdraw_policy(county_id, key, value_id):
    county, policy, form = editable(county_id), policy_named(key), ConfirmForm()
    row = value_of(county, policy.key, value_id)
    if not form.submitted():
        abort(400)
    try:
        withdraw = partial(actions.withdraw_policy, row=row, by=current_user)
        once(by=current_user, key=form.key.data, kind="policies.withdraw_policy", body={"value": row.id}, do=withdraw)
        flash(_("已撤回还未生效的设置。"), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".show_policy", county_id=county.id, key=key), 303)


def editable(county_id: int):
    county = visible_county(current_user, county_id)
    if not current_user.may(P.POLICY_EDIT, county):
        abort(403)
    return county
