"""The list of pupils, a pupil's own pages, seeing a whole number."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from aidtracker.audit.words import FIELDS
from aidtracker.errors import Refused
from aidtracker.orgs.grades import STAGE_LABELS
from aidtracker.orgs.narrowing import is_at_one_class, is_at_one_school, narrowed
from aidtracker.permissions import Permission, requires, requires_fresh
from aidtracker.receipts.actions import once
from aidtracker.students import actions_revealing as revealing
from aidtracker.students import (  # noqa: F401  whose pages register themselves
    records,
    timeline,
    views_away,
    views_editing,
    views_extra,
    views_families,
    views_merging,
    views_moves,
    views_moving,
    views_quality,
    views_regrouping,
    views_rollover,
    views_tags,
    views_transferring,
    views_years,
)
from aidtracker.students.actions_looking import view_student
from aidtracker.students.extra_fields import NAME, fields_for, fields_of, filterable, shown, values_of, values_of_many
from aidtracker.students.families import household_of, siblings_of
from aidtracker.students.former import changes_of, former_names, former_numbers
from aidtracker.students.forms import FilterForm, RevealForm
from aidtracker.students.forms_extra import with_filters
from aidtracker.students.listing import ORDERS, Filters, filtered_students, listed
from aidtracker.students.merging import merges_of, record_that_stands
from aidtracker.students.models import MODES, SEXES, TAGS, Student
from aidtracker.students.models_moves import STATES
from aidtracker.students.moves import OF_LAW
from aidtracker.students.queries import visible_student
from aidtracker.students.queries_tags import tags_of, tags_of_many
from aidtracker.students.queries_transfers import open_transfer
from aidtracker.students.search import Found, is_number, search
from aidtracker.students.tag_history import corrections_of
from aidtracker.students.trail import trail_of
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_tabs import student_tabs
from aidtracker.web.forms import CARRIED
from aidtracker.web.paging import order_of, paginate

P = Permission
SHOWN_SECONDS = 60
TRAIL = {"": _l("全部"), "looks": _l("谁看过"), "changes": _l("谁改过")}
NARROWING = ("township", "school", "room", "grade", "mode", "sex", "tag", "by")


@blueprint.record_once
def words_of_students(state):
    functions = {"student_tabs": student_tabs, "student_head": head_for_reader, "is_rare": records.is_rare}
    words = {"can_edit_students": can_edit_students, "may_see_moves": may_see_moves, "may_set_fields": may_set_fields, "SEXES": SEXES, "MODES": MODES, "TAGS": TAGS, "STAGE_LABELS": STAGE_LABELS}
    state.app.jinja_env.globals.update(functions | words)


def head_for_reader(student: Student):
    return records.head_of(student, current_user)


def can_edit_students() -> bool:
    return current_user.may(P.STUDENT_EDIT)


def may_set_fields() -> bool:
    return current_user.may(P.POLICY_EDIT)


def may_see_moves() -> bool:
    return current_user.may(P.MOVE_VIEW)


@blueprint.get("/students")
@requires(P.STUDENT_VIEW)
def list_students():
    fields = fields_for(current_user)
    return show_list(with_filters(FilterForm, fields)(request.args, meta={"csrf": False}), fields)


@blueprint.post("/students/search")
@requires(P.STUDENT_VIEW)
def search_students():
    """What is typed goes into the address, unless it is a number: that is answered here and written nowhere."""
    fields = fields_for(current_user)
    form = with_filters(FilterForm, fields)(meta={"csrf": False})  # its token has been looked at before this view
    if is_number(form.text):
        return show_list(form, fields)
    asked = {name: value for name, value in request.form.items() if value and name not in CARRIED}
    return redirect(url_for("students.list_students", **asked), 303)


def show_list(form, fields):
    """One page of the list. Ids of places in the address are looked up within the reader's scope, else 404."""
    filters = filters_of(form)
    filters.own = {field.id: word for field in filterable(fields) if (word := form.chosen(NAME.format(field.id)))}
    among = filtered_students(current_user, filters)
    text = form.text
    found = Found([], False)
    if text:
        try:
            found = search(current_user, text, among, filters.is_one_school or is_at_one_school(current_user, P.STUDENT_VIEW))
        except Refused as refused:
            form.refuse(refused)
        among = among.where(Student.id.in_(found.ids))
    is_one_class = is_at_one_class(current_user, P.STUDENT_VIEW) or (filters.place is not None and filters.place.kind == "class")
    order = order_of(ORDERS, "seat" if is_one_class else "name")
    page = paginate(listed(among, order), total=among.count())
    context = {"form": form, "page": page, "order": order, "is_cut": found.is_cut, "text": text, "filters": filters}
    context |= {"former": former_names([row["id"] for row in page]) if text else {}}
    context |= {"tags": tags_of_many([row["id"] for row in page], current_user, filters.on), "chosen": form.words_of(*NARROWING, *(NAME.format(field.id) for field in filterable(fields))), "is_one_class": is_one_class}
    in_list = [field for field in fields if field.shown_in_list and not field.is_sensitive]
    context |= {"own": values_of_many([row["id"] for row in page], in_list), "in_list": in_list, "filterable": filterable(fields), "NAME": NAME}
    return render_template("students/list_students.html", **context), form.status


def filters_of(form) -> Filters:
    """Fills the choices of places, and reads what was chosen."""
    places = narrowed(current_user, P.STUDENT_VIEW, form.places())
    form.offer_places(places)
    return Filters(place=places.place, **{name: form.chosen(name) for name in ("by", "grade", "mode", "sex", "tag")}, on=form.on.data)


@blueprint.get("/students/<int:student_id>")
@requires(P.STUDENT_VIEW)
def show_student(student_id):
    """A record that was merged leads to the one that it became part of."""
    kept = record_that_stands(student_id)
    if kept is not None:
        visible_student(current_user, kept)
        return redirect(url_for("students.show_student", student_id=kept), 303)
    student = visible_student(current_user, student_id)
    names = former_names([student.id]).get(student.id, [])
    fields, said = fields_of([student.county_id]), values_of(student)
    may_open = P.STUDENT_REVEAL in records.permissions_over(current_user, student)
    own = [(field.label, shown(field, said.get(field.id, ""), may_open)) for field in fields]
    values = {"spell": records.open_spell(student), "former_names": names, "own": own}
    return tab("students/show_student.html", student, **values, **transfer_of(student))


@blueprint.get("/students/<int:student_id>/guardians")
@requires(P.STUDENT_VIEW)
def list_guardians(student_id):
    student = visible_student(current_user, student_id)
    family = {"household": household_of(student), "siblings": siblings_of(student, current_user)}
    return tab("students/list_guardians.html", student, guardians=records.guardians_of(student), **family)


@blueprint.get("/students/<int:student_id>/enrollments")
@requires(P.STUDENT_VIEW)
def list_enrollments(student_id):
    student = visible_student(current_user, student_id)
    events = timeline.timeline_of(student)
    reads = bool(records.permissions_over(current_user, student) & timeline.READS_REASONS)
    context = {"names": timeline.places_named(events), "reads_reasons": reads, "move_label": timeline.label_of, "OF_LAW": OF_LAW}
    return tab("students/list_enrollments.html", student, events=events, **context, **transfer_of(student))


def transfer_of(student: Student) -> dict:
    transfer, opens = open_transfer(student, current_user)
    return {"transfer": transfer, "opens_transfer": opens, "STATES": STATES}


@blueprint.get("/students/<int:student_id>/tags")
@requires(P.STUDENT_VIEW)
def list_tags(student_id):
    student = visible_student(current_user, student_id)
    tags = tags_of(student, current_user)
    reads_changes = records.permissions_over(current_user, student) & {P.STUDENT_EDIT, P.AUDIT_VIEW}
    return tab("students/list_tags.html", student, tags=tags, corrections=corrections_of(student, tags) if reads_changes else {})


@blueprint.get("/students/<int:student_id>/changes")
@requires(P.STUDENT_VIEW)
def list_changes(student_id):
    student = visible_student(current_user, student_id)
    if not records.permissions_over(current_user, student) & {P.STUDENT_EDIT, P.AUDIT_VIEW}:
        abort(403)
    only = request.args.get("only", "")
    edits = [] if only == "looks" else changes_of(student, P.STUDENT_REVEAL in records.permissions_over(current_user, student))
    context = {"only": only, "TRAIL": TRAIL, "edits": edits, "FIELDS": FIELDS, "former": former_numbers(student), "merges": merges_of(student)}
    return tab("students/list_changes.html", student, page=paginate(trail_of(student, only)), **context)


def tab(template: str, student: Student, **values):
    view_student(student=student, by=current_user)
    may = records.permissions_over(current_user, student)
    return render_template(template, student=student, may=may, P=P, **values)


@blueprint.route("/students/<int:student_id>/reveal", methods=["GET", "POST"])
@requires(P.STUDENT_REVEAL)
@requires_fresh
def reveal(student_id):
    """The reason first; then the number, once, for a minute: never in the address, a cookie or the log."""
    student = visible_student(current_user, student_id)
    if P.STUDENT_REVEAL not in records.permissions_over(current_user, student):
        abort(403)
    view_student(student=student, by=current_user)
    form = RevealForm(field=request.args.get("field", ""))
    revealing.revealed(student, form.field.data or "")  # 404 when there is no such number
    if form.submitted():
        body = {"student": student.id, "field": form.field.data, "reason": form.reason_text()}
        try:
            receipt = once(by=current_user, key=form.key.data, kind=revealing.ACTION, body=body, do=lambda: reveal_now(student, form))
            return show_once(student, form, receipt)
        except Refused as refused:
            form.refuse(refused)
    label = revealing.label_of(student, form.field.data)
    return render_template("students/reveal.html", form=form, student=student, label=label), form.status


def reveal_now(student, form) -> None:
    revealing.reveal(student=student, field=form.field.data, reason=form.reason_text(), by=current_user)


def show_once(student, form, receipt):
    if receipt.is_duplicate:
        flash(_("号码只显示一次。如还需要，请重新填写原因后查看。"), "warn")
        return redirect(url_for("students.show_student", student_id=student.id), 303)
    value = revealing.revealed(student, form.field.data)
    label = revealing.label_of(student, form.field.data)
    is_phone = form.field.data not in ("id_number", "student_number")
    values = {"student": student, "value": value, "label": label, "is_phone": is_phone, "seconds": SHOWN_SECONDS}
    return render_template("students/revealed.html", **values)
