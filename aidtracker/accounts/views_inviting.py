"""Pages of invitations: who has not signed in yet, the printed slips, accepting one; a forgotten password, too many guesses."""

from flask import render_template, request, session, url_for
from flask_login import current_user, login_user
from werkzeug.utils import redirect

from aidtracker.accounts import actions_inviting as inviting
from aidtracker.accounts import queries, queries_inviting, sessions
from aidtracker.accounts.forms import ChoosePasswordForm, InviteForm, NotYetInForm, OpenInvitationForm
from aidtracker.accounts.invitations import open_invitation
from aidtracker.accounts.rules import password_rules
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE, change, chosen_place, manageable
from aidtracker.accounts.views_second import ask_for_code
from aidtracker.errors import Refused
from aidtracker.permissions import public, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate
from aidtracker.web.qr_codes import QrCode, qr_code


@blueprint.route("/accounts/invitations", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def invite_users():
    """Who never signed in, and one sheet of slips for those of them that hold no good invitation."""
    place, filters = chosen_place(), NotYetInForm(request.values, meta={"csrf": False})
    people = queries_inviting.not_yet_in(current_user, place, filters.text)
    waiting = people.where(queries_inviting.without_invitation())
    form = InviteForm(org=place.id if place else "", q=filters.text)
    if form.submitted():
        users = list(waiting.limit(inviting.MOST))
        body = {"org": place.id if place else None, "q": filters.text}
        try:
            slips, is_again = issued(form, "invite_users", body, lambda: inviting.invite_users(users=users, by=current_user))
            return show_slips(slips, is_again)
        except Refused as refused:
            form.refuse(refused)
    page = paginate(people)
    context = {"form": form, "filters": filters, "place": place, "page": page, "waiting": waiting.count(), "most": inviting.MOST}
    found = {"roles": queries.roles_of_many(page), "until": queries_inviting.invitations_of_many(page)}
    return render_template("accounts/invite_users.html", **context, **found), form.status


@blueprint.route("/accounts/<int:user_id>/invite", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def invite_user(user_id):
    user, form = manageable(user_id), ConfirmForm()
    if form.submitted():
        try:
            slips, is_again = issued(form, "invite_user", {"user": user.id}, lambda: [inviting.invite_user(user=user, by=current_user)])
            return show_slips(slips, is_again)
        except Refused as refused:
            form.refuse(refused)
    return render_template("accounts/invite_user.html", form=form, user=user, days=inviting.valid_days(user)), form.status


@blueprint.route("/accounts/<int:user_id>/unlock", methods=["GET", "POST"])
@requires(MANAGE)
def unlock_user(user_id):
    user = manageable(user_id)
    guesses = queries_inviting.failed_guesses(user)
    form = ConfirmForm()
    return change(form, user, "accounts/unlock_user.html", lambda: inviting.unlock_user(user=user, by=current_user), guesses=guesses)


def issued(form, verb: str, body: dict, do) -> tuple[list, bool]:
    """The slips, which no receipt keeps; and whether this was sent a second time, when there are none to show."""
    slips: list = []
    receipt = once(by=current_user, key=form.key.data, kind=f"accounts.{verb}", body=body, do=lambda: slips.extend(do()))
    return slips, receipt.is_duplicate


def show_slips(slips: list, is_again: bool):
    users = [slip.user for slip in slips]
    rows = [(slip, qr_of(slip.token)) for slip in slips]
    return render_template("accounts/slips.html", rows=rows, roles=queries.roles_of_many(users), is_again=is_again)


def qr_of(token: str) -> QrCode:
    """The token stands behind the #, which no browser sends and no log keeps."""
    return qr_code(url_for("accounts.accept_invitation", _external=True, _anchor=token))


@blueprint.route("/invitation", methods=["GET", "POST"])
@public
def accept_invitation():
    """First the slip, then the password; both are sent, never in an address."""
    form, chosen = OpenInvitationForm(), ChoosePasswordForm()
    if form.submitted():
        try:
            given = {name: form[name].data or "" for name in ("token", "username", "code")}
            invitation = open_invitation(**given, network=request.remote_addr or "")
        except Refused as refused:
            form.refuse(refused)
            return render_template("accounts/accept_invitation.html", form=form), form.status
        return choose_password(invitation, chosen)
    return render_template("accounts/accept_invitation.html", form=form), form.status


def choose_password(invitation, form: ChoosePasswordForm):
    if "new" in request.form and form.submitted():
        try:
            user = inviting.accept_invitation(invitation=invitation, password=form.new.data, by=invitation.user)
            return enter_invited(user, form.is_shared.data)
        except sessions.CodeNeeded as needed:
            return ask_for_code(needed)
        except Refused as refused:
            form.refuse(refused)
    form.say_rules(password_rules(invitation.user.county_ids))
    roles = queries.roles_of_many([invitation.user]).get(invitation.user.id, [])
    return render_template("accounts/choose_password.html", form=form, user=invitation.user, roles=roles), form.status


def enter_invited(user, is_shared: bool):
    given = {"network": request.remote_addr or "", "agent": request.user_agent.string, "is_shared": is_shared}
    entered = sessions.entered(sessions.enter_invited(user=user, **given))
    session.clear()
    login_user(entered)
    session["is_new"] = True  # the first page says where to practise
    return redirect(url_for("home.show_home"), 303)
