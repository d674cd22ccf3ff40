"""A case that opens by itself, or opens again: a transferred child did not arrive, or the rolls say 疑似辍学.

In the name of who brought it about, as far as that person works on such cases here; else of whoever is nearest. Where nobody
does, none is opened, and the child stays on the list of those who need one.
"""

import datetime
from collections.abc import Iterable

from aidtracker.accounts.models import User
from aidtracker.cases.actions import open_case, reopen_case
from aidtracker.cases.actions_following import relapse_case
from aidtracker.cases.queries import case_of, is_open, workers_for
from aidtracker.cases.sealed import is_kept_from
from aidtracker.cases.watch import returned_on
from aidtracker.db import today_in_china
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with

MISSED = "转学到期没有报到。"
RELAPSED = "巩固期内连续旷课到了本县规定的天数，点名时转回劝返。"
AWAY = "连续旷课到了本县规定的天数，点名时自动建案。"


def open_for_missed(transfer) -> None:
    """转学未到."""
    open_by_itself(transfer.student, {"origin": "transfer"}, MISSED, (transfer.asked_by, transfer.confirmed_by))


def open_for_streak(student: Student, first_on: datetime.date, by: User | None) -> None:
    """疑似辍学: away without leave since that day. In the watch period after a return it is a relapse."""
    case = case_of(student)
    if case is not None and case.state == "returned" and (returned_on(case) or first_on) <= first_on:
        who = somebody_for(student, (by, case.owner))
        if who is not None:
            relapse_case(case=case, on=today_in_china(), words=RELAPSED, by=who)
        return
    open_by_itself(student, {"origin": "roll", "absent_from": first_on}, AWAY, (by,))


def open_by_itself(student: Student, values: dict, words: str, asked: Iterable[User | None]) -> None:
    case, by = case_of(student), somebody_for(student, asked)
    if is_open(case) or by is None:
        return
    values = values | {"found_on": today_in_china()}
    if case is None:
        open_case(student=student, values=values | {"detail": words}, by=by)
    else:
        reopen_case(case=case, values=values, reason=words, by=by)


def somebody_for(student: Student, asked: Iterable[User | None]) -> User | None:
    known = [user for user in asked if user and user.disabled_at is None]
    fitting = next((user for user in known if may_with(user, Permission.CASE_WORK, student) and not is_kept_from(user.id, student)), None)
    if fitting is not None:
        return fitting
    nearest = [user_id for user_id, _name in workers_for(student) if not is_kept_from(user_id, student)][:1]
    return User.select().where(User.id.in_(nearest)).first()
