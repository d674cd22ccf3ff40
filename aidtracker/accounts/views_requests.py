"""Roles of administrators that one person asked for and another confirms."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.accounts import actions_requests
from aidtracker.accounts.queries_requests import visible_request, visible_requests
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE
from aidtracker.errors import Refused
from aidtracker.permissions import ROLES, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm, translated


@blueprint.get("/accounts/role-requests")
@requires(MANAGE)
def list_role_requests():
    return render_template("accounts/list_role_requests.html", found=visible_requests(current_user), ROLES=ROLES)


@blueprint.post("/accounts/role-requests/<int:request_id>/confirm")
@requires(MANAGE)
@requires_fresh
def confirm_role(request_id):
    return decide(request_id, actions_requests.confirm_role, _("已确认，角色从现在起有效。"))


@blueprint.post("/accounts/role-requests/<int:request_id>/withdraw")
@requires(MANAGE)
def withdraw_role(request_id):
    return decide(request_id, actions_requests.withdraw_role, _("已撤销这项申请。"))


def decide(request_id: int, act, words: str):
    asked, form = visible_request(current_user, request_id), ConfirmForm()
    if form.submitted():
        try:
            body = {"request": asked.id}
            once(by=current_user, key=form.key.data, kind=f"accounts.{act.__name__}", body=body, do=lambda: act(request=asked, by=current_user) and None)
            flash(words, "ok")
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for(".list_role_requests"), 303)
