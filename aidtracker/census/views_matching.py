"""The workbench of 四查三比对: one list against the pupils, its three results, and what is done about the children."""

import io

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.audit.anchors import short_anchor
from aidtracker.census import listing
from aidtracker.census.actions import export_matching
from aidtracker.census.comparing import COMPARISONS, Comparison, comparison_on
from aidtracker.census.list_kinds import label_of
from aidtracker.census.listing import Filters
from aidtracker.census.result_table import result_table
from aidtracker.census.views_asking import (
    address_of,
    counties_asked,
    day_asked,
    filter_words,
    filters_asked,
    kind_asked,
    list_asked,
    results_offered,
    without_number,
)
from aidtracker.census.views_blueprint import blueprint
from aidtracker.db import today_in_china, utcnow
from aidtracker.excel.writer import write_table
from aidtracker.permissions import Permission, requires
from aidtracker.students.search import is_number
from aidtracker.web.downloads import XLSX
from aidtracker.web.filters import local
from aidtracker.web.paging import Order, paginate

P = Permission
MOST = 20_000  # rows of a workbook that is made while somebody waits


@blueprint.get("/")
@requires(P.CENSUS_VIEW)
def show_matching():
    counties, county = counties_asked()
    if is_number(request.args.get("q", "")):
        return without_number()
    day, wrong = day_asked()
    name, filters, comparison = list_asked(), filters_asked(), comparison_on(county.id, kind_asked(county), day)
    page = paginate(listing.compared(current_user, comparison, name, filters))
    shown = {"name": name, "day": day, "comparison": comparison, "page": page, "rows": listing.rows_of(current_user, comparison, name, page.items), "wrong": wrong}
    shown |= {"counties": counties, "county": county, "order": Order(filters.sort, filters.is_descending), **counts_of(comparison, name, filters)}
    shown |= {"results": results_offered(), "may_work": current_user.may(P.CASE_WORK), "may_register": current_user.may(P.STUDENT_EDIT), "is_today": day == today_in_china(), "may_export": current_user.may(P.LEDGER_EXPORT)}
    shown["here"] = address_of(comparison, filters, county, name) | {"as-of": day.isoformat()}
    return render_template("census/show_matching.html", **shown, **filter_words(filters, county)), 400 if wrong else 200


@blueprint.get("/matching.xlsx")
@requires(P.LEDGER_EXPORT)
def fetch_matching():
    """What the page shows, all of it, numbers masked."""
    _counties, county = counties_asked()
    day, wrong = day_asked()
    name, filters, comparison = list_asked(), filters_asked(), comparison_on(county.id, kind_asked(county), day)
    if wrong or comparison.snapshot is None:
        abort(404)
    count = listing.asked_for(current_user, comparison, name, filters).count()
    if count > MOST:
        flash(_("共 %(n)s 人，一次最多导出 %(most)s 人。请先按乡镇筛选。", n=f"{count:,}", most=f"{MOST:,}"), "bad")
        return redirect(url_for("census.show_matching", **address_of(comparison, filters, county, name)), 303)
    export_matching(comparison=comparison, name=name, count=count, by=current_user)
    book, table = io.BytesIO(), result_table(current_user, comparison, name, filters, county.name)
    write_table(table, book, watermark=watermark(current_user))
    book.seek(0)
    file_name = f"{county.name}_{label_of(comparison.kind)}_{COMPARISONS[name]}_{day.isoformat()}.xlsx"
    return send_file(book, XLSX, as_attachment=True, download_name=file_name)


def watermark(user) -> str:
    return f"{user.name}（{user.username}）{local(utcnow()):%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用。"


def counts_of(comparison: Comparison, name: str, filters: Filters) -> dict:
    """What stands behind the tabs."""
    if comparison.snapshot is None:
        return {"by_state": {}, "by_change": {}}
    asks_state = name == "not_enrolled" and filters.change != "resolved"
    by_state = listing.counts_by_state(current_user, comparison, filters) if asks_state else {}
    return {"by_state": by_state, "by_change": listing.counts_by_change(current_user, comparison, name, filters)}
