"""Backup and restore: one sealed file that says what is in it; nothing is touched before all of it was read and fits."""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aidtracker.accounts.models import UserSession
from aidtracker.accounts.models_second import HalfSignIn
from aidtracker.accounts.models_staff import Invitation
from aidtracker.audit.actions import record
from aidtracker.audit.anchors import FILE as ANCHORS
from aidtracker.audit.queries import head
from aidtracker.config import Settings, prepare_instance
from aidtracker.crypto.drafts import forget_drafts, plain_draft
from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.keyring import forget_keys, load_keyring, sync_folder
from aidtracker.crypto.parcels import open_parcel, seal_parcel
from aidtracker.db import database, init_database, transaction, utcnow
from aidtracker.errors import Refused
from aidtracker.operation.dumps import (
    dump,
    is_damaged,
    is_empty,
    kind_of,
    marks_of,
    migrations_in,
    put_back,
    refuse_newer_migrations,
    refuse_unreadable,
    with_owner,
)
from aidtracker.operation.locks import the_only_one
from aidtracker.operation.migration import migrate
from aidtracker.operation.models import Backup, Installation

UNFINISHED = "restore-unfinished"


def make_backup(*, path: Path, settings: Settings, by=None) -> dict:
    """A consistent copy of the database while the site works, sealed, on the disk, and opened again before it counts.

    The key file is never in it. Refused: the file is there already, or cannot be written. Gives what its label says.
    """
    if path.exists():
        raise Refused("「%(name)s」已经存在，不会覆盖。请换一个文件名。", name=path.name)
    forget_drafts(settings.instance)
    with plain_draft(settings.instance) as draft:
        tables = dump(settings, draft)
        with with_owner(settings) as owner:
            names = migrations_in(owner)
        contents = {
            "database": kind_of(settings), "made_at": utcnow().isoformat(timespec="seconds"), "migrations": names, "tables": tables,
            "size": draft.stat().st_size, "sha256": digest_of(draft),
        }  # fmt: skip
        write_sealed(path, contents, draft, settings)
    try:
        check_backup(path=path, settings=settings)
    except BaseException:  # whatever it was: nothing stands under this name that was not opened again
        path.unlink()
        raise
    with transaction():
        Backup.create(file_name=path.name, size=path.stat().st_size, checked_at=utcnow())
        record(action="operation.make_backup", by=by, object_kind="backup", object_id=contents["sha256"][:32], count=sum(tables.values()))
    return contents


def write_sealed(path: Path, contents: dict, draft: Path, settings: Settings) -> None:
    """Under another name until it is whole and on the disk."""
    partly = path.with_name(f".{path.name}.part")
    try:
        with draft.open("rb") as plain, open(os.open(partly, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as sealed:
            seal_parcel(contents, plain, sealed, settings.instance)
            sealed.flush()
            os.fsync(sealed.fileno())
        os.replace(partly, path)
        sync_folder(path.parent)
    except OSError as error:
        raise Refused("备份写不进「%(name)s」：%(why)s", name=str(path), why=error.strerror or "") from error
    finally:
        partly.unlink(missing_ok=True)


def digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_backup(*, path: Path, settings: Settings) -> dict:
    """Reads all of it. Refused, in words: no backup, another key file, cut, changed, of a newer version, of another kind of database."""
    with staged(path, settings) as (contents, _file):
        return contents


@contextmanager
def staged(path: Path, settings: Settings) -> Iterator[tuple[dict[str, Any], Path]]:
    """The database of a backup in the clear, in a draft beside the live one; looked through before it is given."""
    try:
        sealed = path.open("rb")
    except OSError:
        raise Refused("备份文件「%(name)s」读不到。请核对路径。", name=str(path)) from None
    with sealed, plain_draft(settings.instance) as draft:
        contents, found = open_parcel(sealed, settings.instance, path.name)
        if contents.get("database") != kind_of(settings):
            raise Refused("这个备份来自另一种数据库（%(kind)s）。请先恢复到同一种数据库，再用 move-to-postgresql 搬过去。", kind=str(contents.get("database")))
        refuse_newer_migrations(contents["migrations"])
        try:
            with draft.open("wb") as plain:
                for piece in found:
                    plain.write(piece)
        except Unreadable:
            raise Refused("「%(name)s」不完整或被改动过，不能使用。没有改动任何数据。", name=path.name) from None
        if (draft.stat().st_size, digest_of(draft)) != (contents["size"], contents["sha256"]):
            raise Refused("「%(name)s」不完整或被改动过，不能使用。没有改动任何数据。", name=path.name)
        refuse_unreadable(settings, draft, contents["tables"])
        yield contents, draft


def restore_backup(*, path: Path, settings: Settings, replace: bool, by=None) -> dict:
    """The database as it was. Refused while something is here, unless it may be replaced, and whatever check_backup refuses.

    An older schema is migrated; every session ends; the generation rises, so that phones offer again what they still hold.
    """
    prepare_instance(settings)
    alone = the_only_one(settings.instance, "restore", Refused("另一个恢复正在进行，请等它结束。"))
    with alone, staged(path, settings) as (contents, source):
        if not is_empty(settings):
            refuse_other_kind(settings, source)
            if not replace:
                raise Refused("数据库里已有数据，没有恢复。确实要用备份替换它，请加 --replace。")
        note_unfinished(settings.instance, present_generation(settings), contents)
        try:
            put_back(settings, source)
        except Refused:
            (settings.instance / UNFINISHED).unlink()
            raise
    init_database(settings)
    set_anchors_aside(settings.instance)
    forget_keys()
    load_keyring(settings)
    migrate(settings)
    load_keyring(settings)
    with database.connection_context():
        finish_restore(instance=settings.instance, by=by)
        return contents | {"entries": head()[0]}


def refuse_other_kind(settings: Settings, source: Path) -> None:
    """Invented people never take the place of real ones, nor the reverse: their passwords are known to everybody."""
    here, there = (marks_of(path) for path in (settings.sqlite_path, source)) if settings.sqlite_path else (None, None)
    if here and there and here != there:
        raise Refused("演示、练习和真实的数据库不能互相替换，没有改动任何数据。要恢复，请用一个空的文件夹。")


def note_unfinished(instance: Path, generation: int, contents: dict) -> None:
    """On the disk before anything is replaced: whoever finds it ends the sessions of the backup, should this process be killed."""
    said = {"generation": generation, "sha256": contents["sha256"], "made_at": contents["made_at"]}
    with open(os.open(instance / UNFINISHED, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as note:
        json.dump(said, note)
        note.flush()
        os.fsync(note.fileno())
    sync_folder(instance)


def finish_restore(*, instance: Path, by=None) -> None:
    """What has to follow a database that was put back; nothing when none was. Safe to repeat."""
    try:
        said = json.loads((instance / UNFINISHED).read_text())
    except FileNotFoundError:
        return
    begin_anew(generation=said["generation"], contents=said, by=by)
    (instance / UNFINISHED).unlink(missing_ok=True)


def present_generation(settings: Settings) -> int:
    if is_empty(settings) or (settings.sqlite_path and is_damaged(settings.sqlite_path)):
        return 0
    with with_owner(settings) as owner:
        has = any(column.name == "generation" for column in owner.get_columns("installation"))
        row = owner.execute_sql("SELECT generation FROM installation").fetchone() if has else None
    return row[0] if row else 0


def begin_anew(*, generation: int, contents: dict, by) -> None:
    with transaction():
        UserSession.update(ended_at=utcnow()).where(UserSession.ended_at.is_null()).execute()
        Invitation.update(ended_at=utcnow()).where(Invitation.ended_at.is_null()).execute()  # one that was used since would be good again
        HalfSignIn.delete().execute()
        Installation.update(generation=max(generation, Installation.get_by_id(1).generation) + 1).execute()
        record(action="operation.restore_backup", by=by, object_kind="backup", object_id=contents["sha256"][:32], reason=contents["made_at"])


def set_anchors_aside(instance: Path) -> None:
    """Heads that were noted after the backup was made are met no more: they are kept, for whoever asks what was lost."""
    noted = instance / ANCHORS
    if noted.exists():
        noted.rename(instance / f"{ANCHORS}.until-{utcnow():%Y%m%dT%H%M%S}")
