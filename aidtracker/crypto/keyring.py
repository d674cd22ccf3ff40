"""The keyring: one random key per purpose in the database, all wrapped by the key file `instance/kek`.

The database without the key file is unreadable, so the file stays out of every backup of the
database and is copied on its own. A lost key file cannot be replaced: nothing here ever makes
a new one while the database still holds keys of the old one.
"""

import os
import secrets
import stat
import threading
from contextlib import nullcontext
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aidtracker.config import Settings
from aidtracker.crypto.models import KeyringKey
from aidtracker.db import database, transaction
from aidtracker.errors import CannotStart

PURPOSES = (
    "id",
    "student_number",
    "phone",
    "address",
    "bank",
    "note",
    "file",
    "totp",
    "index_id",
    "index_student_number",
    "index_last_six",
    "index_phone",
    "index_bank",
    "index_receipt",
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
_instance: Path | None = None


def load_keyring(settings: Settings) -> None:
    """Opens the keyring at start; refuses a missing or wrong key file. A database not yet migrated has none to open."""
    global _instance
    forget_keys()
    _instance = Path(settings.instance)
    # Closed again if opened here: a connection must not be carried over a fork of the web server.
    with nullcontext() if not database.is_closed() else database.connection_context():
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
        kek = read_kek(key_file)
        opened(rows, kek)
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


def forget_keys() -> None:
    """Drops what this process holds, for tests and after a restore."""
    global _ring, _instance
    _ring = _instance = None


def _open_ring() -> Keyring:
    global _ring
    with _lock:
        if _instance is None:
            raise CannotStart("The keyring is not open: load_keyring(settings) comes first.")
        rows = list(KeyringKey.select())
        if not rows:
            raise CannotStart("The database has no keys yet. Run the migrations, they make them.")
        keys = opened(rows, read_kek(kek_path(_instance)))
        active = {row.purpose: row.kid for row in sorted(rows, key=lambda row: row.kid) if row.state == "active"}
        _ring = Keyring(keys, active)
        return _ring


def kek_path(instance: Path) -> Path:
    return Path(instance) / "kek"


def make_kek(path: Path) -> None:
    """Writes 32 random bytes, whole or not at all, and on the disk before the first key is wrapped by them."""
    draft = path.with_name(f".kek-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its file is the one
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def read_kek(path: Path) -> bytes:
    if not path.exists():
        raise CannotStart(
            f"The key file {path} is missing, and the database holds data that only it can open. "
            "Put your copy back (chmod 600). Nothing was changed."
        )
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise CannotStart(f"The key file {path} can be read by others. Run: chmod 600 {path}")
    kek = path.read_bytes()
    if len(kek) != KEY_BYTES:
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
