"""Listed children and pupils who may be one child although no number says so: same name, day of birth and place. A person says what
they are. Never two who have a valid number each: those are two children, or one of the numbers is put right first."""

from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.census import matching
from aidtracker.census.comparing import TOWNSHIP_DIGITS, Comparison, not_enrolled
from aidtracker.census.known import places_now
from aidtracker.census.matching import ONE
from aidtracker.census.models import ListedChild, MatchedPair
from aidtracker.census.queries import visible_children
from aidtracker.crypto.field import unsealed_column
from aidtracker.errors import NotFound
from aidtracker.excel.identity import id_checksum_ok
from aidtracker.permissions import Permission
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.queries import on_the, visible_students

MOST = 2000  # more than that is no list for people


class Proposal(NamedTuple):
    child_id: int
    student_id: int


def proposals(comparison: Comparison, condition) -> list[Proposal]:
    """Of the children on whom the condition holds, a condition on ListedChild; nobody has decided about them yet."""
    if comparison.snapshot is None:
        return []
    columns = (ListedChild.id, ListedChild.uid, ListedChild.id_number, Student.id, Student.uid, Student.id_number)
    found = ListedChild.select(*columns).join(Student, on=alike(comparison.lists.county_id)).where(condition & not_enrolled(comparison) & is_free(comparison))
    of_child, of_pupil = unsealed_column(ListedChild.id_number), unsealed_column(Student.id_number)
    return [
        Proposal(child, pupil)
        for child, child_uid, listed, pupil, pupil_uid, recorded in found.order_by(ListedChild.home_code, ListedChild.name, ListedChild.id, Student.id).limit(MOST).tuples()
        if not have_two_numbers(of_child(child_uid, listed), of_pupil(pupil_uid, recorded))
    ]


def alike(county_id: int):
    """A condition on a ListedChild and a Student: same name, day of birth, and township of the registered home where both are known."""
    child, codes = ListedChild, [peewee.fn.SUBSTR(model.home_code, 1, TOWNSHIP_DIGITS) for model in (ListedChild, Student)]
    unknown = [peewee.fn.LENGTH(code) < TOWNSHIP_DIGITS for code in codes]
    same = (Student.name == child.name) & (Student.born_on == child.born_on) & ((child.sex == "") | (child.sex == Student.sex))
    return (Student.county == county_id) & same & (unknown[0] | unknown[1] | (codes[0] == codes[1]))


def are_alike(child: ListedChild, student: Student) -> bool:
    pairs = ListedChild.select(ONE).join(Student, on=alike(child.snapshot.county_id))
    return pairs.where((ListedChild.id == child.id) & (Student.id == student.id)).exists()


def is_free(comparison: Comparison):
    """The pupil is in a class and on no line of the list, and nobody has said yet whether it is this child."""
    spell = Enrollment.select(ONE).where((Enrollment.student == Student.id) & on_the(comparison.lists.on))
    decided = MatchedPair.select(ONE).where(standing_pairs(comparison.lists.county_id) & (MatchedPair.id_index == ListedChild.id_index) & (MatchedPair.student == Student.id))
    return peewee.fn.EXISTS(spell) & ~matching.registered(comparison.snapshot) & ~peewee.fn.EXISTS(decided)


def have_two_numbers(listed: str | None, recorded: str | None) -> bool:
    """Two different IDs, each with its check digit right."""
    return bool(listed and recorded and listed != recorded and id_checksum_ok(listed) and id_checksum_ok(recorded))


def standing_pairs(county_id: int):
    return (MatchedPair.county == county_id) & MatchedPair.withdrawn_at.is_null()


# As a reader sees them.


def visible_proposals(user, comparison: Comparison) -> list[Proposal]:
    """Both sides lie within the reader's scope."""
    mine = ListedChild.id.in_(visible_children(user).select(ListedChild.id))
    pupils = visible_students(user, Permission.CENSUS_VIEW).select(Student.id)
    return proposals(comparison, mine & Student.id.in_(pupils))


def proposed_for(comparison: Comparison, children: list) -> dict[int, list[int]]:
    """{child: pupils who may be the same}"""
    found: dict[int, list[int]] = {}
    for child_id, student_id in proposals(comparison, ListedChild.id.in_([child.id for child in children])) if children else ():
        found.setdefault(child_id, []).append(student_id)
    return found


def parted_from(county_id: int, children: list) -> dict[bytes, set[int]]:
    """{key of a listed ID: pupils of whom somebody said that they are not this child}"""
    found: dict[bytes, set[int]] = {}
    here = standing_pairs(county_id) & ~MatchedPair.is_same & MatchedPair.id_index.in_([child.id_index for child in children])
    for key, student_id in MatchedPair.select(MatchedPair.id_index, MatchedPair.student).where(here).tuples() if children else ():
        found.setdefault(bytes(key), set()).add(student_id)
    return found


def visible_pairs(user, permission: Permission = Permission.CENSUS_VIEW):
    """Decisions that stand, about pupils of the reader's scope."""
    pupils = visible_students(user, permission).select(Student.id)
    return MatchedPair.select().where(MatchedPair.student.in_(pupils) & MatchedPair.withdrawn_at.is_null())


def visible_pair(user, pair_id: int, permission: Permission = Permission.CENSUS_VIEW) -> MatchedPair:
    found = visible_pairs(user, permission).where(MatchedPair.id == pair_id).first()
    if found is None:
        raise NotFound
    return found


def decided_pairs(user, county_id: int):
    """With the pupil and who decided, the newest first."""
    found = visible_pairs(user).select(MatchedPair, Student, User).join(Student).switch(MatchedPair).join(User, on=MatchedPair.decided_by)
    return found.where(MatchedPair.county == county_id).order_by(MatchedPair.decided_at.desc(), MatchedPair.id.desc())


class Side(NamedTuple):
    """A proposal as it is shown: the two, and where the pupil sits."""

    child: ListedChild
    pupil: Student
    school_name: str
    class_name: str


def sides_of(found: list[Proposal]) -> list[Side]:
    children = {child.id: child for child in ListedChild.select().where(ListedChild.id.in_([one.child_id for one in found]))} if found else {}
    pupils = {pupil.id: pupil for pupil in Student.select().where(Student.id.in_([one.student_id for one in found]))} if found else {}
    places = places_now(list(pupils))
    return [Side(children[child], pupils[pupil], *places.get(pupil, ("", "", None))[:2]) for child, pupil in found]
