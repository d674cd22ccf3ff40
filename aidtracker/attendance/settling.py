"""Two lists of one roll: which lines of whose hold in the end, and whose word stands above whose."""

from aidtracker.accounts.models import User
from aidtracker.attendance.queries import Standing
from aidtracker.permissions import Permission


def settled(mine: dict, standing: Standing, picks: set[int]) -> dict:
    """{student: (mark, reason)}: what stands, and of the picked pupils what was sent, a mark or none for who was present."""
    kept = {student: (mark, None) for student, mark in standing.marks.items() if student not in picks}
    return kept | {student: mark for student, mark in mine.items() if student in picks}


def is_outranked(standing: Standing | None, room, by) -> bool:
    """A school administrator's correction stands: a teacher's list that comes later, written before it was seen, does not replace it."""
    if standing is None or standing.revision == 1 or not standing.by_id or standing.by_id == by.id or by.may(Permission.ROLL_CORRECT, room):
        return False
    return User.get_by_id(standing.by_id).may(Permission.ROLL_CORRECT, room)
