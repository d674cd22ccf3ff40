"""Reading the trail, and walking its chain."""

from aidtracker.audit.chain import CHAINED, GENESIS, mac_of
from aidtracker.audit.models import AuditEntry


def first_broken_entry():
    """Walks the whole chain; the number of the first entry that does not fit, None when all do.

    Edits, removals, insertions and swaps show at the entry; cutting the tail shows only against a
    head that was noted elsewhere (`head()`).
    """
    expected_id, previous = 1, GENESIS
    columns = [getattr(AuditEntry, name) for name in (*CHAINED, "previous", "mac")]
    for row in AuditEntry.select(*columns).order_by(AuditEntry.id).dicts().iterator():
        fits = row["id"] == expected_id and bytes(row["previous"]) == previous
        if not fits or bytes(row["mac"]) != mac_of(row, previous):
            return row["id"]
        expected_id, previous = expected_id + 1, bytes(row["mac"])
    return None


def head():
    """Number and mac (hex) of the last entry, to be kept outside; (0, '') before the first."""
    last = AuditEntry.select(AuditEntry.id, AuditEntry.mac).order_by(AuditEntry.id.desc()).tuples().first()
    return (last[0], bytes(last[1]).hex()) if last else (0, "")


def entries_of(object_kind, object_id):
    """The trail of one record, newest first."""
    found = AuditEntry.select().where(
        (AuditEntry.object_kind == object_kind) & (AuditEntry.object_id == str(object_id))
    )
    return found.order_by(AuditEntry.id.desc())
