"""The board of data quality: findings by school within the reader's scope, who mends them, how they fell over time."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import Membership, User
from aidtracker.db import today_in_china
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.models_quality import QualityFinding, QualitySum
from aidtracker.students.quality import KINDS
from aidtracker.students.queries import visible_students

DAYS = 90  # of the trend
Finding = QualityFinding
Room, School = Org.alias(), Org.alias()


class Line(NamedTuple):
    """One school, or the children without a class; `menders` are its administrators by name."""

    school_id: int | None
    name: str
    numbers: dict[str, int]
    menders: str

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


def visible_findings(user, kind: str = "", place: Org | None = None):
    """With their pupils, within the reader's scope; at one township or school when it is given."""
    found = Finding.select().join(Student).where(Finding.student.in_(visible_students(user).select(Student.id)))
    if kind:
        found = found.where(Finding.kind == kind)
    if place is not None:
        schools = Org.select(Org.id).where(Org.path.startswith(place.path) & (Org.kind == "school"))
        found = found.where(Finding.school.in_(schools))
    return found


def lines_of(user, place: Org | None = None) -> list[Line]:
    """The worst first."""
    counted = visible_findings(user, place=place).select(Finding.school, Finding.kind, peewee.fn.COUNT(Finding.id))
    numbers: dict[int | None, dict[str, int]] = {}
    for school, kind, number in counted.group_by(Finding.school, Finding.kind).tuples():
        numbers.setdefault(school, {})[kind] = number
    ids = [school for school in numbers if school]
    names = dict(Org.select(Org.id, Org.name).where(Org.id.in_(ids)).tuples())
    menders = menders_of(ids)
    found = [Line(school, names.get(school, ""), kinds, menders.get(school, "")) for school, kinds in numbers.items()]
    return sorted(found, key=lambda line: (-line.total, line.name))


def menders_of(school_ids: list[int]) -> dict[int, str]:
    """{school: names of its administrators}."""
    today = today_in_china()
    here = Membership.org.in_(school_ids) & (Membership.role == "school_admin") & (Membership.starts_on <= today)
    here &= Membership.ends_on.is_null() | (Membership.ends_on >= today)
    rows = Membership.select(Membership.org, User.name).join(User, on=Membership.user == User.id).where(here & User.disabled_at.is_null())
    found: dict[int, list[str]] = {}
    for org_id, name in rows.order_by(Membership.id).tuples():
        found.setdefault(org_id, []).append(name)
    return {org_id: "、".join(dict.fromkeys(names)) for org_id, names in found.items()}


def listed_findings(user, kind: str, place: Org | None):
    """Rows of the list, the longest known first."""
    columns = (Student.id, Student.name, Student.born_on, Room.name.alias("room"), School.name.alias("school"), Finding.found_on)
    rows = visible_findings(user, kind, place).select(*columns).switch(Student)
    rows = rows.join(Room, peewee.JOIN.LEFT_OUTER, on=Student.class_org == Room.id).join(School, peewee.JOIN.LEFT_OUTER, on=Room.parent == School.id)
    return rows.order_by(Finding.found_on, School.code, Room.code, Student.pinyin, Student.id).dicts()


def trend_of(user, place: Org | None = None) -> list[tuple[datetime.date, int]]:
    """(day, findings) of the days that were looked at, within the schools that the reader sees whole."""
    scopes = [place.path] if place else user.scopes(Permission.STUDENT_VIEW)
    seen = [county.id for county in counties_of(user, Permission.STUDENT_VIEW)]
    whole = [county for county in Org.select().where(Org.id.in_(seen)) if any(county.path.startswith(path) for path in scopes)]
    schools = [id_ for id_, path in Org.select(Org.id, Org.path).where(Org.kind == "school").tuples() if any(path.startswith(scope) for scope in scopes)]
    here = QualitySum.school.in_(schools) | (QualitySum.school.is_null() & QualitySum.county.in_([county.id for county in whole]))
    since = today_in_china() - datetime.timedelta(days=DAYS)
    rows = QualitySum.select(QualitySum.on, peewee.fn.SUM(QualitySum.number)).where(here & (QualitySum.on >= since) & QualitySum.kind.in_(list(KINDS)))
    return list(rows.group_by(QualitySum.on).order_by(QualitySum.on).tuples())


def last_checked(user) -> datetime.date | None:
    """When the records that the reader sees were last looked through."""
    counties = [county.id for county in counties_of(user, Permission.STUDENT_VIEW)]
    return QualitySum.select(peewee.fn.MAX(QualitySum.on)).where(QualitySum.county.in_(counties)).scalar()
