"""Asking whether a child is registered already. That another school has such a child is said without a name, on record, and not without end."""

from aidtracker.audit.actions import record
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import midnight_us
from aidtracker.db import today_in_china, transaction
from aidtracker.errors import Refused
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.queries import visible_students
from aidtracker.students.twins import possible_twins

ACTION = "students.find_twins"


class AskedTooOften(Refused):
    status = 429


def find_twins(*, values: dict, county_id: int, by, own_id: int | None = None, bears_it_now: bool = False) -> tuple[list[Student], bool]:
    """(those whom `by` may see, whether there are others). bears_it_now: also whoever has the very number today."""
    ids = possible_twins(values, county_id, own_id, bears_it_now)
    seen = list(visible_students(by).where(Student.id.in_(ids)).order_by(Student.id)) if ids else []
    has_others = len(seen) < len(ids)
    if has_others:
        with transaction():
            record(action="students.find_twins", by=by, object_kind="student", count=len(ids) - len(seen), county_id=county_id)
        refuse_endless(ACTION, by, [county_id])
    return seen, has_others


def refuse_endless(action: str, by, counties: list) -> None:
    """As often in a day as the county lets whole numbers be looked at. After the entry has been written: what is refused is on record too."""
    most = max((number_of("reveal_quota", county, today_in_china()) for county in counties), default=0)
    mine = (AuditEntry.actor_id == by.id) & (AuditEntry.action == action) & (AuditEntry.at_us >= midnight_us(today_in_china()))
    if AuditEntry.select().where(mine).count() > most:
        raise AskedTooOften("今天查找别校学生的次数太多了，请明天再试，或联系教育局核对。")
