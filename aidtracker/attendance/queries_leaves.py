"""Leaves within the reader's scope: those of a roll, of a pupil, of a list, and who did not come back from one."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.attendance.leaves import ORDER, Span, span_of
from aidtracker.attendance.marks import NOT_THERE
from aidtracker.attendance.models_leaves import LIVE, Leave, LeaveStep
from aidtracker.attendance.sessions import EVERYBODY, TAUGHT
from aidtracker.db import as_day, chunks_of, marks_for, run_sql
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.terms.calendar import school_days, term_of

P = Permission
TABS = {"current": "请假中", "waiting": "待批准", "overdue": "到期未销假", "past": "已结束"}
ORDERS = {"first": Leave.first_on, "last": Leave.last_on, "days": Leave.days, "name": Student.pinyin}
# Asked by every roll: the leaves of whoever sits in the class that day, begun, and not over unless nobody has closed them.
OF_ROLL = """SELECT l.student_id, s.name, l.kind, l.state, l.first_on, l.first_session, l.last_on, l.last_session, l.id FROM enrollment e
JOIN leave l ON l.student_id = e.student_id JOIN student s ON s.id = l.student_id
WHERE e.class_org_id = ? AND e.starts_on <= ? AND (e.ends_on IS NULL OR e.ends_on >= ?) AND l.first_on <= ?
AND (l.state = 'approved' OR (l.state IN ('asked', 'closed') AND l.last_on >= ?))
AND NOT EXISTS (SELECT 1 FROM leave c WHERE c.continues_id = l.id AND c.state IN ('approved', 'closed') AND c.first_on <= ?) ORDER BY e.seat, l.id"""
# The last roll after the leave at which the pupil was expected: were they away?
AFTERWARDS = f"""SELECT l.id, (SELECT COUNT(*) FROM absence a WHERE a.roll_call_id = r.id AND a.student_id = l.student_id AND a.mark IN {marks_for(NOT_THERE)})
FROM leave l JOIN enrollment e ON e.student_id = l.student_id AND {EVERYBODY}
JOIN roll_call r ON r.class_org_id = e.class_org_id AND r.on_day > l.last_on AND r.on_day <= ? AND r.{TAUGHT}
AND e.starts_on <= r.on_day AND (e.ends_on IS NULL OR e.ends_on >= r.on_day)
WHERE l.id IN {{ids}} ORDER BY r.on_day, CASE r.session WHEN 'morning' THEN 0 ELSE 1 END"""  # noqa: S608 our own names


class OnRoll(NamedTuple):
    """One leave as a roll shows it."""

    student_id: int
    name: str
    kind: str
    state: str
    span: Span
    leave_id: int


class RollLeaves(NamedTuple):
    """`away` is ticked beforehand; `waiting` is only said; `run_out` is over, and nobody has said that the pupil was back."""

    away: list[OnRoll]
    waiting: list[OnRoll]
    run_out: list[OnRoll]

    @property
    def marks(self) -> dict[int, str]:
        return {one.student_id: one.kind for one in self.away}


NO_LEAVES = RollLeaves([], [], [])  # of most rolls


def leaves_at(class_id: int, on: datetime.date, session: str) -> RollLeaves:
    rows = run_sql(OF_ROLL, (class_id, *[on] * 5)).fetchall()
    if not rows:
        return NO_LEAVES
    found = RollLeaves([], [], [])
    for student, name, kind, state, first, begins, last, ends, leave_id in rows:
        one = OnRoll(student, name, kind, state, Span(as_day(first), begins, as_day(last), ends), leave_id)
        if one.span.covers(on, session):
            (found.waiting if state == "asked" else found.away).append(one)
        elif state == "approved" and one.span.ends < (on, ORDER[session]):
            found.run_out.append(one)
    return found


def visible_leaves(user, permission: Permission = P.STUDENT_VIEW):
    """Of the classes that the reader looks after; who knows a child by its home alone does not read why it is away."""
    paths = user.scopes(permission)
    return Leave.select().where(Leave.class_org.in_(Org.select(Org.id).where(within(paths))) if paths else NOTHING)


def visible_leave(user, leave_id: int, permission: Permission = P.STUDENT_VIEW) -> Leave:
    found = visible_leaves(user, permission).where(Leave.id == leave_id).first()
    if found is None:
        raise NotFound
    return found


def in_tab(tab: str, today: datetime.date):
    """A condition. A leave that another one continues is not overdue."""
    if tab == "waiting":
        return Leave.state == "asked"
    approved, over = Leave.state == "approved", Leave.last_on < today
    if tab == "current":
        return approved & ~over
    after = Leave.alias()
    continued = Leave.id.in_(after.select(after.continues).where(after.continues.is_null(False) & after.state.in_(LIVE)))
    if tab == "overdue":
        return approved & over & ~continued
    return Leave.state.in_(("closed", "withdrawn", "sent_back")) | (approved & over & continued)


def leaves_in(user, tab: str, today: datetime.date, place: Org | None = None, kind: str = ""):
    found = visible_leaves(user).where(in_tab(tab, today))
    if place is not None:
        found = found.where(Leave.class_org.in_(Org.select(Org.id).where(within([place.path]))))
    return found.where(Leave.kind == kind) if kind else found


def counts_by_kind(found) -> dict[str, int]:
    return dict(found.select(Leave.kind, peewee.fn.COUNT(Leave.id)).group_by(Leave.kind).tuples())


def listed(found, order):
    """The rows of the list; `order` as web.paging.order_of gives it."""
    Room, School = Org.alias(), Org.alias()
    columns = (Leave.id, Leave.kind, Leave.state, Leave.level, Leave.first_on, Leave.first_session, Leave.last_on, Leave.last_session, Leave.days, Leave.back_on)
    rows = found.select(*columns, Student.id.alias("student_id"), Student.name, Student.pinyin, Room.name.alias("class_name"), School.name.alias("school_name"))
    rows = rows.join(Student, on=Leave.student == Student.id).join(Room, on=Leave.class_org == Room.id).join(School, on=Leave.school == School.id)
    key = ORDERS[order.key]
    return rows.order_by(key.desc() if order.descending else key, Leave.id.desc()).dicts()


def still_away(leave_ids: list[int], today: datetime.date) -> dict[int, bool]:
    """{leave: the last roll since its end has the pupil away}; one without a roll since is not in it."""
    found: dict[int, bool] = {}
    for some in chunks_of(leave_ids):
        rows = run_sql(AFTERWARDS.replace("{ids}", marks_for(some)), (*NOT_THERE, today, *some)).fetchall()
        found |= {leave_id: bool(away) for leave_id, away in rows}
    return found


def leaves_of(student: Student) -> list[Leave]:
    return list(Leave.select().where(Leave.student == student).order_by(Leave.first_on.desc(), Leave.id.desc()))


def leaves_seen(user, leaves: list[Leave]) -> list[int]:
    """The ids of those whose page this reader may open: not those of a school that they have no business with."""
    found = visible_leaves(user).select(Leave.id).where(Leave.id.in_([leave.id for leave in leaves]))
    return [id_ for (id_,) in found.tuples()] if leaves else []


def leave_met_by(student_id: int, span: Span, without: int | None = None) -> Leave | None:
    """Another leave of the pupil that holds, or waits, on one of these sessions."""
    near = (Leave.student == student_id) & Leave.state.in_(LIVE) & (Leave.first_on <= span.last_on) & (Leave.last_on >= span.first_on)
    return next((leave for leave in Leave.select().where(near).order_by(Leave.first_on) if leave.id != without and span_of(leave).meets(span)), None)


def days_in_term(leave: Leave) -> int:
    """School days of the pupil's leaves that were approved, this one with them, in the term in which it begins."""
    term = term_of(leave.first_on)
    here = (Leave.student == leave.student_id) & (Leave.state.in_(("approved", "closed")) | (Leave.id == leave.id))
    spans = [span_of(one) for one in Leave.select().where(here & (Leave.last_on >= term.starts_on) & (Leave.first_on <= term.ends_on))]
    days = school_days(term.starts_on, term.ends_on, leave.county_id, leave.school_id)
    return sum(any(span.first_on <= day <= span.last_on for span in spans) for day in days)


def is_long(leave: Leave) -> bool:
    """So much that 休学 is to be considered."""
    return days_in_term(leave) > number_of("leave_term_days", leave.county_id, leave.first_on)


def steps_of(leave: Leave) -> list[LeaveStep]:
    return list(LeaveStep.select().where(LeaveStep.leave == leave).order_by(LeaveStep.id.desc()))
