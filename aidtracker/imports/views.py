"""Bringing in a workbook: upload, check, review, commit."""

import io

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.excel.writer import write_blank
from aidtracker.imports import actions
from aidtracker.imports.forms import ListUploadForm, RosterUploadForm, UploadForm
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.imports.queries import kinds_of, message_of, visible_import, visible_imports
from aidtracker.jobs.actions import is_fetchable
from aidtracker.jobs.queries import job_or_none
from aidtracker.orgs.grades import school_year_of
from aidtracker.permissions import Permission, refuse_old_proof, requires
from aidtracker.receipts.actions import once
from aidtracker.terms.calendar import school_year_label
from aidtracker.web.downloads import XLSX
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import page_number, paginate

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
PROBLEMS_A_PAGE = 50


@blueprint.get("/")
@requires(Permission.IMPORT_RUN)
def list_imports():
    page = paginate(visible_imports(current_user))
    return render_template("imports/list_imports.html", kinds=kinds_of(current_user), page=page, KINDS=KINDS)


@blueprint.get("/<kind>/blank")
@requires(Permission.IMPORT_RUN)
def fetch_blank(kind):
    found = kind_or_404(kind)
    book = io.BytesIO()
    write_blank(list(found.specs), found.label, book)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=f"{found.label}_空白表.xlsx")


@blueprint.route("/<kind>/upload", methods=["GET", "POST"])
@requires(Permission.IMPORT_RUN)
def upload_workbook(kind):
    found = kind_or_404(kind)
    form = upload_form(found)
    if form.submitted():
        try:
            return redirect(url_for(".show_import", uid=keep(found, form)), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("imports/upload_workbook.html", form=form, kind=found, today=today_in_china()), form.status


def upload_form(kind) -> UploadForm:
    if kind.asks_dated:
        return ListUploadForm()
    if not kind.asks_school_year:
        return UploadForm()
    form = RosterUploadForm()
    this_year = school_year_of(today_in_china())
    form.school_year.choices = [(y, school_year_label(y)) for y in range(this_year, this_year - 9, -1)]
    return form


def keep(kind, form) -> str:
    """The uid of the stored file; the same page sent twice keeps it once."""
    year = form.school_year.data if kind.asks_school_year else None
    dated = form.dated.data if kind.asks_dated else None
    kept = actions.keep_upload(form.file.data.stream, form.file.data.filename)
    try:
        receipt = once(
            by=current_user,
            key=form.key.data,
            kind="imports.upload_workbook",
            body={"kind": kind.name, "file": kept.sha256, "school_year": year} | ({"dated": dated} if dated else {}),
            do=lambda: actions.upload_workbook(kind=kind.name, kept=kept, school_year=year, dated=dated, by=current_user).uid,
        )
    except Refused:
        actions.drop_upload(kept)
        raise
    if receipt.result != kept.uid:
        actions.drop_upload(kept)
    return receipt.result


@blueprint.get("/<string(length=32):uid>")
@requires(Permission.IMPORT_RUN)
def show_import(uid):
    job = job_or_none(visible_import(current_user, uid).job_uid, current_user.id)
    file = visible_import(current_user, uid)  # after its job: one that has just ended has left its state here
    return render_template(
        "imports/show_import.html",
        file=file,
        kind=KINDS[file.kind],
        job=job,
        is_waiting=job is not None and not job.is_over,
        has_file=job is not None and is_fetchable(job, current_user),
        form=ConfirmForm(),
        message=message_of(file),
        **problems_page(file),
        is_fetchable=lambda job: is_fetchable(job, current_user),
    )


def problems_page(file: ImportFile) -> dict:
    problems = (file.outcome or {}).get("problems", [])
    pages = max(1, -(-len(problems) // PROBLEMS_A_PAGE))
    number = min(page_number(), pages)
    first = (number - 1) * PROBLEMS_A_PAGE
    return {"problems": problems[first : first + PROBLEMS_A_PAGE], "number": number, "pages": pages}


@blueprint.post("/<string(length=32):uid>/commit")
@requires(Permission.IMPORT_RUN)
def commit_import(uid):
    if KINDS[visible_import(current_user, uid).kind].asks_proof:
        refuse_old_proof()
    return decide(uid, actions.commit_import)


@blueprint.post("/<string(length=32):uid>/discard")
@requires(Permission.IMPORT_RUN)
def discard_import(uid):
    return decide(uid, actions.discard_import)


def decide(uid: str, action):
    file, form = visible_import(current_user, uid), ConfirmForm()
    if not form.submitted():
        abort(400)
    try:
        receipt = once(
            by=current_user,
            key=form.key.data,
            kind=f"imports.{action.__name__}",
            body={"uid": uid},
            do=lambda: action(file=file, by=current_user),
        )
        flash(_("已提交，回执号 %(number)s。", number=receipt.number), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".show_import", uid=uid), 303)


def kind_or_404(name: str):
    if name not in KINDS:
        abort(404)
    if not current_user.may(KINDS[name].permission):
        abort(403)
    return KINDS[name]
