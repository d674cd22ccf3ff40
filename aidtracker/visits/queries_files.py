"""Photos and the signature of a visit, found through the visit; and which photos were used for another one too."""

import datetime
from typing import NamedTuple

from aidtracker.attachments.alike import alike
from aidtracker.attachments.models import PHOTO, SIGNATURE, Attachment
from aidtracker.errors import NotFound
from aidtracker.permissions import Permission
from aidtracker.visits.models import AwaitedFile, Visit, VisitFile
from aidtracker.visits.queries import may_edit, may_with


class Twin(NamedTuple):
    """A photo that was used for another visit as well."""

    file_id: int
    visit_id: int
    on: datetime.date
    teachers: str


def files_of(visit: Visit) -> list[Attachment]:
    """What stands, photos first, as they came."""
    found = Attachment.select().join(VisitFile).where((VisitFile.visit == visit) & Attachment.removed_at.is_null())
    return sorted(found, key=lambda file: (file.kind == SIGNATURE, file.id))


def file_of(visit: Visit, file_id: int) -> Attachment:
    """Of this very visit, which the reader was given; what was removed is not there."""
    found = next((file for file in files_of(visit) if file.id == file_id), None)
    if found is None:
        raise NotFound
    return found


def digests_of(visit: Visit) -> set[str]:
    """Of all that came, what was removed too."""
    return {sent for (sent,) in VisitFile.select(VisitFile.sent).where(VisitFile.visit == visit).tuples()}


def awaited_of(visit: Visit) -> int:
    """How many photos and signatures are still to come from the phone."""
    return AwaitedFile.select().where(AwaitedFile.visit == visit).count()


def own_visit(visit_id: int, user) -> Visit:
    """By the number that a receipt of the user's own names."""
    return Visit.get((Visit.id == visit_id) & (Visit.recorded_by == user.id))


def sent_visit(uid: str, user) -> Visit | None:
    """By what is made of the key that the user's own form or phone sent it under."""
    return Visit.get_or_none((Visit.uid == uid) & (Visit.recorded_by == user.id))


def may_remove(user, visit: Visit) -> bool:
    """Whoever may mend the visit, as long as it waits; whoever may verify it, always: a guardian may take the consent back."""
    return (visit.state != "verified" and may_edit(user, visit)) or may_with(user, Permission.VISIT_VERIFY, visit)


def twins_of(visit: Visit, files: list[Attachment]) -> list[Twin]:
    """Photos of the visit that look like one of another visit in the county, the newest of each. For whoever verifies."""
    found = []
    for file in files:
        near = alike(file.look) if file.kind == PHOTO else []
        asked = VisitFile.select(Visit.id, Visit.on, Visit.teachers).join(Visit).where(VisitFile.attachment.in_(near))
        other = asked.where((Visit.id != visit.id) & (Visit.county == visit.county_id)).order_by(Visit.on.desc(), Visit.id.desc()).tuples().first()
        found += [Twin(file.id, *other)] if other else []
    return found
