"""The list of who is to be visited, class by class or of a school, and the dates for it."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.narrowing import narrowed
from aidtracker.orgs.queries import top_orgs
from aidtracker.permissions import Permission, requires
from aidtracker.receipts.actions import once
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.visits import actions_plans
from aidtracker.visits.coverage import PupilDue, pupils_due, sums_of
from aidtracker.visits.forms_plans import DueForm, PlanForm
from aidtracker.visits.rules import LABELS, STATES, rules_of, words_of
from aidtracker.visits.views_blueprint import blueprint
from aidtracker.web.paging import order_of, page_of

P = Permission
BACK = ("township", "school", "room", "rule", "state", "sort", "page")
URGENT = list(STATES)


@blueprint.get("/visits/due")
@requires(P.VISIT_VIEW)
def list_due():
    return show_due(PlanForm(formdata=None))


def show_due(plan: PlanForm):
    form, today = DueForm(request.args, meta={"csrf": False}), today_in_china()
    places = narrowed(current_user, P.VISIT_VIEW, form.places())
    form.offer_places(places)
    place = places.place if places.place and places.place.kind != "township" else own_place()
    rule, state, order = form.chosen("rule"), form.chosen("state"), order_of(("state", "name", "last"), "state")
    rules = rules_of(place.county_id if place else None, today)
    found = pupils_due(place.id, place.kind, rules) if place else []
    rows = sorted_rows([due for due in found if fits(due, rule, state)], order)
    context = {"form": form, "plan": plan, "place": place, "page": page_of(rows), "order": order, "sums": sums_of(found, rules), "rules": words_of(rules)}
    context |= {"labels": LABELS, "states": STATES, "chosen": form.words_of("township", "school", "room", "rule", "state"), "today": today}
    context |= {"may_record": current_user.may(P.VISIT_RECORD), "sees_report": current_user.may(P.REPORT_VIEW), "kept": kept()}
    return render_template("visits/list_due.html", **context), plan.status


def own_place() -> Org | None:
    """The reader's own class or school, where there is one only."""
    places = top_orgs(current_user, P.VISIT_VIEW)
    return places[0] if len(places) == 1 and places[0].kind in ("class", "school") else None


def fits(due: PupilDue, rule: str, state: str) -> bool:
    return (not rule or any(need.rule == rule for need in due.unmet)) and (not state or due.state == state)


def sorted_rows(rows: list[PupilDue], order) -> list[PupilDue]:
    """What is urgent first, unless a heading was clicked; of a class always by seat."""
    if order.key == "last":
        rows = sorted(rows, key=lambda due: due.last_on.toordinal() if due.last_on else 0)
    elif order.key == "state":
        rows = sorted(rows, key=lambda due: (URGENT.index(due.state), due.until is None, due.until))
    return rows[::-1] if order.descending else rows


def kept() -> dict[str, str]:
    """What the list is narrowed to, for the way back to it."""
    return {name: request.args[name] for name in BACK if request.args.get(name)}


@blueprint.post("/visits/due/plans")
@requires(P.VISIT_RECORD)
def set_plans():
    form = PlanForm()
    if form.submitted():
        try:
            ids = set(form.pupils.data or ())
            students = list(visible_students(current_user, P.VISIT_VIEW).where(Student.id.in_(ids)))
            if len(students) != len(ids):
                raise NotFound("有的学生不在你的范围内，请刷新名单再选。")
            plan(form, students)
            return redirect(url_for(".list_due", **kept()), 303)
        except Refused as refused:
            form.refuse(refused)
    return show_due(form)


def plan(form: PlanForm, students: list[Student]) -> None:
    planned_on = None if form.is_taken_back.data else form.planned_on.data
    if planned_on is None and not form.is_taken_back.data:
        raise Refused("请填写家访日期；要取消已定的日期，请勾选「取消已定的日期」。")

    def do():
        return {"changed": actions_plans.set_plans(students=students, planned_on=planned_on, by=current_user)}

    receipt = once(by=current_user, key=form.key.data, kind="visits.set_plans", body=form.typed(), do=do)
    said = _("已取消 %(n)s 名学生的家访日期。") if planned_on is None else _("已给 %(n)s 名学生定了家访日期。")
    flash(said % {"n": receipt.result["changed"]}, "ok")
