"""Whose figures are asked: one county, or the part of it that the reader answers for; and its lines, with their sums."""

import dataclasses
import datetime
from functools import cached_property
from typing import NamedTuple

from aidtracker.db import as_day, run_sql
from aidtracker.errors import Forbidden, NotFound, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import ancestors_of, counties_of, related, visible_org, within
from aidtracker.permissions import Permission

DIRECT = "县直学校"  # schools without a township
PLACES = """SELECT id, code, name, path, kind, closed_on FROM org
WHERE county_id = ? AND kind IN ('township', 'school') ORDER BY code"""


class TownshipPlace(NamedTuple):
    id: int
    code: str
    name: str


class SchoolPlace(NamedTuple):
    id: int
    code: str
    name: str
    township_id: int | None
    closed_on: datetime.date | None

    def is_open(self, on: datetime.date) -> bool:
        return self.closed_on is None or self.closed_on > on


@dataclasses.dataclass(frozen=True)
class Scope:
    """`place` is what the reader looks at: county, township or school; `paths` what of it they may see."""

    county: Org
    place: Org
    paths: list[str]

    @property
    def is_whole(self) -> bool:
        return self.paths == [self.place.path]

    def is_covered_by(self, paths: list[str]) -> bool:
        """All of it lies within these paths."""
        return self.narrowed(paths).paths == self.paths

    @cached_property
    def places(self) -> tuple[list[TownshipPlace], list[SchoolPlace]]:
        """Townships that hold something of the scope, and the schools within it, by code; read once."""
        rows = run_sql(PLACES, (self.county.id,)).fetchall()
        townships = {id_ for id_, _, _, _, kind, _ in rows if kind == "township"}
        return (
            [TownshipPlace(*row[:3]) for row in rows if row[4] == "township" and any(related(row[3], seen) for seen in self.paths)],
            [
                SchoolPlace(id_, code, name, township_in(path, townships), as_day(closed))
                for id_, code, name, path, kind, closed in rows
                if kind == "school" and any(path.startswith(seen) for seen in self.paths)
            ],
        )

    def narrowed(self, paths: list[str]) -> "Scope":
        """What of it lies within these paths too."""
        both = {max(mine, path, key=len) for mine in self.paths for path in paths if related(mine, path)}
        return dataclasses.replace(self, paths=without_nested(both))


def scope_of(user, county: str | None = None, org_id: int | None = None, permission: Permission = Permission.REPORT_VIEW) -> Scope:
    """One county: the only one, or that named by its code; `org_id` a place in it. Refused where there is a choice to make."""
    paths = user.scopes(permission)
    if not paths:
        raise Forbidden("你没有查看报表的权限。如需要，请联系本单位管理员开通。")
    if org_id is not None:
        place = visible_org(user, org_id, permission)
        if place.kind not in ("county", "township", "school"):
            raise NotFound
        return Scope(place.county, place, seen_below(paths, place))
    whole = chosen_county(counties_of(user, permission), county)
    seen = seen_below(paths, whole)
    if seen == [whole.path] or len(seen) > 1:
        return Scope(whole, whole, seen)
    place = Org.get(Org.path == seen[0])
    return Scope(whole, place, seen)


def chosen_county(counties: list[Org], code: str | None) -> Org:
    if not counties:
        raise Refused("还没有可统计的县，请先导入行政区划。")
    if code:
        found = next((county for county in counties if county.code == code), None)
        if found is None:
            raise NotFound("没有代码为「%(code)s」的县，或你没有查看它的权限。", code=code)
        return found
    if len(counties) > 1:
        names = "、".join(f"{county.code} {county.name}" for county in counties)
        raise Refused("你可以查看多个县，请先选定一个（--county 代码）：%(names)s。", names=names)
    return counties[0]


def county_to_show(counties: list[Org], asked: str | None) -> str | None:
    """The code that was asked for, else the first: a page always shows something."""
    return asked or (counties[0].code if len(counties) > 1 else None)


def places_above(scope: Scope, user, permission: Permission) -> list[Org]:
    """County and township above the place, as far as the user holds the permission there too."""
    return [org for org in ancestors_of(scope.place) if org.kind in ("county", "township") and user.may(permission, org)]


def seen_below(paths: list[str], place: Org) -> list[str]:
    """What of the place lies within the paths, without those that lie within another."""
    if any(place.path.startswith(path) for path in paths):
        return [str(place.path)]
    return without_nested({path for path in paths if related(path, place.path)})


def without_nested(paths: set[str]) -> list[str]:
    return sorted(path for path in paths if not any(path != other and path.startswith(other) for other in paths))


def schools_of(scope: Scope) -> list[SchoolPlace]:
    """Schools that the figures are summed from, in the order of their codes."""
    return scope.places[1]


def township_in(path: str, townships: set[int]) -> int | None:
    return next((int(part) for part in path.strip("/").split("/") if int(part) in townships), None)


def townships_of(scope: Scope) -> list[TownshipPlace]:
    """Townships that hold something of the scope."""
    return scope.places[0]


def inside(scope: Scope):
    """A condition on Org: within the scope."""
    return within(scope.paths) & (Org.county == scope.county)


def count_of(scope: Scope, kind: str) -> int:
    return Org.select().where((Org.kind == kind) & inside(scope) & Org.closed_on.is_null()).count()


def childrens_rows(scope: Scope, schools: list[SchoolPlace], by_school: dict[int, dict], nothing: dict) -> list[dict]:
    """One dict for each township (of a county) or school (of a township): id, code, name, kind, schools and the sums."""
    if scope.place.kind != "county":
        return [line(school.id, school.code, school.name, "school", 1, by_school.get(school.id, nothing)) for school in schools]
    rows = []
    for id_, code, name in townships_of(scope):
        rows.append(line(id_, code, name, "township", *added(schools, id_, by_school, nothing)))
    if any(school.township_id is None for school in schools):
        rows.append(line(None, "", DIRECT, "county", *added(schools, None, by_school, nothing)))
    return rows


def line(id_, code: str, name: str, kind: str, schools: int, sums: dict) -> dict:
    return {"id": id_, "code": code, "name": name, "kind": kind, "schools": schools, **sums}


def added(schools: list[SchoolPlace], township_id: int | None, by_school: dict, nothing: dict) -> tuple[int, dict]:
    """(how many schools, their sums)."""
    mine = [school for school in schools if school.township_id == township_id]
    return len(mine), sum_up((by_school[school.id] for school in mine if school.id in by_school), nothing)


def sum_up(many, nothing: dict) -> dict:
    """The sums of many, name by name; `nothing` has the names and the zeros."""
    found = list(many)
    return {name: sum([sums[name] for sums in found]) for name in nothing}
