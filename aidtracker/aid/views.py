"""Pages of aid: batches, what is in one, what a pupil was paid, recording and mending a payment."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.aid import actions
from aidtracker.aid.forms import BOARDING, BatchFilterForm, BatchForm, EditPaymentForm, PaymentFilterForm, RecordPaymentForm
from aidtracker.aid.listing import (
    NOTHING,
    ORDERS,
    PaymentFilters,
    filtered_batches,
    filtered_payments,
    for_page,
    listed,
    payments_of,
    sums_of,
    sums_of_batches,
)
from aidtracker.aid.models import STATUSES, Batch, Payment
from aidtracker.aid.queries import batches_of, programs_of, reach_of, terms_of, visible_batch, visible_payment, visible_payments
from aidtracker.aid.versions import versions_of
from aidtracker.aid.wan import wan_text
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import visible_student
from aidtracker.students.records import open_spell, permissions_over
from aidtracker.students.search import is_number
from aidtracker.terms.calendar import term, term_of
from aidtracker.web.addresses import number_or_none
from aidtracker.web.fields import ANY
from aidtracker.web.language import said
from aidtracker.web.paging import order_of, paginate, url_with

blueprint = Blueprint("aid", __name__)
P = Permission
SHORT = 5  # digits that a batch may well be called, and nobody's number
TERMS_AHEAD = 6  # half-years back from now that a new batch may speak of


@blueprint.record_once
def words_of_aid(state):
    state.app.jinja_env.filters.update(wan=wan_text, term_label=term_label)
    state.app.jinja_env.globals.update(AID_STATUSES=STATUSES, AID_TAGS={"paid": "ok", "returned": "bad", "pending": "info"})


def term_label(code: str) -> str:
    return said(term(code).label)


@blueprint.get("/aid/")
@requires(P.AID_VIEW)
def list_batches():
    form = BatchFilterForm(request.args, meta={"csrf": False})
    if len(form.text) > SHORT and is_number(form.text):
        return without_number()
    counties = [county.id for county in counties_of(current_user, P.AID_VIEW)]
    form.term.choices = [ANY, *((code, term_label(code)) for code in terms_of(counties))]
    form.program.choices = [ANY, *((str(program.id), program.name) for program in programs_of(counties))]
    asked = {"term": form.chosen("term"), "program": number_or_none(form.chosen("program")), "text": form.text}
    found = filtered_batches(current_user, **asked)
    page = paginate(found)
    sums = sums_of_batches(current_user, [batch.id for batch in page])
    total = sums_of(visible_payments(current_user).where(Payment.batch.in_(found.select(Batch.id).order_by())))
    shown = {"form": form, "page": page, "sums": sums, "nothing": NOTHING, "total": total, "chosen": any(asked.values())}
    return render_template("aid/list_batches.html", may_record=current_user.may(P.AID_RECORD), is_part=is_part(), **shown)


def without_number():
    """A number that was typed for a name: out of the address, and the way to where it may be asked."""
    flash(_("这里只按名称查找。证件号请到「学生」里查，那里不会留在地址里。"), "warn")
    return redirect(url_with(q=None), 303)


def is_part() -> bool:
    """The reader sees some pupils of a county, not the county."""
    return bool(reach_of(current_user).paths)


@blueprint.get("/aid/<int:batch_id>")
@requires(P.AID_VIEW)
def show_batch(batch_id):
    batch = visible_batch(current_user, batch_id)
    form = PaymentFilterForm(request.args, meta={"csrf": False})
    if len(form.text) > SHORT and is_number(form.text):
        return without_number()
    filters = filters_of(form)
    found = filtered_payments(current_user, batch, filters)
    sums = sums_of(found)
    order = order_of(ORDERS, "name")
    page = paginate(listed(found, order), total=sums["lines"])
    chosen = bool(filters.place or filters.status or filters.boarding or filters.text)
    shown = {"batch": batch, "form": form, "page": page, "rows": for_page(page), "sums": sums, "order": order, "chosen": chosen}
    may_record = current_user.may(P.AID_RECORD, batch.county)
    return render_template("aid/show_batch.html", may_record=may_record, is_part=is_part(), BOARDING=BOARDING, **shown)


def filters_of(form) -> PaymentFilters:
    """Fills the choices of places, and reads what was chosen."""
    places = narrowed(current_user, P.AID_VIEW, form.places())
    form.offer_places(places)
    return PaymentFilters(places.place, form.chosen("state"), form.chosen("boarding"), form.text)


@blueprint.route("/aid/new", methods=["GET", "POST"])
@requires(P.AID_RECORD)
@requires_fresh
def create_batch():
    counties = counties_of(current_user, P.AID_RECORD)
    county = next((one for one in counties if one.code == request.args.get("county")), counties[0])
    form = BatchForm(term=term_of(today_in_china()).code)
    form.program.choices = [("", _("新项目，在下面填写")), *((str(program.id), program.name) for program in programs_of([county.id]))]
    form.term.choices = [(code, term_label(code)) for code in latest_terms()]
    if form.submitted():
        asked = {"county": county, "program_name": program_name(form), "term_code": form.term.data, "name": form.name.data}
        try:
            receipt = write(form, "create_batch", asked | {"county": county.id}, lambda: {"batch": actions.create_batch(**asked, by=current_user).id})
            flash(_("已新建批次。在学生的「资助」页登记每一笔，或用工作簿导入。"), "ok")
            return redirect(url_for("aid.show_batch", batch_id=receipt.result["batch"]), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("aid/create_batch.html", form=form, county=county), form.status


def program_name(form) -> str:
    """What was typed wins; a choice is one of the county's own."""
    return form.program_name.data or dict(form.program.choices).get(form.program.data, "")


def latest_terms() -> list[str]:
    """The coming term, the present one and those before it."""
    now = term_of(today_in_china())
    year, is_autumn = int(now.code[:4]), now.code.endswith("autumn")
    places = range(year * 2 + is_autumn + 1, year * 2 + is_autumn - TERMS_AHEAD, -1)
    return [f"{place // 2}-{'autumn' if place % 2 else 'spring'}" for place in places]


@blueprint.get("/students/<int:student_id>/aid")
@requires(P.AID_VIEW)
def show_student(student_id):
    student = visible_student(current_user, student_id)
    may = permissions_over(current_user, student)
    if P.AID_VIEW not in may:
        abort(403)
    view_student(student=student, by=current_user)
    page = paginate(payments_of(current_user, student))
    sums = sums_of(visible_payments(current_user).where(Payment.student == student))
    return render_template("aid/show_student.html", student=student, may=may, P=P, page=page, rows=for_page(page), sums=sums)


@blueprint.route("/students/<int:student_id>/aid/new", methods=["GET", "POST"])
@requires(P.AID_RECORD)
@requires_fresh
def record_payment(student_id):
    student = recordable(student_id)
    batches = batches_of(student.county_id)
    form = RecordPaymentForm(state="paid", paid_on=today_in_china(), batch=request.args.get("batch", type=number_or_none))
    form.batch.choices = [(batch.id, f"{term_label(batch.term)} {batch.program.name} {batch.name}") for batch in batches]
    if form.submitted():
        try:
            receipt = write(form, "record_payment", {"student": student.id, **form.typed()}, lambda: record_now(student, form))
            flash(_("已保存。"), "ok")
            return redirect(url_for("aid.show_student", student_id=student.id, _anchor=f"p{receipt.result['payment']}"), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("aid/record_payment.html", form=form, student=student, batches=batches, spell=open_spell(student)), form.status


def record_now(student, form) -> dict:
    batch = visible_batch(current_user, form.batch.data, P.AID_RECORD)
    return {"payment": actions.record_payment(student=student, batch=batch, values=form.values(), by=current_user).id}


def recordable(student_id: int):
    student = visible_student(current_user, student_id)
    if P.AID_RECORD not in permissions_over(current_user, student):
        abort(403)
    view_student(student=student, by=current_user)
    return student


@blueprint.route("/aid/payments/<int:payment_id>", methods=["GET", "POST"])
@requires(P.AID_RECORD)
@requires_fresh
def edit_payment(payment_id):
    """The card is not shown whole: an empty field leaves it as it is."""
    payment = visible_payment(current_user, payment_id, P.AID_RECORD)
    view_student(student=payment.student, by=current_user)
    form = form_of(payment)
    if form.submitted():
        asked = {"revision": form.base, "values": form.values()}
        try:
            write(form, "edit_payment", {"payment": payment.id, **asked}, lambda: {"changed": actions.edit_payment(payment=payment, **asked, by=current_user)})
            flash(_("已保存。"), "ok")
            return redirect(url_for("aid.show_student", student_id=payment.student_id, _anchor=f"p{payment.id}"), 303)
        except Refused as refused:
            form.refuse(refused)
    shown = {"form": form, "payment": payment, "student": payment.student, "versions": versions_of(payment)}
    return render_template("aid/edit_payment.html", **shown), form.status


def form_of(payment) -> EditPaymentForm:
    plain = ("hardship", "bank_name", "holder_name", "holder_relation", "paid_on", "return_reason", "revision")
    values = {name: getattr(payment, name) for name in plain}
    return EditPaymentForm(**values, state=payment.status, standard=typed_yuan(payment.standard_fen), amount=typed_yuan(payment.amount_fen))


def typed_yuan(fen: int | None) -> str:
    """31250 -> 312.50, as a person would type it."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02}"


def write(form, verb: str, body: dict, do):
    return once(by=current_user, key=form.key.data, kind=f"aid.{verb}", body=body, do=do)
