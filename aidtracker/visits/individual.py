"""一人一案: which plan of a pupil taught at home holds on a day, its goals term by term, and what is missing of it."""

import datetime
from collections.abc import Collection
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import people_at
from aidtracker.db import chunks_of
from aidtracker.errors import NotFound
from aidtracker.permissions import ROLES, Permission
from aidtracker.students.models import Student
from aidtracker.terms.calendar import term_of
from aidtracker.visits.models_plans import IndividualGoal, IndividualPlan

RECORDERS = [name for name, role in ROLES.items() if Permission.VISIT_RECORD in role.permissions and {"class", "school"} & set(role.held_at)]
WORDS = {"schedule": 100, "consent_by": 100, "assessed": 2000}  # the most characters of each
MOST = 2000  # of goals, and of what became of them
SOON = datetime.timedelta(days=30)
STATES = {"none": "没有方案", "over": "方案已到期", "soon": "方案快到期", "no_goals": "缺本学期目标", "ok": "有方案"}  # what is urgent first


class Holding(NamedTuple):
    """Of a pupil on a day: the plan that holds, or the last one; `state` of STATES."""

    plan: IndividualPlan | None
    state: str


def plans_of(student: Student) -> list[IndividualPlan]:
    """All there were, the latest first."""
    return list(IndividualPlan.select().where(IndividualPlan.student == student).order_by(IndividualPlan.starts_on.desc(), IndividualPlan.id.desc()))


def plan_of(student: Student, plan_id: int) -> IndividualPlan:
    found = IndividualPlan.get_or_none((IndividualPlan.id == plan_id) & (IndividualPlan.student == student))
    if found is None:
        raise NotFound
    return found


def goals_of(student: Student) -> dict[str, IndividualGoal]:
    """{term: the row that holds}, the latest term first."""
    rows = IndividualGoal.select().where(IndividualGoal.student == student).order_by(IndividualGoal.id)
    held = {row.term: row for row in rows}
    return {row.term: row for row in sorted(held.values(), key=lambda row: (row.term[:4], row.term[5] == "a"), reverse=True)}


def holding(student_ids: Collection[int], on: datetime.date) -> dict[int, Holding]:
    """{pupil: which plan holds on the day}, of many at once."""
    plans: dict[int, list[IndividualPlan]] = {}
    with_goals: set[int] = set()
    for some in chunks_of(list(student_ids)):
        for plan in IndividualPlan.select().where(IndividualPlan.student.in_(some)).order_by(IndividualPlan.starts_on, IndividualPlan.id):
            plans.setdefault(plan.student_id, []).append(plan)
        goals = IndividualGoal.select(IndividualGoal.student_id).where(IndividualGoal.student.in_(some) & (IndividualGoal.term == term_of(on).code))
        with_goals.update(student_id for (student_id,) in goals.tuples())
    return {student_id: held(plans.get(student_id, []), student_id in with_goals, on) for student_id in student_ids}


def held(plans: list[IndividualPlan], has_goals: bool, on: datetime.date) -> Holding:
    now = next((plan for plan in reversed(plans) if plan.starts_on <= on <= plan.last_on), None)
    if now is None:
        begun = [plan for plan in plans if plan.starts_on <= plan.last_on]
        return Holding(begun[-1], "over") if begun and begun[-1].last_on < on else Holding(None, "none")
    if not has_goals:
        return Holding(now, "no_goals")
    follows = any(plan.starts_on > now.last_on >= plan.starts_on - datetime.timedelta(days=1) for plan in plans)
    return Holding(now, "soon" if now.last_on - on < SOON and not follows else "ok")


def teachers_for(student: Student) -> list[tuple[int, str]]:
    """(user id, name and place) of whoever may teach the pupil: of the class and its school."""
    if student.class_org_id is None:
        return []
    return people_at([student.class_org_id, student.class_org.parent_id], RECORDERS)


def names_of(user_ids: Collection[int]) -> dict[int, str]:
    return dict(User.select(User.id, User.name).where(User.id.in_(list(user_ids))).tuples())
