"""What a page of rolls reads: the class within the reader's scope, its roster, the roll as it stands, a pupil's absences.

The SQL of the roll call is written out: every teacher asks it at the same hour, and composing it
would cost more than the rest of the page.
"""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.attendance.marks import NOT_THERE
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.sessions import EVERYBODY, FOR_BOARDERS, SESSIONS, TAUGHT, TEACHING, order_of, who_at
from aidtracker.crypto.field import unsealed_column
from aidtracker.db import as_day, as_time, marks_for, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import children_of, top_orgs, visible_org, within
from aidtracker.permissions import ROLES, Permission
from aidtracker.students.models import Student

BEFORE = f"""SELECT s.name FROM absence a JOIN student s ON s.id = a.student_id WHERE a.roll_call_id = (
SELECT r.id FROM roll_call r WHERE r.class_org_id = ? AND r.session IN {{known}} AND (r.on_day < ? OR (r.on_day = ? AND r.session IN {{earlier}}))
ORDER BY r.on_day DESC, r.id DESC LIMIT 1) AND a.mark IN {marks_for(NOT_THERE)} ORDER BY s.pinyin, s.id"""  # noqa: S608 our own names

CLASS = """SELECT o.id, o.name, o.path, o.county_id, o.parent_id, s.name, c.stage, c.entry_year, c.number
FROM org o JOIN school_class c ON c.org_id = o.id JOIN org s ON s.id = c.school_id WHERE o.id = ?"""
# The same spells as students.queries.roster_of, of those who are expected at the session.
EXPECTED = {
    session: f"""SELECT s.id, e.seat, s.name, e.mode FROM enrollment e JOIN student s ON s.id = e.student_id
WHERE e.class_org_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {who_at(session)}
ORDER BY e.seat IS NULL, e.seat, s.pinyin, s.id"""  # noqa: S608 our own names
    for session in SESSIONS
}
EXPECTED_IDS = {
    session: f"""SELECT e.student_id FROM enrollment e
WHERE e.class_org_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND {who_at(session)}"""  # noqa: S608
    for session in SESSIONS
}
STANDING = """SELECT r.id, r.revision, r.expected, r.present, r.submitted_at, r.receipt, r.submitted_by_id, u.name, r.is_late
FROM roll_call r LEFT JOIN user_account u ON u.id = r.submitted_by_id
WHERE r.class_org_id = ? AND r.on_day = ? AND r.session = ?"""
MARKED = "SELECT student_id, mark, reason FROM absence WHERE roll_call_id = ?"


MOST_CLASSES = 200  # to choose from


class ClassRoom(NamedTuple):
    """A class as the roll needs it; stands for its Org wherever a right is asked (`user.may(..., room)`)."""

    id: int
    name: str
    path: str
    county_id: int
    parent_id: int  # the school
    school_name: str
    stage: str
    entry_year: int
    number: str

    def is_within(self, path: str) -> bool:
        return self.path.startswith(path)

    def label_on(self, day: datetime.date) -> str:
        """三年级2班, as the class was called in the school year of that day."""
        return grades.class_label(self.stage, self.entry_year, self.number, grades.school_year_of(day))


class Expected(NamedTuple):
    id: int
    seat: int | None
    name: str
    mode: str


class Standing(NamedTuple):
    """A roll as it stands. `reasons` are sealed; see reasons_of()."""

    id: int
    revision: int
    expected: int
    present: int
    submitted_at: datetime.datetime
    receipt: str
    by_id: int | None
    by_name: str
    marks: dict[int, str]
    reasons: dict[int, bytes]
    is_late: bool = False


class RollSheet(NamedTuple):
    """A class on a day and session: who is expected, and the roll if it was taken."""

    room: ClassRoom
    on: datetime.date
    session: str
    roster: list[Expected]
    standing: Standing | None


def top_places(user) -> list[Org]:
    """Where the board begins for this reader."""
    return top_orgs(user, Permission.ROLL_VIEW)


def places_below(org: Org) -> list[Org]:
    """One step down the tree; a class has nothing below it and stands for itself."""
    return [org] if org.kind == "class" else list(children_of(org).where(Org.kind != "village"))


def own_classes(user) -> list[Org]:
    """Classes in which the person holds a role that takes the roll."""
    held = [m.org for m in user.memberships if m.org.kind == "class" and Permission.ROLL_SUBMIT in ROLES[m.role].permissions]
    return list({org.id: org for org in held}.values())


def classes_to_take(user) -> list[Org]:
    """Whose roll the person takes; a school has no more than so many."""
    here = (Org.kind == "class") & Org.closed_on.is_null() & within(user.scopes(Permission.ROLL_SUBMIT))
    return list(Org.select(Org.id, Org.name).where(here).order_by(Org.code).limit(MOST_CLASSES))


def place_in_county(user, org_id: int | None) -> Org:
    """The place asked for, else the reader's first; of what lies above counties the first county."""
    places = top_places(user) if org_id is None else [visible_org(user, org_id, Permission.ROLL_VIEW)]
    found = next((below for place in places for below in ([place] if place.county_id else places_below(place))), None)
    if found is None:
        raise NotFound
    return found


def nearest_seen(user, place) -> int:
    """What lies above the place, where the person may see it; else the place itself: the way back of its pages."""
    above = place.path[: place.path.rstrip("/").rindex("/") + 1]
    return place.parent_id if any(above.startswith(path) for path in user.scopes(Permission.ROLL_VIEW)) else place.id


def visible_class(user, class_id: int, permission: Permission = Permission.ROLL_VIEW) -> ClassRoom:
    row = run_sql(CLASS, (class_id,)).fetchone()
    room = ClassRoom(*row) if row else None
    if room is None or not user.may(permission, room):
        raise NotFound
    return room


def roll_sheet(room: ClassRoom, on: datetime.date, session: str) -> RollSheet:
    roster = list(map(Expected._make, run_sql(EXPECTED[session], (room.id, on, on))))
    return RollSheet(room, on, session, roster, standing_or_none(room.id, on, session))


def expected_ids(class_id: int, on: datetime.date, session: str) -> set[int]:
    return {row[0] for row in run_sql(EXPECTED_IDS[session], (class_id, on, on))}


def standing_or_none(class_id: int, on: datetime.date, session: str) -> Standing | None:
    row = run_sql(STANDING, (class_id, on, session)).fetchone()
    if row is None:
        return None
    roll_id, revision, expected, present, at, receipt, by_id, name, is_late = row
    marked = run_sql(MARKED, (roll_id,)).fetchall()
    marks = {student: mark for student, mark, _ in marked}
    reasons = {student: bytes(reason) for student, _, reason in marked if reason is not None}
    return Standing(roll_id, revision, expected, present, as_time(at), receipt, by_id, name or "", marks, reasons, bool(is_late))


def reasons_of(standing: Standing) -> dict[int, str]:
    """{student id: reason}, opened."""
    unseal = unsealed_column(Absence.reason)
    return {student: unseal(f"{standing.id}-{student}", blob) for student, blob in standing.reasons.items()}


def away_last_time(class_org, on: datetime.date, session: str) -> list[str]:
    """Names of whoever was not there at the class's roll before this one; by day, rolls of the evening tell nothing of day pupils."""
    order = list(SESSIONS)
    known = [code for code in order if session in FOR_BOARDERS or code not in FOR_BOARDERS]
    earlier = [code for code in known if order.index(code) < order.index(session)]
    before = BEFORE.format(known=marks_for(known), earlier=marks_for(earlier or [""]))
    return [name for (name,) in run_sql(before, (class_org, *known, on, on, *(earlier or [""]), *NOT_THERE))]


def rolls_of(class_org, day: datetime.date):
    """The rolls of a class on a day, in the order of the sessions."""
    found = RollCall.select().where((RollCall.class_org == class_org) & (RollCall.on == day))
    return sorted(found, key=lambda roll: list(SESSIONS).index(roll.session))


class PupilAbsence(NamedTuple):
    on: datetime.date
    session: str
    mark: str
    reason: str | None
    class_id: int


def absences_of(student: Student, first: datetime.date | None = None, last: datetime.date | None = None):
    """Rows of (roll id, day, session, mark, sealed reason, class id), newest first."""
    columns = (Absence.roll_call_id, Absence.on, RollCall.session, Absence.mark, Absence.reason, RollCall.class_org_id)
    found = Absence.select(*columns).join(RollCall).where(Absence.student == student)
    if first:
        found = found.where(Absence.on >= first)
    if last:
        found = found.where(Absence.on <= last)
    return found.order_by(Absence.on.desc(), order_of(RollCall.session).desc(), Absence.id).tuples()


def opened(rows, student_id: int) -> list[PupilAbsence]:
    """The rows of absences_of() with their reasons opened."""
    unseal = unsealed_column(Absence.reason)
    return [
        PupilAbsence(on, session, mark, unseal(f"{roll_id}-{student_id}", reason), class_id)
        for roll_id, on, session, mark, reason, class_id in rows
    ]


PUPIL_EXPECTED = f"""SELECT COUNT(*) FROM roll_call r JOIN enrollment e ON e.class_org_id = r.class_org_id
AND e.starts_on <= r.on_day AND (e.ends_on IS NULL OR e.ends_on >= r.on_day) AND {EVERYBODY}
WHERE e.student_id = ? AND r.on_day BETWEEN ? AND ? AND r.{TAUGHT}"""  # noqa: S608


def pupil_sums(student: Student, first: datetime.date, last: datetime.date) -> dict:
    """Teaching sessions at which the pupil was expected (rolls of their class of the day), and how many were marked with what."""
    expected = run_sql(PUPIL_EXPECTED, (student.id, first, last)).fetchone()[0]
    counted = Absence.select(Absence.mark, peewee.fn.COUNT(Absence.id)).join(RollCall).where(RollCall.session.in_(TEACHING))
    marked = counted.where((Absence.student == student) & Absence.on.between(first, last)).group_by(Absence.mark)
    return {"expected": expected, "marks": dict(marked.tuples())}


def months_of(class_id: int) -> list[datetime.date]:
    """First days of the months from the class's last roll back to its first."""
    asked = "SELECT MIN(on_day), MAX(on_day) FROM roll_call WHERE class_org_id = ?"
    first, last = map(as_day, run_sql(asked, (class_id,)).fetchone())
    if last is None:
        return []
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [datetime.date(month // 12, month % 12 + 1, 1) for month in reversed(months)]
