"""Rolls that were taken with the pupils whom a rollover brought into a class: while there are any, it is not taken back."""

import datetime

from aidtracker.attendance.models import RollCall
from aidtracker.db import china_time, chunks_of
from aidtracker.orgs.models import Org
from aidtracker.phrases import Phrase


def rolls_since(student_ids: list[int], class_ids: list[int], day: datetime.date, since: datetime.datetime) -> Phrase | None:
    """Of these classes, from the day on, taken after `since` or of a later day."""
    later = (RollCall.submitted_at >= since) | (RollCall.on > china_time(since).date())
    for some in chunks_of(class_ids):
        rolls = RollCall.select(RollCall.on, Org.name).join(Org, on=RollCall.class_org)
        found = rolls.where(RollCall.class_org.in_(some) & (RollCall.on >= day) & later).order_by(RollCall.on).tuples().first()
        if found:
            return Phrase("%(room)s在 %(day)s 已经点过名", room=found[1], day=found[0].isoformat())
    return None
