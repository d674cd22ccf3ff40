"""Changing keys: a new one for a purpose, the old ones destroyed, all of them wrapped by a new key file.

Which rows and files are sealed with them knows operation/rotation.py.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aidtracker.crypto.keyring import KEY_BYTES, fitting, make_kek, new_kek_path, put_in_place, read_kek, unwrap, wrap
from aidtracker.crypto.models import KeyringKey


def make_new_key(purpose: str, instance: Path) -> int:
    """In the caller's transaction: seals new values from now on; what stood opens with the others, now retired."""
    kek, _keys = fitting(list(KeyringKey.select()), instance)
    mine = KeyringKey.purpose == purpose
    kid = max(kid for (kid,) in KeyringKey.select(KeyringKey.kid).where(mine).tuples()) + 1
    KeyringKey.update(state="retired").where(mine).execute()
    KeyringKey.create(purpose=purpose, kid=kid, wrapped=wrap(kek, purpose, kid, secrets.token_bytes(KEY_BYTES)))
    return kid


def retired_kids(purpose: str) -> list[int]:
    retired = (KeyringKey.purpose == purpose) & (KeyringKey.state == "retired")
    return [kid for (kid,) in KeyringKey.select(KeyringKey.kid).where(retired).order_by(KeyringKey.kid).tuples()]


def destroy_retired(purpose: str) -> None:
    """In the caller's transaction, which has looked that nothing is sealed with them."""
    KeyringKey.delete().where((KeyringKey.purpose == purpose) & (KeyringKey.state == "retired")).execute()


@contextmanager
def new_key_file(instance: Path) -> Iterator[bytes]:
    """Around the transaction that calls wrap_all(): the new file is on the disk before, and takes its place after.

    Killed before the commit, the old file fits and the new one is made again; after it, the new file fits, and
    whoever opens the keyring next puts it in its place.
    """
    fitting(list(KeyringKey.select()), instance)  # settles what an earlier change left
    new_kek_path(instance).unlink(missing_ok=True)
    make_kek(new_kek_path(instance))
    yield read_kek(new_kek_path(instance))
    put_in_place(instance)


def wrap_all(instance: Path, new_kek: bytes) -> int:
    """In the caller's transaction; the keys themselves stay the same, so nothing that they sealed changes."""
    rows = list(KeyringKey.select())
    kek, _keys = fitting(rows, instance)
    for row in rows:
        KeyringKey.update(wrapped=wrap(new_kek, row.purpose, row.kid, unwrap(kek, row))).where(KeyringKey.id == row.id).execute()
    return len(rows)
