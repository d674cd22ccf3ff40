"""疑似辍学台账: children whom a comparison found in no class, each with the one case; whoever is not known yet gets a record with it."""

from collections import Counter

from aidtracker.cases.actions import open_case, reopen_case
from aidtracker.cases.queries import case_of, is_open, workers_for
from aidtracker.cases.sealed import is_kept_from, seal_of
from aidtracker.census.actions import is_complete, make_record, told
from aidtracker.census.comparing import Comparison, not_enrolled
from aidtracker.census.known import pupil_ids
from aidtracker.census.list_kinds import label_of
from aidtracker.census.models import ListedChild
from aidtracker.census.pairs import proposed_for
from aidtracker.census.queries import listed_within
from aidtracker.census.standing import CODES, REASONS, standing
from aidtracker.db import chunks_of, lock, today_in_china, transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students

MOST = 200  # at a time: each is a case with its number, and nobody else writes meanwhile


def put_on_ledger(*, comparison: Comparison, child_ids: list[int], by) -> dict[str, int]:
    """{what became of them: how many}: opened, reopened; and who was left out: case (has one already), explained, review (a pupil
    may be the same child), outside, kept (somebody else's to work on), incomplete, gone (in a class by now, or beyond the reader's scope)."""
    if not child_ids:
        raise Refused("请先勾选要放入疑似台账的孩子。")
    if len(child_ids) > MOST:
        raise Refused("一次最多放 %(n)s 人，请先按乡镇筛选，或分几次放。", n=MOST)
    if not by.may(Permission.CASE_WORK):
        raise Forbidden("你没有跟进个案的权限，请联系乡镇或教育局。")
    with transaction():
        lock("ledger", comparison.lists.county_id)
        children = still_missing(comparison, child_ids, by)
        doubtful, known = proposed_for(comparison, children), pupil_ids(comparison.lists.county_id, [child.id_index for child in children])
        found = Counter(put(comparison, child, child.id in doubtful, known.get(bytes(child.id_index)), by) for child in children)
        found["gone"] = len(set(child_ids)) - len(children)
        snapshot = comparison.snapshot
        told("put_on_ledger", "snapshot", snapshot.uid, by, snapshot.county_id, found["opened"] + found["reopened"], f"{snapshot.kind} {snapshot.dated.isoformat()}")
    return {what: number for what, number in found.items() if number}


def still_missing(comparison: Comparison, child_ids: list[int], by) -> list:
    """Those of them who are in no class and for whom `by` may work, each with its `standing`."""
    mine = listed_within(by.scopes(Permission.CASE_WORK)) & not_enrolled(comparison)
    asked = ListedChild.select(ListedChild, standing(comparison, by.id).alias("standing")).order_by(ListedChild.home_code, ListedChild.name, ListedChild.id)
    return [child for some in chunks_of(child_ids) for child in asked.where(mine & ListedChild.id.in_(some)).objects()]


def put(comparison: Comparison, child: ListedChild, is_doubtful: bool, student_id: int | None, by) -> str:
    """What became of the child."""
    if child.standing not in CODES["todo"]:
        return "case" if child.standing in CODES["case"] else "explained"
    if is_doubtful:
        return "review"
    if student_id is None and not is_complete(child):
        return "incomplete"
    if student_id is None:
        student_id = make_record(child, by).id
    student = visible_students(by, Permission.CASE_WORK).where(Student.id == student_id).first()
    if student is None:
        return "outside"
    if is_kept_from(by.id, student):
        return "kept"
    return open_or_reopen(student, words_of(comparison, child), by)


def open_or_reopen(student: Student, words: str, by) -> str:
    case = case_of(student)
    if is_open(case):
        return "case"
    owner = case.owner_id if case and seal_of(case) else nearest(student, by)  # of a sealed one, somebody who is named
    values = {"origin": "matching", "found_on": today_in_china(), "owner": owner}
    if case is None:
        open_case(student=student, values=values | {"detail": words}, by=by)
        return "opened"
    reopen_case(case=case, values=values, reason=words, by=by)
    return "reopened"


def nearest(student: Student, by) -> int:
    """Whoever is nearest to the child's home or class answers for the case, not the office that looked through the list."""
    workers = [user_id for user_id, _name in workers_for(student)]
    return workers[0] if workers else by.id


def words_of(comparison: Comparison, child: ListedChild) -> str:
    """The source and its day, as they stand in the case."""
    return f"来源：{label_of(comparison.kind)}（{comparison.snapshot.dated.isoformat()}）。{REASONS[child.standing]}。"
