"""The rows of the workbench: who is on one side and not on the other, what is known of each, and whether it is a wrong ID."""

import datetime
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import peewee

from aidtracker.cases.models import Case
from aidtracker.cases.sealed import shown_to
from aidtracker.census import matching
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.census.queries import visible_children
from aidtracker.crypto.masking import mask_id
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_orgs, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import visible_students

COMPARISONS = {
    "registered_not_enrolled": "户籍在册未就读",
    "enrolled_not_registered": "在读不在户籍名单",
    "disabled_not_enrolled": "残疾儿童未就读",
}
NEEDS = {"disabled_not_enrolled": "disabled_children"}  # the list that a comparison starts from; else the household registry
HomeOrg, AboveOrg, ClassOrg, SchoolOrg = Org.alias(), Org.alias(), Org.alias(), Org.alias()


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: a township of the registered home, or those registered outside; part of a name."""

    township: Org | None = None
    is_outside: bool = False
    text: str = ""
    only_monitored: bool = False


class Known(NamedTuple):
    """The record of a pupil, as far as the reader may see it."""

    id: int
    is_visible: bool
    school_name: str = ""
    class_name: str = ""
    left_on: datetime.date | None = None


@dataclass
class Row:
    """One child or pupil of the workbench. `twins` are likely the same under a wrong ID; `hidden_twins` lie outside the scope."""

    who: Any  # a ListedChild or a Student, with home_name and home_above
    number: str
    is_monitored: bool = False
    known: Known | None = None
    case: Case | None = None
    twins: list[matching.Twin] = field(default_factory=list)
    hidden_twins: int = 0


def townships_of(user, county: Org) -> list[Org]:
    """Those that the reader may narrow a list to."""
    found = visible_orgs(user, Permission.CENSUS_VIEW).where((Org.county == county) & (Org.kind == "township"))
    return list(found.order_by(Org.code))


def start_of(lists: matching.Lists, name: str) -> Snapshot | None:
    """The list that the comparison starts from."""
    return getattr(lists, NEEDS.get(name, "household_registry"))


def compared(user, lists: matching.Lists, name: str, filters: Filters):
    """Listed children, or pupils, of the reader's scope who are on one side alone; sorted by home and name."""
    if name == "enrolled_not_registered":
        found = visible_students(user, Permission.CENSUS_VIEW).where(matching.enrolled_not_registered(lists))
        found = narrowed(found, Student, filters, Student.name.contains(filters.text))
        return with_home(found, Student).order_by(Student.home_code, Student.pinyin, Student.id)
    rule = matching.disabled_not_enrolled if name == "disabled_not_enrolled" else matching.registered_not_enrolled
    found = visible_children(user).where(rule(lists))
    if filters.only_monitored:
        found = found.where(matching.also_monitored(lists))
    return sorted_children(found, filters)


def children_of(user, snapshot: Snapshot, filters: Filters):
    """The lines of one list within the reader's scope."""
    return sorted_children(visible_children(user).where(ListedChild.snapshot == snapshot), filters)


def sorted_children(found, filters: Filters):
    alike = ListedChild.name.contains(filters.text) | ListedChild.head_name.contains(filters.text)
    found = narrowed(found, ListedChild, filters, alike)
    return with_home(found, ListedChild).order_by(ListedChild.home_code, ListedChild.name, ListedChild.id)


def narrowed(found, model, filters: Filters, alike):
    if filters.township is not None:
        found = found.where(model.home.in_(Org.select(Org.id).where(within([filters.township.path]))))
    if filters.is_outside:
        found = found.where(model.home.is_null())
    return found.where(alike) if filters.text else found


def with_home(found, model):
    """Each with the name of the registered home, and above a village that of its township."""
    joined = found.select(model, HomeOrg.name.alias("home_name"), AboveOrg.name.alias("home_above"))
    joined = joined.join(HomeOrg, peewee.JOIN.LEFT_OUTER, on=(HomeOrg.id == model.home))
    is_above = (AboveOrg.id == HomeOrg.parent) & (HomeOrg.kind == "village")
    return joined.join(AboveOrg, peewee.JOIN.LEFT_OUTER, on=is_above).objects()


def child_rows(user, lists: matching.Lists, name: str, children: list) -> list[Row]:
    """What the workbench says of each of these children."""
    known, monitored = known_pupils(user, lists.county_id, children), monitored_among(lists, children)
    cases = cases_of(user, [each.id for each in known.values() if each.is_visible])
    twins = matching.likely_pupils(lists, start_of(lists, name), children)
    seen = visible_ids(user, twin_ids(twins))
    rows = []
    for child in children:
        pupil, alike = known.get(bytes(child.id_index)), twins.get((child.name, child.born_on, child.sex), [])
        shown = [twin for twin in alike if twin.id in seen]
        case = cases.get(pupil.id) if pupil else None
        rows.append(Row(child, mask_id(child.id_number), child.id in monitored, pupil, case, shown, len(alike) - len(shown)))
    return rows


def pupil_rows(user, lists: matching.Lists, pupils: list) -> list[Row]:
    """Pupils who are on no household list; twins are children of the list who seem not to be enrolled."""
    places = places_now([pupil.id for pupil in pupils])
    twins = matching.likely_listed(lists, pupils)
    seen = {id_ for (id_,) in visible_children(user).where(ListedChild.id.in_(twin_ids(twins))).select(ListedChild.id).tuples()}
    rows = []
    for pupil in pupils:
        alike = twins.get((pupil.name, pupil.born_on, pupil.sex), [])
        shown = [twin for twin in alike if twin.id in seen]
        known = Known(pupil.id, True, *places.get(pupil.id, ("", "", None)))
        rows.append(Row(pupil, mask_id(pupil.id_number), False, known, None, shown, len(alike) - len(shown)))
    return rows


def twin_ids(twins: dict[tuple, list[matching.Twin]]) -> list[int]:
    return [twin.id for many in twins.values() for twin in many]


def known_pupils(user, county_id: int, children: list) -> dict[bytes, Known]:
    """{key of the ID: the pupil's record}, of those who have one: who left, or is enrolled only later."""
    keys = [child.id_index for child in children]
    found = Student.select(Student.id_index, Student.id).where((Student.county == county_id) & Student.id_index.in_(keys)).tuples()
    ids = {bytes(key): id_ for key, id_ in found}
    seen, places = visible_ids(user, list(ids.values())), places_now(list(ids.values()))
    return {key: Known(id_, id_ in seen, *(places.get(id_, ("", "", None)) if id_ in seen else ())) for key, id_ in ids.items()}


def visible_ids(user, ids: list[int]) -> set[int]:
    return {id_ for (id_,) in visible_students(user).select(Student.id).where(Student.id.in_(ids)).tuples()} if ids else set()


def places_now(ids: list[int]) -> dict[int, tuple]:
    """{student: (school, class, last day or None)} of the newest spell."""
    asked = (
        Enrollment.select(Enrollment.student, SchoolOrg.name, ClassOrg.name, Enrollment.ends_on)
        .join(ClassOrg, on=(ClassOrg.id == Enrollment.class_org))
        .join(SchoolOrg, on=(SchoolOrg.id == ClassOrg.parent))
        .where(Enrollment.student.in_(ids))
        .order_by(Enrollment.starts_on)
    )
    return {student: tuple(place) for student, *place in asked.tuples()} if ids else {}


def monitored_among(lists: matching.Lists, children: list) -> set[int]:
    mine = ListedChild.id.in_([child.id for child in children])
    return {id_ for (id_,) in ListedChild.select(ListedChild.id).where(mine & matching.also_monitored(lists)).tuples()} if children else set()


def cases_of(user, student_ids: list[int]) -> dict[int, Case]:
    return {case.student_id: case for case in Case.select().where(Case.student.in_(student_ids) & shown_to(user.id))} if student_ids else {}
