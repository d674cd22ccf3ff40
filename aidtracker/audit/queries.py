"""Reading the trail, and walking its chain."""

import datetime

from aidtracker.audit.chain import CHAINED, GENESIS, mac_of
from aidtracker.audit.models import AuditEntry
from aidtracker.db import CHINA

EPOCH = datetime.date(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
A_DAY = 24 * 3600 * 1_000_000


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


def visible_entries(county_ids, *, is_above_counties=False, person="", action="", first=None, last=None):
    """Entries of these counties, newest first; what belongs to no county is seen from above them only."""
    seen = AuditEntry.county_id.in_(county_ids)
    found = AuditEntry.select().where(seen | AuditEntry.county_id.is_null() if is_above_counties else seen)
    if person:
        found = found.where(AuditEntry.actor_name == person)
    if action:
        found = found.where(AuditEntry.action == action)
    if first:
        found = found.where(AuditEntry.at_us >= midnight_us(first))
    if last:
        found = found.where(AuditEntry.at_us < midnight_us(last) + A_DAY)
    return found.order_by(AuditEntry.id.desc())


def midnight_us(day: datetime.date) -> int:
    """When the day begins in China, in microseconds since 1970; of any day that can be typed."""
    return (day - EPOCH - CHINA) // MICROSECOND
