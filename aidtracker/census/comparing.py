"""One list against the pupils of its county on a day: who is on it and in no class, in a class and not on it, on both and differing;
and whom the list before had shown. All are conditions, the same for every kind of list."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.census import matching
from aidtracker.census.list_kinds import group_of
from aidtracker.census.matching import ONE, Lists, is_same
from aidtracker.census.models import ListedChild, MatchedPair, Snapshot
from aidtracker.census.queries import latest_snapshot
from aidtracker.orgs.queries import NOTHING
from aidtracker.students.models import Enrollment, Student, Tag
from aidtracker.students.queries import EVERYBODY, on_the
from aidtracker.students.queries_tags import held_on

COMPARISONS = {
    "not_enrolled": "在名单，未就读",
    "not_listed": "在读，不在名单",
    "differing": "两边都有，信息不一致",
}
CHANGES = {"new": "新出现", "unchanged": "上次就有", "resolved": "已消除"}  # against the list before
ONE_DAY = datetime.timedelta(days=1)
TOWNSHIP_DIGITS = 9  # of a division code


class Comparison(NamedTuple):
    """`before` is the list before with its own day, None when this is the first."""

    kind: str
    lists: Lists
    snapshot: Snapshot | None
    before: "Comparison | None" = None
    group: tuple[str, ...] | None = None  # as list_kinds.group_of() says


def comparison_on(county_id: int, kind: str, on: datetime.date) -> Comparison:
    """By the newest list of the kind on or before the day."""
    snapshot = latest_snapshot(county_id, kind, on)
    earlier = latest_snapshot(county_id, kind, snapshot.dated - ONE_DAY) if snapshot else None
    group = group_of(kind)
    before = Comparison(kind, matching.lists_on(county_id, earlier.dated), earlier, None, group) if earlier else None
    return Comparison(kind, matching.lists_on(county_id, on), snapshot, before, group)


def compared(comparison: Comparison, name: str):
    """A condition on ListedChild, or for not_listed on Student."""
    return {"not_enrolled": not_enrolled, "not_listed": not_listed, "differing": differing}[name](comparison)


def not_enrolled(comparison: Comparison):
    return matching.on_list(comparison.snapshot) & ~matching.enrolled(comparison.lists)


def not_listed(comparison: Comparison):
    """In a class on the day, and of the group that the list is about; a pupil without an ID is on no list."""
    if comparison.snapshot is None:
        return NOTHING
    return ought_to_be_listed(comparison) & ~matching.registered(comparison.snapshot) & EVERYBODY


def ought_to_be_listed(comparison: Comparison):
    """A condition on Student: our own records mark the pupil so; of a list of everybody, as old as it draws its ages itself."""
    lists, group = comparison.lists, comparison.group
    if group == ():
        return NOTHING
    if group is None:
        return matching.enrolled_at_compulsory_age(lists._replace(household_registry=comparison.snapshot))
    spell = Enrollment.select(ONE).where((Enrollment.student == Student.id) & on_the(lists.on))
    return (Student.county == lists.county_id) & peewee.fn.EXISTS(spell) & Student.id.in_(marked(lists.on, group))


def marked(on: datetime.date, group: tuple[str, ...]):
    """The pupils who bear a tag of the group on the day."""
    return Tag.select(Tag.student).where(Tag.kind.in_(group) & held_on(on))


def differing(comparison: Comparison):
    """On the list and in a class, and not the same in both; who was matched by hand has another number."""
    lists = comparison.lists
    pupil = Student.select(ONE).join(Enrollment, on=(Enrollment.student == Student.id))
    here = (Student.county == lists.county_id) & (Student.id_index == ListedChild.id_index) & on_the(lists.on)
    paired = MatchedPair.select(ONE).join(Enrollment, on=(Enrollment.student == MatchedPair.student)).switch(MatchedPair).join(Student)
    same = is_same(lists.county_id) & (MatchedPair.id_index == ListedChild.id_index) & on_the(lists.on)
    other = Student.id_index.is_null() | (Student.id_index != ListedChild.id_index)
    found = peewee.fn.EXISTS(pupil.where(here & apart(comparison))) | peewee.fn.EXISTS(paired.where(same & other))
    return matching.on_list(comparison.snapshot) & found


def apart(comparison: Comparison):
    """A condition on a ListedChild and the Student of the same number; what either side leaves open is no difference."""
    child = ListedChild
    found = (child.name != Student.name) | ((child.sex != "") & (child.sex != Student.sex)) | (child.born_on != Student.born_on)
    mine, theirs = (peewee.fn.SUBSTR(model.home_code, 1, TOWNSHIP_DIGITS) for model in (child, Student))
    lengths = [peewee.fn.LENGTH(code) == TOWNSHIP_DIGITS for code in (mine, theirs)]
    found |= lengths[0] & lengths[1] & (mine != theirs)
    return found | is_unmarked(comparison)


def is_unmarked(comparison: Comparison):
    """A condition on a ListedChild and its Student. A monitored household is one only while it is monitored."""
    held = matching.monitored(ListedChild, comparison.lists.on) if comparison.kind == "monitored_households" else peewee.SQL("1 = 1")
    return held & is_unmarked_by(comparison)


def is_unmarked_by(comparison: Comparison):
    """A condition on Student: our records do not say of the pupil what the list is about."""
    return Student.id.not_in(marked(comparison.lists.on, comparison.group)) if comparison.group else NOTHING


# What changed since the list before.


def changed(comparison: Comparison, name: str, change: str):
    """As compared(): of the rows of now those that are new, or that the list before had shown on its day; resolved: its rows that are gone."""
    before = comparison.before
    if before is None:
        return compared(comparison, name) if change == "new" else NOTHING
    if change == "resolved":
        return compared(before, name) & ~shown_by(comparison, name)
    seen = shown_by(before, name)
    return compared(comparison, name) & (seen if change == "unchanged" else ~seen)


def shown_by(other: Comparison, name: str):
    """A condition on a row of one list: the other list shows the same child."""
    if name == "not_listed":
        return not_listed(other)
    rows = ListedChild.select(ListedChild.id_index).where(compared(other, name))
    return ListedChild.id_index.in_(rows)
