"""Places within the reader's scope, and places by their codes."""

import peewee

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs import grades
from aidtracker.orgs.models import Org, School, SchoolClass
from aidtracker.permissions import Permission

NOTHING = peewee.SQL("1 = 0")


def within(paths: list):
    """A condition on Org: at one of these paths or below it. A range, which the index on the path answers."""
    if not paths:
        return NOTHING
    condition = Org.path.between(paths[0], paths[0] + "~")
    for path in paths[1:]:
        condition |= Org.path.between(path, path + "~")
    return condition


def visible_orgs(user, permission: Permission = Permission.ORG_VIEW):
    """Orgs at or below those where the user holds the permission."""
    return Org.select().where(within(user.scopes(permission)))


def visible_org(user, org_id: int, permission: Permission = Permission.ORG_VIEW) -> Org:
    found = visible_orgs(user, permission).where(Org.id == org_id).first()
    if found is None:
        raise NotFound
    return found


def top_orgs(user, permission: Permission) -> list[Org]:
    """The places of the user's roles that hold the permission, without those that lie within another; by code."""
    paths = user.scopes(permission)
    outer = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    return list(Org.select().where(Org.path.in_(outer)).order_by(Org.code)) if outer else []


def org_by_code(code: str, today=None) -> Org | None:
    """By division code, school code, or SCHOOL/GRADE/CLASS of the current school year."""
    parts = [part.strip() for part in code.split("/")]
    if len(parts) == 3:
        return class_by_place(*parts, school_year=grades.school_year_of(today or today_in_china()))
    return Org.get_or_none(Org.code == code.strip())


def class_by_place(school_code: str, grade: str, number: str, school_year: int) -> Org | None:
    """The class that is in this grade in this school year; where the school has only older cohorts, in their last."""
    standard = grades.grade_or_none(grade)
    if standard is None:
        return None
    stage, year = grades.entry_year(standard, school_year)
    wanted = class_code(school_code, stage, year, grades.class_number(number))
    return Org.get_or_none(Org.code == wanted) or class_of_last_year(school_code, stage, standard, number)


def class_of_last_year(school_code: str, stage: str, grade: str, number: str) -> Org | None:
    """For schools whose newest cohort is years old: the class that was in this grade when that cohort entered."""
    of_school = (Org.code == school_code) & (SchoolClass.stage == stage)
    newest = SchoolClass.select(peewee.fn.MAX(SchoolClass.entry_year)).join(Org, on=SchoolClass.school)
    year = newest.where(of_school).scalar()
    if year is None:
        return None
    _, entered = grades.entry_year(grade, year)
    return Org.get_or_none(Org.code == class_code(school_code, stage, entered, grades.class_number(number)))


def class_code(school_code: str, stage: str, year: int, number: str) -> str:
    return f"{school_code}/{stage}-{year}-{number}"


def children_of(org: Org, kind: str | None = None):
    found = Org.select().where(Org.parent == org)
    return (found.where(Org.kind == kind) if kind else found).order_by(Org.code)


def ancestors_of(org: Org) -> list[Org]:
    """From the root down to the org's parent."""
    ids = [int(part) for part in org.path.strip("/").split("/")][:-1]
    found = {o.id: o for o in Org.select().where(Org.id.in_(ids))} if ids else {}
    return [found[i] for i in ids]


def counts_below(org: Org) -> dict[int, dict[str, int]]:
    """{id of each child: {'school': 12, 'class': 80}}: open places within it."""
    inside = within([org.path]) & Org.kind.in_(("township", "village", "school", "class")) & Org.closed_on.is_null()
    found: dict[int, dict[str, int]] = {}
    for path, kind in Org.select(Org.path, Org.kind).where(inside).tuples():
        child = child_on_the_way(org.path, path)
        if child is not None:
            kinds = found.setdefault(child, {})
            kinds[kind] = kinds.get(kind, 0) + 1
    return found


def child_on_the_way(path: str, lower: str) -> int | None:
    """/1/2/ and /1/2/7/31/ -> 7; None when it does not lie below."""
    if not lower.startswith(path) or lower == path:
        return None
    return int(lower[len(path) :].partition("/")[0])


def detail_of(org: Org) -> School | None:
    """办学类型 and 举办者类型 of a school."""
    return School.get_or_none(School.org == org) if org.kind == "school" else None


def counties_of(user, permission: Permission) -> list[Org]:
    """The counties that the user's scopes lie in or cover."""
    paths = user.scopes(permission)
    covered = Org.kind == "county"
    found = Org.select().where(covered).order_by(Org.code)
    return [county for county in found if any(related(county.path, path) for path in paths)]


def related(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
