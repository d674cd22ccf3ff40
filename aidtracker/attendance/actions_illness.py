"""Recording what a pupil who is ill has, and what was done about an alert."""

import datetime
from collections.abc import Collection

from aidtracker.attendance.alerts import sync_alerts
from aidtracker.attendance.illness import LONGEST_MEASURES, SYMPTOMS
from aidtracker.attendance.models import RollCall
from aidtracker.attendance.models_illness import IllnessAlert, SymptomReport
from aidtracker.attendance.models_leaves import Leave
from aidtracker.attendance.queries_illness import is_ill, report_on
from aidtracker.attendance.windows import may_take
from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import lock_pupils
from aidtracker.students.spells import Spells
from aidtracker.terms.years import refuse_closed_year

P = Permission


def record_symptoms(*, student: Student, on: datetime.date, onset_on: datetime.date | None, symptoms: Collection[str], by) -> None:
    """Replaces what was recorded of that day; none: takes it back. Refused: a day to come, an onset after it, a pupil who was not ill."""
    with transaction():
        lock_pupils([student.id])
        place = Spells([student.id]).on(student.id, on)
        if not place.is_covered:
            raise Refused("%(day)s这名学生不在本校任何班级，请核对日期。", day=on.isoformat())
        room = Org.get_by_id(place.class_id)
        if not may_take(by, room):
            raise Forbidden("你没有登记这个班学生病情的权限。")
        refuse_closed_year(room.county_id, on)
        if symptoms and not is_ill(student.id, on):
            raise Refused("%(day)s这名学生没有病假、隔离或身体不适的记录，不用填症状。", day=on.isoformat())
        put_symptoms(student, room, on, onset_on or on, symptoms, by)
        record(action="attendance.record_symptoms", by=by, object_kind="student", object_id=student.id, fields=("symptoms", "onset_on"), county_id=room.county_id)


def put_symptoms(student: Student, room: Org, on: datetime.date, onset_on: datetime.date, symptoms: Collection[str], by, leave: Leave | None = None) -> None:
    """Within the transaction of the act that tells."""
    if not set(symptoms) <= set(SYMPTOMS):
        raise Refused("没有这种症状，请重新选择。")
    if on > today_in_china():
        raise Refused("还没到这一天，不能登记症状。")
    if onset_on > on:
        raise Refused("发病日期不能晚于缺课的日期。")
    before = report_on(student.id, on)
    if before is not None:
        leave = leave or before.leave
        withdraw(before, by)
    if symptoms:
        kept = ",".join(code for code in SYMPTOMS if code in symptoms)
        named = {"county": room.county_id, "school": room.parent_id, "class_org": room.id, "student": student, "leave": leave}
        SymptomReport.create(**named, on=on, onset_on=onset_on, symptoms=kept, recorded_by=by.id)
    sync_alerts(room.county_id, room.parent_id, on)


def withdraw_symptoms_of(leave: Leave, by) -> None:
    """With a leave that is taken back."""
    for report in SymptomReport.select().where((SymptomReport.leave == leave.id) & SymptomReport.withdrawn_at.is_null()):
        withdraw(report, by)
        sync_alerts(report.county_id, report.school_id, report.on)


def withdraw(report: SymptomReport, by) -> None:
    SymptomReport.update(withdrawn_by=by.id, withdrawn_at=utcnow()).where(SymptomReport.id == report.id).execute()


def look_at_roll(roll: RollCall) -> None:
    """A listener of the roll: 晨检 names who is unwell, and with what."""
    if roll.session == "early":
        sync_alerts(Org.get_by_id(roll.school_id).county_id, roll.school_id, roll.on)


def handle_alert(*, alert: IllnessAlert, measures: str, reported_on: datetime.date | None, by) -> None:
    """What was done; said anew it replaces what was said."""
    if not by.may(P.ROLL_CORRECT, alert.class_org or alert.school):
        raise Forbidden("聚集性病例由校级管理员或教育局处置。")
    if not measures.strip():
        raise Refused("请写明做了什么，例如：已报县疾控中心，教室已消毒，患病学生居家。")
    if len(measures.strip()) > LONGEST_MEASURES:
        raise Refused("写得太长了，最多 %(most)s 个字。", most=LONGEST_MEASURES)
    if reported_on and not alert.on <= reported_on <= today_in_china():
        raise Refused("报告的日期应在发现当天到今天之间。")
    with transaction():
        row = IllnessAlert.get_by_id(alert.id)
        row.measures, row.reported_on, row.handled_by, row.handled_at = measures.strip(), reported_on, by.id, utcnow()
        row.save()
        record(action="attendance.handle_alert", by=by, object_kind="illness_alert", object_id=row.id, fields=("measures", "reported_on"), county_id=row.county_id)
