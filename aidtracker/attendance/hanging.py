"""Whether rolls were taken with pupils since a moment: their counts hold them."""

import datetime

from aidtracker.attendance.models import RollCall
from aidtracker.db import chunks_of
from aidtracker.phrases import Phrase
from aidtracker.students.models import Enrollment


def rolls_since(student_ids: list[int], since: datetime.datetime) -> Phrase | None:
    """Of the classes in which the pupils sit on the day of the roll."""
    for some in chunks_of(student_ids):
        sat = (Enrollment.class_org == RollCall.class_org) & (Enrollment.starts_on <= RollCall.on)
        sat &= (Enrollment.ends_on.is_null() | (Enrollment.ends_on >= RollCall.on)) & Enrollment.student.in_(some)
        found = RollCall.select(RollCall.id).join(Enrollment, on=sat).where(RollCall.submitted_at >= since).limit(1)
        if found.exists():
            return Phrase("这些学生所在的班已经点过名")
    return None
