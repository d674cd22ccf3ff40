"""Pages of 休学: who is out, and that a child is back."""

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_returning import record_return as bring_back
from aidtracker.students.forms_moving import EnrollForm
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.students.queries import visible_students
from aidtracker.students.queries_away import may_record_return, open_class_of, open_classes_of, visible_away, visible_away_one
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import spell_values, write
from aidtracker.web.paging import paginate

P = Permission


@blueprint.get("/students/away")
@requires(P.RETURN_RECORD)
def list_away():
    """Whose time is over first."""
    page = paginate(visible_away(current_user).order_by(Move.until_on, Move.id))
    may = {school.id: may_record_return(current_user, school) for school in {away.room.school for away in page}}
    return render_template("students/list_away.html", page=page, may=may, today=today_in_china())


@blueprint.route("/students/away/<int:away_id>/return", methods=["GET", "POST"])
@requires(P.RETURN_RECORD)
def record_return(away_id):
    away = visible_away_one(current_user, away_id)
    school = away.room.school
    if not may_record_return(current_user, school):
        abort(403)
    form = EnrollForm(starts_on=today_in_china(), mode="day")
    form.class_org.choices = open_classes_of(school)
    if form.submitted():
        try:
            write(form, "record_return", {"away": away.id, **form.typed()}, lambda: back(away, form))
            flash(_("已登记复学。"), "ok")
            return redirect(after(away.student), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("students/record_return.html", form=form, away=away, school=school, kind=KINDS["return"]), form.status


def back(away: Move, form) -> None:
    values = spell_values(form) | {"class_org": open_class_of(away.room.school, form.class_org.data), "document": form.document.data or "", "reason": form.reason.data or ""}
    bring_back(away=away, **values, by=current_user)


def after(student: Student) -> str:
    if visible_students(current_user).where(Student.id == student.id).exists():
        return url_for("students.list_enrollments", student_id=student.id)
    return url_for("students.list_away")
