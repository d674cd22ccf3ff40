"""Moves without a class (延缓入学), and the withdrawal of the last move: the spell before is as it was."""

import datetime

from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.phrases import Phrase
from aidtracker.students.actions_placing import (
    ONE_DAY,
    keep_in_step,
    leave_class,
    note_move,
    refuse_closed,
    refuse_dead,
    refuse_during_transfer,
    refuse_mover,
    refuse_unsaid,
    student_place,
    told,
)
from aidtracker.students.hooks import when_a_spell_is_taken_back
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS, OF_SEVERAL
from aidtracker.students.queries import lock_pupils
from aidtracker.students.timeline import last_move
from aidtracker.terms.years import refuse_closed_year


def suspend_student(*, student: Student, left_on: datetime.date, reason: str, by, **about) -> None:
    """休学: out of the class until a day. about: document, until_on."""
    leave_class(student=student, left_on=left_on, reason=reason, by=by, kind="suspend", **about)


def defer_student(*, student: Student, on_day: datetime.date, reason: str, by, **about) -> None:
    """延缓入学 of a child who sits in no class. about: document, until_on."""
    refuse_mover("defer", [student], by)
    if not reason.strip():
        raise Refused("请写明延缓入学的原因。")
    if on_day > today_in_china():
        raise Refused("开始日期不能晚于今天。")
    refuse_unsaid("defer", about, on_day)
    with transaction():
        lock_pupils([student.id])
        refuse_dead(student)
        if student_place(student):
            raise Refused("%(name)s已经在班级里。在校的学生请办理休学。", name=student.name)
        note_move("defer", student, on_day, by, reason=reason.strip(), **about)
        told("defer_student", student, by, ("starts_on",), KINDS["defer"].label)


def withdraw_move(*, move: Move, reason: str, by) -> None:
    """By whoever may record such a one, so 休学 by who approves it. Refused: it is not the last one, another school or a whole class was part of it, or something hangs on the new spell."""
    student = move.student
    refuse_mover(move.kind, [student], by)
    if not reason.strip():
        raise Refused("请写明为什么撤销。")
    with transaction():
        lock_pupils([student.id])
        refuse_late_withdrawal(move)
        refuse_closed_year(move.county_id, move.on_day)
        refuse_during_transfer([student])
        take_back(move, student)
        move.reason = f"{move.reason or ''}（撤销：{reason.strip()}）"
        move.withdrawn_by, move.withdrawn_at = by, utcnow()
        move.save(only=[Move.reason, Move.withdrawn_by, Move.withdrawn_at])
        told("withdraw_move", student, by, ("class_org", "ends_on"), KINDS[move.kind].label)


def refuse_late_withdrawal(move: Move) -> None:
    last = last_move(move.student_id)
    if last is None or last.id != move.id:
        raise Refused("只能撤销最后一次异动。更早的日期或班级有误，请用「更正」。")
    if move.kind in OF_SEVERAL:
        raise Refused("%(kind)s不能单独撤销。请再办理一次转学或调班。", kind=Phrase(KINDS[move.kind].label))


def take_back(move: Move, student: Student) -> None:
    kind = KINDS[move.kind]
    if not (kind.enters or kind.leaves):
        return
    before = spell_before(move) if kind.leaves else None
    if not kind.leaves:
        refuse_filled_in(move)
    if kind.enters:
        take_back_spell(move)
    if before is None:
        return keep_in_step(student, None, "day")
    refuse_closed(before.class_org)
    Enrollment.update(ends_on=None).where(Enrollment.id == before.id).execute()
    keep_in_step(student, before.class_org, before.mode)


def spell_before(move: Move) -> Enrollment:
    """Which the move ended; none, when it changed a spell on the very day on which that had begun."""
    ended = (Enrollment.student == move.student_id) & (Enrollment.ends_on == move.on_day - ONE_DAY)
    found = Enrollment.get_or_none(ended & (Enrollment.class_org == move.from_class_id))
    same_day = Move.select().where((Move.student == move.student_id) & (Move.on_day == move.on_day) & (Move.id != move.id) & Move.withdrawn_at.is_null())
    if found is None or any(KINDS[kind].enters and kind != "correct" for (kind,) in same_day.select(Move.kind).tuples()):
        raise Refused("这次异动是在同一天里改的，原来的记录没有留下，不能撤销。请用「更正」。")
    return found


def refuse_filled_in(move: Move) -> None:
    """A roster of before brought a spell that lasts until this entry; without the entry nothing would say why it ends."""
    until_here = Enrollment.select().where((Enrollment.student == move.student_id) & (Enrollment.ends_on == move.on_day - ONE_DAY))
    left = Move.select(Move.kind).where((Move.student == move.student_id) & (Move.on_day == move.on_day) & Move.withdrawn_at.is_null())
    if until_here.exists() and not any(KINDS[kind].leaves for (kind,) in left.tuples()):
        raise Refused("这次异动以前的就读经历是后来补录的，不能单独撤销。请用「更正」。")


def take_back_spell(move: Move) -> None:
    spell = Enrollment.get_or_none((Enrollment.student == move.student_id) & Enrollment.ends_on.is_null())
    if spell is None or (spell.starts_on, spell.class_org_id) != (move.on_day, move.to_class_id):
        raise Refused("这次异动之后就读记录又变过，不能撤销。请用「更正」。")
    for ask in when_a_spell_is_taken_back:
        ask(spell)
    Enrollment.delete().where(Enrollment.id == spell.id).execute()
