"""Closings that were asked for: within the reader's scope, what waits for whom, and who closes at once."""

import peewee

from aidtracker.accounts.models import User
from aidtracker.cases.models import Case
from aidtracker.cases.models_closing import CaseClosing
from aidtracker.cases.sealed import shown_to
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING
from aidtracker.permissions import Permission
from aidtracker.policies.queries import policy_of
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope, may_with

P = Permission
TABS = {"decide": "待我批准", "asked": "等批准", "sent_back": "退回未补充", "ended": "已办结"}
STATES_OF = {"asked": ("asked",), "sent_back": ("sent_back",), "ended": ("approved", "withdrawn")}
Asker, School, Room = User.alias(), Org.alias(), Org.alias()


def closes_at_once(user, case: Case) -> bool:
    """The bureau always, a township where the county leaves it to the townships."""
    if not may_with(user, P.CASE_CLOSE, case.student):
        return False
    return user.may(P.CASE_CLOSE, case.county) or policy_of("closing_by", case.county_id, today_in_china()) == "direct"


def level_for(user, student: Student) -> str:
    """Who approves what this person asks for."""
    return "county" if may_with(user, P.CASE_CLOSE, student) else "township"


def may_decide(user, closing: CaseClosing) -> bool:
    """Whoever answers for the level, and never who asked."""
    if user.id == closing.asked_by_id:
        return False
    case = closing.case
    return user.may(P.CASE_CLOSE, case.county) if closing.level == "county" else may_with(user, P.CASE_CLOSE, case.student)


def visible_closings(user, permission: Permission = P.CASE_VIEW):
    return CaseClosing.select().join(Case).join(Student).where(in_scope(user.scopes(permission)) & shown_to(user.id))


def visible_closing(user, closing_id: int, permission: Permission = P.CASE_VIEW) -> CaseClosing:
    found = visible_closings(user, permission).where(CaseClosing.id == closing_id).first()
    if found is None:
        raise NotFound
    return found


def waits_for(user):
    """A condition: this person may approve it."""
    if not user.may(P.CASE_CLOSE):
        return NOTHING
    counties = user.counties_within(P.CASE_CLOSE)
    reached = (CaseClosing.level == "township") | Case.county.in_(list(counties))
    return (CaseClosing.state == "asked") & (CaseClosing.asked_by != user.id) & reached & in_scope(user.scopes(P.CASE_CLOSE))


def is_unanswered():
    """A condition: sent back, the case is open still, and nobody asked again."""
    Later = CaseClosing.alias()
    later = Later.select(Later.id).where((Later.case == CaseClosing.case) & (Later.id > CaseClosing.id))
    return (CaseClosing.state == "sent_back") & (Case.state != "closed") & ~peewee.fn.EXISTS(later)


def closings_in(user, tab: str):
    found = visible_closings(user)
    if tab == "decide":
        return found.where(waits_for(user))
    if tab == "sent_back":
        return found.where(is_unanswered())
    return found.where(CaseClosing.state.in_(STATES_OF[tab]))


def sent_back_to(user):
    return visible_closings(user, P.CASE_WORK).where(is_unanswered() & (CaseClosing.asked_by == user.id))


def listed(found):
    """Rows of the list: what waits longest first, what ended the newest first."""
    about = (Student.name, Student.id.alias("student_id"), Case.id.alias("case_id"), Case.number, Asker.name.alias("asker"))
    own = (CaseClosing.id, CaseClosing.state, CaseClosing.outcome, CaseClosing.closed_on, CaseClosing.asked_at, CaseClosing.level)
    rows = found.select(*own, *about, Room.name.alias("class_name"), School.name.alias("school_name"))
    rows = rows.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(School, peewee.JOIN.LEFT_OUTER, on=Room.parent == School.id)
    rows = rows.join(Asker, on=CaseClosing.asked_by == Asker.id)
    return rows.order_by(CaseClosing.ended_at.desc(), CaseClosing.asked_at, CaseClosing.id).dicts()


def closings_of(case: Case) -> list[CaseClosing]:
    return list(CaseClosing.select().where(CaseClosing.case == case).order_by(CaseClosing.id))


def waiting_closing(case: Case) -> CaseClosing | None:
    return CaseClosing.get_or_none((CaseClosing.case == case) & (CaseClosing.state == "asked"))


def standing_closing(case: Case) -> CaseClosing | None:
    """The one that an open case says of itself: it waits, or was sent back and nobody asked again."""
    last = CaseClosing.select().where(CaseClosing.case == case).order_by(CaseClosing.id.desc()).first()
    return last if last is not None and case.state != "closed" and last.state in ("asked", "sent_back") else None


def is_overtaken(closing: CaseClosing) -> bool:
    """Something was written in the case since it was asked."""
    return closing.state == "asked" and closing.case.revision != closing.case_revision
