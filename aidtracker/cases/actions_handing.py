"""The open cases of somebody who leaves, and their new owner."""

from aidtracker.accounts.hooks import OpenWork
from aidtracker.cases.actions import EDITABLE, compare_and_set, version_of
from aidtracker.cases.models import Case
from aidtracker.cases.queries import workers_for
from aidtracker.cases.sealed import is_kept_from
from aidtracker.cases.states import CLOSED
from aidtracker.phrases import Phrase


def open_cases_of(user):
    return Case.select().where((Case.owner == user) & (Case.state != CLOSED)).order_by(Case.id)


def leaves_open(user) -> OpenWork:
    becomes = Phrase("转给接手的人；接手的人管不到的，责任人不变，请乡镇或教育局另行指定")
    return OpenWork(Phrase("负责的未销号个案"), open_cases_of(user).count(), becomes)


def hand_cases_over(user, successor, by) -> int:
    """Inside the caller's transaction and under its entry. Cases of children whom the successor may not work for stay, and those that are kept from them."""
    count = 0
    for case in open_cases_of(user):
        if successor.id in dict(workers_for(case.student)) and not is_kept_from(successor.id, case.student):
            former = version_of(case, EDITABLE, by, became={"owner": successor.id})
            case.owner = successor
            compare_and_set(case, case.revision, ("owner",))
            former.save(force_insert=True)
            count += 1
    return count
