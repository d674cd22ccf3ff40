"""Pages that put a pupil into a household, change what it is called and take the pupil out again."""

from flask import abort
from flask_login import current_user

from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_families import edit_household as write_down
from aidtracker.students.actions_families import leave_household as leave
from aidtracker.students.actions_families import set_household as put_in
from aidtracker.students.families import NAMES, alike_families, household_of
from aidtracker.students.forms import HouseholdForm
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import change, editable
from aidtracker.web.forms import ConfirmForm

P = Permission


@blueprint.route("/students/<int:student_id>/household", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def set_household(student_id):
    """On offer is whoever has the same registered home and a guardian of the same telephone."""
    student = editable(student_id)
    alike = {str(other.id): other for other in alike_families(student, current_user, P.STUDENT_EDIT)}
    form = HouseholdForm()
    form.also.choices = [(id_, other.name) for id_, other in alike.items()]

    def act():
        others = [alike[id_] for id_ in form.also.data or ()]
        put_in(student=student, others=others, **said(form), by=current_user)

    return change(form, student, "students/set_household.html", act, "list_guardians", alike=alike)


@blueprint.route("/students/<int:student_id>/household/edit", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def edit_household(student_id):
    student = editable(student_id)
    household = household_of(student) or abort(404)
    form = HouseholdForm(obj=household)
    del form.also
    return change(form, student, "students/edit_household.html", lambda: write_down(student=student, **said(form), by=current_user), "list_guardians")


def said(form) -> dict[str, str]:
    return {name: form[name].data or "" for name in NAMES}


@blueprint.route("/students/<int:student_id>/household/leave", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def leave_household(student_id):
    student = editable(student_id)
    household = household_of(student)
    return change(
        ConfirmForm(),
        student,
        "students/leave_household.html",
        lambda: leave(student=student, by=current_user),
        "list_guardians",
        household=household,
    )
