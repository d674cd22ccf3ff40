"""Visits to pupils since a rollover: while there are any, it is not taken back."""

import datetime

from aidtracker.db import chunks_of
from aidtracker.phrases import Phrase
from aidtracker.students.models import Student
from aidtracker.visits.models import Visit, VisitStudent


def visits_since(student_ids: list[int], class_ids: list[int], day: datetime.date, since: datetime.datetime) -> Phrase | None:
    """Of these pupils, of the day or later, that were recorded after `since`."""
    for some in chunks_of(student_ids):
        visits = VisitStudent.select(Student.name, Visit.on).join(Visit).switch(VisitStudent).join(Student)
        found = visits.where(VisitStudent.student.in_(some) & (Visit.on >= day) & (Visit.recorded_at >= since)).order_by(Visit.on).tuples().first()
        if found:
            return Phrase("%(name)s在 %(day)s 有家访记录", name=found[0], day=found[1].isoformat())
    return None
