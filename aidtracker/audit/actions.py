"""record(): the one way into the trail, called inside the transaction of the change it tells of."""

import time

from aidtracker.audit.chain import CHAINED, GENESIS, mac_of
from aidtracker.audit.origin import origin
from aidtracker.db import database, is_sqlite, run_sql

CHAIN_LOCK = 7_201_001  # PostgreSQL advisory lock: without it eight writers fork the chain
LAST = "SELECT id, mac FROM audit_entry ORDER BY id DESC LIMIT 1"
COLUMNS = (*CHAINED, "previous", "mac")  # in the order of the row below
INSERT = f"INSERT INTO audit_entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 our own names


def record(*, action, by, object_kind, object_id="", fields=(), count=None, reason="", county_id=None) -> int:
    """Appends one entry and returns its number. `by` is a user, or None for the operator. Names fields, never values."""
    if not database.in_transaction():
        raise RuntimeError("An audit entry belongs to the transaction of its change.")
    wait_for_the_chain()
    last, previous = database.execute_sql(LAST).fetchone() or (0, GENESIS)
    source = origin.get()
    row = {
        "id": last + 1,
        "at_us": time.time_ns() // 1000,
        "actor_id": by.id if by else None,
        "actor_name": by.name if by else "命令行",
        "action": action,
        "object_kind": object_kind,
        "object_id": str(object_id),
        "county_id": county_id,
        "fields": ",".join(fields),
        "count": count,
        "reason": reason,
        "network": source.network,
        "request_id": source.request_id,
        "previous": bytes(previous),
    }
    row["mac"] = mac_of(row, row["previous"])
    run_sql(INSERT, list(row.values()))
    return row["id"]


def wait_for_the_chain() -> None:
    """Inside a transaction: nobody else adds an entry before its end. On SQLite there is one writer anyway."""
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (CHAIN_LOCK,))
