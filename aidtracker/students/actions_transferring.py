"""县内转学: one school asks, the other confirms or refuses, the new one records that the child has come. Until then it sits where it sat."""

import datetime

from aidtracker.audit.actions import record
from aidtracker.db import today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.queries import counties_of
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.policies.queries import number_of
from aidtracker.students.actions_placing import check_class, note_move, open_new_spell, refuse_dead, spell_or_refused, told
from aidtracker.students.actions_twins import refuse_endless
from aidtracker.students.hooks import when_a_transfer_is_missed
from aidtracker.students.models import Student
from aidtracker.students.models_moves import OPEN, STATES, Transfer
from aidtracker.students.queries import lock_pupils
from aidtracker.students.queries_transfers import by_whole_number, overdue_ids

EDIT = Permission.STUDENT_EDIT
FIND = "students.find_transferee"
AHEAD = datetime.timedelta(days=180)  # how long before its first day a transfer can be arranged


def find_transferee(*, number: str, by) -> Student | None:
    """Whom a school asks for: by the whole number only, on record whether found or not, and not without end."""
    found = by_whole_number(by, number)
    with transaction():
        about = {"object_id": found.uid, "county_id": found.county_id} if found else {}
        record(action=FIND, by=by, object_kind="student", **about)
    refuse_endless(FIND, by, [county.id for county in counties_of(by, EDIT)])
    return found


def transfer_student(*, student: Student, to_school: Org, leaves_on: datetime.date, asks: str, by, document: str = "", reason: str = "") -> Transfer:
    """asks: from (the school that the child leaves) or to (the one that takes it in)."""
    with transaction():
        lock_pupils([student.id])
        refuse_dead(student)
        room = spell_or_refused(student).class_org
        asking = room.parent if asks == "from" else to_school
        if not by.may(EDIT, asking):
            raise Forbidden("你没有为这所学校申请转学的权限。")
        refuse_school(student, room, to_school)
        refuse_day(student, leaves_on)
        transfer = Transfer(county=student.county_id, student=student, from_class=room, from_school=room.parent, to_school=to_school)
        transfer.asked_by_school, transfer.asked_by, transfer.leaves_on = asking, by, leaves_on
        transfer.arrive_by = deadline(transfer)
        transfer.document, transfer.reason = document.strip(), reason.strip() or None
        transfer.save(force_insert=True)
        told("transfer_student", student, by, ("to_school", "starts_on"))
    return transfer


def confirm_transfer(*, transfer: Transfer, by) -> None:
    """By the school that did not ask; the days for arriving count from now."""
    with transaction():
        now = locked(transfer, by, ("asked",))
        refuse_side(answering(now), by)
        now.state, now.confirmed_by, now.confirmed_at, now.arrive_by = "confirmed", by, utcnow(), deadline(now)
        kept(now, "confirm_transfer", by, Transfer.state, Transfer.confirmed_by, Transfer.confirmed_at, Transfer.arrive_by)


def refuse_transfer(*, transfer: Transfer, words: str, by) -> None:
    with transaction():
        now = locked(transfer, by, ("asked",))
        refuse_side(answering(now), by)
        end(now, "refused", words, by, "refuse_transfer")


def withdraw_transfer(*, transfer: Transfer, words: str, by) -> None:
    """By the school that asked, until the child has come."""
    with transaction():
        now = locked(transfer, by, OPEN)
        refuse_side(now.asked_by_school, by)
        end(now, "withdrawn", words, by, "withdraw_transfer")


def record_arrival(*, transfer: Transfer, class_org: Org, mode: str, seat: int | None, arrived_on: datetime.date, by) -> None:
    """报到: the old spell ends the day before, the new one begins, with one move for both."""
    with transaction():
        now = locked(transfer, by, ("confirmed", "missing"))
        refuse_side(now.to_school, by)
        check_class(class_org, by)
        student, spell = now.student, spell_or_refused(now.student)
        if class_org.parent_id != now.to_school_id:
            raise Refused("请选择转入学校的班级。")
        if spell.class_org.parent_id != now.from_school_id:
            raise Refused("%(name)s已经不在原学校，这件转学请撤回后重新办理。", name=student.name)
        first = max(now.leaves_on, spell.starts_on + datetime.timedelta(days=1))
        if arrived_on < first:
            raise Refused("报到日期不能早于 %(day)s。", day=first.isoformat())
        open_new_spell(student, class_org, mode, seat, arrived_on)
        note_move("transfer", student, arrived_on, by, from_class=spell.class_org_id, to_class=class_org.id, document=now.document, reason=now.reason or "")
        now.state, now.to_class, now.arrived_on, now.ended_by, now.ended_at = "arrived", class_org, arrived_on, by, utcnow()
        fields = (Transfer.state, Transfer.to_class, Transfer.arrived_on, Transfer.ended_by, Transfer.ended_at)
        kept(now, "record_arrival", by, *fields)


def miss_transfers(*, on: datetime.date | None = None, by=None) -> int:
    """The server asks again and again; each is marked once, in a transaction of its own, whoever else looks at the same moment."""
    missed = 0
    for transfer_id in overdue_ids(on):
        with transaction():
            missed += mark_missing(transfer_id, on or today_in_china(), by)
    return missed


def mark_missing(transfer_id: int, on: datetime.date, by) -> int:
    late = (Transfer.id == transfer_id) & (Transfer.state == "confirmed") & (Transfer.arrive_by < on)
    if not Transfer.update(state="missing", missed_at=utcnow()).where(late).execute():
        return 0
    transfer = Transfer.get(Transfer.id == transfer_id)
    told("miss_transfer", transfer.student, by, ("state",))
    for tell in when_a_transfer_is_missed:
        tell(transfer)
    return 1


def deadline(transfer: Transfer) -> datetime.date:
    days = number_of("transfer_days", transfer.county_id, today_in_china())
    return max(today_in_china(), transfer.leaves_on) + datetime.timedelta(days=days)


def locked(transfer: Transfer, by, states: tuple) -> Transfer:
    """As it stands now, with nobody else at it; refused to strangers, and when it has gone further meanwhile."""
    lock_pupils([transfer.student_id])
    now = Transfer.get(Transfer.id == transfer.id)
    if not (by.may(EDIT, now.from_school) or by.may(EDIT, now.to_school)):
        raise Forbidden("你没有办理这件转学的权限。")
    if now.state not in states:
        raise Refused("这件转学现在是「%(state)s」，不能这样办理。", state=Phrase(STATES[now.state]))
    return now


def answering(transfer: Transfer) -> Org:
    return transfer.to_school if transfer.asked_by_school_id == transfer.from_school_id else transfer.from_school


def refuse_side(school: Org, by) -> None:
    if not by.may(EDIT, school):
        raise Refused("这一步由%(school)s办理。", school=school.name)


def refuse_school(student: Student, room: Org, to_school: Org) -> None:
    if to_school.kind != "school" or to_school.county_id != student.county_id:
        raise Refused("请选择本县的学校。转到县外请在「办理离班」里选「转出县外」。")
    if to_school.id == room.parent_id:
        raise Refused("%(name)s已经在这所学校。换班请用「调班」。", name=student.name)
    if to_school.closed_on:
        raise Refused("%(school)s已经停办。", school=to_school.name)
    if Transfer.select().where((Transfer.student == student) & Transfer.ended_at.is_null()).exists():
        raise Refused("%(name)s已有一件没有办完的转学。", name=student.name)


def refuse_day(student: Student, leaves_on: datetime.date) -> None:
    start, today = spell_or_refused(student).starts_on, today_in_china()
    if not start < leaves_on <= today + AHEAD:
        raise Refused("转学日期要晚于 %(day)s，并且在半年之内。", day=start.isoformat())


def end(transfer: Transfer, state: str, words: str, by, action: str) -> None:
    if not words.strip():
        raise Refused("请写明原因。")
    transfer.state, transfer.answer, transfer.ended_by, transfer.ended_at = state, words.strip(), by, utcnow()
    kept(transfer, action, by, Transfer.state, Transfer.answer, Transfer.ended_by, Transfer.ended_at)


def kept(transfer: Transfer, action: str, by, *fields) -> None:
    transfer.save(only=list(fields))
    told(action, transfer.student, by, ("state",))
