"""Saying that a listed child and a pupil are one, or are two; it holds for every later list until it is withdrawn."""

from aidtracker.audit.actions import record
from aidtracker.census.models import ListedChild, MatchedPair
from aidtracker.census.pairs import are_alike, have_two_numbers, standing_pairs
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with


def match_child(*, child: ListedChild, student: Student, is_same: bool, by) -> MatchedPair:
    """Refused: not alike, two valid numbers, either is another's already, somebody decided before."""
    refuse_outsider(student, by)
    county_id = child.snapshot.county_id
    if student.county_id != county_id:
        raise Refused("这名学生不在这份名单的县里。")
    if is_same and not are_alike(child, student):
        raise Refused("姓名、性别、出生日期或户籍乡镇不一样，不能认定为同一个孩子。其中一边写错了的，先更正，再核对。")
    if is_same and have_two_numbers(child.id_number, student.id_number):
        raise Refused("两个证件号不同，而且都是有效号码，不能当作同一个孩子。确实是同一人时，先更正错的那个证件号，再比对。")
    with transaction():
        lock("matched pairs", county_id)
        refuse_decided(child, student, is_same, county_id)
        pair = MatchedPair.create(county=county_id, id_number=child.id_number, id_index=child.id_index, student=student, is_same=is_same, decided_by=by)
        told("match_child", pair, by)
    return pair


def withdraw_match(*, pair: MatchedPair, by) -> None:
    """The two are open again, for whoever looks at them next."""
    refuse_outsider(pair.student, by)
    with transaction():
        ended = {"withdrawn_by": by, "withdrawn_at": utcnow()}
        if not MatchedPair.update(ended).where((MatchedPair.id == pair.id) & MatchedPair.withdrawn_at.is_null()).execute():
            raise Refused("这一对的结论已经被撤回，请刷新页面。")
        told("withdraw_match", pair, by)


def refuse_outsider(student: Student, by) -> None:
    if not may_with(by, Permission.CASE_WORK, student):
        raise Forbidden("你没有核对这名学生的权限，请联系教育局。")


def refuse_decided(child: ListedChild, student: Student, is_same: bool, county_id: int) -> None:
    standing = standing_pairs(county_id)
    if MatchedPair.select().where(standing & (MatchedPair.id_index == child.id_index) & (MatchedPair.student == student)).exists():
        raise Refused("这一对已经有人核对过了。要改结论，请先在「已核对」里撤回。")
    taken = standing & MatchedPair.is_same & ((MatchedPair.id_index == child.id_index) | (MatchedPair.student == student))
    if is_same and MatchedPair.select().where(taken).exists():
        raise Refused("其中一个已经和别人认定为同一人。请先在「已核对」里撤回那一对，再认定。")


def told(action: str, pair: MatchedPair, by) -> None:
    about = {"object_kind": "student", "object_id": pair.student.uid, "county_id": pair.county_id}
    record(action=f"census.{action}", by=by, fields=("is_same" if pair.is_same else "not_same",), **about)
