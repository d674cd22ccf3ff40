"""A pupil's spells and moves in one order, and who may read why."""

import datetime
from typing import NamedTuple

import peewee

from aidtracker.accounts.models import User
from aidtracker.db import today_in_china
from aidtracker.errors import NotFound
from aidtracker.orgs.models import Org
from aidtracker.permissions import Permission
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS, OF_SEVERAL
from aidtracker.students.records import spells_of

READS_REASONS = {Permission.STUDENT_EDIT, Permission.CASE_VIEW}


class Event(NamedTuple):
    """A spell from its first day, or a move; `places` are names of classes with their schools, by id."""

    on: datetime.date
    spell: Enrollment | None = None
    move: Move | None = None
    can_be_withdrawn: bool = False  # the last one, if nothing of others was part of it


def last_move(student_id: int) -> Move | None:
    """Corrections aside: they have no end of their own."""
    mine = (Move.student == student_id) & Move.withdrawn_at.is_null() & (Move.kind != "correct")
    return Move.select().where(mine).order_by(Move.id.desc()).first()


def standing_move(student: Student, move_id: int) -> Move:
    found = Move.get_or_none((Move.id == move_id) & (Move.student == student) & Move.withdrawn_at.is_null())
    if found is None:
        raise NotFound
    return found


def spell_of(student: Student, spell_id: int) -> Enrollment:
    found = Enrollment.get_or_none((Enrollment.id == spell_id) & (Enrollment.student == student))
    if found is None:
        raise NotFound
    return found


def moves_of(student: Student) -> list[Move]:
    found = Move.select(Move, User).join(User, on=Move.recorded_by, join_type=peewee.JOIN.LEFT_OUTER)
    return list(found.where(Move.student == student).order_by(Move.id.desc()))


def timeline_of(student: Student) -> list[Event]:
    """The newest first; on one day the move stands above the spell that it began."""
    last, today = last_move(student.id), today_in_china()
    can_go = last.id if last is not None and last.kind not in OF_SEVERAL else None
    found = [Event(spell.starts_on, spell=spell) for spell in spells_of(student)]
    found += [Event(move.on_day, move=move, can_be_withdrawn=move.id == can_go) for move in moves_of(student)]
    return sorted(found, key=lambda event: (min(event.on, today), event.move is not None, event.move.id if event.move else 0), reverse=True)


def class_names(class_ids) -> dict[int, str]:
    """{id of a class: the school's name and its own}."""
    school = Org.alias()
    found = Org.select(Org.id, school.name, Org.name).join(school, on=Org.parent == school.id)
    return {id_: f"{place} {name}" for id_, place, name in found.where(Org.id.in_(list(class_ids))).tuples()}


def places_named(events: list[Event]) -> dict[int, str]:
    moves = [event.move for event in events if event.move]
    return class_names({id_ for move in moves for id_ in (move.from_class_id, move.to_class_id) if id_})


def label_of(move: Move) -> str:
    return KINDS[move.kind].label if move.kind in KINDS else move.kind
