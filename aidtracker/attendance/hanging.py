"""Rolls that hang on a spell: while there are any, neither the rollover that made the spell nor the spell itself is taken back."""

import datetime

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.db import china_time, chunks_of
from aidtracker.errors import Refused
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


def refuse_while_marked(spell) -> None:
    """Somebody wrote the child down at a roll of that class since."""
    here = (RollCall.class_org == spell.class_org_id) & (RollCall.on >= spell.starts_on)
    found = Absence.select(Absence.on).join(RollCall).where(here & (Absence.student == spell.student_id)).order_by(Absence.on).first()
    if found is not None:
        raise Refused("这个班 %(day)s 的点名里已经有这名学生的记录，不能撤销。请用「更正」，或者另办调班、离班。", day=found.on.isoformat())
