"""Pages of whoever manages accounts: the list, one account, its roles, its state, a new password."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.accounts import actions, actions_requests, queries, queries_inviting
from aidtracker.accounts.forms import (
    AssignTeacherForm,
    CreateUserForm,
    DisableUserForm,
    EditUserForm,
    GiveRoleForm,
    UserFilterForm,
)
from aidtracker.accounts.models import DUTIES
from aidtracker.accounts.passwords import hash_password, new_password
from aidtracker.accounts.queries_leaving import record_of
from aidtracker.accounts.queries_requests import visible_requests
from aidtracker.accounts.second_factor import factor_of
from aidtracker.accounts.separation import pairs_held
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import ROLES, TWO_PERSON_ROLES, Permission, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.language import said
from aidtracker.web.paging import paginate

MANAGE = Permission.ACCOUNT_MANAGE
WAITS = _l("这个角色要由另一位管理员在「账号」页的「等待确认的角色」里确认，确认以前无效。")


@blueprint.get("/accounts")
@requires(MANAGE)
def list_users():
    form = UserFilterForm(request.args, meta={"csrf": False})
    form.validate()
    wanted = {name: "" if form[name].errors else form[name].data for name in ("role", "state")}
    place = visible_org(current_user, request.args.get("org", type=number_or_none), MANAGE) if request.args.get("org") else None
    page = paginate(queries.filtered_users(current_user, text=form.q.data or "", place=place, **wanted))
    roles, seen = queries.roles_of_many(page), queries.last_seen_of_many(page)
    may_import = current_user.may(Permission.IMPORT_RUN)
    pairs, asked = pairs_held(current_user), len(visible_requests(current_user))
    return render_template("accounts/list_users.html", pairs=pairs, asked=asked, ROLES=ROLES, form=form, page=page, roles=roles, seen=seen, place=place, may_import=may_import)


@blueprint.get("/accounts/<int:user_id>")
@requires(MANAGE)
def show_user(user_id):
    user = queries.visible_user(current_user, user_id)
    held = queries.memberships_of(user)
    seen = queries.last_seen_of_many([user]).get(user.id)
    today = today_in_china()
    open_ones = {m.id for m in held if lasts(m) and current_user.may(MANAGE, m.org)}
    context = {"guesses": queries_inviting.failed_guesses(user), "until": queries_inviting.invitations_of_many([user]).get(user.id)}
    context["factor"] = factor_of(user)
    context |= {"today": today, "DUTIES": DUTIES, "record": record_of(user)}
    context |= {"user": user, "held": held, "seen": seen, "open_ones": open_ones, "ROLES": ROLES, "may_manage": actions.may_manage(user, current_user)}
    return render_template("accounts/show_user.html", **context)


@blueprint.route("/accounts/new", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def create_user():
    """First the place, then the person; the first password is made here and shown once, to be handed over."""
    org = chosen_place()
    if org is None:
        return choose_place(_("新建账号"), "accounts.create_user")
    form = CreateUserForm(org=org.id)
    form.role.choices = [(code, said(label)) for code, label in queries.roles_to_give(current_user, org)]
    if form.submitted():
        password = new_password()
        values = {"username": form.username.data, "name": form.name.data, "role": form.role.data, "org": org}
        hashed = hash_password(password)  # before the transaction
        is_by_two = form.role.data in TWO_PERSON_ROLES
        create = actions_requests.request_user if is_by_two else actions.create_user
        try:
            receipt = once(
                by=current_user,
                key=form.key.data,
                kind="accounts.create_user",
                body={**values, "org": org.id},
                do=lambda: create(**values, password=password, by=current_user, hashed=hashed).id,
            )
            if is_by_two:
                flash(WAITS, "ok")
            return handed_over(queries.visible_user(current_user, receipt.result), password, receipt)
        except Refused as refused:
            form.refuse(refused)
    return render_template("accounts/create_user.html", form=form, org=org), form.status


def handed_over(user, password: str, receipt):
    """The page that shows the password; the second answer to a double tap has none to show."""
    shown = None if receipt.is_duplicate else password
    return render_template("accounts/handed_over.html", user=user, password=shown)


@blueprint.route("/accounts/<int:user_id>/edit", methods=["GET", "POST"])
@requires(MANAGE)
def edit_user(user_id):
    user = manageable(user_id)
    form = EditUserForm(name=user.name)
    return change(form, user, "accounts/edit_user.html", lambda: actions.edit_user(user=user, name=form.name.data, by=current_user))


@blueprint.route("/accounts/<int:user_id>/roles/new", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def give_role(user_id):
    user = queries.visible_user(current_user, user_id)
    org = chosen_place()
    if org is None:
        return choose_place(_("授予角色：%(name)s", name=user.name), "accounts.give_role", user_id=user.id)
    form = GiveRoleForm(org=org.id, starts_on=today_in_china())
    form.role.choices = [(code, said(label)) for code, label in queries.roles_to_give(current_user, org)]

    def act():
        give = actions_requests.request_role if form.role.data in TWO_PERSON_ROLES else actions.give_role
        give(user=user, role=form.role.data, org=org, starts_on=form.starts_on.data, by=current_user)
        if form.role.data in TWO_PERSON_ROLES:
            flash(WAITS, "ok")

    return change(form, user, "accounts/give_role.html", act, org=org)


@blueprint.route("/orgs/<int:org_id>/teachers/new", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def assign_teacher(org_id):
    """Somebody of the school takes this class too."""
    room = visible_org(current_user, org_id, MANAGE)
    if room.kind != "class":
        raise NotFound
    form = AssignTeacherForm(starts_on=today_in_china())
    form.user.offer([(id_, said(name)) for id_, name in queries.assignable_teachers(current_user, room)])
    if form.submitted():
        teacher = queries.visible_user(current_user, form.user.data)
        values = {"user": teacher, "role": "teacher", "org": room, "starts_on": form.starts_on.data}
        body = {"user": teacher.id, "org": room.id, "starts_on": form.starts_on.data}
        try:
            once(
                by=current_user,
                key=form.key.data,
                kind="accounts.assign_teacher",
                body=body,
                do=lambda: actions.give_role(**values, by=current_user) and None,
            )
            flash(_("%(name)s已担任%(room)s的教师。", name=teacher.name, room=room.name), "ok")
            return redirect(url_for("orgs.show_org", org_id=room.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("accounts/assign_teacher.html", form=form, room=room), form.status


def managed_role(user, membership_id: int):
    """One of the person's roles that lasts, at a place where the reader manages accounts."""
    found = next((m for m in queries.memberships_of(user) if m.id == membership_id and lasts(m)), None)
    if found is None:
        raise NotFound
    if not current_user.may(MANAGE, found.org):
        abort(403)
    return found


@blueprint.route("/accounts/<int:user_id>/roles/<int:membership_id>/end", methods=["GET", "POST"])
@requires(MANAGE)
def end_role(user_id, membership_id):
    user = queries.visible_user(current_user, user_id)
    found = managed_role(user, membership_id)
    context = {"membership": found, "ROLES": ROLES}
    return change(ConfirmForm(), user, "accounts/end_role.html", lambda: actions.end_role(membership=found, by=current_user), **context)


@blueprint.route("/accounts/<int:user_id>/disable", methods=["GET", "POST"])
@requires(MANAGE)
def disable_user(user_id):
    user = manageable(user_id)
    form = DisableUserForm()
    return change(
        form, user, "accounts/disable_user.html", lambda: actions.disable_user(user=user, reason=form.reason.data, by=current_user)
    )


@blueprint.route("/accounts/<int:user_id>/enable", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def enable_user(user_id):
    user = manageable(user_id)
    return change(ConfirmForm(), user, "accounts/enable_user.html", lambda: actions.enable_user(user=user, by=current_user))


@blueprint.route("/accounts/<int:user_id>/password", methods=["GET", "POST"])
@requires(MANAGE)
@requires_fresh
def reset_password(user_id):
    user = manageable(user_id)
    form = ConfirmForm()
    if form.submitted():
        password = new_password()
        hashed = hash_password(password)
        try:
            receipt = once(
                by=current_user,
                key=form.key.data,
                kind="accounts.reset_password",
                body={"user": user.id},
                do=lambda: actions.reset_password(user=user, password=password, by=current_user, hashed=hashed),
            )
            return handed_over(user, password, receipt)
        except Refused as refused:
            form.refuse(refused)
    return render_template("accounts/reset_password.html", form=form, user=user), form.status


def lasts(membership) -> bool:
    return membership.ends_on is None or membership.ends_on >= today_in_china()


def manageable(user_id: int):
    """Within the scope but with a role elsewhere: 403, as the action would say."""
    user = queries.visible_user(current_user, user_id)
    actions.manages(user, current_user)
    return user


def chosen_place() -> Org | None:
    """?org= or the form's own; a place where this person manages accounts, else 404."""
    given = request.values.get("org", type=number_or_none)
    return visible_org(current_user, given, MANAGE) if given else None


def choose_place(title: str, endpoint: str, **values):
    text = (request.args.get("q") or "").strip()[:60]
    places = queries.places_to_give(current_user, text)
    return render_template("accounts/choose_place.html", title=title, endpoint=endpoint, values=values, places=places, text=text)


def change(form, user, template: str, act, **context):
    verb = template.removeprefix("accounts/").removesuffix(".html")
    if form.submitted():
        body = {"user": user.id, "at": request.path, **form.typed()}
        try:
            once(by=current_user, key=form.key.data, kind=f"accounts.{verb}", body=body, do=lambda: act() and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("accounts.show_user", user_id=user.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, user=user, **context), form.status
