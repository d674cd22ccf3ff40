"""Keeping a case from all but named people: sealing it, naming them, lifting the seal, and looking in need (紧急查看)."""

import datetime
from collections.abc import Collection

from aidtracker.accounts.models import User
from aidtracker.accounts.queries import people_at
from aidtracker.cases import case_tasks
from aidtracker.cases.actions import told
from aidtracker.cases.actions_handover import end
from aidtracker.cases.handovers import waiting_handover
from aidtracker.cases.models import Case
from aidtracker.cases.models_sealed import CaseGlance, CaseReader, CaseSeal
from aidtracker.cases.queries import case_of, workers_for
from aidtracker.cases.refusals import refuse_unnamed
from aidtracker.cases.sealed import is_shown, reader_ids, readers_of, seal_of
from aidtracker.db import lock, today_in_china, transaction, utcnow
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission
from aidtracker.policies.queries import number_of
from aidtracker.students.models import Student
from aidtracker.students.queries import may_with

TOLD_DAYS = 1  # school day, to look after a seal that somebody broke


def seal_case(*, case: Case, reason: str, readers: Collection[int], by) -> CaseSeal:
    """`readers` by user's id; who seals it and who answers for it are named anyway. Its open tasks go to them; a handover that waits ends."""
    refuse_sealing(case, by)
    if not reason.strip():
        raise Refused("请写明为什么保密，例如：涉及未成年人受侵害，只限办案人员知情。")
    refuse_readers(case, readers)
    with transaction():
        lock("case", case.id)
        if seal_of(case):
            raise Refused("这个个案已经保密。要改知情人，请用「改知情人」。")
        seal = CaseSeal.create(case=case, reason=reason.strip(), sealed_by=by)
        for user_id in {*readers, by.id, *([case.owner_id] if case.owner_id else [])}:
            CaseReader.create(case=case, user=user_id, named_by=by)
        end_handover(case, by)
        case_tasks.hand_to_named(case)
        told("seal_case", case, by, ("reason", "readers"))
    return seal


def set_readers(*, case: Case, readers: Collection[int], by) -> None:
    """The named people from now on; who answers for the case stays among them, and who changes them too."""
    refuse_sealing(case, by)
    with transaction():
        lock("case", case.id)
        refuse_unsealed(case)
        now = reader_ids(case)
        wanted = {*readers, by.id, *([case.owner_id] if case.owner_id else [])}
        refuse_readers(case, wanted - now)
        for reader in readers_of(case):
            if reader.user_id not in wanted:
                reader.ended_by, reader.ended_at = by, utcnow()
                reader.save()
        for user_id in wanted - now:
            CaseReader.create(case=case, user=user_id, named_by=by)
        if wanted != now:
            told("set_readers", case, by, ("readers",))


def lift_seal(*, case: Case, words: str, by) -> None:
    """From now on whoever looks after the child reads it again."""
    refuse_sealing(case, by)
    if not words.strip():
        raise Refused("请写明为什么不用再保密。")
    with transaction():
        lock("case", case.id)
        seal = refuse_unsealed(case)
        seal.words, seal.lifted_by, seal.lifted_at = words.strip(), by, utcnow()
        seal.save()
        CaseReader.update(ended_by=by, ended_at=utcnow()).where((CaseReader.case == case) & CaseReader.ended_at.is_null()).execute()
        told("lift_seal", case, by, ("words",))


def break_seal(*, student: Student, reason: str, by) -> Case:
    """紧急查看, for so many hours as the county gives. The named people and the bureau's administrators are told. Refused: nothing is kept here."""
    if not may_with(by, Permission.CASE_BREAK, student):
        raise Forbidden("紧急查看由乡镇专干或教育局办理。")
    if not reason.strip():
        raise Refused("请写明为什么要紧急查看。")
    case = case_of(student)
    if case is None or is_shown(by.id, case):
        raise Refused("这名学生没有对你保密的个案。")
    with transaction():
        until = utcnow() + datetime.timedelta(hours=number_of("glance_hours", case.county_id, today_in_china()))
        CaseGlance.create(case=case, user=by, reason=reason.strip(), until=until)
        for user in people_told(case, by):
            case_tasks.ask_by_name(case, "seal_broken", user, TOLD_DAYS)
        told("break_seal", case, by, ("reason",))
    return case


def end_handover(case: Case, by) -> None:
    """A sealed case is not handed away."""
    waiting = waiting_handover(case)
    if waiting is not None:
        end(waiting, "withdrawn", "", by)


def people_told(case: Case, by) -> list[User]:
    """All but whoever does what they are told of."""
    bureau = {id_ for id_, _name in people_at([case.county_id], ["bureau_admin"])}
    return list(User.select().where(User.id.in_(list((reader_ids(case) | bureau) - {by.id})) & User.disabled_at.is_null()).order_by(User.id))


def refuse_sealing(case: Case, by) -> None:
    if not may_with(by, Permission.CASE_SEAL, case.student):
        raise Forbidden("个案由学校管理员、乡镇专干或教育局设为保密。")
    refuse_unnamed(case.student, by)


def refuse_unsealed(case: Case) -> CaseSeal:
    seal = seal_of(case)
    if seal is None:
        raise Refused("这个个案没有保密。")
    return seal


def refuse_readers(case: Case, readers: Collection[int]) -> None:
    if not set(readers) <= {id_ for id_, _name in workers_for(case.student)}:
        raise Refused("知情人要从负责这名学生的人里选。")
