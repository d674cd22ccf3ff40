"""Setting the day on which pupils are to be visited, and taking it back."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import lock_pupils, visible_students
from aidtracker.visits.models_plans import VisitPlan

FURTHEST = datetime.timedelta(days=366)
MOST = 200  # pupils at once


def set_plans(*, students: list[Student], planned_on: datetime.date | None, by) -> int:
    """定家访日期 of several at once; None takes their plans back. Returns how many changed."""
    ids = sorted({student.id for student in students})
    if not ids:
        raise Refused("请先勾选学生。")
    if len(ids) > MOST:
        raise Refused("一次最多给 %(most)s 名学生定日期。", most=MOST)
    if visible_students(by, Permission.VISIT_RECORD).where(Student.id.in_(ids)).count() != len(ids):
        raise Forbidden("你没有给这些学生定家访日期的权限。")
    if planned_on is not None and not today_in_china() <= planned_on <= today_in_china() + FURTHEST:
        raise Refused("家访日期要在今天以后、一年以内。")
    with transaction():
        lock_pupils(ids)
        live = {plan.student_id: plan for plan in VisitPlan.select().where(VisitPlan.student.in_(ids) & VisitPlan.withdrawn_at.is_null())}
        changed = [id_ for id_ in ids if (live[id_].planned_on if id_ in live else None) != planned_on]
        if not changed:
            raise Refused("这些学生本来就没有定日期。" if planned_on is None else "这些学生本来就定在这一天。")
        former = [live[id_].id for id_ in changed if id_ in live]
        VisitPlan.update(withdrawn_by=by.id, withdrawn_at=utcnow()).where(VisitPlan.id.in_(former)).execute()
        if planned_on is not None:
            counties = {student.id: student.county_id for student in students}
            rows = [{"county": counties[id_], "student": id_, "planned_on": planned_on, "planned_by": by.id, "planned_at": utcnow()} for id_ in changed]
            VisitPlan.insert_many(rows).execute()
        place = place_of(ids, students[0].county_id)
        record(action="visits.set_plans", by=by, object_kind="org", object_id=place, fields=("planned_on",), count=len(changed), county_id=students[0].county_id)
    return len(changed)


def place_of(ids: list[int], county_id: int) -> int:
    """The class in which all of them sit, else their school, else the county: by it the sums of coverage know what changed."""
    rooms = {room for (room,) in Student.select(Student.class_org).where(Student.id.in_(ids)).distinct().tuples()}
    if len(rooms) == 1 and None not in rooms:
        return rooms.pop()
    schools = {school for (school,) in Org.select(Org.parent).where(Org.id.in_(rooms - {None})).distinct().tuples()}
    return schools.pop() if len(schools) == 1 and None not in rooms else county_id
