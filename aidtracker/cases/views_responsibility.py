"""Pages of 包保: who answers for whom, naming and ending it, and a person's own children."""

import io

from flask import flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.audit.anchors import short_anchor
from aidtracker.cases import actions_responsibility as acts
from aidtracker.cases import responsibles
from aidtracker.cases.caseload import caseload_of, reminder_of
from aidtracker.cases.counting import counts_of
from aidtracker.cases.forms_responsibility import TABS, EndResponsibilityForm, ResponsibilityForm, ResponsibilityListForm
from aidtracker.cases.models_responsibility import KINDS, Responsibility
from aidtracker.cases.queries import visible_cases
from aidtracker.cases.responsible_sheet import responsible_table
from aidtracker.cases.sealed import sealed_ids
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.db import today_in_china, utcnow
from aidtracker.errors import Refused
from aidtracker.excel.writer import write_table
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import top_orgs, visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import visible_student
from aidtracker.web.addresses import number_or_none
from aidtracker.web.downloads import XLSX
from aidtracker.web.filters import local
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate

P = Permission
NARROWED = ("tab", *ResponsibilityListForm.PLACES)  # by what of the list's filters
MOST = 20_000  # lines of a workbook


@blueprint.get("/responsibilities")
@requires(P.CASE_VIEW)
def list_responsibilities():
    """Within a place, where one is chosen; there the next one can be named."""
    form, places, tab, rows = asked_for(P.CASE_VIEW)
    page = paginate(rows)
    context = {"form": form, "page": page, "tab": tab, "TABS": TABS, "today": today_in_china(), "to_name": places_to_name(places.place)}
    narrowed_by = {name: value for name, value in request.args.items() if name in NARROWED}
    context["workbook"] = url_for(".fetch_responsibilities", **narrowed_by) if current_user.may(P.LEDGER_EXPORT) else None
    context["editable"] = editable_of([row.id for row in page])
    return render_template("cases/list_responsibilities.html", chosen=form.words_of("township", "school", "room"), **context)


@blueprint.get("/responsibilities.xlsx")
@requires(P.LEDGER_EXPORT)
def fetch_responsibilities():
    """The same list, whole; telephones masked as on the page."""
    _form, places, _tab, rows = asked_for(P.LEDGER_EXPORT)
    place, found = places.place, list(rows.limit(MOST))
    acts.export_responsibilities(org=place, count=len(found), by=current_user)
    book = io.BytesIO()
    taken = f"{current_user.name}（{current_user.username}）{local(utcnow()):%Y-%m-%d %H:%M} 导出，审计 {short_anchor()}，仅供工作使用。"
    write_table(responsible_table(found, place.name if place else ""), book, watermark=taken)
    book.seek(0)
    name = f"{place.name if place else ''}_包保责任人_{today_in_china().isoformat()}.xlsx"
    return send_file(book, XLSX, as_attachment=True, download_name=name.lstrip("_"))


def asked_for(permission: Permission):
    """(form, places, tab, rows) of the list as its address narrows it."""
    form = ResponsibilityListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, permission, form.places())
    form.offer_places(places)
    tab = form.chosen("tab", "current")
    found = responsibles.visible_responsibilities(current_user, permission)
    if places.place is not None:
        found = responsibles.at_place(found, places.place)
    return form, places, tab, responsibles.listed(found, today_in_china() if tab == "current" else None)


def editable_of(ids: list[int]) -> set[int]:
    if not current_user.may(P.RESPONSIBILITY_EDIT):
        return set()
    found = responsibles.visible_responsibilities(current_user, P.RESPONSIBILITY_EDIT).where(Responsibility.id.in_(ids))
    return {row.id for row in found}


def places_to_name(place: Org | None) -> list[Org]:
    """The chosen place and those right below it, as far as the reader names people there; at first the reader's own."""
    tops = [place] if place is not None else top_orgs(current_user, P.RESPONSIBILITY_EDIT)
    found = (*tops, *responsibles.places_below(tops))
    return [each for each in found if each.kind in KINDS and current_user.may(P.RESPONSIBILITY_EDIT, each)]


@blueprint.route("/orgs/<int:org_id>/responsibilities/add", methods=["GET", "POST"])
@requires(P.RESPONSIBILITY_EDIT)
def add_responsibility(org_id):
    org = visible_org(current_user, org_id, P.RESPONSIBILITY_EDIT)
    return added(org, None, url_for(".list_responsibilities"))


@blueprint.route("/students/<int:student_id>/responsibilities/add", methods=["GET", "POST"])
@requires(P.RESPONSIBILITY_EDIT)
def add_child_responsibility(student_id):
    student = visible_student(current_user, student_id, P.RESPONSIBILITY_EDIT)
    view_student(student=student, by=current_user)
    return added(None, student, url_for(".show_student", student_id=student.id))


def added(org, student, way_back: str):
    form = ResponsibilityForm(starts_on=today_in_china())
    form.person.choices = [("", _("没有账号")), *((str(id_), name) for id_, name in responsibles.accounts_at(org, student))]
    if form.submitted():
        values = form.typed() | {"person": number_or_none(form.person.data)}
        body = {"org": org.id if org else None, "student": student.id if student else None, **form.typed()}

        def do():
            return {"responsibility": acts.add_responsibility(org=org, student=student, values=values, by=current_user).id}

        try:
            once(by=current_user, key=form.key.data, kind="cases.add_responsibility", body=body, do=do)
            flash(_("已保存。"), "ok")
            return redirect(way_back, 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/add_responsibility.html", form=form, org=org, student=student, way_back=way_back), form.status


@blueprint.route("/responsibilities/<int:responsibility_id>/end", methods=["GET", "POST"])
@requires(P.RESPONSIBILITY_EDIT)
def end_responsibility(responsibility_id):
    row = responsibles.visible_responsibility(current_user, responsibility_id, P.RESPONSIBILITY_EDIT)
    form = EndResponsibilityForm(ends_on=row.ends_on or today_in_china())
    if form.submitted():
        try:
            write("end_responsibility", form, row, lambda: acts.end_responsibility(responsibility=row, ends_on=form.ends_on.data, by=current_user))
            flash(_("已保存。"), "ok")
            return redirect(url_for(".list_responsibilities"), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/end_responsibility.html", form=form, row=row, withdraw=ConfirmForm(formdata=None)), form.status


@blueprint.post("/responsibilities/<int:responsibility_id>/withdraw")
@requires(P.RESPONSIBILITY_EDIT)
def withdraw_responsibility(responsibility_id):
    row, form = responsibles.visible_responsibility(current_user, responsibility_id, P.RESPONSIBILITY_EDIT), ConfirmForm()
    if form.submitted():
        try:
            write("withdraw_responsibility", form, row, lambda: acts.withdraw_responsibility(responsibility=row, by=current_user))
            flash(_("已撤销。"), "ok")
        except Refused as refused:
            flash(refused.message, "bad")
    return redirect(url_for(".list_responsibilities"), 303)


@blueprint.get("/cases/caseload")
@requires(P.CASE_CLOSE)
def show_caseload():
    """For township and bureau."""
    today = today_in_china()
    caseload = caseload_of(current_user, today)
    place = "、".join(org.name for org in top_orgs(current_user, P.CASE_CLOSE))
    told = caseload_of(current_user, today, is_for_group=True) if sealed_ids().exists() else caseload
    reminder = reminder_of(told, place, today)
    return render_template("cases/show_caseload.html", caseload=caseload, counts=counts_of(visible_cases(current_user)), reminder=reminder)


@blueprint.get("/my-children")
@requires(P.CASE_VIEW)
def list_my_children():
    today = today_in_china()
    page = paginate(responsibles.my_children(current_user, today))
    return render_template("cases/list_my_children.html", page=page, today=today, late=responsibles.my_overdue(current_user, today))


def write(verb: str, form, row: Responsibility, do) -> None:
    once(by=current_user, key=form.key.data, kind=f"cases.{verb}", body={"responsibility": row.id, **form.typed()}, do=do)

