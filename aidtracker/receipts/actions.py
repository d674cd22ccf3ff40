"""once(): a write that is sent twice happens once and gets the same receipt. Keys are kept 90 days."""

import datetime
import json
import secrets

from aidtracker.crypto.keyed_index import keyed
from aidtracker.db import as_time, is_sqlite, loaded, lock, run_sql, transaction, utcnow
from aidtracker.errors import KeyReused
from aidtracker.receipts.models import Receipt
from aidtracker.receipts.numbers import ALPHABET

# Written out: every write asks them.
FIND = "SELECT id, kind, body_hash, number, result, created_at FROM receipt WHERE user_id = ? AND key = ?"
INSERT = """INSERT INTO receipt (user_id, key, kind, body_hash, number, result, created_at, phone_at, brought_by)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"""
KEPT, ONE_DAY = datetime.timedelta(days=90), datetime.timedelta(days=1)


def once(*, by, key, kind, body, do, number=None, phone_at=None, brought_by=None):
    """Runs `do()` in one transaction with its receipt, or returns the receipt of the first time.

    `body` is what was asked, as JSON-able data. The same key with another body is refused (KeyReused).
    The receipt's `is_duplicate` says whether this was a repetition. `number` is the 回执号 where `do()` keeps it too.
    `phone_at` is a remark, for clocks of phones are wrong: when it was written there. `brought_by` is who pasted it in.
    """
    # Keyed: a body holds IDs, cards and notes, and whoever stole the database could try them out against a plain hash.
    digest = keyed("index_receipt", json.dumps([kind, body], sort_keys=True, default=str))
    with transaction():
        lock("receipt", by.id, key)  # or the second would be told that it was done already, and get no receipt
        receipt = receipt_or_none(by, key)
        if receipt is None:
            return first_time(by, key, kind, digest, do, number or new_number(), (phone_at, brought_by))
    if bytes(receipt.body_hash) != digest:
        raise KeyReused
    receipt.is_duplicate = True
    return receipt


def receipt_or_none(by, key):
    row = run_sql(FIND, (by.id, key)).fetchone()
    if row is None:
        return None
    id_, kind, digest, number, result, created_at = row
    if is_sqlite() and result is not None:  # PostgreSQL's driver has read it already
        result = json.loads(result)
    return receipt_of(by, key, id_, kind, digest, number, result, created_at)


def first_time(by, key, kind, digest, do, number, came):
    result = do()
    stored, now = None if result is None else json.dumps(result), utcnow()
    id_ = run_sql(INSERT, (by.id, key, kind, digest, number, stored, now, *came)).fetchone()[0]
    return receipt_of(by, key, id_, kind, digest, number, result, now)


def receipt_of(by, key, id_, kind, digest, number, result, created_at) -> Receipt:
    values = {"id": id_, "user_id": by.id, "key": key, "kind": kind, "body_hash": bytes(digest), "number": number}
    receipt = loaded(Receipt, values | {"result": result, "created_at": as_time(created_at)})
    receipt.is_duplicate = False
    return receipt


def new_number() -> str:
    """Ten letters and digits, in two groups: 58 bits, so that nobody guesses another's."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(10))
    return f"{letters[:5]}-{letters[5:]}"


def forget_old_keys() -> int:
    """Once a day's worth has aged: the leader of the jobs asks twice a minute, and must not write each time."""
    oldest = Receipt.select(Receipt.created_at).order_by(Receipt.id).limit(1).scalar()
    if oldest is None or oldest > utcnow() - KEPT - ONE_DAY:
        return 0
    with transaction():
        return Receipt.delete().where(Receipt.created_at < utcnow() - KEPT).execute()
