"""Pages of the second factor: the code at the door, setting it up, recovery codes, a lost phone; and proving once more who it is."""

from flask import flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user

from aidtracker.accounts import actions_second as second
from aidtracker.accounts import sessions
from aidtracker.accounts.forms import CodeForm, ProofForm, ResetSecondFactorForm, SetSecondFactorForm
from aidtracker.accounts.second_factor import codes_left, factor_of, waiting_secret_of
from aidtracker.accounts.totp import address_of, in_groups
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE, change, manageable
from aidtracker.errors import ProofNeeded, Refused
from aidtracker.permissions import public, requires, requires_fresh, requires_login
from aidtracker.receipts.actions import once
from aidtracker.web.errors import answer, wants_json
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.qr_codes import qr_code
from aidtracker.web.redirects import safe_next

HALF = "half_sign_in"  # in the cookie: the token of a right password that waits for its code
FEW = 3  # recovery codes left, when it is said
NOT_CARRIED = ("csrf_token", "proof")


def ask_for_code(needed: sessions.CodeNeeded):
    """After the password, instead of going in."""
    session.clear()
    session[HALF] = needed.token
    return redirect(url_for("accounts.sign_in_with_code", next=safe_next(request.args.get("next"), "") or None), 303)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def sign_in_with_code():
    form, token = CodeForm(), session.get(HALF, "")
    if form.submitted():
        given = {"network": request.remote_addr or "", "agent": request.user_agent.string}
        try:
            opened, is_recovery = sessions.sign_in_with_code(token=token, code=form.code.data or form.recovery.data, **given)
            user = sessions.entered(opened)
            session.clear()
            login_user(user)
            if is_recovery:
                tell_codes_left()
            return redirect(safe_next(request.args.get("next")), 303)
        except Refused as refused:
            form.refuse(refused)
    is_waiting = sessions.half_sign_in(token) is not None
    return render_template("accounts/sign_in_with_code.html", form=form, is_waiting=is_waiting), form.status


def tell_codes_left() -> None:
    left = codes_left(current_user)
    words = _("用了一个恢复码，还剩 %(n)s 个。手机丢了请在这里换手机；恢复码快用完了请重新生成。", n=left)
    flash(words, "warn" if left <= FEW else "ok")


@blueprint.get("/me/second-factor")
@requires_login
def show_second_factor():
    return second_factor_page(SetSecondFactorForm())


def second_factor_page(form):
    factor, waiting = factor_of(current_user), waiting_secret_of(current_user)
    context = {"factor": factor, "left": codes_left(current_user), "form": form, "confirm": ConfirmForm(), "secret": ""}
    if waiting:
        context |= {"secret": in_groups(waiting), "code": qr_code(address_of(waiting, current_user.username))}
    return render_template("accounts/show_second_factor.html", **context), form.status


@blueprint.post("/me/second-factor/new")
@requires_login
@requires_fresh
def create_second_factor():
    return own(lambda: second.create_second_factor(user=current_user, by=current_user))


@blueprint.post("/me/second-factor")
@requires_login
@requires_fresh
def set_second_factor():
    form = SetSecondFactorForm()
    if form.submitted():
        try:
            return show_codes(second.set_second_factor(user=current_user, code=form.code.data, by=current_user))
        except Refused as refused:
            form.refuse(refused)
    return second_factor_page(form)


@blueprint.post("/me/recovery-codes")
@requires_login
@requires_fresh
def create_recovery_codes():
    codes: list[str] = []
    return own(lambda: codes.extend(second.create_recovery_codes(user=current_user, by=current_user)), codes)


def own(act, codes=None):
    """A button of one's own page; `codes` are shown once, and not when it was sent twice."""
    form = ConfirmForm()
    if form.submitted():
        try:
            once(by=current_user, key=form.key.data, kind=request.endpoint, body={}, do=act)
            if codes:
                return show_codes(codes)
        except Refused as refused:
            flash(translated(refused), "bad")
    return redirect(url_for("accounts.show_second_factor"), 303)


def show_codes(codes: list[str]):
    return render_template("accounts/recovery_codes.html", codes=codes)


@blueprint.route("/accounts/<int:user_id>/second-factor", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def reset_second_factor(user_id):
    user = manageable(user_id)
    form = ResetSecondFactorForm()
    return change(
        form, user, "accounts/reset_second_factor.html", lambda: second.reset_second_factor(user=user, reason=form.reason.data, by=current_user)
    )


# Proving once more who it is, and going on with what was sent.


@blueprint.app_errorhandler(ProofNeeded)
def ask_for_proof(needed: ProofNeeded):
    if wants_json():
        return answer(needed.status, translated(needed))
    return proof_page(), needed.status


def proof_page(refused: Refused | None = None) -> str:
    """What was sent stands in the page, and is sent again with the proof: nothing typed is lost, and nothing of it is kept here."""
    form = ProofForm(formdata=None, meta={"csrf": False})
    if refused is not None:
        form.refuse(refused)
    carried = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED]
    action = request.full_path.rstrip("?")
    return render_template("accounts/prove.html", form=form, carried=carried, action=action, has_code=current_user.has_second_factor)


def take_proof():
    """Before the view: a form that comes back with a proof."""
    typed = request.form.get("proof") if request.method == "POST" and request.endpoint != "static" else None
    if typed is None or not current_user.is_authenticated:
        return None
    try:
        sessions.prove(user=current_user, typed=typed[:128], by=current_user)
    except Refused as refused:
        return proof_page(refused), refused.status
    return None
