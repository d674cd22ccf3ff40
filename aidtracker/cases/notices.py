"""Notices within the reader's scope, which offices issue one for a case, what waits to be served, what is overdue."""

import datetime

import peewee

from aidtracker.attachments.models import Attachment
from aidtracker.cases.models import Case
from aidtracker.cases.models_notice import Notice, NoticeService
from aidtracker.cases.notice_texts import Text, texts_to_issue
from aidtracker.cases.sealed import shown_to
from aidtracker.db import lock, today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import in_scope

P = Permission
OFFICES = ("township", "county")  # 义务教育法第五十八条
TABS = {"serve": "待送达", "late": "到期未返校", "running": "期限内", "all": "全部"}
LIVE = ("issued", "served", "not_served")
BACK = ("returned", "closed")  # states of a case in which a deadline means nothing any more
Room, School = Org.alias(), Org.alias()


def visible_notices(user, permission: Permission = P.CASE_VIEW):
    """Of the reader's pupils, and what the reader's own office issued, also when the child has moved away since."""
    seen = in_scope(user.scopes(permission))
    offices = user.scopes(P.NOTICE_ISSUE) if permission in (P.CASE_VIEW, P.NOTICE_ISSUE) else []
    if offices:
        seen = seen | Notice.office.in_(Org.select(Org.id).where(within(offices)))
    return Notice.select().join(Case).join(Student).where(seen & shown_to(user.id))


def visible_notice(user, notice_id: int, permission: Permission = P.CASE_VIEW) -> Notice:
    found = visible_notices(user, permission).where(Notice.id == notice_id).first()
    if found is None:
        raise NotFound
    return found


def visible_service(user, service_id: int) -> NoticeService:
    seen = visible_notices(user).select(Notice.id)
    found = NoticeService.select().where((NoticeService.id == service_id) & NoticeService.notice.in_(seen)).first()
    if found is None:
        raise NotFound
    return found


def is_late(today: datetime.date):
    """A condition: the day is past, and the child is not back."""
    return Notice.state.in_(LIVE) & (Notice.due_on < today) & Case.state.not_in(BACK)


def notices_in(user, tab: str, today: datetime.date):
    found = visible_notices(user)
    if tab == "serve":
        return found.where(Notice.state.in_(("issued", "not_served")) & Case.state.not_in(BACK))
    if tab == "late":
        return found.where(is_late(today))
    return found.where(Notice.state.in_(LIVE) & (Notice.due_on >= today) & Case.state.not_in(BACK)) if tab == "running" else found


def listed(found):
    """Rows of the list, the nearest deadline first."""
    own = (Notice.id, Notice.title, Notice.series, Notice.year, Notice.number, Notice.state, Notice.due_on, Notice.issued_on)
    rows = found.select(*own, Student.name, Case.number.alias("case_number"), Room.name.alias("class_name"), School.name.alias("school_name"))
    rows = rows.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(School, peewee.JOIN.LEFT_OUTER, on=Room.parent == School.id)
    return rows.order_by(Notice.due_on, Notice.id).objects()


def notices_of(case: Case) -> list[Notice]:
    return list(Notice.select().where(Notice.case == case).order_by(Notice.id))


def services_of(notices: list[Notice]) -> dict[int, list[NoticeService]]:
    """{notice: its attempts, in order}"""
    found: dict[int, list[NoticeService]] = {notice.id: [] for notice in notices}
    rows = NoticeService.select(NoticeService, Attachment).join(Attachment, peewee.JOIN.LEFT_OUTER)
    for row in rows.where(NoticeService.notice.in_(list(found))).order_by(NoticeService.ordinal):
        found[row.notice_id].append(row)
    return found


def offices_for(user, case: Case) -> list[Org]:
    """Township and bureau at which this person issues notices and which answer for the child; the nearest first."""
    student = case.student
    paths = [str(org.path) for org in (student.class_org, student.home, student.county) if org is not None]
    ids = {int(part) for path in paths for part in path.strip("/").split("/")}
    found = Org.select().where(Org.id.in_(list(ids)) & Org.kind.in_(OFFICES)).order_by(Org.path.desc())
    return [org for org in found if user.may(P.NOTICE_ISSUE, org)]


def text_to_issue(county_id: int, text_id: int) -> Text | None:
    return next((text for text in texts_to_issue(county_id) if text.id == text_id), None)


def next_number(office: Org, series: str, year: int) -> int:
    """Without a gap: behind a lock, within the transaction that uses it; none is ever deleted."""
    lock("notice", office.id)
    mine = (Notice.office == office) & (Notice.series == series) & (Notice.year == year)
    return (Notice.select(peewee.fn.MAX(Notice.number)).where(mine).scalar() or 0) + 1


def to_remind(county_id: int, today: datetime.date) -> list[Notice]:
    """Overdue, and no task says so yet."""
    return list(Notice.select().join(Case).where(is_late(today) & (Case.county == county_id) & Notice.late_task.is_null()).order_by(Notice.id))


def running_notice(case: Case, title: str) -> Notice | None:
    """Of this title, whose day has not come."""
    mine = (Notice.case == case) & (Notice.title == title) & Notice.state.in_(LIVE) & (Notice.due_on >= today_in_china())
    return Notice.select().where(mine).first()
