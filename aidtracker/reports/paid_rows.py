"""Whose lines the aid report's table has: townships by registered home or by school, schools, grades."""

from aidtracker.aid.paid_sums import ELSEWHERE, FAR_HOME, Sums
from aidtracker.orgs.grades import STAGES
from aidtracker.orgs.scopes import DIRECT, Scope, schools_of, townships_of
from aidtracker.phrases import Phrase

FAR = "外县"
GRADES = {grade: place for place, grade in enumerate(grade for stage in STAGES for grade in stage.grades)}


def rows_of(scope: Scope, found: Sums, group: str) -> list[tuple[dict, tuple]]:
    """[({id, code, name, kind}, key in found.lines)]"""
    if scope.place.kind == "school":
        grades = {key[1] for key in found.lines if key[0] == "grade" and len(key) == 2}
        return [(about(None, "", grade, "grade"), ("grade", grade)) for grade in sorted(grades, key=lambda one: GRADES.get(one, len(GRADES)))]
    if scope.place.kind == "township":
        schools = [school for school in schools_of(scope) if school.closed_on is None or ("school", school.id) in found.lines]
        return [(about(school.id, school.code, school.name, "school"), ("school", school.id)) for school in schools]
    return homes(scope, found) if group == "home" else townships(scope, found)


def homes(scope: Scope, found: Sums) -> list[tuple[dict, tuple]]:
    """Not linked: below a township stand its schools, which is another sum."""
    rows = [(about(id_, code, name, "home"), ("home", id_)) for id_, code, name in townships_of(scope) if ("home", id_) in found.lines]
    others = [(id_, name) for id_, name in ((ELSEWHERE, Phrase("本县，乡镇不详")), (FAR_HOME, Phrase(FAR))) if ("home", id_) in found.lines or id_ == FAR_HOME]
    return rows + [(about(None, "", name, "home"), ("home", id_)) for id_, name in others]


def homes_without(scope: Scope, found: Sums, group: str) -> list[str]:
    """Townships that the published table leaves out: nobody registered there was paid."""
    if scope.place.kind != "county" or group != "home":
        return []
    return [name for id_, _, name in townships_of(scope) if ("home", id_) not in found.lines]


def townships(scope: Scope, found: Sums) -> list[tuple[dict, tuple]]:
    rows = [(about(id_, code, name, "township"), ("township", id_)) for id_, code, name in townships_of(scope)]
    return rows + ([(about(None, "", DIRECT, "county"), ("township", 0))] if ("township", 0) in found.lines else [])


def about(id_: int | None, code: str, name: str, kind: str) -> dict:
    return {"id": id_, "code": code, "name": name, "kind": kind}
