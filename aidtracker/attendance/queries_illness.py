"""Cases of illness and alerts within the reader's scope."""

import datetime

import peewee

from aidtracker.attendance.illness import DAYS, IN_THE_MORNING, INFECTIOUS, IllCase, Limits, codes_of
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.models_illness import IllnessAlert, SymptomReport
from aidtracker.attendance.models_leaves import LIVE, Leave
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of, policy_of
from aidtracker.students.models import Student
from aidtracker.terms.days import ONE_DAY

P = Permission
REPORTED = """SELECT uid, student_id, class_org_id, on_day, symptoms FROM symptom_report
WHERE school_id = ? AND on_day BETWEEN ? AND ? AND withdrawn_at IS NULL"""
UNWELL = """SELECT r.id, a.student_id, r.class_org_id, a.on_day, a.reason FROM absence a JOIN roll_call r ON r.id = a.roll_call_id
WHERE a.on_day BETWEEN ? AND ? AND a.mark = 'unwell' AND r.school_id = ? AND r.session = 'early' AND a.reason IS NOT NULL"""


def cases_of(school_id: int, first: datetime.date, last: datetime.date) -> list[IllCase]:
    """What was recorded of pupils who are ill, and 身体不适 with its symptom of 晨检."""
    found, unseal = [], unsealed_column(SymptomReport.symptoms)
    for uid, student, room, on, sealed in run_sql(REPORTED, (school_id, first, last)).fetchall():
        found.append(IllCase(student, room, as_day(on), frozenset(codes_of(unseal(uid, bytes(sealed))))))
    unseal = unsealed_column(Absence.reason)
    for roll, student, room, on, sealed in run_sql(UNWELL, (first, last, school_id)).fetchall():
        found.append(IllCase(student, room, as_day(on), frozenset(IN_THE_MORNING.get(unseal(f"{roll}-{student}", bytes(sealed)), ()))))
    return found


def limits_of(county_id: int, on: datetime.date) -> Limits:
    return Limits(number_of("illness_in_a_day", county_id, on), number_of("illness_in_three_days", county_id, on))


def report_on(student_id: int, on: datetime.date) -> SymptomReport | None:
    return SymptomReport.get_or_none((SymptomReport.student == student_id) & (SymptomReport.on == on) & SymptomReport.withdrawn_at.is_null())


def symptoms_of(leave: Leave) -> list[str]:
    """All that was recorded of the pupil with the leave, or on one of its days."""
    mine = (SymptomReport.student == leave.student_id) & SymptomReport.withdrawn_at.is_null()
    near = SymptomReport.on.between(leave.first_on, leave.last_on) | (SymptomReport.leave == leave.id)
    return codes_of(",".join(report.symptoms for report in SymptomReport.select().where(mine & near)))


def infectious_of(leave: Leave) -> list[str]:
    """Those after which the county asks for a 复课证明, whatever the leave is called."""
    listed = INFECTIOUS[policy_of("clearance_after", leave.county_id, leave.last_on)]
    return [code for code in symptoms_of(leave) if code in listed]


def is_ill(student_id: int, on: datetime.date) -> bool:
    """Marked ill at a roll of that day, or on sick leave."""
    marked = Absence.select().join(RollCall).where((Absence.student == student_id) & (Absence.on == on) & Absence.mark.in_(("sick_leave", "isolated", "unwell")))
    on_leave = (Leave.student == student_id) & (Leave.kind == "sick_leave") & Leave.state.in_(LIVE)
    return marked.exists() or Leave.select().where(on_leave & (Leave.first_on <= on) & (Leave.last_on >= on)).exists()


def visible_alerts(user, permission: Permission = P.ROLL_VIEW):
    """Of the class, or of the school for whoever looks after the whole of it. What was corrected away is shown only if it was handled."""
    paths = user.scopes(permission)
    if not paths:
        return IllnessAlert.select().where(NOTHING)
    places = Org.select(Org.id).where(within(paths))
    here = IllnessAlert.class_org.in_(places) | (IllnessAlert.class_org.is_null() & IllnessAlert.school.in_(places))
    return IllnessAlert.select().where(here & (IllnessAlert.lifted_at.is_null() | IllnessAlert.handled_at.is_null(False)))


def visible_alert(user, alert_id: int, permission: Permission = P.ROLL_VIEW) -> IllnessAlert:
    found = visible_alerts(user, permission).where(IllnessAlert.id == alert_id).first()
    if found is None:
        raise NotFound
    return found


def open_alerts(user):
    return visible_alerts(user).where(IllnessAlert.handled_at.is_null())


def listed_alerts(found):
    Room, School = Org.alias(), Org.alias()
    columns = (IllnessAlert.id, IllnessAlert.on, IllnessAlert.symptom, IllnessAlert.cases, IllnessAlert.found_at, IllnessAlert.handled_at, IllnessAlert.class_org)
    rows = found.select(*columns, Room.name.alias("class_name"), School.name.alias("school_name"))
    rows = rows.join(School, on=IllnessAlert.school == School.id).join(Room, peewee.JOIN.LEFT_OUTER, on=IllnessAlert.class_org == Room.id)
    return rows.order_by(IllnessAlert.handled_at.is_null(False), IllnessAlert.on.desc(), IllnessAlert.id.desc()).dicts()


def cases_behind(alert: IllnessAlert) -> list[IllCase]:
    first = alert.on if alert.class_org_id else alert.on - ONE_DAY * (DAYS - 1)
    found = [case for case in cases_of(alert.school_id, first, alert.on) if alert.symptom in case.symptoms]
    return [case for case in found if alert.class_org_id in (None, case.class_id)]


def pupils_behind(user, alert: IllnessAlert) -> list[tuple[int, str]]:
    """(id, name) for whoever may see the pupils of the place; nobody else is told who they are."""
    if not user.may(P.STUDENT_VIEW, alert.class_org or alert.school):
        return []
    ids = {case.student_id for case in cases_behind(alert)}
    return list(Student.select(Student.id, Student.name).where(Student.id.in_(ids)).order_by(Student.pinyin, Student.id).tuples())
