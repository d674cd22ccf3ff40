"""Pages and lists of visits that leave the screen, on paper or as a workbook: on record, with how many there were."""

from aidtracker.audit.actions import record
from aidtracker.db import transaction
from aidtracker.visits.models import Visit


def export_form(*, visit: Visit, by) -> None:
    """One visit, as a workbook."""
    with transaction():
        record(action="visits.export_form", by=by, object_kind="visit", object_id=visit.uid, county_id=visit.county_id)


def export_forms(*, what: str, org, count: int, by) -> None:
    """`what`: a code of audit.words FIELDS; `org` None: the reader's whole scope."""
    with transaction():
        told = {"object_kind": "org", "object_id": org.id if org else "", "fields": (what,), "count": count}
        record(action="visits.export_forms", by=by, county_id=org.county_id if org else by.county_id, **told)


def export_list(*, what: str, org, count: int, by) -> None:
    """`what`: tutored, call_results."""
    with transaction():
        told = {"object_kind": "org", "object_id": org.id if org else "", "fields": (what,), "count": count}
        record(action="visits.export_list", by=by, county_id=org.county_id if org else by.county_id, **told)
