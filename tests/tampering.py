"""The trail in the hands of an intruder who has the owner's rights: the triggers are put out of the way first."""

from aidtracker.audit import chain
from aidtracker.audit.chain import GENESIS
from aidtracker.audit.queries import entries_after, macs_of
from aidtracker.db import database, is_sqlite, run_sql

REFUSED = (
    "UPDATE audit_entry SET reason = 'x' WHERE id = 2",
    "UPDATE audit_entry SET id = 9 WHERE id = 2",
    "DELETE FROM audit_entry",
    "DELETE FROM audit_entry WHERE id = 4",
)
OF_SQLITE = (
    "UPDATE OR IGNORE audit_entry SET reason = 'x'",
    "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry WHERE id = 2",
    "REPLACE INTO audit_entry SELECT id, at_us, 7, actor_name, action, object_kind, object_id, county_id, fields, count, reason,"
    " network, request_id, previous, mac FROM audit_entry WHERE id = 4",
    "INSERT INTO audit_entry SELECT 9, at_us, 7, actor_name, action, object_kind, object_id, county_id, fields, count, reason,"
    " network, request_id, x'00', mac FROM audit_entry WHERE id = 4",
)
OF_POSTGRESQL = (
    "TRUNCATE audit_entry",
    "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE id = 2 ON CONFLICT (id) DO UPDATE SET reason = 'x'",
)


def refused() -> tuple:
    """Statements that the database must not run on a trail of four entries or more."""
    return REFUSED + (OF_SQLITE if is_sqlite() else OF_POSTGRESQL)


def disarm() -> None:
    """From here on the database lets entries be changed and removed."""
    if not is_sqlite():
        database.execute_sql("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        return
    found = database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'").fetchall()
    for (name,) in found:
        database.execute_sql(f"DROP TRIGGER {name}")


def chain_anew(number: int) -> None:
    """From this entry on, each mac made to fit: as somebody does who holds the key of the trail."""
    previous = bytes.fromhex(macs_of([number - 1])[number - 1]) if number > 1 else GENESIS
    for row in entries_after(number - 1):
        mac = chain.mac_of(row, previous)
        run_sql("UPDATE audit_entry SET previous = ?, mac = ? WHERE id = ?", (previous, mac, row["id"]))
        previous = mac
