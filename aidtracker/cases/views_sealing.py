"""Pages of 保密个案: sealing a case, its named people, lifting the seal, and looking in need."""

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.cases import actions_sealing as acts
from aidtracker.cases.forms import ClosingWordsForm
from aidtracker.cases.forms_sealing import BreakSealForm, ReadersForm, SealCaseForm
from aidtracker.cases.models import Case
from aidtracker.cases.queries import visits_of, visits_to_name, workers_for
from aidtracker.cases.sealed import reader_ids, seal_of
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.cases.views_working import change, refuse_without, to_case, workable, write
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.students.actions_looking import view_student
from aidtracker.students.queries import visible_student

P = Permission


@blueprint.route("/cases/<int:case_id>/seal", methods=["GET", "POST"])
@requires(P.CASE_SEAL)
def seal_case(case_id):
    case = workable(case_id, P.CASE_SEAL)
    if request.method == "GET" and seal_of(case):
        return redirect(url_for(".set_readers", case_id=case.id), 303)
    form = SealCaseForm(readers=[])
    form.readers.choices = others_for(case)
    visits = len(visits_of(case)) - len(visits_to_name(case))
    return change(form, case, "cases/seal_case.html", lambda: acts.seal_case(case=case, reason=form.reason.data, readers=form.readers.data, by=current_user), visits=visits)


@blueprint.route("/cases/<int:case_id>/readers", methods=["GET", "POST"])
@requires(P.CASE_SEAL)
def set_readers(case_id):
    case = workable(case_id, P.CASE_SEAL)
    if request.method == "GET" and not seal_of(case):
        return to_case(case.id, _("这个个案没有保密。"), "warn")
    now, offered = reader_ids(case), others_for(case)
    form = ReadersForm(readers=[id_ for id_, _name in offered if id_ in now])
    form.readers.choices = offered
    return change(form, case, "cases/set_readers.html", lambda: acts.set_readers(case=case, readers=form.readers.data, by=current_user))


@blueprint.route("/cases/<int:case_id>/lift-seal", methods=["GET", "POST"])
@requires(P.CASE_SEAL)
def lift_seal(case_id):
    case = workable(case_id, P.CASE_SEAL)
    if request.method == "GET" and not seal_of(case):
        return to_case(case.id, _("这个个案没有保密。"), "warn")
    form = ClosingWordsForm()
    return change(form, case, "cases/lift_seal.html", lambda: acts.lift_seal(case=case, words=form.words.data, by=current_user))


@blueprint.route("/students/<int:student_id>/cases/break-seal", methods=["GET", "POST"])
@requires(P.CASE_BREAK)
def break_seal(student_id):
    """The same page for every pupil, so that it tells nothing."""
    student = visible_student(current_user, student_id, P.CASE_VIEW)
    refuse_without(P.CASE_BREAK, student)
    view_student(student=student, by=current_user)
    form = BreakSealForm()
    if form.submitted():
        try:
            body = {"student": student.id, "reason": form.reason.data}
            receipt = write(form, "break_seal", body, lambda: {"case": acts.break_seal(student=student, reason=form.reason.data, by=current_user).id})
            return to_case(receipt.result["case"], _("可以查看了。知情人和教育局管理员已收到待办。"), "warn")
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/break_seal.html", form=form, student=student), form.status


def others_for(case: Case) -> list[tuple[int, str]]:
    """Who seals it and who answers for it are named anyway."""
    return [(id_, name) for id_, name in workers_for(case.student) if id_ not in (current_user.id, case.owner_id)]
