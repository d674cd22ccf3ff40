"""Signing in and out, one's own password and devices."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user

from aidtracker.accounts import (  # noqa: F401  whose pages register themselves
    actions,
    queries,
    sessions,
    views_homerooms,
    views_inviting,
    views_leaving,
    views_managing,
    views_requests,
    views_second,
    views_staff,
)
from aidtracker.accounts.forms import ChangePasswordForm, SignInForm
from aidtracker.accounts.hooks import may_be_tried
from aidtracker.accounts.rules import password_rules
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.errors import NotFound, Refused
from aidtracker.permissions import public, requires_login
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.redirects import safe_next

ALWAYS_OPEN = ("accounts.change_password", "accounts.sign_out", "web.set_language", "static", "operation.show_health", "mobile.fetch_worker")
SETTING_UP = ("accounts.show_second_factor", "accounts.create_second_factor", "accounts.set_second_factor")


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in():
    form = SignInForm()
    if form.submitted():
        try:
            return enter(form.username.data, form.password.data, form.is_shared.data)
        except sessions.CodeNeeded as needed:
            return views_second.ask_for_code(needed)
        except Refused as refused:
            form.refuse(refused)
            return render_template("accounts/sign_in.html", form=form, tried=may_be_tried()), refused.status
    return render_template("accounts/sign_in.html", form=form, is_empty=not queries.has_anybody(), tried=may_be_tried())


def enter(username: str, password: str, is_shared: bool):
    """A new session row and a new cookie; what the cookie held before is dropped."""
    agent = request.user_agent.string
    given = {"username": username, "password": password, "is_shared": is_shared}
    token = sessions.sign_in(**given, network=request.remote_addr or "", agent=agent)
    user = sessions.entered(token)
    session.clear()
    login_user(user)
    return redirect(safe_next(request.args.get("next")), 303)


@blueprint.post("/sign-out")
@requires_login
def sign_out():
    if ConfirmForm().submitted():
        sessions.sign_out(token=current_user.session_token, by=current_user)
        logout_user()
        session.clear()
        flash(_("已退出登录。"), "ok")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.route("/me/password", methods=["GET", "POST"])
@requires_login
def change_password():
    form = ChangePasswordForm()
    if form.submitted():
        try:
            actions.change_password(user=current_user, old=form.old.data, new=form.new.data, by=current_user)
            flash(_("密码已修改，请用新密码登录。"), "ok")
            logout_user()
            return redirect(url_for("accounts.sign_in"), 303)
        except Refused as refused:
            form.refuse(refused)
    form.say_rules(password_rules(current_user.county_ids))
    is_old = current_user.must_change_password and sessions.has_old_password(current_user)
    return render_template("accounts/change_password.html", form=form, is_old=is_old), form.status


@blueprint.get("/me/sessions")
@requires_login
def list_sessions():
    """One's own devices; this one first."""
    mine = sessions.sessions_of(current_user)
    here = sessions.token_hash(current_user.session_token)
    rows = [(one, sessions.code_of(one), sessions.device_of(one.agent), bytes(one.token_hash) == here) for one in mine]
    rows.sort(key=lambda row: (row[3], row[0].seen_at), reverse=True)
    return render_template("accounts/list_sessions.html", rows=rows)


@blueprint.post("/me/sessions/<code>/end")
@requires_login
def end_session(code):
    found = sessions.session_of(current_user, code)
    if found is None:
        raise NotFound
    if ConfirmForm().submitted():
        sessions.end_session(session=found, by=current_user)
        flash(_("那台设备已退出登录。"), "ok")
    return redirect(url_for("accounts.list_sessions"), 303)


def first_sign_in_page():
    """Before any other page, whoever got a password from somebody else chooses their own, and who holds a role at the county
    sets a second factor up."""
    if request.endpoint in ALWAYS_OPEN or not request.endpoint:
        return None
    if current_user.is_authenticated and current_user.must_change_password:
        return redirect(url_for("accounts.change_password"), 303)
    if current_user.is_authenticated and request.endpoint not in SETTING_UP and current_user.must_set_second_factor:
        return redirect(url_for("accounts.show_second_factor"), 303)
    return None
