"""LEDGERS: every ledger there is, and those that a reader may open."""

from aidtracker.errors import Forbidden, NotFound
from aidtracker.ledgers import absences, cases, follow_ups, national, payments, pupils, visits
from aidtracker.ledgers.ledger import Ledger
from aidtracker.permissions import Permission

ALL = (pupils.LEDGER, national.LEDGER, absences.LEDGER, visits.VISITS, visits.TUTORINGS, cases.SUSPECTED, cases.DROPOUTS, follow_ups.LEDGER, payments.LEDGER)
LEDGERS: dict[str, Ledger] = {ledger.name: ledger for ledger in ALL}


def may_open(user, ledger: Ledger) -> bool:
    return user.may(Permission.LEDGER_EXPORT) and all(user.may(permission) for permission in ledger.permissions)


def visible_ledgers(user) -> list[Ledger]:
    return [ledger for ledger in LEDGERS.values() if may_open(user, ledger)]


def visible_ledger(user, name: str) -> Ledger:
    ledger = LEDGERS.get(name)
    if ledger is None:
        raise NotFound("没有这种台账。")
    if not may_open(user, ledger):
        raise Forbidden("你没有查看这份台账的权限。如需要，请联系本单位管理员开通。")
    return ledger
