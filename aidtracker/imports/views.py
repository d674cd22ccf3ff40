"""Bringing in workbooks: upload, check, review, commit, undo."""

import io

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.census.list_kinds import visible_list_kind, visible_list_kinds
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.excel.writer import write_blank
from aidtracker.imports import actions, actions_choosing, actions_mapping, actions_undoing
from aidtracker.imports.actions_undoing import UNDO
from aidtracker.imports.forms import ListUploadForm, OwnListUploadForm, RosterUploadForm, UploadForm, choices_form, headings_form
from aidtracker.imports.kinds import KINDS
from aidtracker.imports.models import ImportFile
from aidtracker.imports.queries import batch_of, imports_below, kinds_of, meant_by, message_of, sent_before, visible_import, visible_imports
from aidtracker.jobs.actions import is_fetchable
from aidtracker.jobs.queries import job_or_none
from aidtracker.orgs.grades import school_year_of
from aidtracker.permissions import Permission, refuse_old_proof, requires
from aidtracker.phrases import unpacked
from aidtracker.receipts.actions import once
from aidtracker.terms.calendar import school_year_label
from aidtracker.web.downloads import XLSX
from aidtracker.web.forms import ConfirmForm, translated
from aidtracker.web.paging import page_number, paginate

blueprint = Blueprint("imports", __name__, url_prefix="/imports")
PROBLEMS_A_PAGE = 50
GROUPS = {"new": _l("新增"), "changed": _l("修改"), "likely": _l("疑似重复"), "missing": _l("文件里没有的学生")}


@blueprint.get("/")
@requires(Permission.IMPORT_SEND)
def list_imports():
    page = paginate(visible_imports(current_user))
    return render_template("imports/list_imports.html", kinds=kinds_of(current_user), page=page, KINDS=KINDS, sees_history=current_user.may(Permission.IMPORT_RUN))


@blueprint.get("/history")
@requires(Permission.IMPORT_RUN)
def list_history():
    """Every file that was brought in at or below the reader's places: who, when, what came of it, and its hash."""
    page = paginate(imports_below(current_user))
    return render_template("imports/list_history.html", page=page, KINDS=KINDS)


@blueprint.get("/<kind>/blank")
@requires(Permission.IMPORT_SEND)
def fetch_blank(kind):
    found = kind_or_404(kind)
    if found.start:
        return redirect(url_for(found.start))
    book = io.BytesIO()
    write_blank(list(found.sheets()), found.label, book)
    book.seek(0)
    return send_file(book, XLSX, as_attachment=True, download_name=f"{found.label}_空白表.xlsx")


@blueprint.route("/<kind>/upload", methods=["GET", "POST"])
@requires(Permission.IMPORT_SEND)
def upload_workbook(kind):
    found = kind_or_404(kind)
    form = upload_form(found)
    if form.submitted():
        try:
            file = keep(found, form)
            return redirect(url_for(".show_batch" if file.batch_uid else ".show_import", uid=file.uid), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("imports/upload_workbook.html", form=form, kind=found, today=today_in_china()), form.status


def upload_form(kind) -> UploadForm:
    if kind.asks_list:
        form = OwnListUploadForm()
        form.list_kind.choices = [(one.id, one.label) for one in visible_list_kinds(current_user)]
        return form
    if kind.asks_dated:
        return ListUploadForm()
    if not kind.asks_school_year:
        return UploadForm()
    form = RosterUploadForm()
    this_year = school_year_of(today_in_china())
    form.school_year.choices = [(y, school_year_label(y)) for y in range(this_year, this_year - 9, -1)]
    return form


def keep(kind, form) -> ImportFile:
    """The stored file, the first of several; the same page sent twice keeps them once."""
    year = form.school_year.data if kind.asks_school_year else None
    dated = form.dated.data if kind.asks_dated else None
    list_kind = visible_list_kind(current_user, form.list_kind.data) if kind.asks_list else None
    kept: list[actions.Kept] = []
    try:
        kept += [actions.keep_upload(each.stream, each.filename) for each in form.file.data]
        receipt = once(
            by=current_user,
            key=form.key.data,
            kind="imports.upload_workbook",
            body={"kind": kind.name, "file": [each.sha256 for each in kept], "school_year": year} | ({"dated": dated} if dated else {}) | ({"list": list_kind.uid} if list_kind else {}),
            do=lambda: actions.upload_workbooks(kind=kind.name, kept=kept, school_year=year, dated=dated, list_kind=list_kind, by=current_user)[0].uid,
        )
    except Refused:
        drop(kept)
        raise
    if receipt.result != kept[0].uid:
        drop(kept)
    return visible_import(current_user, receipt.result)


def drop(kept) -> None:
    for each in kept:
        actions.drop_upload(each)


@blueprint.get("/<string(length=32):uid>")
@requires(Permission.IMPORT_SEND)
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
        before=sent_before(file) if file.state == "checked" else None,
        UNDO=UNDO,
        **shown_group(file),
    )


def shown_group(file: ImportFile) -> dict:
    """The rows of one tab, a page of them: problems, or who is new, changed, likely there already, or not in the file."""
    outcome = file.outcome or {}
    preview = outcome.get("preview", {})
    tabs = {"": outcome.get("problems_in_all", 0), **{name: preview[name]["count"] for name in GROUPS if name in preview}}
    asked = request.args.get("group", "")
    group = asked if asked in tabs else ""
    rows = preview[group]["rows"] if group else [one | {"message": unpacked(one.get("said") or {"text": one["message"]})} for one in outcome.get("problems", [])]
    pages = max(1, -(-len(rows) // PROBLEMS_A_PAGE))
    number = min(page_number(), pages)
    first = (number - 1) * PROBLEMS_A_PAGE
    return {"tabs": tabs, "group": group, "rows": rows[first : first + PROBLEMS_A_PAGE], "kept": len(rows), "number": number, "pages": pages, "GROUPS": GROUPS}


@blueprint.post("/<string(length=32):uid>/commit")
@requires(Permission.IMPORT_SEND)
def commit_import(uid):
    if KINDS[visible_import(current_user, uid).kind].asks_proof:
        refuse_old_proof()
    return decide(uid, actions.commit_import)


@blueprint.post("/<string(length=32):uid>/discard")
@requires(Permission.IMPORT_SEND)
def discard_import(uid):
    return decide(uid, actions.discard_import)


@blueprint.post("/<string(length=32):uid>/undo")
@requires(Permission.IMPORT_SEND)
def undo_import(uid):
    return decide(uid, actions_undoing.undo_import)


@blueprint.get("/<string(length=32):uid>/batch")
@requires(Permission.IMPORT_SEND)
def show_batch(uid):
    """Several files that were sent together, each with its own result."""
    files = batch_of(current_user, visible_import(current_user, uid))
    jobs = {file.uid: job_or_none(file.job_uid, current_user.id) for file in files}
    waiting = [file for file in files if jobs[file.uid] is not None and not jobs[file.uid].is_over]
    ready = [file for file in files if file.state == "checked" and file not in waiting and file.outcome["created"] + file.outcome["updated"]]
    values = {"files": files, "waiting": waiting, "ready": ready, "kind": KINDS[files[0].kind], "form": ConfirmForm(), "first": uid}
    return render_template("imports/show_batch.html", **values)


@blueprint.post("/<string(length=32):uid>/batch/commit")
@requires(Permission.IMPORT_SEND)
def commit_batch(uid):
    file, form = visible_import(current_user, uid), ConfirmForm()
    if not form.submitted():
        abort(400)
    if KINDS[file.kind].asks_proof:
        refuse_old_proof()
    try:
        do = lambda: actions.commit_batch(files=batch_of(current_user, file), by=current_user)  # noqa: E731
        receipt = once(by=current_user, key=form.key.data, kind="imports.commit_batch", body={"uid": uid}, do=do)
        flash(_("已提交 %(n)s 个文件，回执号 %(number)s。", n=receipt.result, number=receipt.number), "ok")
    except Refused as refused:
        flash(translated(refused), "bad")
    return redirect(url_for(".show_batch", uid=uid), 303)


@blueprint.route("/<string(length=32):uid>/headings", methods=["GET", "POST"])
@requires(Permission.IMPORT_SEND)
def set_headings(uid):
    """Which of our columns the sender's own headings mean; remembered for the next file."""
    file = visible_import(current_user, uid)
    found = (file.outcome or {}).get("headings", {})
    headings, kind = list(found.get("unknown", [])), KINDS[file.kind]
    if file.state not in ("failed", "checked") or not headings:
        return redirect(url_for(".show_import", uid=uid), 303)
    columns = [(column.key, column.heading) for spec in kind.sheets() for column in spec.columns]
    form = headings_form(headings, columns, meant_by(current_user, file.kind))
    if form.submitted():
        try:
            meant = {heading: form[f"heading-{n}"].data for n, heading in enumerate(headings)}
            do = lambda: actions_mapping.set_headings(file=file, meant=meant, by=current_user)  # noqa: E731
            once(by=current_user, key=form.key.data, kind="imports.set_headings", body={"uid": uid, "meant": meant}, do=do)
            return redirect(url_for(".show_import", uid=uid), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("imports/set_headings.html", form=form, file=file, kind=kind, lacking=found.get("lacking", [])), form.status


@blueprint.route("/<string(length=32):uid>/choices", methods=["GET", "POST"])
@requires(Permission.IMPORT_SEND)
def set_choices(uid):
    """Where somebody else wrote meanwhile: whose mark holds, line by line. The file is then checked again."""
    file = visible_import(current_user, uid)
    conflicts = (file.outcome or {}).get("conflicts", [])
    if file.state != "checked" or not conflicts:
        return redirect(url_for(".show_import", uid=uid), 303)
    form = choices_form(conflicts)
    if form.submitted():
        try:
            chosen = {one["key"]: f"{form[f'line-{n}'].data}|{one['shown']}" for n, one in enumerate(conflicts) if form[f"line-{n}"].data}
            do = lambda: actions_choosing.set_choices(file=file, chosen=chosen, by=current_user)  # noqa: E731
            once(by=current_user, key=form.key.data, kind="imports.set_choices", body={"uid": uid, "chosen": chosen}, do=do)
            return redirect(url_for(".show_import", uid=uid), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("imports/set_choices.html", form=form, file=file, conflicts=conflicts), form.status


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
