"""What the trail keeps of a report that left the house: which, for what place and days, how many rows."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.orgs.scopes import Scope
from aidtracker.reports.report import Report


def record_export(*, report: Report, scope: Scope, given: dict, count: int, by) -> None:
    with transaction():
        record(
            action="reports.export_report",
            by=by,
            object_kind="report",
            object_id=report.name,
            count=count,
            reason=filter_words(scope, given),
            county_id=scope.county.id,
        )


def record_reveal(*, report: Report, scope: Scope, given: dict, count: int, by) -> None:
    """Whole IDs went into a file."""
    with transaction():
        record(
            action="reports.reveal_ids",
            by=by,
            object_kind="report",
            object_id=report.name,
            fields=("id_number",),
            count=count,
            reason=filter_words(scope, given),
            county_id=scope.county.id,
        )


def filter_words(scope: Scope, given: dict) -> str:
    """Place and dates that were asked for; no person."""
    return " ".join([scope.place.code, *(f"{name}={value}" for name, value in given.items())])
