"""Pages of reports: the list of them, one with its filters, cards, charts and table, and the way to its workbook."""

from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.aid.queries import terms_of
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.queries import counties_of
from aidtracker.orgs.scopes import county_to_show, places_above
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.reports import actions, registry
from aidtracker.reports.options import read_options, typed
from aidtracker.reports.ranges import ranges_of, school_years
from aidtracker.reports.report import Report
from aidtracker.terms.calendar import Term, term, term_of
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.language import said
from aidtracker.web.paging import url_with

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
LISTED = 20  # rows of a list of names under the figures


@blueprint.get("/")
@requires(Permission.REPORT_VIEW)
def list_reports():
    return render_template("reports/list_reports.html", reports=registry.visible_reports(current_user))


@blueprint.get("/<name>")
@requires(Permission.REPORT_VIEW)
def show_report(name):
    report = registry.visible_report(current_user, name)
    today = today_in_china()
    counties = counties_of(current_user, report.permission)
    scope = registry.scope_for(report, current_user, county_to_show(counties, request.args.get("county")), org_id())
    above = places_above(scope, current_user, Permission.REPORT_VIEW)
    shown = {"report": report, "scope": scope, "counties": counties, "above": above, "today": today}
    shown |= {"ranges": ranges_of(today), "years": school_years(today), "terms": terms_to_choose(scope.county.id, today)}
    try:
        values = read_options(report.options, request.args, today)
    except Refused as refused:
        return render_template("reports/show_report.html", wrong=translated(refused), given=request.args, **shown), refused.status
    figures = report.sums(scope, **values)
    tables = report.tables(figures)
    lists = report.lists(current_user, scope, figures, None if request.args.get("people") == "all" else LISTED) if report.lists else []
    leads = partial(below, report)
    parts = {"lists": lists, "cards": report.cards(figures), "charts": report.charts(figures, leads, said), "tables": tables}
    links = [[leads(row) for row in figures[name]] for name in report.lines]
    shown["may_import"] = current_user.may(Permission.IMPORT_RUN)
    may_export = scope.is_covered_by(current_user.scopes(Permission.REPORT_EXPORT))
    given = typed(report.options, values)
    return render_template("reports/show_report.html", given=given, figures=figures, links=links, may_export=may_export, **parts, **shown)


@blueprint.post("/<name>/export")
@requires(Permission.REPORT_EXPORT)
def export_report(name):
    report = registry.visible_report(current_user, name)
    asked = {"name": name, "given": {o.name: request.form.get(o.name, "") for o in report.options}, "org_id": org_id(request.form)}
    asked["county"] = request.form.get("county")
    form = ConfirmForm()  # what is asked stands in hidden fields that read_options() reads
    if not form.submitted():
        flash(_("没有导出：页面停留太久。请再点一次「导出 Excel」。"), "warn")
        return redirect(url_for("reports.show_report", name=name), 303)

    def start():
        return {"job": actions.export_report(**asked, by=current_user).uid}

    receipt = once(by=current_user, key=form.key.data, kind="reports.export_report", body=asked, do=start)
    return redirect(url_for("jobs.show_job", uid=receipt.result["job"]), 303)


def terms_to_choose(county_id: int, today) -> list[Term]:
    """Those that have batches of aid, and the present one; the newest first."""
    codes = {*terms_of([county_id]), term_of(today).code}
    return sorted((term(code) for code in codes), key=lambda one: one.starts_on, reverse=True)


def org_id(values=None) -> int | None:
    """?org=, the place that the reader went down to."""
    return number_or_none((request.args if values is None else values).get("org"))


def below(report: Report, row: dict) -> str:
    """Where a line of a table leads: the same report of that township or school, the batches of that program, the page of that
    class to those who see pupils."""
    if row["kind"] == "program" and current_user.may(Permission.AID_VIEW):
        return url_for("aid.list_batches", term=row["term"], program=row["id"])
    sees_rolls = current_user.may(Permission.ROLL_VIEW) and current_user.may(Permission.STUDENT_VIEW)
    if row["kind"] == "class" and sees_rolls:
        return url_for(report.class_page, **{"class_id" if report.class_page.startswith("attendance") else "room": row["id"]})
    return url_with(org=row["id"], county=None, people=None) if row["kind"] in ("township", "school") and row["id"] else ""
