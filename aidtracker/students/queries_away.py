"""Who is out on 休学: within whose reach, and who records that the child is back."""

import peewee

from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import NOTHING, within
from aidtracker.permissions import Permission
from aidtracker.policies.queries import policy_of
from aidtracker.students.models import Student
from aidtracker.students.models_moves import Move
from aidtracker.students.queries import EVERYBODY

P = Permission
Later, Room, School = Move.alias(), Org.alias(), Org.alias()


def visible_away(user):
    """Suspensions that are not over, of the classes below the places where the reader looks after returns; with pupil, class and school."""
    paths = user.scopes(P.RETURN_RECORD)
    rooms = Org.select(Org.id).where(within(paths) & (Org.kind == "class")) if paths else Org.select(Org.id).where(NOTHING)
    after = Later.select(Later.id).where((Later.student == Move.student) & Later.withdrawn_at.is_null() & (Later.kind != "correct") & (Later.id > Move.id))
    is_out = (Move.kind == "suspend") & Move.withdrawn_at.is_null() & Student.class_org.is_null() & EVERYBODY & ~peewee.fn.EXISTS(after)
    found = Move.select(Move, Student, Room, School).join(Student, on=Move.student).switch(Move)
    found = found.join(Room, on=(Move.from_class == Room.id), attr="room").join(School, on=(Room.parent == School.id), attr="school")
    return found.where(is_out & Move.from_class.in_(rooms))


def visible_away_one(user, away_id: int) -> Move:
    found = visible_away(user).where(Move.id == away_id).first()
    if found is None:
        raise NotFound
    return found


def may_record_return(user, school: Org) -> bool:
    """The township and the bureau; the school itself where the county's rule says so."""
    if user.may(P.MOVE_APPROVE, school):
        return True
    return user.may(P.RETURN_RECORD, school) and policy_of("school_records_return", school.county_id, today_in_china()) == "yes"


def open_classes_of(school: Org) -> list[tuple[int, str]]:
    return [(room.id, room.name) for room in open_rooms(school)]


def open_class_of(school: Org, class_id: int) -> Org:
    found = open_rooms(school).where(Org.id == class_id).first()
    if found is None:
        raise NotFound
    return found


def open_rooms(school: Org):
    return Org.select().where((Org.kind == "class") & (Org.parent == school) & Org.closed_on.is_null()).order_by(Org.code)
