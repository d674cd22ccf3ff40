"""Pages of ledgers: the list of them, one with its filters, its lines and the way to its file."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases.sealed import hidden_count
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.excel.tables import shown
from aidtracker.ledgers import actions, registry
from aidtracker.ledgers.filters import read_filters, terms_to_choose, typed
from aidtracker.ledgers.forms import ExportForm
from aidtracker.ledgers.ledger import Ledger
from aidtracker.ledgers.own_columns import with_own_columns
from aidtracker.ledgers.reading import Reading
from aidtracker.ledgers.scope import counties_for, hidden_tags, may_reveal, scope_for
from aidtracker.ledgers.stream import window
from aidtracker.ledgers.trail import revealed_fields
from aidtracker.orgs.queries import children_of
from aidtracker.orgs.scopes import county_to_show, places_above
from aidtracker.permissions import Permission, refuse_old_proof, requires
from aidtracker.receipts.actions import once
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import translated
from aidtracker.web.paging import PER_PAGE, Page, page_number

blueprint = Blueprint("ledgers", __name__, url_prefix="/ledgers")


@blueprint.get("/")
@requires(Permission.LEDGER_EXPORT)
def list_ledgers():
    return render_template("ledgers/list_ledgers.html", ledgers=registry.visible_ledgers(current_user))


@blueprint.get("/<name>")
@requires(Permission.LEDGER_EXPORT)
def show_ledger(name):
    return page_of(registry.visible_ledger(current_user, name), ExportForm(), request.args)


@blueprint.post("/<name>/export")
@requires(Permission.LEDGER_EXPORT)
def export_ledger(name):
    ledger, form = registry.visible_ledger(current_user, name), ExportForm()
    asked = {"name": name, "given": {each.name: request.form.get(each.name, "") for each in ledger.filters}}
    asked |= {"county": request.form.get("county"), "org_id": number_or_none(request.form.get("org"))}
    if not form.submitted():
        flash(_("没有导出：页面停留太久。请再点一次「导出 Excel」。"), "warn")
        return redirect(url_for("ledgers.show_ledger", name=name), 303)
    if form.is_whole.data:
        refuse_old_proof()
    asked |= {"format": form.format.data, "is_whole": form.is_whole.data, "reason": form.reason.data or ""}

    def start():
        return {"job": actions.export_ledger(**asked, by=current_user).uid}

    try:
        receipt = once(by=current_user, key=form.key.data, kind="ledgers.export_ledger", body=asked, do=start)
    except Refused as refused:
        if refused.status != 400:
            raise
        form.refuse(refused)
        return page_of(ledger, form, request.form)
    return redirect(url_for("jobs.show_job", uid=receipt.result["job"]), 303)


def page_of(ledger: Ledger, form: ExportForm, asked):
    """`asked` are the address's or the form's own values: filters, place and page."""
    today, counties = today_in_china(), counties_for(current_user)
    scope = scope_for(ledger, current_user, county_to_show(counties, asked.get("county")), number_or_none(asked.get("org")))
    ledger = with_own_columns(ledger, scope)
    above = places_above(scope, current_user, Permission.LEDGER_EXPORT)
    about = {"ledger": ledger, "scope": scope, "form": form, "counties": counties, "above": above, "below": below(scope)}
    about |= {"today": today, "terms": terms_to_choose(scope), "may_reveal": may_reveal(current_user, scope) and revealed_fields(ledger)}
    try:
        values = read_filters(ledger.filters, asked, today)
    except Refused as refused:
        wrong = translated(refused)
        return render_template("ledgers/show_ledger.html", wrong=wrong, given=asked, page=None, **about), refused.status
    reading = Reading(scope, values, reader_id=current_user.id, may_see_addresses=may_reveal(current_user, scope), hidden_tags=hidden_tags(current_user, scope), today=today)
    total, number, lines = window(ledger, reading, page_number(), PER_PAGE)
    about["sealed"] = hidden_count(current_user, Permission.CASE_BREAK) if ledger.is_of_cases and current_user.may(Permission.CASE_BREAK) else 0
    page, given = Page(lines, number, PER_PAGE, total), typed(ledger.filters, values)
    return render_template("ledgers/show_ledger.html", page=page, given=given, shown=shown, **about), form.status


def below(scope) -> list:
    """Townships of a county, schools of a township: where the reader may go down to."""
    if not scope.is_whole or scope.place.kind == "school":
        return []
    return [org for org in children_of(scope.place) if org.kind in ("township", "school")]
