"""A class's rolls of the past, and how each of them came to be what it is."""

import datetime
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.attendance.models import Absence, RollCall, RollCallVersion
from aidtracker.attendance.sessions import order_of
from aidtracker.crypto.field import unsealed_column
from aidtracker.students.models import Student


class Change(NamedTuple):
    """One pupil's mark from one revision to the next; '' was simply present."""

    name: str
    before: str
    after: str


class Revision(NamedTuple):
    """`changes` are those against the revision before it; the first has none."""

    number: int
    by: str
    at: datetime.datetime
    reason: str
    changes: list[Change]


class PastRoll(NamedTuple):
    roll: RollCall
    by: str
    absences: list[tuple[str, str, str | None]]  # name, mark, reason
    revisions: list[Revision]  # newest first


def rolls_of_class(class_id: int, month: datetime.date | None = None):
    """Newest first; `month` is any day of it."""
    found = RollCall.select().where(RollCall.class_org == class_id)
    if month:
        first = month.replace(day=1)
        found = found.where((RollCall.on >= first) & (RollCall.on < next_month(first)))
    return found.order_by(RollCall.on.desc(), order_of(RollCall.session).desc(), RollCall.id)


def late_times(class_id: int, month: datetime.date | None = None) -> int:
    """迟报, in a month or ever."""
    return rolls_of_class(class_id, month).where(RollCall.is_late).count()


def next_month(first: datetime.date) -> datetime.date:
    return (first + datetime.timedelta(days=32)).replace(day=1)


def with_history(rolls: list[RollCall]) -> list[PastRoll]:
    """The rolls of one page with their absences and former versions: three statements, however many rolls."""
    ids = [roll.id for roll in rolls]
    absences, versions = absences_by_roll(ids), versions_by_roll(ids)
    students = {student for marks in absences.values() for student in marks}
    students |= {int(student) for found in versions.values() for version in found for student in version.marks}
    names = names_of(Student, students)
    people = {roll.submitted_by_id for roll in rolls}
    people |= {user for found in versions.values() for v in found for user in (v.submitted_by_id, v.replaced_by_id)}
    users = names_of(User, people - {None})
    return [past_roll(roll, absences.get(roll.id, {}), versions.get(roll.id, []), names, users) for roll in rolls]


def past_of(roll_id: int) -> PastRoll:
    return with_history([RollCall.get_by_id(roll_id)])[0]


def absences_by_roll(ids: list[int]) -> dict[int, dict[int, tuple[str, str | None]]]:
    unseal, found = unsealed_column(Absence.reason), {}
    columns = (Absence.roll_call_id, Absence.student_id, Absence.mark, Absence.reason)
    for roll, student, mark, reason in Absence.select(*columns).where(Absence.roll_call.in_(ids)).tuples():
        found.setdefault(roll, {})[student] = (mark, unseal(f"{roll}-{student}", reason))
    return found


def versions_by_roll(ids: list[int]) -> dict[int, list[RollCallVersion]]:
    found = {}
    of_these = RollCallVersion.select().where(RollCallVersion.roll_call.in_(ids)).order_by(RollCallVersion.revision)
    for version in of_these:
        found.setdefault(version.roll_call_id, []).append(version)
    return found


def names_of(model, ids) -> dict[int, str]:
    return dict(model.select(model.id, model.name).where(model.id.in_(list(ids))).tuples()) if ids else {}


def past_roll(roll: RollCall, absences, versions: list[RollCallVersion], names, users) -> PastRoll:
    listed = [(names.get(student, "—"), mark, reason) for student, (mark, reason) in absences.items()]
    revisions = revisions_of(roll, {s: mark for s, (mark, _why) in absences.items()}, versions, names, users)
    return PastRoll(roll, users.get(roll.submitted_by_id, ""), listed, revisions)


def revisions_of(roll: RollCall, marks_now: dict[int, str], versions, names, users) -> list[Revision]:
    """A version says what stood, until when and why it was replaced; a revision says who wrote it, when, and what changed."""
    states = [{int(s): mark for s, mark in version.marks.items()} for version in versions] + [marks_now]
    writers = [(v.submitted_by_id, v.submitted_at) for v in versions] + [(roll.submitted_by_id, roll.submitted_at)]
    reasons = [""] + [version.reason for version in versions]
    found = []
    for n, ((by, at), why) in enumerate(zip(writers, reasons, strict=True)):
        changes = changes_between(states[n - 1], states[n], names) if n else []
        found.append(Revision(n + 1, users.get(by, ""), at, why, changes))
    return found[::-1]


def changes_between(before: dict[int, str], after: dict[int, str], names) -> list[Change]:
    differing = [s for s in {**before, **after} if before.get(s) != after.get(s)]
    return [Change(names.get(s, "—"), before.get(s, ""), after.get(s, "")) for s in differing]
