"""Taking a list of attendance away as a workbook: on record, with what it held."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction


def export_list(*, what: str, org, count: int, by) -> None:
    """`what`: board, often_late, not_returned, class_rolls."""
    with transaction():
        told = {"object_kind": "org", "object_id": org.id if org else "", "fields": (what,), "count": count}
        record(action="attendance.export_list", by=by, county_id=org.county_id if org else None, **told)
