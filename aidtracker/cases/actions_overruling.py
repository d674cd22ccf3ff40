"""The bureau's administrators overrule who sealed a case, without reading it: other named people, or no seal. All who were named are told."""

from collections.abc import Collection

from aidtracker.cases import case_tasks
from aidtracker.cases.actions import told
from aidtracker.cases.actions_sealing import TOLD_DAYS, name_readers, people_told, refuse_readers, refuse_unsealed, unseal
from aidtracker.cases.models import Case
from aidtracker.cases.models_sealed import CaseOverruling
from aidtracker.db import lock, transaction
from aidtracker.errors import Forbidden, Refused
from aidtracker.permissions import Permission


def overrule_readers(*, case: Case, readers: Collection[int], reason: str, by) -> None:
    """The named people from now on, by user's id; who answers for the case stays among them, who overrules is none unless chosen."""
    refuse_overruling(case, reason, by)
    wanted = {*readers, *([case.owner_id] if case.owner_id else [])}
    if not wanted:
        raise Refused("请至少选一名知情人。")
    with transaction():
        lock("case", case.id)
        refuse_unsealed(case)
        refuse_readers(case, set(readers))
        before = people_told(case, by)
        name_readers(case, wanted, by)
        tell(case, "readers", reason, {*before, *people_told(case, by)}, by)
        told("overrule_readers", case, by, ("readers", "reason"))


def overrule_seal(*, case: Case, reason: str, by) -> None:
    """From now on whoever looks after the child reads it again."""
    refuse_overruling(case, reason, by)
    with transaction():
        lock("case", case.id)
        seal, before = refuse_unsealed(case), people_told(case, by)
        unseal(case, seal, reason.strip(), by)
        tell(case, "lift", reason, set(before), by)
        told("overrule_seal", case, by, ("reason",))


def tell(case: Case, what: str, reason: str, people: set, by) -> None:
    CaseOverruling.create(case=case, what=what, reason=reason.strip(), by=by)
    for user in sorted(people, key=lambda each: each.id):
        case_tasks.ask_by_name(case, "seal_overruled", user, TOLD_DAYS)


def refuse_overruling(case: Case, reason: str, by) -> None:
    if not by.may(Permission.CASE_OVERRULE, case.county):
        raise Forbidden("这一步由教育局管理员办理。")
    if not reason.strip():
        raise Refused("请写明为什么由教育局来改，例如：设为保密的人已经调走，没有人跟进。")
