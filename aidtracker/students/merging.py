"""Two records that are one child: what differs, what a merger would leave behind, and which mergers stand."""

from typing import NamedTuple

from aidtracker.errors import NotFound
from aidtracker.excel.identity import id_checksum_ok
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.former import fit
from aidtracker.students.models import RESIDENT, Enrollment, Student
from aidtracker.students.models_merging import StudentMerge

FIELDS = ("name", "sex", "born_on", "ethnicity", "id_kind", "id_number", "student_number", "phone", "address", "home_code", "entered_on")


class Pair(NamedTuple):
    """One field of the two records, as it may be shown."""

    field: str
    kept: str
    dropped: str
    differs: bool
    prefers_dropped: bool  # the kept one has nothing


def pairs_of(kept: Student, dropped: Student, may_open: bool) -> list[Pair]:
    found = []
    for name in FIELDS:
        mine, theirs = getattr(kept, name) or "", getattr(dropped, name) or ""
        shown, other = (fit(name, str(value), may_open) for value in (mine, theirs))
        found.append(Pair(name, shown, other, mine != theirs, not mine and bool(theirs)))
    return found


def has_two_ids(kept: Student, dropped: Student) -> bool:
    """Two different IDs, each with its check digit right: most likely two children."""
    numbers = [student.id_number for student in (kept, dropped) if student.id_number and student.id_kind == RESIDENT]
    return len(numbers) == 2 and numbers[0] != numbers[1] and all(id_checksum_ok(number) for number in numbers)


def may_merge_two_ids(user, county: Org) -> bool:
    return user.may(Permission.STUDENT_EDIT, county)


def overlapping(kept: Student, dropped: Student) -> tuple[list[Enrollment], list[Enrollment]]:
    """(spells of the dropped record that can move, spells that lie over one of the kept record)."""
    mine = list(Enrollment.select().where(Enrollment.student == kept))
    free, over = [], []
    for spell in Enrollment.select().where(Enrollment.student == dropped).order_by(Enrollment.starts_on):
        clashes = any(crosses(spell, each) for each in mine)
        (over if clashes else free).append(spell)
    return free, over


def crosses(one: Enrollment, other: Enrollment) -> bool:
    begins_before_end = other.ends_on is None or one.starts_on <= other.ends_on
    return begins_before_end and (one.ends_on is None or other.starts_on <= one.ends_on)


def merges_of(student: Student) -> list[StudentMerge]:
    """Standing ones into this record, the newest first."""
    standing = (StudentMerge.kept == student) & StudentMerge.undone_at.is_null()
    return list(StudentMerge.select().where(standing).order_by(StudentMerge.id.desc()))


def standing_merge(student: Student, merge_id: int) -> StudentMerge:
    here = (StudentMerge.id == merge_id) & (StudentMerge.kept == student) & StudentMerge.undone_at.is_null()
    found = StudentMerge.get_or_none(here)
    if found is None:
        raise NotFound
    return found


def record_that_stands(student_id: int) -> int | None:
    """Where the record of a tombstone went; None: it was never merged."""
    seen: set[int] = set()
    while student_id not in seen:
        seen.add(student_id)
        into = Student.select(Student.merged_into).where(Student.id == student_id).tuples().first()
        if into is None or into[0] is None:
            break
        student_id = into[0]
    return student_id if len(seen) > 1 else None
