"""Pages of transfers within the county: the list, asking from either side, one transfer and its steps."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import visible_org, visible_orgs
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students import actions_transferring as transferring
from aidtracker.students import queries_transfers as transfers
from aidtracker.students.forms_transferring import ArrivalForm, AskForPupilForm, TransferForm, TransferListForm, WordsForm
from aidtracker.students.models_moves import OPEN, STATES
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import classes_of, editable, verb_of, write
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.paging import paginate

P = Permission


@blueprint.get("/transfers")
@requires(P.MOVE_VIEW)
def list_transfers():
    form = TransferListForm(request.args, meta={"csrf": False})
    places = narrowed(current_user, P.MOVE_VIEW, form.places())
    form.offer_places(places)
    edits = current_user.may(P.STUDENT_EDIT)
    tabs = [code for code in transfers.TABS if edits or code != "confirm"]
    tab = form.chosen("tab", "confirm")
    tab = tab if tab in tabs else "arriving"
    counts = {code: transfers.transfers_in(current_user, code, places.place).count() for code in tabs}
    page = paginate(transfers.listed(transfers.transfers_in(current_user, tab, places.place), current_user), total=counts[tab])
    context = {"form": form, "page": page, "tab": tab, "counts": counts, "TABS": transfers.TABS, "STATES": STATES, "edits": edits}
    return render_template("students/list_transfers.html", chosen=form.words_of("township", "school"), **context)


@blueprint.route("/students/<int:student_id>/transfer", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def transfer_student(student_id):
    """Asked by the school that the child leaves."""
    student = editable(student_id)
    form = TransferForm(leaves_on=today_in_china())
    form.to_school.choices = transfers.schools_to_ask(student)
    if form.submitted():
        try:
            receipt = write(form, "transfer_student", {"student": student.id, **form.typed()}, lambda: ask(form, student, "from"))
            flash(_("已发给转入学校确认。学生报到之前仍在原班。"), "ok")
            return redirect(url_for("students.show_transfer", transfer_id=receipt.result["transfer"]), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/transfer_student.html", form=form, student=student), form.status


@blueprint.route("/transfers/new", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def ask_for_pupil():
    """Asked by the school that takes the child in, which does not see it yet: by its whole number."""
    form, found = AskForPupilForm(leaves_on=today_in_china()), None
    own = visible_orgs(current_user, P.STUDENT_EDIT).where((Org.kind == "school") & Org.closed_on.is_null())
    form.to_school.choices = list(own.select(Org.id, Org.name).order_by(Org.code).tuples())
    if form.submitted():
        try:
            found = transferring.find_transferee(number=form.number.data, by=current_user)
            if found is None:
                raise Refused("本县没有这个号码的学生。请核对号码；县外转入的学生请用「新增学生」或「县外转入」。")
            if form.found.data == found.uid:
                receipt = write(form, "ask_for_pupil", {"student": found.id, **form.typed()}, lambda: ask(form, found, "to"))
                flash(_("已发给原学校确认。"), "ok")
                return redirect(url_for("students.show_transfer", transfer_id=receipt.result["transfer"]), 303)
            form.found.data = found.uid
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/ask_for_pupil.html", form=form, found=found), form.status


def ask(form, student, asks: str) -> dict:
    to_school = transfers.school_named(student.county_id, form.to_school.data)
    values = {name: form[name].data for name in ("leaves_on", "document", "reason")}
    return {"transfer": transferring.transfer_student(student=student, to_school=to_school, asks=asks, **values, by=current_user).id}


@blueprint.get("/transfers/<int:transfer_id>")
@requires(P.MOVE_VIEW)
def show_transfer(transfer_id):
    transfer = transfers.visible_transfer(current_user, transfer_id)
    may_end = {side: current_user.may(P.STUDENT_EDIT, school) for side, school in (("from", transfer.from_school), ("to", transfer.to_school))}
    may = {"answer": current_user.may(P.STUDENT_EDIT, transferring.answering(transfer)), "asked": current_user.may(P.STUDENT_EDIT, transfer.asked_by_school)}
    context = {"STATES": STATES, "OPEN": OPEN, "grade": transfers.grade_of(transfer), "reads": transfers.reads_words(current_user, transfer)}
    context["named"] = transfers.is_named(current_user, transfer)
    return render_template("students/show_transfer.html", transfer=transfer, may=may | may_end, steps=transfers.steps_of(transfer), **context)


@blueprint.route("/transfers/<int:transfer_id>/confirm", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def confirm_transfer(transfer_id):
    transfer = transfers.visible_transfer(current_user, transfer_id, P.STUDENT_EDIT)
    return step(ConfirmForm(), transfer, "students/confirm_transfer.html", lambda _form: transferring.confirm_transfer(transfer=transfer, by=current_user))


@blueprint.route("/transfers/<int:transfer_id>/refuse", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def refuse_transfer(transfer_id):
    transfer = transfers.visible_transfer(current_user, transfer_id, P.STUDENT_EDIT)
    return step(WordsForm(), transfer, "students/refuse_transfer.html", lambda form: transferring.refuse_transfer(transfer=transfer, words=form.words.data, by=current_user))


@blueprint.route("/transfers/<int:transfer_id>/withdraw", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def withdraw_transfer(transfer_id):
    transfer = transfers.visible_transfer(current_user, transfer_id, P.STUDENT_EDIT)
    return step(WordsForm(), transfer, "students/withdraw_transfer.html", lambda form: transferring.withdraw_transfer(transfer=transfer, words=form.words.data, by=current_user))


@blueprint.route("/transfers/<int:transfer_id>/arrive", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def record_arrival(transfer_id):
    transfer = transfers.visible_transfer(current_user, transfer_id, P.STUDENT_EDIT)
    form = ArrivalForm(arrived_on=today_in_china())
    form.class_org.choices = classes_of(transfer.to_school_id)
    return step(form, transfer, "students/record_arrival.html", lambda form: arrive(transfer, form))


def arrive(transfer, form) -> None:
    class_org = visible_org(current_user, form.class_org.data, P.STUDENT_EDIT)
    values = {name: form[name].data for name in ("mode", "seat", "arrived_on")}
    transferring.record_arrival(transfer=transfer, class_org=class_org, **values, by=current_user)


def step(form, transfer, template: str, act):
    """One step of a transfer: its page, the action, and back to the transfer."""
    if form.submitted():
        body = {"transfer": transfer.id, **form.typed()}
        try:
            once(by=current_user, key=form.key.data, kind=f"students.{verb_of(template)}", body=body, do=lambda: act(form) and None)
            flash(_("已保存。"), "ok")
            return redirect(url_for("students.show_transfer", transfer_id=transfer.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, transfer=transfer, named=transfers.is_named(current_user, transfer)), form.status
