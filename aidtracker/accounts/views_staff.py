"""Pages about many accounts: the staff list as a workbook, accounts that nobody uses, disabling them together."""

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.accounts import actions_closing, actions_export, queries, queries_inviting
from aidtracker.accounts.forms import DisableUsersForm, ExportForm, UnusedForm
from aidtracker.accounts.rules import strictest
from aidtracker.accounts.views_blueprint import blueprint
from aidtracker.accounts.views_managing import MANAGE, chosen_place
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import requires
from aidtracker.receipts.actions import once
from aidtracker.web.downloads import XLSX
from aidtracker.web.paging import paginate


@blueprint.route("/accounts/staff", methods=["GET", "POST"])
@requires(MANAGE)
def export_staff():
    """Says what the list holds; the button fetches it."""
    place = chosen_place()
    form = ExportForm(org=place.id if place else "")
    if form.submitted():
        book = actions_export.export_staff(place=place, by=current_user)
        return send_file(book, XLSX, as_attachment=True, download_name=f"人员名册_{today_in_china().isoformat()}.xlsx")
    return render_template("accounts/export_staff.html", form=form, place=place), form.status


@blueprint.get("/accounts/unused")
@requires(MANAGE)
def list_unused():
    filters, people = unused(request.args)
    page = paginate(people)
    context = {"filters": filters, "page": page, "place": chosen_place(), "form": disabling(page), "export": ExportForm()}
    return render_template("accounts/list_unused.html", **context, **known_of(page))


@blueprint.post("/accounts/unused/export")
@requires(MANAGE)
def export_unused():
    filters, people = unused(request.form)
    form = ExportForm()
    if not form.submitted():
        return redirect(url_for("accounts.list_unused"), 303)
    book = actions_export.export_unused(users=list(people), by=current_user)
    return send_file(book, XLSX, as_attachment=True, download_name=f"闲置账号_{today_in_china().isoformat()}.xlsx")


@blueprint.post("/accounts/unused/disable")
@requires(MANAGE)
def disable_users():
    """Those of the page that were ticked; who meanwhile signed in is no longer among them."""
    filters, people = unused(request.form)
    page = paginate(people)
    form = disabling(people)
    if form.submitted():
        users = [user for user in people if user.id in set(form.users.data)]
        try:
            once(
                by=current_user,
                key=form.key.data,
                kind="accounts.disable_users",
                body={"users": sorted(form.users.data), "reason": form.reason.data},
                do=lambda: actions_closing.disable_users(users=users, reason=form.reason.data, by=current_user),
            )
            flash(_("已停用 %(n)s 个账号。", n=len(users)), "ok")
            return redirect(url_for("accounts.list_unused", seen=filters.seen.data, days=filters.days.data), 303)
        except Refused as refused:
            form.refuse(refused)
    context = {"filters": filters, "page": page, "place": chosen_place(), "form": form, "export": ExportForm()}
    return render_template("accounts/list_unused.html", **context, **known_of(page)), form.status


def unused(values) -> tuple:
    """(the filters, the query that they mean)."""
    filters = UnusedForm(values, meta={"csrf": False})
    days = filters.choose_days(strictest("unused_days", current_user.county_ids))
    wanted = {"seen": filters.chosen("seen", "never"), "days": days, "text": filters.text}
    return filters, queries_inviting.unused_users(current_user, place=chosen_place(), **wanted)


def disabling(people) -> DisableUsersForm:
    form = DisableUsersForm()
    form.users.choices = [(user.id, user.name) for user in people]
    return form


def known_of(page) -> dict:
    return {"roles": queries.roles_of_many(page), "last": queries.last_seen_of_many(page)}
