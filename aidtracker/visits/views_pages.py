"""家访记录表 and 送教上门记录表: one visit or those of a list, as A4 pages to print and as a workbook."""

import io

from flask import render_template, request, send_file, url_for
from flask_login import current_user

from aidtracker.audit.anchors import short_anchor
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Refused
from aidtracker.excel.boxes import Page, write_pages
from aidtracker.excel.tables import Table
from aidtracker.excel.writer import write_table
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_students
from aidtracker.visits.actions_exporting import export_form, export_forms
from aidtracker.visits.forms import FilterForm
from aidtracker.visits.listing import Filters, filtered_visits
from aidtracker.visits.models import Visit
from aidtracker.visits.queries import pupils_of, visible_visit
from aidtracker.visits.queries_pages import MOST, pages_of
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.downloads import XLSX
from aidtracker.web.filters import local
from aidtracker.web.qr_codes import modules, qr_code

P = Permission
NOTHING = "没有可下载的记录表。请返回列表，改一改筛选条件。"
NARROWED = ("township", "school", "room", "form", "purpose", "state", "from", "to")  # by what of the list's filters


@blueprint.get("/visits/<int:visit_id>/page")
@requires(P.VISIT_VIEW)
def show_page(visit_id):
    visit, user = visible_visit(current_user, visit_id), current_user._get_current_object()
    view_students(ids=pupils_of(visit, user).ids, by=user)
    shown = {"back_url": url_for(".show_visit", visit_id=visit.id), "workbook": url_for(".fetch_page", visit_id=visit.id)}
    return render_template("visits/show_pages.html", pages=pages_of([visit], user), codes={}, is_cut=False, **shown)


@blueprint.get("/visits/<int:visit_id>/page.xlsx")
@requires(P.VISIT_VIEW)
def fetch_page(visit_id):
    visit, user = visible_visit(current_user, visit_id), current_user._get_current_object()
    export_form(visit=visit, by=user)
    pages = pages_of([visit], user)
    return as_pages(pages, f"{pages[0].title}_{visit.on.isoformat()}.xlsx")


@blueprint.get("/visits/pages")
@requires(P.VISIT_VIEW)
def show_pages():
    """By the filters of the list: of a class, a school, from a day to a day."""
    visits, place, is_cut = asked_for()
    filters = {name: value for name, value in request.args.items() if name in NARROWED}
    shown = {"back_url": url_for(".list_visits", **filters), "workbook": url_for(".fetch_pages", **filters), "is_cut": is_cut}
    return render_template("visits/show_pages.html", pages=pages_told(visits, place, "page"), codes={}, **shown)


@blueprint.get("/visits/pages.xlsx")
@requires(P.VISIT_VIEW)
def fetch_pages():
    visits, place, _is_cut = asked_for()
    if not visits:
        raise Refused(NOTHING)
    name = f"{place.name if place else ''}_家访记录表_{today_in_china().isoformat()}.xlsx"
    return as_pages(pages_told(visits, place, "page_book"), name.lstrip("_"))


def asked_for() -> tuple[list[Visit], object, bool]:
    """(visits by day, the place, whether there are more than one print takes)."""
    form = FilterForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.VISIT_VIEW, form.places())
    form.offer_places(places)
    chosen = {name: form.chosen(name) for name in ("form", "purpose", "state")}
    filters = Filters(place=places.place, first=form.first.data, last=form.last.data, **chosen)
    found = list(filtered_visits(current_user, filters).order_by(Visit.on, Visit.id).limit(MOST + 1))
    return found[:MOST], places.place, len(found) > MOST


def pages_told(visits: list[Visit], org, what: str) -> list[Page]:
    user = current_user._get_current_object()
    export_forms(what=what, org=org, count=len(visits), by=user)
    return pages_of(visits, user)


def qr_of_page(page: Page):
    return qr_code(page.address)


def as_pages(pages: list[Page], name: str):
    if not pages:
        raise Refused(NOTHING)
    book = io.BytesIO()
    write_pages(pages, book, watermark=taken_by(), qr=modules)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=name)


def as_workbook(table: Table, name: str):
    book = io.BytesIO()
    write_table(table, book, watermark=taken_by())
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=name.lstrip("_"))


def taken_by() -> str:
    return f"{current_user.name}（{current_user.username}）{local(utcnow()):%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用。"
