"""Paper forms: what was printed, printing more for a class, the sheets themselves, and the way from a sheet's code to the visit's form."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_students
from aidtracker.visits import actions_papers
from aidtracker.visits.actions_exporting import export_forms
from aidtracker.visits.forms_papers import FindPaperForm, PapersForm, PrintPapersForm
from aidtracker.visits.models_papers import PAPER_FORMS, PaperBatch
from aidtracker.visits.paper_codes import shown_code, typed_code
from aidtracker.visits.queries import may_see
from aidtracker.visits.queries_pages import blank_pages
from aidtracker.visits.queries_papers import (
    batch_lines,
    papers_of,
    pupils_to_print,
    visible_batch,
    visible_batches,
    visible_class_to_print,
    visible_paper,
)
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.visits.views_pages import as_pages, qr_of_page
from aidtracker.web.paging import paginate

P = Permission


@blueprint.record_once
def words_of_papers(state):
    state.app.jinja_env.globals.update({"PAPER_FORMS": PAPER_FORMS, "shown_code": shown_code})


@blueprint.get("/visits/papers")
@requires(P.VISIT_RECORD)
def list_papers():
    """What was printed, newest first; of one class, and printing more for it, once a class is chosen."""
    form = PapersForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.VISIT_RECORD, form.places())
    form.offer_places(places)
    batches = visible_batches(current_user, places.place)
    page = paginate(batch_lines(batches), total=batches.count())
    rooms = places.offered["room"]
    room = places.place if places.place is not None and places.place.kind == "class" else None
    if room is None and len(rooms) == 1:
        room = visible_class_to_print(current_user, rooms[0][0])
    shown = {"form": form, "page": page, "room": room, "chosen": form.words_of("township", "school", "room"), "find": FindPaperForm()}
    return render_template("visits/list_papers.html", **shown)


@blueprint.route("/visits/papers/search", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def search_papers():
    """A code that was typed, or what a scanner put into the field."""
    form = FindPaperForm()
    if form.submitted():
        code = typed_code(form.paper_code.data)
        try:
            visible_paper(current_user, code)
            return redirect(url_for(".open_paper", code=code), 303)
        except NotFound:
            form.refuse(Refused("没有这个编号的纸质表，或者表上的学生不在你的范围内。请核对表右上角的编号。"))
    return render_template("visits/search_papers.html", form=form), form.status


@blueprint.get("/visits/papers/<string:code>")
@requires(P.VISIT_VIEW)
def open_paper(code):
    """What the QR of a sheet leads to: the form for its pupil, or what was typed in from it."""
    paper = visible_paper(current_user, code)
    if paper.visit_id is None:
        target = ".record_tutoring" if paper.batch.form == "tutoring" else ".record_visit"
        return redirect(url_for(target, student_id=paper.student_id, paper=paper.code), 302)
    view_students(ids=[paper.student_id], by=current_user)
    return render_template("visits/open_paper.html", paper=paper, visit=paper.visit if may_see(current_user, paper.visit_id) else None)


@blueprint.route("/visits/papers/new/<int:class_id>", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def print_papers(class_id):
    room = visible_class_to_print(current_user, class_id)
    form = PrintPapersForm(kind=request.args.get("kind", "visit"))
    offered = pupils_to_print(room, form.paper_form)
    form.pupils.choices = offered
    if not form.is_submitted():
        form.pupils.data = [id_ for id_, _name in offered]
    if form.submitted():
        try:
            asked = {"form": form.paper_form, "student_ids": form.pupils.data}
            do = lambda: actions_papers.print_papers(class_org=room, **asked, by=current_user).id  # noqa: E731
            receipt = once(by=current_user, key=form.key.data, kind="visits.print_papers", body={"room": room.id, **asked}, do=do)
            flash(_("已生成。请打印，或下载工作簿。"), "ok")
            return redirect(url_for(".show_papers", batch_id=receipt.result), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/print_papers.html", form=form, room=room, kind=form.paper_form, is_empty=not offered), form.status


@blueprint.get("/visits/papers/batches/<int:batch_id>")
@requires(P.VISIT_RECORD)
def show_papers(batch_id):
    """The sheets of one printing: which of them were typed in."""
    batch = visible_batch(current_user, batch_id)
    lines = papers_of(batch, current_user)
    return render_template("visits/show_papers.html", batch=batch, lines=lines, used=sum(line.visit_id is not None for line in lines))


@blueprint.get("/visits/papers/batches/<int:batch_id>/sheets")
@requires(P.VISIT_RECORD)
def show_sheets(batch_id):
    """The blank forms, a page each, to print."""
    batch = visible_batch(current_user, batch_id)
    pages = pages_to_print(batch, "paper")
    codes = {page.code: qr_of_page(page) for page in pages}
    return render_template("visits/show_pages.html", pages=pages, codes=codes, back_url=url_for(".show_papers", batch_id=batch.id), workbook=url_for(".fetch_sheets", batch_id=batch.id), is_cut=False)


@blueprint.get("/visits/papers/batches/<int:batch_id>/sheets.xlsx")
@requires(P.VISIT_RECORD)
def fetch_sheets(batch_id):
    batch = visible_batch(current_user, batch_id)
    return as_pages(pages_to_print(batch, "paper_book"), f"{batch.class_org.name}_空白{PAPER_FORMS[batch.form]}_{today_in_china().isoformat()}.xlsx")


def pages_to_print(batch: PaperBatch, what: str):
    pages = blank_pages(batch, current_user, lambda code: url_for(".open_paper", code=code, _external=True))
    export_forms(what=what, org=batch.class_org, count=len(pages), by=current_user)
    return pages
