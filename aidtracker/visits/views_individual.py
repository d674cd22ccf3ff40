"""The individual plan (一人一案) of a pupil taught at home: what stands, a new one, its end, the goals of each term."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.actions_looking import view_student
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with, visible_student
from aidtracker.terms.calendar import Term, term, term_of
from aidtracker.visits import actions_individual as actions
from aidtracker.visits.forms_individual import EndPlanForm, GoalsForm, IndividualPlanForm
from aidtracker.visits.individual import goals_of, holding, names_of, plan_of, plans_of, teachers_for
from aidtracker.visits.models_plans import IndividualPlan
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.addresses import number_or_none

P = Permission


@blueprint.get("/students/<int:student_id>/individual-plan")
@requires(P.VISIT_VIEW)
def show_individual(student_id):
    student, today = visible_student(current_user, student_id, P.VISIT_VIEW), today_in_china()
    view_student(student=student, by=current_user)
    plans, goals = plans_of(student), goals_of(student)
    people = {id_ for plan in plans for id_ in (plan.teacher_id, plan.second_teacher_id, plan.made_by_id) if id_}
    names = names_of(people | {goal.set_by_id for goal in goals.values()})
    context = {"plans": plans, "goals": [(term(code).label, goal) for code, goal in goals.items()], "names": names, "now": term_of(today)}
    may_record = may_with(current_user, P.VISIT_RECORD, student)
    return render_template("visits/show_individual.html", student=student, holding=holding([student.id], today)[student.id], today=today, may_record=may_record, **context)


@blueprint.route("/students/<int:student_id>/individual-plan/new", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def add_individual_plan(student_id):
    student, today = writable(student_id), today_in_china()
    form = IndividualPlanForm(starts_on=today, ends_on=term_of(today).ends_on)
    form.offer_teachers(teachers_for(student))
    if form.submitted():
        asked = {"values": form.values(), "goals": form.goals.data}
        try:
            write(form, "add_individual_plan", student, {}, lambda: actions.add_individual_plan(student=student, **asked, by=current_user))
            flash(_("已保存送教方案。"), "ok")
            return redirect(url_for(".show_individual", student_id=student.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/add_individual_plan.html", form=form, student=student, today=today), form.status


@blueprint.route("/students/<int:student_id>/individual-plan/<int:plan_id>/end", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def end_individual_plan(student_id, plan_id):
    student = writable(student_id)
    plan, form = standing(student, plan_id), EndPlanForm(ended_on=today_in_china())
    if form.submitted():
        asked = {"ended_on": form.ended_on.data, "reason": form.reason.data}
        try:
            write(form, "end_individual_plan", student, {"plan": plan.id}, lambda: actions.end_individual_plan(plan=plan, **asked, by=current_user))
            flash(_("送教方案已结束。"), "ok")
            return redirect(url_for(".show_individual", student_id=student.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/end_individual_plan.html", form=form, student=student, plan=plan, today=today_in_china()), form.status


@blueprint.route("/students/<int:student_id>/individual-plan/goals", methods=["GET", "POST"])
@requires(P.VISIT_RECORD)
def set_goals(student_id):
    """Of the term in the address, else of this one."""
    student, asked = writable(student_id), asked_term()
    row = goals_of(student).get(asked.code)
    form = GoalsForm(goals=row.goals if row else "", result=row.result if row else "", revision=row.id if row else 0)
    if form.submitted():
        told = {"term": asked.code, "goals": form.goals.data, "result": form.result.data or "", "revision": number_or_none(str(form.revision.data)) or 0}
        try:
            write(form, "set_goals", student, {"term": asked.code}, lambda: actions.set_goals(student=student, **told, by=current_user))
            flash(_("已保存。"), "ok")
            return redirect(url_for(".show_individual", student_id=student.id), 303)
        except Refused as refused:
            form.refuse(refused)
    return render_template("visits/set_goals.html", form=form, student=student, term=asked, theirs=row if form.theirs else None), form.status


def asked_term() -> Term:
    try:
        return term(request.args.get("term") or term_of(today_in_china()).code)
    except ValueError:
        raise NotFound("没有这个学期。") from None


def writable(student_id: int) -> Student:
    student = visible_student(current_user, student_id, P.VISIT_VIEW)
    if not may_with(current_user, P.VISIT_RECORD, student):
        raise Forbidden("你没有写这名学生送教方案的权限。")
    view_student(student=student, by=current_user)
    return student


def standing(student: Student, plan_id: int) -> IndividualPlan:
    plan = plan_of(student, plan_id)
    if plan.ended_at is not None:
        raise Refused("这个方案已经结束了。")
    return plan


def write(form, verb: str, student: Student, body: dict, do):
    def done():
        return {"id": getattr(do(), "id", None)}

    once(by=current_user, key=form.key.data, kind=f"visits.{verb}", body={"student": student.id, **form.typed(), **body}, do=done)
