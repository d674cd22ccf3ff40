"""The key file on three sheets of paper: printed, shown to be readable, and typed in again on a bare machine."""

import os
from pathlib import Path

from aidtracker.audit.actions import record
from aidtracker.config import Settings
from aidtracker.crypto.keyring import kek_path, load_keyring, read_kek, sync_folder
from aidtracker.crypto.shares import Share, key_of, name_of, read_share, split
from aidtracker.db import transaction, utcnow
from aidtracker.errors import CannotStart, Refused
from aidtracker.operation.models import Installation


def print_paper_key(*, settings: Settings, by) -> list[Share]:
    """The sheets for the key file of now, the same each time. Only for whoever is at the server, and has the key file anyway."""
    key = read_kek(kek_path(settings.instance))
    with transaction():
        record(action="operation.print_paper_key", by=by, object_kind="key", object_id=name_of(key).hex())
    return split(key)


def confirm_paper_key(*, typed: list[str], settings: Settings, by) -> None:
    """Two sheets, typed back whole, give the key of now: they can be read. Refused, in words, otherwise."""
    key = key_of([read_share(text) for text in typed])
    if key != read_kek(kek_path(settings.instance)):
        raise Refused("这两张纸是另一把密钥的（密钥换过）。请重新打印。")
    with transaction():
        Installation.update(paper_key=name_of(key).hex(), paper_key_at=utcnow()).execute()
        record(action="operation.confirm_paper_key", by=by, object_kind="key", object_id=name_of(key).hex())


def restore_key(*, typed: list[str], settings: Settings) -> Path:
    """Writes the key file that two sheets give, where none is. Refused: one is there; it does not open this database."""
    path = kek_path(settings.instance)
    if path.exists():
        raise Refused("instance/kek 已经存在，没有改动。")
    key = key_of([read_share(text) for text in typed])
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    try:
        load_keyring(settings)
    except CannotStart as error:
        path.unlink()
        raise Refused("这把密钥打不开这里的数据库，没有写入：%(why)s", why=str(error)) from None
    return path
