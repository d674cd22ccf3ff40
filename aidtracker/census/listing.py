"""The rows of the workbench: who is on one side and not on the other, or on both and differing, and what is known of each."""

import datetime
from dataclasses import dataclass, field, replace
from typing import Any

import peewee

from aidtracker.cases.models import Case
from aidtracker.cases.queries import visible_cases
from aidtracker.census import comparing, matching
from aidtracker.census.comparing import CHANGES, Comparison, changed
from aidtracker.census.differences import Difference, differences_of
from aidtracker.census.known import Known, known_pupils, places_now, visible_ids
from aidtracker.census.models import ListedChild, Snapshot
from aidtracker.census.pairs import parted_from, proposed_for
from aidtracker.census.queries import listed_within, visible_children
from aidtracker.census.standing import CODES, explains, of_state, standing, why_unlisted
from aidtracker.crypto.masking import mask_id
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import visible_orgs, within
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.queries import visible_students

HomeOrg, AboveOrg, ClassOrg, SchoolOrg = Org.alias(), Org.alias(), Org.alias(), Org.alias()


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to: a township of the registered home, or those registered outside; part of a name."""

    township: Org | None = None
    is_outside: bool = False
    text: str = ""
    only_monitored: bool = False
    state: str = ""  # of standing.STATES
    change: str = ""  # of comparing.CHANGES
    sort: str = "home"
    is_descending: bool = False


@dataclass
class Row:
    """One child or pupil of the workbench. `twins` are likely the same under a wrong ID; `hidden_twins` lie outside the scope."""

    who: Any  # a ListedChild or a Student, with home_name and home_above
    number: str
    is_monitored: bool = False
    known: Known | None = None
    case: Case | None = None
    standing: str = ""  # of standing.REASONS; of a pupil, of UNLISTED
    move: Move | None = None  # the newest that explains it
    differences: list[Difference] = field(default_factory=list)
    twins: list[matching.Twin] = field(default_factory=list)
    hidden_twins: int = 0
    proposed: list[int] = field(default_factory=list)  # of the twins, those about whom a person may say that they are the same

    @property
    def tells_why(self) -> bool:
        """Whether the reason may stand on a list: not that a child is in custody."""
        return (self.move is None or self.move.kind != "custody") and (self.case is None or self.case.outcome != "custody")


def townships_of(user, county: Org) -> list[Org]:
    """Those that the reader may narrow a list to."""
    found = visible_orgs(user, Permission.CENSUS_VIEW).where((Org.county == county) & (Org.kind == "township"))
    return list(found.order_by(Org.code))


def compared(user, comparison: Comparison, name: str, filters: Filters):
    """Listed children, or for not_listed pupils, of the reader's scope; each with home_name, home_above and `standing`."""
    found = asked_for(user, comparison, name, filters)
    if name == "not_listed":
        return ordered(with_home(found, Student), Student, filters)
    if not has_standing(name, filters):
        return ordered(with_home(found, ListedChild, peewee.Value("").alias("standing")), ListedChild, filters)
    if filters.state:
        found = found.where(of_state(comparison, filters.state, user.id))
    return ordered(with_home(found, ListedChild, standing(comparison, user.id).alias("standing")), ListedChild, filters)


def has_standing(name: str, filters: Filters) -> bool:
    """Who is no more on the list has none."""
    return name == "not_enrolled" and filters.change != "resolved"


def asked_for(user, comparison: Comparison, name: str, filters: Filters):
    """The rows in no order, whatever their standing."""
    rule = changed(comparison, name, filters.change) if filters.change else comparing.compared(comparison, name)
    if name == "not_listed":
        return narrowed(visible_students(user, Permission.CENSUS_VIEW).where(rule), Student, filters, Student.name.contains(filters.text))
    found = by_text(seen_children(user, name).where(rule), filters)
    return found.where(matching.also_monitored(comparison.lists)) if filters.only_monitored else found


def seen_children(user, name: str):
    """By registered home; who differs also where the pupil goes to school."""
    if name != "differing":
        return visible_children(user)
    pupils = visible_students(user, Permission.CENSUS_VIEW).select(Student.id_index)
    return ListedChild.select().where(listed_within(user.scopes(Permission.CENSUS_VIEW)) | ListedChild.id_index.in_(pupils))


def todo_ids(user, comparison: Comparison, filters: Filters) -> list[int]:
    """Children about whom something is to be done, of those that the list is narrowed to; in the order of their homes."""
    found = asked_for(user, comparison, "not_enrolled", filters).where(of_state(comparison, "todo", user.id))
    return [id_ for (id_,) in found.select(ListedChild.id).order_by(ListedChild.home_code, ListedChild.name, ListedChild.id).tuples()]


def counts_by_state(user, comparison: Comparison, filters: Filters) -> dict[str, int]:
    """{state: children who are on the list and in no class}; '' : all."""
    code = standing(comparison, user.id).alias("standing")
    found = asked_for(user, comparison, "not_enrolled", filters).select(code, peewee.fn.COUNT(ListedChild.id)).group_by(peewee.SQL("standing"))
    numbers = dict(found.tuples())
    return {"": sum(numbers.values()), **{state: sum(numbers.get(code, 0) for code in codes) for state, codes in CODES.items()}}


def counts_by_change(user, comparison: Comparison, name: str, filters: Filters) -> dict[str, int]:
    """{change: rows}; empty where there is no list before."""
    if comparison.before is None:
        return {}
    return {change: asked_for(user, comparison, name, replace(filters, change=change)).count() for change in CHANGES}


def children_of(user, snapshot: Snapshot, filters: Filters):
    """The lines of one list within the reader's scope."""
    return sorted_children(visible_children(user).where(ListedChild.snapshot == snapshot), filters)


def sorted_children(found, filters: Filters):
    return ordered(with_home(by_text(found, filters), ListedChild), ListedChild, filters)


def by_text(found, filters: Filters):
    alike = ListedChild.name.contains(filters.text) | ListedChild.head_name.contains(filters.text)
    return narrowed(found, ListedChild, filters, alike)


def ordered(found, model, filters: Filters):
    name = model.pinyin if model is Student else model.name
    keys = {"home": (model.home_code, name), "name": (name,), "born": (model.born_on, name)}[filters.sort]
    return found.order_by(*(key.desc() if filters.is_descending else key for key in keys), model.id)


def narrowed(found, model, filters: Filters, alike):
    if filters.township is not None:
        found = found.where(model.home.in_(Org.select(Org.id).where(within([filters.township.path]))))
    if filters.is_outside:
        found = found.where(model.home.is_null())
    return found.where(alike) if filters.text else found


def with_home(found, model, *more):
    """Each with the name of the registered home, and above a village that of its township."""
    joined = found.select(model, *more, HomeOrg.name.alias("home_name"), AboveOrg.name.alias("home_above"))
    joined = joined.join(HomeOrg, peewee.JOIN.LEFT_OUTER, on=(HomeOrg.id == model.home))
    is_above = (AboveOrg.id == HomeOrg.parent) & (HomeOrg.kind == "village")
    return joined.join(AboveOrg, peewee.JOIN.LEFT_OUTER, on=is_above).objects()


def rows_of(user, comparison: Comparison, name: str, items: list) -> list[Row]:
    """What is said of each of these, whichever result they are of."""
    return {"not_enrolled": child_rows, "not_listed": pupil_rows, "differing": differing_rows}[name](user, comparison, items)


def child_rows(user, comparison: Comparison, children: list) -> list[Row]:
    """What the workbench says of each of these children, who are in no class."""
    known, monitored = known_pupils(user, comparison.lists.county_id, children), monitored_among(comparison.lists, children)
    ids = [each.id for each in known.values() if each.is_visible]
    cases, moves = cases_of(user, ids), moves_of(ids, comparison.lists.on)
    twins = matching.likely_pupils(comparison.lists, comparison.snapshot, children)
    seen, proposed, parted = visible_ids(user, twin_ids(twins)), proposed_for(comparison, children), parted_from(comparison.lists.county_id, children)
    rows = []
    for child in children:
        pupil, key = known.get(bytes(child.id_index)), (child.name, child.born_on, child.sex)
        alike = [twin for twin in twins.get(key, []) if twin.id not in parted.get(bytes(child.id_index), ())]
        shown = [twin for twin in alike if twin.id in seen]
        row = Row(child, mask_id(child.id_number), child.id in monitored, pupil, standing=child.standing, twins=shown, hidden_twins=len(alike) - len(shown))
        row.proposed = proposed.get(child.id, [])
        row.case, row.move = (cases.get(pupil.id), moves.get(pupil.id)) if pupil else (None, None)
        rows.append(row)
    return rows


def differing_rows(user, comparison: Comparison, children: list) -> list[Row]:
    """Children who are in a class, with what their records say otherwise."""
    found = differences_of(comparison, children)
    known, monitored = known_pupils(user, comparison.lists.county_id, children), monitored_among(comparison.lists, children)
    return [Row(child, mask_id(child.id_number), child.id in monitored, known.get(bytes(child.id_index)), differences=found[child.id]) for child in children]


def pupil_rows(user, comparison: Comparison, pupils: list) -> list[Row]:
    """Pupils who are not on the list; twins are children of the list who seem not to be enrolled."""
    places = places_now([pupil.id for pupil in pupils])
    twins = matching.likely_listed(comparison.lists, comparison.snapshot, pupils)
    seen = {id_ for (id_,) in visible_children(user).where(ListedChild.id.in_(twin_ids(twins))).select(ListedChild.id).tuples()}
    rows = []
    for pupil in pupils:
        alike = twins.get((pupil.name, pupil.born_on, pupil.sex), [])
        shown = [twin for twin in alike if twin.id in seen]
        known = Known(pupil.id, True, *places.get(pupil.id, ("", "", None)))
        rows.append(Row(pupil, mask_id(pupil.id_number), known=known, standing=why_unlisted(comparison, pupil), twins=shown, hidden_twins=len(alike) - len(shown)))
    return rows


def twin_ids(twins: dict[tuple, list[matching.Twin]]) -> list[int]:
    return [twin.id for many in twins.values() for twin in many]


def monitored_among(lists: matching.Lists, children: list) -> set[int]:
    mine = ListedChild.id.in_([child.id for child in children])
    return {id_ for (id_,) in ListedChild.select(ListedChild.id).where(mine & matching.also_monitored(lists)).tuples()} if children else set()


def cases_of(user, student_ids: list[int]) -> dict[int, Case]:
    """Those that the reader may see."""
    return {case.student_id: case for case in visible_cases(user).where(Case.student.in_(student_ids))} if student_ids else {}


def moves_of(student_ids: list[int], on: datetime.date) -> dict[int, Move]:
    """{pupil: the newest move that says why the child is in no class}"""
    found = Move.select().where(Move.student.in_(student_ids) & explains(on)).order_by(Move.on_day, Move.id)
    return {move.student_id: move for move in found} if student_ids else {}
