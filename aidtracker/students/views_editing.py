"""Pages that change a pupil: the record, guardians, class and mode."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_org, visible_orgs
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once, receipt_or_none
from aidtracker.students import actions, records
from aidtracker.students import actions_placing as placing
from aidtracker.students.actions_looking import view_student
from aidtracker.students.actions_twins import find_twins
from aidtracker.students.extra_fields import fields_of, values_of
from aidtracker.students.forms import (
    ChangeModeForm,
    CreateStudentForm,
    EditStudentForm,
    GuardianForm,
)
from aidtracker.students.forms_extra import extra_of, with_fields
from aidtracker.students.models import MODES, Student
from aidtracker.students.queries import visible_student, visible_students
from aidtracker.students.views_blueprint import blueprint
from aidtracker.web.addresses import number_or_none
from aidtracker.web.forms import ConfirmForm
from aidtracker.web.language import said

P = Permission


@blueprint.route("/students/new", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def create_student():
    school, schools = chosen_school(None)
    fields = fields_of([visible_org(current_user, school, P.STUDENT_EDIT).county_id]) if school else []
    standing = {"starts_on": today_in_china(), "ethnicity": "汉族", "class_org": request.args.get("class_org", type=number_or_none)}
    form = with_fields(CreateStudentForm, fields, {})(**standing)
    form.class_org.choices = classes_of(school)
    twins = None
    if school and is_look():
        twins = looked(form, form.values(), visible_org(current_user, school, P.STUDENT_EDIT).county_id)
    elif form.submitted():
        try:
            ask_for_twins(form, form.values(), lambda: visible_org(current_user, form.class_org.data, P.STUDENT_EDIT).county_id)
            body = {**form.values(), **spell_values(form), "extra": by_text(extra_of(form, fields))}
            receipt = write(form, "create_student", body, lambda: create(form, fields))
            warn(form)
            flash(_("已新增学生。"), "ok")
            return redirect(url_for("students.show_student", student_id=receipt.result["student"]), 303)
        except Refused as refused:
            twins = getattr(refused, "twins", None)
            form.refuse(refused)
    places = {"twins": twins, "school": school, "schools": schools, "fields": fields}
    return render_template("students/create_student.html", form=form, **places), form.status


def create(form, fields) -> dict:
    class_org = visible_org(current_user, form.class_org.data, P.STUDENT_EDIT)
    place = spell_values(form) | {"class_org": class_org}
    student = actions.create_student(values=form.values(), extra=extra_of(form, fields), **place, by=current_user)
    return {"student": student.id}


def by_text(extra: dict[int, str]) -> dict[str, str]:
    """As a receipt keeps it."""
    return {str(field): said for field, said in extra.items()}


@blueprint.route("/students/<int:student_id>/edit", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def edit_student(student_id):
    """Sealed numbers are not shown: an empty field leaves them as they are."""
    student = editable(student_id)
    fields = fields_of([student.county_id])
    form, twins = form_of(student, fields), None
    if is_look():
        twins = looked(form, numbers_typed(student, form), student.county_id, student.id)
    elif form.submitted():
        try:
            ask_for_twins(form, numbers_typed(student, form), lambda: student.county_id, student.id)
            write(
                form,
                "edit_student",
                {"student": student.id, "revision": form.base, "why": form.why_text(), **form.values(), "extra": by_text(extra_of(form, fields))},
                lambda: edit(student, form, fields),
            )
            warn(form)
            return to_student(student, _("已保存。"))
        except Refused as refused:
            twins = getattr(refused, "twins", None)
            form.refuse(refused)
    return render_template("students/edit_student.html", form=form, student=student, twins=twins, fields=fields, standing=values_of(student)), form.status


class MaybeTheSame(Refused):
    """With whom it may be: ([pupils that the reader may see], whether there are others)."""

    def __init__(self, twins):
        super().__init__("可能是同一个孩子，还没有保存。请先核对；确实是另一个孩子的，勾选后再保存。")
        self.twins = twins


def ask_for_twins(form, values: dict, county_id, own_id: int | None = None) -> None:
    """Until the page has said who it may be and somebody answered that it is not."""
    if form.is_another.data or not values or receipt_or_none(current_user, form.key.data):
        return
    twins = find_twins(values=values, county_id=county_id(), own_id=own_id, by=current_user)
    if twins[0] or twins[1]:
        raise MaybeTheSame(twins)


def is_look() -> bool:
    """While somebody types, or before they save: nothing is written, whoever may be the same child is shown."""
    return request.method == "POST" and request.form.get("look") == "1"


def looked(form, values: dict, county_id: int, own_id: int | None = None):
    if not values:
        return None
    try:
        return find_twins(values=values, county_id=county_id, own_id=own_id, by=current_user, bears_it_now=True)
    except Refused as refused:
        form.refuse(refused)
        return None


def numbers_typed(student: Student, form) -> dict:
    """Of an edit only another number asks: the name and the birthday have been looked at."""
    typed = form.values()
    return {name: typed[name] for name in ("id_number", "student_number") if typed.get(name) and typed[name] != getattr(student, name)}


def form_of(student: Student, fields) -> EditStudentForm:
    plain = {name: getattr(student, name) for name in (*actions.PLAIN, "address", "revision")}
    form = with_fields(EditStudentForm, fields, values_of(student) if fields else {})(**plain)
    form.keep_choice(student.id_kind)
    return form


def edit(student: Student, form, fields) -> dict:
    values = {"values": form.values(), "why": form.why_text(), "extra": extra_of(form, fields)}
    return {"changed": actions.edit_student(student=student, revision=form.base, **values, by=current_user)}


@blueprint.route("/students/<int:student_id>/guardians/new", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def add_guardian(student_id):
    student = editable(student_id)
    form = GuardianForm()
    return change(
        form,
        student,
        "students/add_guardian.html",
        lambda: actions.add_guardian(student=student, values=form.values(), by=current_user),
        "list_guardians",
    )


@blueprint.route("/students/<int:student_id>/guardians/<int:position>", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def edit_guardian(student_id, position):
    student = editable(student_id)
    guardian = records.guardian_of(student, position)
    form = GuardianForm(**{name: getattr(guardian, name) for name in actions.GUARDIAN if name != "phone"})
    form.keep_choice(guardian.relation)
    return change(
        form,
        student,
        "students/edit_guardian.html",
        lambda: actions.edit_guardian(guardian=guardian, values=form.values(), by=current_user),
        "list_guardians",
        guardian=guardian,
    )


@blueprint.route("/students/<int:student_id>/guardians/<int:position>/remove", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def remove_guardian(student_id, position):
    student = editable(student_id)
    guardian = records.guardian_of(student, position)
    return change(
        ConfirmForm(),
        student,
        "students/remove_guardian.html",
        lambda: actions.remove_guardian(guardian=guardian, by=current_user),
        "list_guardians",
        guardian=guardian,
    )


@blueprint.route("/students/<int:student_id>/mode", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def change_mode(student_id):
    student = editable(student_id)
    form = ChangeModeForm(mode=student.mode, starts_on=today_in_china())

    def act():
        placing.change_mode(student=student, mode=form.mode.data, starts_on=form.starts_on.data, by=current_user)

    return change(form, student, "students/change_mode.html", act, "list_enrollments", MODES=MODES)


def editable(student_id: int, permission: Permission = P.STUDENT_EDIT) -> Student:
    student = visible_student(current_user, student_id)
    if permission not in records.permissions_over(current_user, student):
        abort(403)
    view_student(student=student, by=current_user)
    return student


def change(form, student, template: str, act, back: str, **context):
    """The one shape of these pages: form, action and redirect, or the page again with what was refused."""
    if form.submitted():
        try:
            write(form, verb_of(template), {"student": student.id, "at": request.path, **form.typed()}, lambda: act() and None)
            return to_student(student, _("已保存。"), back)
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, student=student, **context), form.status


def verb_of(template: str) -> str:
    """students/add_tag.html -> add_tag: page, address and action share one word."""
    return template.removeprefix("students/").removesuffix(".html")


def write(form, verb: str, body: dict, do):
    return once(by=current_user, key=form.key.data, kind=f"students.{verb}", body=body, do=do)


def to_student(student: Student, words: str, tab: str = "show_student"):
    flash(words, "ok")
    if not visible_students(current_user).where(Student.id == student.id).exists():
        flash(_("%(name)s已不在你的名单里，资料和记录由教育局保管。", name=student.name), "ok")
        return redirect(url_for("students.list_students"), 303)
    return redirect(url_for(f"students.{tab}", student_id=student.id), 303)


def warn(form) -> None:
    values = form.values()
    for words in actions.warnings_of(values):
        flash(said(words), "warn")


def spell_values(form) -> dict:
    return {"class_org": form.class_org.data, "mode": form.mode.data, "seat": form.seat.data, "starts_on": form.starts_on.data}


def chosen_school(class_org: Org | None):
    """(school or None, [(id, name)] to choose from): ?school=, else that of the class, else the only one."""
    found = visible_orgs(current_user, P.STUDENT_EDIT).where((Org.kind == "school") & Org.closed_on.is_null())
    schools = list(found.select(Org.id, Org.name).order_by(Org.code).tuples())
    wanted = request.args.get("school", type=number_or_none) or (class_org.parent_id if class_org else None)
    if request.args.get("class_org", type=number_or_none):
        wanted = visible_org(current_user, request.args.get("class_org", type=number_or_none), P.STUDENT_EDIT).parent_id
    wanted = wanted or (schools[0][0] if len(schools) == 1 else None)
    return (wanted if wanted in dict(schools) else None), schools


def classes_of(school: int | None) -> list[tuple[int, str]]:
    if school is None:
        return []
    here = (Org.kind == "class") & (Org.parent == school) & Org.closed_on.is_null()
    return list(visible_orgs(current_user, P.STUDENT_EDIT).where(here).select(Org.id, Org.name).order_by(Org.code).tuples())
