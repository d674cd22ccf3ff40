"""Writing an individual plan (一人一案) of a pupil taught at home, ending it, and setting the goals of a term with what became of them."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Conflict, Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import lock_pupils, may_with
from aidtracker.students.spells import Spells
from aidtracker.terms.calendar import term
from aidtracker.terms.days import ONE_DAY, half_year_of
from aidtracker.terms.years import refuse_closed_year
from aidtracker.visits.individual import MOST, WORDS, goals_of, teachers_for
from aidtracker.visits.models import PLACES
from aidtracker.visits.models_plans import IndividualGoal, IndividualPlan

LONGEST = datetime.timedelta(days=366)  # a plan is made anew each school year
AHEAD = datetime.timedelta(days=120)
FIELDS = ("starts_on", "ends_on", "place", "schedule", "assessed", "consent_on", "consent_by", "teacher", "second_teacher")


def add_individual_plan(*, student: Student, values: dict, goals: str, by) -> IndividualPlan:
    """`values` by FIELDS, teachers as ids. A plan that still runs on the first day of the new one ends the day before.

    Refused: a pupil who is not taught at home, no consent of the guardian, no goals for the term in which it begins.
    """
    refuse_outsider(student, by)
    refuse_values(student, values)
    if not goals.strip():
        raise Refused("请写明本学期的目标，例如：能认读 20 个常用字。")
    refuse_closed_year(student.county_id, values["starts_on"])
    with transaction():
        lock_pupils([student.id])
        if not Spells([student.id]).on(student.id, values["starts_on"]).is_home_taught:
            raise Refused("%(name)s从这一天起不是送教上门的学生。请核对日期，或先变更就读方式。", name=student.name)
        replace_running(student, values["starts_on"], by)
        words = {name: (values.get(name) or "").strip() for name in ("schedule", "consent_by")}
        fixed = {"county": student.county_id, "student": student.id, "made_by": by, "assessed": (values.get("assessed") or "").strip() or None}
        plan = IndividualPlan.create(**{name: values.get(name) for name in FIELDS} | words | fixed)
        write_goals(student, half_year_of(values["starts_on"]), goals, "", by)
        told("add_individual_plan", student, plan.uid, by, ("starts_on", "ends_on", "teacher", "consent_on", "goals"))
    return plan


def replace_running(student: Student, starts_on: datetime.date, by) -> None:
    """Also one that would only begin later: of what was written before, nothing holds any more from that day on."""
    running = (IndividualPlan.student == student) & IndividualPlan.ended_at.is_null() & (IndividualPlan.ends_on >= starts_on)
    ended = {"ended_on": starts_on - ONE_DAY, "ended_at": utcnow(), "ended_by": by, "end_reason": "改用新的方案"}
    IndividualPlan.update(**ended).where(running).execute()


def end_individual_plan(*, plan: IndividualPlan, ended_on: datetime.date, reason: str, by) -> None:
    """Before its time: the pupil comes to school again, moves away, the guardian takes the consent back."""
    student = plan.student
    refuse_outsider(student, by)
    if not reason.strip():
        raise Refused("请写明为什么结束，例如：孩子身体好转，回校随班就读。")
    if not plan.starts_on <= ended_on <= today_in_china():
        raise Refused("结束日期要在方案开始的那天和今天之间。")
    refuse_closed_year(student.county_id, ended_on)
    with transaction():
        ended = {"ended_on": ended_on, "ended_at": utcnow(), "ended_by": by, "end_reason": reason.strip()[:100]}
        if not IndividualPlan.update(**ended).where((IndividualPlan.id == plan.id) & IndividualPlan.ended_at.is_null()).execute():
            raise Refused("这个方案刚才已经结束了。")
        told("end_individual_plan", student, plan.uid, by, ("ended_on", "end_reason"))


def set_goals(*, student: Student, term: str, goals: str, result: str, revision: int, by) -> IndividualGoal:
    """At least once a term (每学期调整). `revision` is the row that was shown, 0 where there was none; Conflict when somebody was faster."""
    refuse_outsider(student, by)
    refuse_term(term)
    if not goals.strip():
        raise Refused("请写明目标，例如：能认读 20 个常用字。")
    refuse_long(goals, result)
    with transaction():
        lock_pupils([student.id])
        standing = goals_of(student).get(term)
        if (standing.id if standing else 0) != revision:
            raise Conflict("这个学期的目标刚被别人改过，你的内容没有保存。请核对后再保存。", theirs={"revision": standing.id if standing else 0})
        if standing and (standing.goals, standing.result or "") == (goals.strip(), result.strip()):
            return standing
        row = write_goals(student, term, goals, result, by)
        told("set_goals", student, row.uid, by, ("goals", *(("result",) if result.strip() else ())))
    return row


def write_goals(student: Student, code: str, goals: str, result: str, by) -> IndividualGoal:
    refuse_long(goals, result)
    return IndividualGoal.create(student=student.id, term=code, goals=goals.strip(), result=result.strip() or None, set_by=by)


def refuse_outsider(student: Student, by) -> None:
    if not may_with(by, Permission.VISIT_RECORD, student):
        raise Forbidden("你没有写这名学生送教方案的权限。")


def refuse_values(student: Student, values: dict) -> None:
    starts_on, ends_on, today = values["starts_on"], values["ends_on"], today_in_china()
    if not today - LONGEST <= starts_on <= today + AHEAD:
        raise Refused("方案从一年以内开始，最多提前四个月。")
    if not starts_on <= ends_on <= starts_on + LONGEST:
        raise Refused("方案最长一年，结束日期不能早于开始日期：每学年要重新评估。")
    if values.get("place") not in PLACES:
        raise Refused("请选择送教地点。")
    if values.get("consent_on") is None or values["consent_on"] > today:
        raise Refused("送教要监护人同意：请填写签同意书的日期，不能晚于今天。")
    if not (values.get("consent_by") or "").strip():
        raise Refused("请填写签同意书的监护人。")
    for name, most in WORDS.items():
        if len((values.get(name) or "").strip()) > most:
            raise Refused("写得太长了，每一项最多 %(most)s 个字。", most=most)
    refuse_teachers(student, values)


def refuse_teachers(student: Student, values: dict) -> None:
    offered = dict(teachers_for(student))
    if values.get("teacher") not in offered:
        raise Refused("请从名单里选送教教师。")
    if values.get("second_teacher") is not None and values["second_teacher"] not in offered:
        raise Refused("请从名单里选同行教师。")
    if values.get("second_teacher") == values["teacher"]:
        raise Refused("送教两人同行：同行教师要是另一个人。")


def refuse_term(code: str) -> None:
    try:
        term(code)
    except ValueError:
        raise Refused("没有这个学期。") from None


def refuse_long(goals: str, result: str) -> None:
    if max(len(goals.strip()), len(result.strip())) > MOST:
        raise Refused("写得太长了，每一项最多 %(most)s 个字。", most=MOST)


def told(action: str, student: Student, uid: str, by, fields) -> None:
    record(action=f"visits.{action}", by=by, object_kind="individual_plan", object_id=uid, fields=fields, county_id=student.county_id)
