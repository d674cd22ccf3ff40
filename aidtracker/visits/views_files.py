"""Photos and signatures of a visit: sent to whoever may see the visit, added and removed."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attachments.keeping import SMALL, WHOLE, opened
from aidtracker.attachments.models import SIGNATURE
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_students
from aidtracker.visits import actions_files
from aidtracker.visits.evidence import made_ready, most_photos
from aidtracker.visits.forms import AddFilesForm
from aidtracker.visits.models import Visit
from aidtracker.visits.queries import may_edit, pupils_of, visible_visit
from aidtracker.visits.queries_files import file_of, files_of, may_remove
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.downloads import picture
from aidtracker.web.forms import ConfirmForm

P = Permission


@blueprint.get("/visits/<int:visit_id>/files/<int:file_id>")
@requires(P.VISIT_VIEW)
def fetch_file(visit_id, file_id):
    """The photo at its full size; each opening is on record."""
    visit, file = file_in_reach(visit_id, file_id)
    content = opened(file, WHOLE)
    actions_files.view_file(visit=visit, file=file, by=current_user)
    return picture(content, f"{file.kind}-{file.uid[:8]}.jpg")


@blueprint.get("/visits/<int:visit_id>/files/<int:file_id>/small")
@requires(P.VISIT_VIEW)
def fetch_small(visit_id, file_id):
    """For the page of the visit, whose pupils it shows: a look at them."""
    visit, file = file_in_reach(visit_id, file_id)
    view_students(ids=pupils_of(visit, current_user).ids, by=current_user)
    return picture(opened(file, SMALL), f"{file.kind}-{file.uid[:8]}-small.jpg")


def file_in_reach(visit_id: int, file_id: int):
    visit = visible_visit(current_user, visit_id)
    return visit, file_of(visit, file_id)


@blueprint.route("/visits/<int:visit_id>/files/new", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def add_files(visit_id):
    visit = visible_visit(current_user, visit_id)
    if not may_edit(current_user, visit):
        raise Forbidden("只有记录人、学校管理员或上级能修改这条家访。")
    pupils = pupils_of(visit, current_user)
    view_students(ids=pupils.ids, by=current_user)
    form, stands = AddFilesForm(revision=visit.revision), files_of(visit)
    if form.submitted():
        try:
            return add(form, visit)
        except Refused as refused:
            form.refuse(refused)
    kinds = [file.kind for file in stands]
    room = max(0, most_photos(visit.county_id) - len(kinds) + kinds.count(SIGNATURE))
    context = {"most_photos": room, "is_signed": SIGNATURE in kinds}
    return render_template("visits/add_files.html", form=form, visit=visit, pupils=pupils, **context), form.status


def add(form: AddFilesForm, visit: Visit):
    evidence = form.evidence()
    files = made_ready(evidence, visit.county_id)

    def do():
        actions_files.add_files(visit=visit, revision=form.base, files=files, by=current_user)

    body = {"visit": visit.id, "revision": form.base, "files": evidence.digests}
    once(by=current_user, key=form.key.data, kind="visits.add_files", body=body, do=do)
    flash(_("已保存。"), "ok")
    return redirect(url_for("visits.show_visit", visit_id=visit.id), 303)


@blueprint.route("/visits/<int:visit_id>/files/<int:file_id>/remove", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def remove_file(visit_id, file_id):
    """Asked once more before: it cannot be brought back."""
    visit, file = file_in_reach(visit_id, file_id)
    if not may_remove(current_user, visit):
        raise Forbidden("照片由记录人在核实前删除，核实后由乡镇专干或教育局删除。")
    view_students(ids=pupils_of(visit, current_user).ids, by=current_user)
    form = ConfirmForm()
    if form.submitted():
        try:
            return remove(form, visit, file)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/remove_file.html", form=form, visit=visit, file=file), form.status


def remove(form: ConfirmForm, visit: Visit, file):
    body = {"visit": visit.id, "file": file.id}

    def do():
        actions_files.remove_file(visit=visit, file=file, by=current_user)

    once(by=current_user, key=form.key.data, kind="visits.remove_file", body=body, do=do)
    flash(_("已删除，不能恢复。"), "ok")
    return redirect(url_for("visits.show_visit", visit_id=visit.id), 303)
