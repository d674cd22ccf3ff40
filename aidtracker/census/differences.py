"""In what a listed child and the pupil of the same number differ, in words for whoever has to put it right."""

from typing import NamedTuple

from aidtracker.census import matching
from aidtracker.census.comparing import TOWNSHIP_DIGITS, Comparison, is_unmarked_by
from aidtracker.census.models import ListedChild, MatchedPair
from aidtracker.crypto.masking import mask_id
from aidtracker.orgs.models import Org
from aidtracker.students.models import SEXES, Student

FIELDS = {"name": "姓名", "sex": "性别", "born_on": "出生日期", "home": "户籍乡镇", "number": "证件号", "group": "特殊群体"}
MENDS = {
    "number": "核对哪一个号是对的，更正学籍或请部门更正名单",
    "group": "核对证件后，在学生资料里补记特殊群体",
    "": "核对户口簿，更正学籍或请部门更正名单",
}


def mend_of(differences: list) -> str:
    """What is to be done about them."""
    fields = {one.field for one in differences}
    return MENDS["number" if "number" in fields else "group" if fields == {"group"} else ""]


class Difference(NamedTuple):
    field: str  # of FIELDS
    listed: str
    recorded: str


def differences_of(comparison: Comparison, children: list) -> dict[int, list[Difference]]:
    """{child: in what it differs}, of children who are in a class."""
    if not children:
        return {}
    pupils, paired = pupils_of(comparison.lists.county_id, [child.id_index for child in children])
    ids = [pupil.id for pupil in pupils.values()]
    marks = {id_ for (id_,) in Student.select(Student.id).where(Student.id.in_(ids) & is_unmarked_by(comparison)).tuples()} if ids else set()
    places = township_names([*children, *pupils.values(), *paired.values()])
    found = {}
    for child in children:
        key = bytes(child.id_index)
        pupil = pupils.get(key) or paired.get(key)
        found[child.id] = between(child, pupil, places) if pupil else []
        if pupil and pupil.id in marks and is_held(comparison, child):
            found[child.id].append(Difference("group", child.category, ""))
    return found


def pupils_of(county_id: int, keys: list[bytes]) -> tuple[dict[bytes, Student], dict[bytes, Student]]:
    """{key of a listed ID: the pupil}: of those who bear it, and of those who were found to be the same child."""
    bearers = Student.select().where((Student.county == county_id) & Student.id_index.in_(keys))
    paired = MatchedPair.select(MatchedPair, Student).join(Student).where(matching.is_same(county_id) & MatchedPair.id_index.in_(keys))
    return {bytes(pupil.id_index): pupil for pupil in bearers}, {bytes(pair.id_index): pair.student for pair in paired}


def between(child: ListedChild, pupil: Student, places: dict[str, str]) -> list[Difference]:
    found = []
    if bytes(child.id_index) != bytes(pupil.id_index or b""):
        found.append(Difference("number", mask_id(child.id_number), mask_id(pupil.id_number)))
    if child.name != pupil.name:
        found.append(Difference("name", child.name, pupil.name))
    if child.sex and child.sex != pupil.sex:
        found.append(Difference("sex", SEXES[child.sex], SEXES[pupil.sex]))
    if child.born_on and child.born_on != pupil.born_on:
        found.append(Difference("born_on", child.born_on.isoformat(), pupil.born_on.isoformat()))
    mine, theirs = township_code(child), township_code(pupil)
    if mine and theirs and mine != theirs:
        found.append(Difference("home", places.get(mine, mine), places.get(theirs, theirs)))
    return found


def township_code(who) -> str:
    return who.home_code[:TOWNSHIP_DIGITS] if len(who.home_code) >= TOWNSHIP_DIGITS else ""


def township_names(people) -> dict[str, str]:
    codes = {township_code(one) for one in people} - {""}
    return dict(Org.select(Org.code, Org.name).where(Org.code.in_(codes) & (Org.kind == "township")).tuples()) if codes else {}


def is_held(comparison: Comparison, child: ListedChild) -> bool:
    """What the list says of the child holds on the day: a household is monitored only until its risk is gone."""
    if comparison.kind != "monitored_households":
        return True
    on = comparison.lists.on
    return child.listed_on is not None and child.listed_on <= on and (child.cleared_on is None or child.cleared_on > on)
