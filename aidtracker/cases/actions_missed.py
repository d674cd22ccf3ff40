"""转学未到: a transferred child who did not arrive gets a case, or its closed one is opened again."""

from aidtracker.accounts.models import User
from aidtracker.cases.actions import open_case, reopen_case
from aidtracker.cases.queries import case_of, is_open, workers_for
from aidtracker.db import today_in_china
from aidtracker.permissions import Permission
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with

WORDS = "转学到期没有报到。"


def open_for_missed(transfer) -> None:
    """In the name of who confirmed or asked, as far as that person still works on such cases here; else of whoever is nearest."""
    student = transfer.student
    case, by = case_of(student), somebody_for(transfer, student)
    if is_open(case) or by is None:
        return
    values = {"origin": "transfer", "found_on": today_in_china()}
    if case is None:
        open_case(student=student, values=values | {"detail": WORDS}, by=by)
    else:
        reopen_case(case=case, values=values, reason=WORDS, by=by)


def somebody_for(transfer, student: Student) -> User | None:
    asked = [user for user in (transfer.asked_by, transfer.confirmed_by) if user and user.disabled_at is None]
    fitting = next((user for user in asked if may_with(user, Permission.CASE_WORK, student)), None)
    if fitting is not None:
        return fitting
    nearest = [user_id for user_id, _name in workers_for(student)][:1]
    return User.select().where(User.id.in_(nearest)).first()
