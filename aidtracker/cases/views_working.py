"""Pages that change a case: open, edit, follow up, close, reopen."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.attendance.streaks import days_away_of
from aidtracker.cases import actions
from aidtracker.cases.actions_following import add_follow_up as follow_up_action
from aidtracker.cases.closings import closes_at_once
from aidtracker.cases.forms import CloseCaseForm, EditCaseForm, FollowUpForm, OpenCaseForm, ReopenCaseForm
from aidtracker.cases.models import KINDS, ORIGINS, Case
from aidtracker.cases.outcomes import CLOSING
from aidtracker.cases.queries import case_for, is_open, visible_case, visits_to_name, workers_for
from aidtracker.cases.reasons import reasons_of
from aidtracker.cases.refusals import CaseAlreadyOpen
from aidtracker.cases.states import CLOSED, due_after
from aidtracker.cases.views_blueprint import blueprint
from aidtracker.db import today_in_china
from aidtracker.errors import Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import new_number, once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.models import Student
from aidtracker.students.people_met import people_to_meet
from aidtracker.students.queries import visible_student
from aidtracker.students.records import guardians_of, permissions_over
from aidtracker.visits.models import FORMS
from aidtracker.web.addresses import number_or_none
from aidtracker.web.language import said

P = Permission
SAVED = {"close_case": "已销号。", "ask_closing": "已申请销号，等批准。"}


@blueprint.route("/students/<int:student_id>/cases/open", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def open_case(student_id):
    """Where a closed case waits, the way leads to reopening it."""
    student = visible_student(current_user, student_id, P.CASE_VIEW)
    refuse_without(P.CASE_WORK, student)
    view_student(student=student, by=current_user)
    standing = case_for(current_user, student)
    if standing and not is_open(standing):
        return redirect(url_for("cases.reopen_case", case_id=standing.id), 303)
    form = OpenCaseForm(**proposed(student) | asked_for())
    form.offer_reasons(reasons_of(student.county_id))
    form.owner.choices = workers_for(student)
    if form.submitted():
        try:
            receipt = write(form, "open_case", {"student": student.id, **form.values()}, lambda: opened(student, form))
            return to_case(receipt.result["case"], _("已建案。"))
        except CaseAlreadyOpen as refused:
            standing = refused.case
            form.refuse(refused)
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/open_case.html", form=form, student=student, standing=standing), form.status


def proposed(student: Student) -> dict:
    """What the rolls know already; who opens it answers for it."""
    today = today_in_china()
    away = days_away_of({student.id}, student.county_id, today).get(student.id, [])
    found = {"absent_from": away[0] if away else None, "found_on": today}
    return found | {"origin": "roll" if away else "report", "owner": current_user.id, "due_on": due_after(today, student.county_id)}


def asked_for() -> dict:
    """The list matching says in its link where the child was found."""
    origin = request.args.get("origin", "")
    return {"origin": origin} if origin in ORIGINS else {}


def opened(student: Student, form) -> dict:
    return {"case": actions.open_case(student=student, values=form.values(), by=current_user).id}


@blueprint.route("/cases/<int:case_id>/reopen", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def reopen_case(case_id):
    case = workable(case_id, P.CASE_WORK)
    if case.state != CLOSED and request.method == "GET":
        return to_case(case.id, _("这个个案没有销号，不用重新开案。"), "warn")
    form = ReopenCaseForm(**proposed(case.student) | told_reasons(case))
    form.offer_reasons(reasons_of(case.county_id))
    form.owner.choices = workers_for(case.student)
    if form.submitted():

        def act():
            actions.reopen_case(case=case, values=form.values(), reason=form.reason.data, by=current_user)

        try:
            write(form, "reopen_case", {"case": case.id, "reason": form.reason.data, **form.values()}, act)
            return to_case(case.id, _("已重新开案。"))
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/reopen_case.html", form=form, case=case), form.status


def told_reasons(case: Case) -> dict:
    return {"main_reason": case.main_reason, "second_reason": case.second_reason}


@blueprint.route("/cases/<int:case_id>/edit", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def edit_case(case_id):
    case = workable(case_id, P.CASE_WORK)
    if case.state == CLOSED and request.method == "GET":
        return to_case(case.id, _("这个个案已销号，不能再改。"), "warn")
    kept = {"detail": case.detail, "owner": case.owner_id, "due_on": case.due_on, "revision": case.revision}
    form = EditCaseForm(**kept | told_reasons(case))
    form.offer_reasons(reasons_of(case.county_id))
    form.owner.choices = owners_of(case)

    def act():
        actions.edit_case(case=case, revision=form.base, values=form.values(), by=current_user)

    return change(form, case, "cases/edit_case.html", act)


def owners_of(case: Case) -> list[tuple[int, str]]:
    """Whoever answers for it stays possible, also after moving on."""
    found = workers_for(case.student)
    if case.owner_id and case.owner_id not in dict(found):
        found.append((case.owner_id, case.owner.name))
    return found


@blueprint.route("/cases/<int:case_id>/follow-ups/new", methods=["GET", "POST"])
@requires(P.CASE_WORK)
def add_follow_up(case_id):
    """?kind=phone chooses the kind, ?visit=7 a visit that is recorded already."""
    case = workable(case_id, P.CASE_WORK)
    if case.state == CLOSED and request.method == "GET":
        return to_case(case.id, _("这个个案已销号。学生又没有到校时，请先重新开案，再记跟进。"), "warn")
    student, today = case.student, today_in_china()
    kind = request.args.get("kind") if request.args.get("kind") in KINDS else "on_site"
    usual = {"kind": kind, "on": today, own_line(): current_user.name, "next_on": due_after(today, case.county_id)}
    form = FollowUpForm(**usual, visit=str(request.args.get("visit", type=number_or_none) or ""))
    guardians = guardians_of(student)
    fill_choices(form, case, guardians)
    if form.submitted():
        number, values = new_number(), form.values(guardians, student)

        def act():
            return {"follow_up": follow_up_action(case=case, values=values, by=current_user, receipt=number).id}

        try:
            receipt = write(form, "add_follow_up", {"case": case.id, **values}, act, number)
            return to_case(case.id, _("已记下。回执号 %(number)s", number=receipt.number))
        except Refused as refused:
            form.refuse(refused)
    return render_template("cases/add_follow_up.html", form=form, case=case), form.status


def own_line() -> str:
    """The field of whoever goes: of the government line who works for a village or township alone."""
    return "people_gov" if {m.org.kind for m in current_user.memberships} <= {"village", "township"} else "people"


def fill_choices(form: FollowUpForm, case: Case, guardians) -> None:
    """Guardians by name; visits since it was found that no follow-up has named."""
    form.met.choices = [(code, said(words)) for code, words in people_to_meet(guardians)]
    visits = [(str(each.id), f"{each.on.isoformat()} {_(FORMS[each.form])} {each.teachers}") for each in visits_to_name(case)]
    form.visit.choices = [("", _("不是，另记一次")), *visits]


@blueprint.route("/cases/<int:case_id>/close", methods=["GET", "POST"])
@requires(P.CASE_CLOSE)
def close_case(case_id):
    case = workable(case_id, P.CASE_CLOSE)
    if case.state == CLOSED and request.method == "GET":
        return to_case(case.id, _("这个个案已销号，不能再改。"), "warn")
    if not closes_at_once(current_user, case) and request.method == "GET":
        return redirect(url_for("cases.ask_closing", case_id=case.id), 303)
    form = CloseCaseForm(revision=case.revision, closed_on=today_in_china())

    def act():
        told = {"outcome": form.outcome.data, "conclusion": form.conclusion.data, "closed_on": form.closed_on.data}
        actions.close_case(case=case, revision=form.base, **told, by=current_user)

    return change(form, case, "cases/close_case.html", act, outcomes=CLOSING)


def change(form, case: Case, template: str, act, **context):
    """The shape of an edit that says what it was based on: after a conflict the page shows both, and saves again over it."""
    verb = template.removeprefix("cases/").removesuffix(".html")
    if form.submitted():
        try:
            write(form, verb, {"case": case.id, **form.typed()}, lambda: act() and None)
            return to_case(case.id, _(SAVED.get(verb, "已保存。")))
        except Refused as refused:
            form.refuse(refused)
    return render_template(template, form=form, case=case, **context), form.status


def workable(case_id: int, permission: Permission) -> Case:
    """404 outside the reader's scope, 403 inside it without the right."""
    case = visible_case(current_user, case_id)
    refuse_without(permission, case.student)
    view_student(student=case.student, by=current_user)
    return case


def refuse_without(permission: Permission, student: Student) -> None:
    if permission not in permissions_over(current_user, student):
        abort(403)


def write(form, verb: str, body: dict, do, number=None):
    return once(by=current_user, key=form.key.data, kind=f"cases.{verb}", body=body, do=do, number=number)


def to_case(case_id: int, words: str, kind: str = "ok"):
    flash(words, kind)
    return redirect(url_for("cases.show_case", case_id=case_id), 303)
