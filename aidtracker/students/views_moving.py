"""Pages of moves: into a class, out of it, away for a time, the last one taken back, a spell corrected."""

from flask import render_template, request
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.orgs.queries import visible_org
from aidtracker.permissions import Permission, requires
from aidtracker.students import actions_correcting as correcting
from aidtracker.students import actions_moving as moving
from aidtracker.students import actions_placing as placing
from aidtracker.students.forms_moving import CorrectSpellForm, DeferForm, EnrollForm, LeaveForm, WithdrawMoveForm, mark_needed
from aidtracker.students.moves import ENTERING, KINDS, LEAVING, OF_LAW
from aidtracker.students.timeline import label_of, spell_of, standing_move
from aidtracker.students.views_blueprint import blueprint
from aidtracker.students.views_editing import change, chosen_school, classes_of, editable, spell_values

P = Permission
LEAVES = tuple(code for code in LEAVING if code not in OF_LAW)


@blueprint.route("/students/<int:student_id>/enroll", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def enroll_student(student_id):
    """Into another class, or into one again: then it is asked first what brings the child."""
    student = editable(student_id)
    school, schools = chosen_school(student.class_org)
    form = EnrollForm(starts_on=today_in_china(), mode=student.mode, kind=request.args.get("kind", ""))
    form.class_org.choices = classes_of(school)
    mark_needed(form, form.kind.data or "")
    kind = KINDS["change_class"] if student.class_org_id else KINDS.get(form.kind.data) if form.kind.data in ENTERING else None
    if kind is None and request.method == "GET":
        return render_template("students/choose_move.html", student=student, kinds=ENTERING, KINDS=KINDS, page="students.enroll_student")

    def act():
        class_org = visible_org(current_user, form.class_org.data, P.STUDENT_EDIT)
        values = spell_values(form) | {"class_org": class_org, "reason": form.reason.data or "", "kind": form.kind.data or "", **form.about()}
        placing.enroll_student(student=student, **values, by=current_user)

    return change(form, student, "students/enroll_student.html", act, "list_enrollments", school=school, schools=schools, kind=kind)


@blueprint.route("/students/<int:student_id>/leave", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def leave_class(student_id):
    """Afterwards the school may no longer see the pupil: then back to the list."""
    student = editable(student_id)
    form = LeaveForm(left_on=today_in_china(), kind=request.args.get("kind", ""))
    mark_needed(form, form.kind.data or "")
    if form.kind.data not in LEAVES and request.method == "GET":
        return render_template("students/choose_move.html", student=student, kinds=LEAVES, KINDS=KINDS, page="students.leave_class")
    return change(form, student, "students/leave_class.html", lambda: leave(student, form), "list_enrollments", kind=KINDS.get(form.kind.data))


def leave(student, form) -> None:
    about = {"kind": form.kind.data, "left_on": form.left_on.data, "reason": form.reason.data, **form.about()}
    placing.leave_class(student=student, **about, by=current_user)


@blueprint.route("/students/<int:student_id>/suspend", methods=["GET", "POST"])
@requires(P.MOVE_APPROVE)
def suspend_student(student_id):
    """休学: approved by the township or the bureau."""
    student = editable(student_id, P.MOVE_APPROVE)
    form = LeaveForm(left_on=today_in_china())
    form.kind.data = "suspend"
    mark_needed(form, "suspend")

    def act():
        moving.suspend_student(student=student, left_on=form.left_on.data, reason=form.reason.data, **form.about(), by=current_user)

    return change(form, student, "students/suspend_student.html", act, "list_enrollments", kind=KINDS["suspend"])


@blueprint.route("/students/<int:student_id>/defer", methods=["GET", "POST"])
@requires(P.MOVE_APPROVE)
def defer_student(student_id):
    """延缓入学 of a child who sits in no class."""
    student = editable(student_id, P.MOVE_APPROVE)
    form = DeferForm(on_day=today_in_china())

    def act():
        moving.defer_student(student=student, **form.typed(), by=current_user)

    return change(form, student, "students/defer_student.html", act, "list_enrollments", kind=KINDS["defer"])


@blueprint.route("/students/<int:student_id>/moves/<int:move_id>/withdraw", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def withdraw_move(student_id, move_id):
    return withdraw(editable(student_id), move_id)


@blueprint.route("/students/<int:student_id>/moves/<int:move_id>/withdraw-approval", methods=["GET", "POST"])
@requires(P.MOVE_APPROVE)
def withdraw_approval(student_id, move_id):
    """休学 and 延缓入学, by the township or the bureau that approve them."""
    return withdraw(editable(student_id, P.MOVE_APPROVE), move_id)


def withdraw(student, move_id: int):
    move, form = standing_move(student, move_id), WithdrawMoveForm()

    def act():
        moving.withdraw_move(move=move, reason=form.reason.data, by=current_user)

    return change(form, student, "students/withdraw_move.html", act, "list_enrollments", move=move, label=label_of(move))


@blueprint.route("/students/<int:student_id>/enrollments/<int:spell_id>/correct", methods=["GET", "POST"])
@requires(P.STUDENT_EDIT)
def correct_spell(student_id, spell_id):
    student = editable(student_id)
    spell = spell_of(student, spell_id)
    school, schools = chosen_school(spell.class_org)
    form = CorrectSpellForm(class_org=spell.class_org_id, starts_on=spell.starts_on, ends_on=spell.ends_on)
    offered = classes_of(school)
    own = [] if spell.class_org_id in dict(offered) else [(spell.class_org_id, spell.class_org.name)]
    form.class_org.choices = own + offered

    def act():
        same = form.class_org.data == spell.class_org_id
        class_org = spell.class_org if same else visible_org(current_user, form.class_org.data, P.STUDENT_EDIT)
        days = {"starts_on": form.starts_on.data, "ends_on": form.ends_on.data}
        correcting.correct_spell(spell=spell, **days, class_org=class_org, reason=form.reason.data, by=current_user)

    return change(form, student, "students/correct_spell.html", act, "list_enrollments", spell=spell, school=school, schools=schools)
