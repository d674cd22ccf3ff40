"""Reading the trail, and walking its chain."""

import datetime
import sqlite3
from collections.abc import Iterator

from aidtracker.audit.chain import CHAINED, GENESIS, as_mac, fits
from aidtracker.audit.models import AuditEntry
from aidtracker.db import CHINA, chunks_of, run_sql

EPOCH = datetime.date(1970, 1, 1)
MICROSECOND = datetime.timedelta(microseconds=1)
A_DAY = 24 * 3600 * 1_000_000
LAST = 2**31 - 1  # as far as numbers go
WALKED = (*CHAINED, "previous", "mac")
WALK = f"SELECT {', '.join(WALKED)} FROM audit_entry WHERE id > ? AND id <= ? ORDER BY id LIMIT 2000"  # noqa: S608 our own names


def first_broken_entry(since: int = 0, until: int = LAST) -> int | None:
    """Walks the chain behind entry `since`, up to `until`; the number of the first entry that does not fit, None when all do.

    Edits, removals, insertions and swaps show at the entry; a tail cut off, or a chain made anew by somebody who has the
    key, shows only against a head that was noted elsewhere: see anchors.py.
    """
    try:
        return first_unfit(since, until)
    except sqlite3.OperationalError as error:
        if "decode" not in str(error):
            raise
    # SQLite lets bytes be put where text belongs, and then gives nothing of the page that they stand on.
    until = min(until, head()[0])
    middle = (since + until) // 2
    if middle == since:
        return until
    return first_broken_entry(since, middle) or first_broken_entry(middle, until)


def first_unfit(since: int, until: int) -> int | None:
    previous = bytes.fromhex(macs_of([since]).get(since, "")) if since else GENESIS
    if not previous:
        return since
    for expected_id, row in enumerate(entries_after(since, until), since + 1):
        if row["id"] != expected_id or not fits(row, previous):
            return row["id"]
        previous = bytes(row["mac"])
    return None


def entries_after(number: int, until: int = LAST) -> Iterator[dict]:
    """The entries behind this one in order, some at a time: the trail may be longer than memory."""
    while rows := run_sql(WALK, (number, until)).fetchall():
        yield from (dict(zip(WALKED, row, strict=True)) for row in rows)
        number = rows[-1][0]


def head() -> tuple[int, str]:
    """Number and mac (hex) of the last entry, to be kept outside; (0, '') before the first."""
    last = AuditEntry.select(AuditEntry.id, AuditEntry.mac).order_by(AuditEntry.id.desc()).tuples().first()
    return (last[0], as_mac(last[1]).hex()) if last else (0, "")


def macs_of(numbers: list[int]) -> dict[int, str]:
    """{number: mac in hex} of the entries that are there."""
    found = {}
    for some in chunks_of(numbers):
        chosen = AuditEntry.select(AuditEntry.id, AuditEntry.mac).where(AuditEntry.id.in_(some)).tuples()
        found |= {number: as_mac(mac).hex() for number, mac in chosen}
    return found


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
