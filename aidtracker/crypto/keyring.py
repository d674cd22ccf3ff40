"""The keyring: one random key per purpose in the database, all wrapped by the key file `instance/kek`.

The database without the key file is unreadable, so the file stays out of every backup of the
database and is copied on its own. A lost key file cannot be replaced: nothing here ever makes
a new one while the database still holds keys of the old one. rotation.py changes keys.
"""

import os
import secrets
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aidtracker.config import Settings, make_once
from aidtracker.crypto.door import Door, door_now, go_in
from aidtracker.crypto.models import KeyringKey
from aidtracker.db import connected_at_start, transaction, utcnow
from aidtracker.errors import CannotStart

PURPOSES = (
    "id",
    "student_number",
    "phone",
    "address",
    "bank",
    "note",
    "file",
    "photo",
    "totp",
    "index_id",
    "index_student_number",
    "index_last_six",
    "index_phone",
    "index_bank",
    "index_account",
    "index_receipt",
    "index_draw",
    "audit",
)
KEY_BYTES = 32
NONCE_BYTES = 12


class Keyring:
    """The unwrapped keys of one process."""

    def __init__(self, keys: dict[tuple[str, int], bytes], active: dict[str, int]):
        self.keys, self.active = keys, active


_lock = threading.Lock()
_ring: Keyring | None = None
_door: Door | None = None  # by which the ring was read
_instance: Path | None = None


def load_keyring(settings: Settings) -> None:
    """Opens the keyring at start; refuses a missing or wrong key file. A database not yet migrated has none to open."""
    global _instance
    forget_keys()
    _instance = Path(settings.instance)
    with connected_at_start():
        if KeyringKey.table_exists() and KeyringKey.select().exists():
            _open_ring()


def ensure_keys(settings: Settings) -> None:
    """Makes what is missing: the key file in an empty installation, and one key for each purpose without.

    Harmless to repeat, and safe when several processes do it at once.
    """
    key_file = kek_path(settings.instance)
    with transaction():
        # The rows are read first: whoever wrote them had a key file before.
        rows = list(KeyringKey.select())
        if not rows and not key_file.exists():
            make_kek(key_file)
        kek, _keys = fitting(rows, settings.instance)
        for purpose in PURPOSES:
            if not any(row.purpose == purpose for row in rows):
                wrapped = wrap(kek, purpose, 1, secrets.token_bytes(KEY_BYTES))
                KeyringKey.insert(purpose=purpose, kid=1, wrapped=wrapped).on_conflict_ignore().execute()
    load_keyring(settings)


def key(purpose: str) -> tuple[int, bytes]:
    """Number and bytes of the key that seals new values of this purpose."""
    ring = _ring or _open_ring()
    if purpose not in ring.active:
        raise CannotStart(f"There is no key for {purpose!r}. Run the migrations, they make it.")
    kid = ring.active[purpose]
    return kid, ring.keys[purpose, kid]


def key_by_kid(purpose: str, kid: int) -> bytes | None:
    """The key a value was sealed with, None when there is no such key (any more)."""
    ring = _ring or _open_ring()
    if (purpose, kid) not in ring.keys and purpose in PURPOSES:
        ring = _open_ring()  # another process may have made a new one since
    return ring.keys.get((purpose, kid))


def begin_unit() -> int | None:
    """A request, a job or a command begins: the keys that it finds stay until end_unit(), and they are those of now."""
    if _instance is None:
        return None
    descriptor, door = go_in(_instance)
    try:
        if _ring is not None and door != _door:
            _open_ring(door)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def end_unit(descriptor: int | None) -> None:
    if descriptor is not None:
        os.close(descriptor)


@contextmanager
def unit() -> Iterator[None]:
    descriptor = begin_unit()
    try:
        yield
    finally:
        end_unit(descriptor)


def forget_keys() -> None:
    """Drops what this process holds, for tests and after a restore."""
    global _ring, _instance
    _ring = _instance = None


def read_again() -> None:
    """What this process itself has just changed."""
    _open_ring()


def _open_ring(door: Door | None = None) -> Keyring:
    global _ring, _door
    with _lock:
        if _instance is None:
            raise CannotStart("The keyring is not open: load_keyring(settings) comes first.")
        door = door or door_now(_instance)  # before the rows: what changes after is read again
        rows, keys = _read_rows(_instance)
        active = {row.purpose: row.kid for row in sorted(rows, key=lambda row: row.kid) if row.state == "active"}
        _ring, _door = Keyring(keys, active), door
        return _ring


def _read_rows(instance: Path) -> tuple[list[KeyringKey], dict[tuple[str, int], bytes]]:
    for is_last in (False, True):
        rows = list(KeyringKey.select())
        if not rows:
            raise CannotStart("The database has no keys yet. Run the migrations, they make them.")
        try:
            return rows, fitting(rows, instance)[1]
        except CannotStart:  # or the key file was changed between the look at the rows and the look at the file
            if is_last:
                raise
    raise AssertionError


def kek_path(instance: Path) -> Path:
    return Path(instance) / "kek"


def new_kek_path(instance: Path) -> Path:
    """Where a new key file waits until all keys are wrapped by it."""
    return Path(instance) / "kek.new"


def fitting(rows: list[KeyringKey], instance: Path) -> tuple[bytes, dict[tuple[str, int], bytes]]:
    """The key file and the keys that it opens; refuses one that does not fit.

    When its change was cut off after the keys were wrapped anew, the new file fits: it takes its place now.
    """
    try:
        kek = read_kek(kek_path(instance))
        return kek, opened(rows, kek)
    except CannotStart:
        if not new_kek_path(instance).exists():
            raise
        new = read_kek(new_kek_path(instance))
        with suppress(CannotStart):
            keys = opened(rows, new)
            put_in_place(instance)
            return new, keys
        raise


def put_in_place(instance: Path) -> None:
    """The new key file becomes the key file; the old one stays beside it, for the backups that only it opens."""
    old, new = kek_path(instance), new_kek_path(instance)
    until = old.with_name(f"kek.until-{utcnow():%Y%m%d-%H%M%S-%f}")
    with suppress(FileNotFoundError):  # another process is at it too, or the old one is gone
        if old.read_bytes() != new.read_bytes():
            os.link(old, until)
        os.replace(new, old)
    sync_folder(Path(instance))


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def make_kek(path: Path) -> None:
    """Writes 32 random bytes, on the disk before the first key is wrapped by them."""
    make_once(path, secrets.token_bytes(KEY_BYTES))


def read_kek(path: Path) -> bytes:
    if not path.exists():
        raise CannotStart(
            f"The key file {path} is missing, and the database holds data that only it can open. "
            "Put your copy back (chmod 600). Nothing was changed."
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise CannotStart(f"The key file {path} can be read by others. Run: chmod 600 {path}")
    kek = path.read_bytes()
    if len(kek) != KEY_BYTES or len(set(kek)) < 8:
        raise CannotStart(f"The key file {path} is damaged: it must hold {KEY_BYTES} bytes. Restore it from your copy.")
    return kek


def wrap(kek: bytes, purpose: str, kid: int, plain: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(kek).encrypt(nonce, plain, f"{purpose}|{kid}".encode())


def unwrap(kek: bytes, row: KeyringKey) -> bytes:
    blob = bytes(row.wrapped)
    return AESGCM(kek).decrypt(blob[:NONCE_BYTES], blob[NONCE_BYTES:], f"{row.purpose}|{row.kid}".encode())


def opened(rows: list[KeyringKey], kek: bytes) -> dict[tuple[str, int], bytes]:
    try:
        return {(row.purpose, row.kid): unwrap(kek, row) for row in rows}
    except (InvalidTag, ValueError) as error:
        raise CannotStart(
            "The key file does not fit this database: it belongs to another installation, or the keyring was damaged. "
            "Put back the key file of this database. Nothing was changed."
        ) from error
