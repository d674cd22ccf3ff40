"""One pupil's record as the pages show it: places, guardians, spells, tags, and what the reader may do with it."""

import datetime
from typing import NamedTuple

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import ROLES
from aidtracker.students.hooks import Urgent, urgent_of
from aidtracker.students.models import Enrollment, Guardian, Student
from aidtracker.students.queries_tags import tags_of

SchoolOrg = Org.alias()


def permissions_over(user, student: Student) -> set:
    """Every permission that the reader holds over this pupil's class, registered home or county."""
    ids = [i for i in (student.class_org_id, student.home_id, student.county_id) if i]
    paths = {i: path for i, path in Org.select(Org.id, Org.path).where(Org.id.in_(ids)).tuples()}
    held = set()
    for membership in user.memberships:
        scope = membership.org.path
        if any(path.startswith(scope) for path in paths.values()):
            held |= ROLES[membership.role].permissions
    return held


class Head(NamedTuple):
    """What stands above every tab of a pupil."""

    age: int
    school_name: str
    class_name: str
    seat: int | None
    tags: list[str]
    urgent: list[Urgent]


def head_of(student: Student, user) -> Head:
    spell = open_spell(student)
    room = Org.select(Org.name, SchoolOrg.name.alias("school_name")).join(SchoolOrg, on=Org.parent == SchoolOrg.id)
    found = room.where(Org.id == spell.class_org_id).tuples().first() if spell else None
    kinds = [tag.kind for tag in tags_of(student, user) if tag.ends_on is None]
    class_name, school_name = found or ("", "")
    return Head(age_on(student.born_on, today_in_china()), school_name, class_name, spell.seat if spell else None, kinds, urgent_of(student, user))


def age_on(born_on: datetime.date, day: datetime.date) -> int:
    """周岁."""
    return day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))


def guardians_of(student: Student) -> list[Guardian]:
    return list(Guardian.select().where(Guardian.student == student).order_by(Guardian.position))


def spells_of(student: Student) -> list[Enrollment]:
    """The newest first, each with its class and school."""
    found = Enrollment.select(Enrollment, Org, SchoolOrg).join(Org, on=Enrollment.class_org)
    found = found.join(SchoolOrg, on=(Org.parent == SchoolOrg.id), attr="parent")
    return list(found.where(Enrollment.student == student).order_by(Enrollment.starts_on.desc()))


def open_spell(student: Student) -> Enrollment | None:
    return Enrollment.get_or_none((Enrollment.student == student) & Enrollment.ends_on.is_null())


def guardian_of(student: Student, position: int) -> Guardian:
    found = Guardian.get_or_none((Guardian.student == student) & (Guardian.position == position))
    if found is None:
        raise NotFound
    return found


def home_of(county_id: int, code: str) -> Org | None:
    """The village, else the township, else the county that a code names; None: outside the county."""
    for length in (12, 9, 6):
        found = Org.get_or_none((Org.county == county_id) & (Org.code == code[:length])) if code else None
        if found and found.kind in ("village", "township", "county"):
            return found
    return None


def is_rare(name: str) -> bool:
    """Some phones have no shape for a character outside GB 2312: the pinyin stands beside such a name."""
    try:
        name.replace("·", "").encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
