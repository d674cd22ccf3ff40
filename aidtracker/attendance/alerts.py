"""Bringing a school's alerts to what its cases say: derived, in the transaction of whoever changed a case."""

import datetime

from aidtracker.attendance.illness import DAYS, alerts_of
from aidtracker.attendance.models_illness import IllnessAlert
from aidtracker.attendance.queries_illness import cases_of, limits_of
from aidtracker.db import lock, transaction, utcnow
from aidtracker.terms.days import ONE_DAY


def sync_alerts(county_id: int, school_id: int, on: datetime.date) -> None:
    """After a change of a case on that day: it weighs until two days later. What stands already is not made again."""
    first, last = on, on + ONE_DAY * (DAYS - 1)
    with transaction():
        lock("illness", school_id)
        cases = cases_of(school_id, first - ONE_DAY * (DAYS - 1), last)
        wanted = alerts_of(cases, first, last, lambda day: limits_of(county_id, day))
        near = (IllnessAlert.school == school_id) & IllnessAlert.on.between(first, last)
        standing = {(row.class_org_id, row.on, row.symptom): row for row in IllnessAlert.select().where(near)}
        for key, count in wanted.items():
            put(county_id, school_id, key, count, standing.get(key))
        for key, row in standing.items():
            if key not in wanted and row.lifted_at is None:
                IllnessAlert.update(lifted_at=utcnow(), cases=0).where(IllnessAlert.id == row.id).execute()


def put(county_id: int, school_id: int, key: tuple, count: int, row: IllnessAlert | None) -> None:
    class_id, on, symptom = key
    if row is None:
        IllnessAlert.create(county=county_id, school=school_id, class_org=class_id, on=on, symptom=symptom, cases=count)
    elif row.cases != count or row.lifted_at is not None:
        IllnessAlert.update(cases=count, lifted_at=None).where(IllnessAlert.id == row.id).execute()
