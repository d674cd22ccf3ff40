"""What the trail keeps of a ledger that left the house: which, of what place, how many lines, and whether with whole numbers."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.ledgers.ledger import Ledger
from aidtracker.orgs.scopes import Scope

NUMBERS = {"id_number": "id_number", "student_number": "student_number", "phone": "phone"}  # column: field that is revealed


def revealed_fields(ledger: Ledger) -> tuple[str, ...]:
    """What 含完整号码 shows whole; bank cards never."""
    return tuple(NUMBERS[column.key] for column in ledger.columns if column.key in NUMBERS)


def record_export(*, ledger: Ledger, scope: Scope, given: dict, format: str, count: int, whole_because: str, by) -> None:
    """`whole_because` is the reason for whole numbers, '' when they were masked."""
    about = {"by": by, "object_kind": "ledger", "object_id": ledger.name, "count": count, "county_id": scope.county.id}
    with transaction():
        record(action="ledgers.export_ledger", reason=filter_words(scope, given, format), **about)
        if whole_because:
            record(action="ledgers.reveal_numbers", fields=revealed_fields(ledger), reason=f"{scope.place.code} {whole_because}", **about)


def filter_words(scope: Scope, given: dict, format: str) -> str:
    """Place, filters and kind of file that were asked for; no person."""
    return " ".join([scope.place.code, *(f"{name}={value}" for name, value in given.items() if value), format])
