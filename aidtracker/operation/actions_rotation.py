"""Rotation: a new key for a purpose, everything that the old one sealed sealed anew, the old one destroyed.

Sealed columns and files change under way, a thousand rows in a transaction, while the site works; a rotation that was killed
goes on where it stopped, because every sealed value names its key. A keyed index cannot say so, joins two tables and is
unique: it is written anew as a whole, in one transaction, while requests wait at the door for a few seconds. Columns are
found by their fields in `models`, so a later room is covered.

Not rotated: `audit`, because whoever walks the chain needs its key for ever; `index_receipt`, because the bodies that it
remembers are gone and it forgets them after 90 days.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import peewee

from aidtracker.audit.actions import record
from aidtracker.crypto import keyring
from aidtracker.crypto.door import new_door
from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.field import EncryptedField, sealed_column, unsealed_column
from aidtracker.crypto.files import kid_of_file, reseal_file
from aidtracker.crypto.keyed_index import KeyedIndexField, indexer
from aidtracker.crypto.keyring import PURPOSES
from aidtracker.crypto.rotation import destroy_retired, make_new_key, new_key_file, retired_kids, wrap_all
from aidtracker.db import run_many, transaction
from aidtracker.errors import Refused
from aidtracker.imports import actions as imports_actions
from aidtracker.jobs import files as jobs_files
from aidtracker.operation.locks import the_only_one

FOR_EVER = ("audit", "index_receipt")
SEALED = tuple(purpose for purpose in PURPOSES if not purpose.startswith("index_") and purpose not in FOR_EVER)
INDEXES = tuple(purpose for purpose in PURPOSES if purpose.startswith("index_") and purpose not in FOR_EVER)
PLACES_OF_FILES = (imports_actions.sealed_files, jobs_files.sealed_files)
ROWS = 1000  # of one transaction
INDEX_ROWS = 5000  # read at a time, all in one transaction
WAIT_SECONDS = 20  # that requests stand at the door at most before an index is given up
Progress = Callable[[int, int], None]


@dataclass
class Rotated:
    """What became of one purpose; `left` names what could not be opened, and then the old key stays."""

    purpose: str
    kid: int
    rows: int = 0
    files: int = 0
    left: list[str] = field(default_factory=list)

    def told(self) -> dict:
        return asdict(self)


def rotate_key(*, purpose: str, models, instance: Path, by=None, progress: Progress = lambda done, total: None) -> Rotated:
    """Begins a rotation, or goes on with one that was cut off."""
    with the_only_rotation(instance):
        change = _rotate_index if purpose in INDEXES else _rotate_sealed
        return change(purpose, models, instance, by, progress)


def the_only_rotation(instance: Path):
    return the_only_one(instance, "rotation", Refused("另一个更换密钥的命令正在运行，请等它结束。"))


def change_key_file(*, instance: Path, by=None) -> int:
    """Every key wrapped by a new key file; returns how many. The old file stays beside it, for the backups of before."""
    with the_only_rotation(instance), new_key_file(instance) as kek, transaction():
        count = wrap_all(instance, kek)
        record(action="operation.change_key_file", by=by, object_kind="key", count=count)
    return count


# Sealed columns and files


def _rotate_sealed(purpose: str, models, instance: Path, by, progress: Progress) -> Rotated:
    with transaction():
        if not retired_kids(purpose):
            kid = make_new_key(purpose, instance)
            record(action="operation.rotate_key", by=by, object_kind="key", object_id=f"{purpose}-{kid}", reason=purpose)
    keyring.read_again()
    done = Rotated(purpose, keyring.key(purpose)[0])
    with new_door(instance, shut=False) as is_left:
        while not is_left(1):  # a long import that began before goes on sealing with the old key
            progress(0, 1)
    columns = columns_of(purpose, models, EncryptedField)
    total = sum(with_old_keys(column, done.kid).count() for column in columns)
    for column in columns:
        reseal_column(column, done, lambda: progress(done.rows, total))
    if purpose == "file":
        reseal_files(done)
    _end_rotation(done, columns, instance, by)
    return done


def columns_of(purpose: str, models, kind) -> list:
    return [column for model in models for column in model._meta.sorted_fields if isinstance(column, kind) and column.purpose == purpose]


def with_old_keys(column: EncryptedField, kid: int):
    """Rows in which another key sealed the column: bytes 3 and 4 of the envelope."""
    model = column.model
    other = peewee.fn.SUBSTR(column, 3, 2) != peewee.Value(kid.to_bytes(2, "big"), converter=False)
    return model.select().where(column.is_null(False) & other)


def reseal_column(column: EncryptedField, done: Rotated, progress: Callable[[], None]) -> None:
    """What somebody changed between the look and the write is left as they wrote it: with the new key."""
    model, last = column.model, 0
    table, name = model._meta.table_name, column.column_name
    statement = f"UPDATE {table} SET {name} = ? WHERE id = ? AND {name} = ?"  # noqa: S608 our own names
    old = with_old_keys(column, done.kid)
    while rows := list(old.where(model.id > last).order_by(model.id).limit(ROWS)):
        last, changes = rows[-1].id, resealed(column, rows, done)
        with transaction():
            run_many(statement, changes)
        done.rows += len(changes)
        progress()


def resealed(column: EncryptedField, rows: list, done: Rotated) -> list[tuple]:
    """(new, id, old) of each; sealed before the transaction."""
    seal, unseal, changes = sealed_column(column), unsealed_column(column), []
    for row in rows:
        blob = row.__data__[column.name]
        try:
            changes.append((seal(row.uid, unseal(row.uid, blob)), row.id, blob))
        except Unreadable:
            done.left.append(f"{column.model._meta.table_name} {row.id} {column.column_name}")
    return changes


def reseal_files(done: Rotated) -> None:
    for place, path in old_files(done.kid):
        try:
            reseal_file(place, path)
            done.files += 1
        except FileNotFoundError:  # deleted at this moment
            continue
        except Unreadable:
            done.left.append(path.name)
    imports_actions.forget_leftovers()  # deleted at this moment, and put back by us


def old_files(kid: int) -> Iterator[tuple[str, Path]]:
    for sealed_files in PLACES_OF_FILES:
        for place, path in sealed_files():
            try:
                if kid_of_file(path) not in (None, kid):
                    yield place, path
            except FileNotFoundError:
                continue


def _end_rotation(done: Rotated, columns: list, instance: Path, by) -> None:
    """Destroys the old keys when nothing needs them any more; otherwise the next call tries again."""
    left = done.purpose == "file" and any(old_files(done.kid))
    with transaction():
        if left or any(with_old_keys(column, done.kid).exists() for column in columns):
            done.left = done.left or ["?"]
            return
        destroy_retired(done.purpose)
        reason = f"{done.purpose} {done.rows + done.files}"
        record(action="operation.destroy_key", by=by, object_kind="key", object_id=f"{done.purpose}-{done.kid}", reason=reason)
    keyring.read_again()
    with new_door(instance, shut=False):
        pass  # other processes read their keys anew, and forget the old one


# Keyed indexes


def _rotate_index(purpose: str, models, instance: Path, by, progress: Progress) -> Rotated:
    with new_door(instance, shut=True) as is_left:
        if not is_left(WAIT_SECONDS):
            raise Refused("有导入或别的工作还没有结束，索引密钥没有更换。请等它结束以后再试。")
        with transaction():
            before = indexer(keyring.key(purpose)[1])
            done = Rotated(purpose, make_new_key(purpose, instance))
            keyring.read_again()
            after = indexer(keyring.key(purpose)[1])
            for column in columns_of(purpose, models, KeyedIndexField):
                write_index_anew(column, before, after, done, progress)
            destroy_retired(purpose)
            record(action="operation.rotate_key", by=by, object_kind="key", object_id=f"{purpose}-{done.kid}", reason=f"{purpose} {done.rows}")
        keyring.read_again()
    return done


def write_index_anew(column: KeyedIndexField, before, after, done: Rotated, progress: Progress) -> None:
    model, last = column.model, 0
    statement = f"UPDATE {model._meta.table_name} SET {column.column_name} = ? WHERE id = ?"  # noqa: S608 our own names
    filled = model.select().where(column.is_null(False))
    total = done.rows + filled.count()
    while rows := list(filled.where(model.id > last).order_by(model.id).limit(INDEX_ROWS)):
        last = rows[-1].id
        run_many(statement, [(index_of(column, row, before, after), row.id) for row in rows])
        done.rows += len(rows)
        progress(done.rows, total)


def index_of(column: KeyedIndexField, row, before, after) -> bytes:
    """Refused when the index did not belong to the value beside it: then nothing is changed at all."""
    try:
        value = getattr(row, column.of)
    except Unreadable:
        value = None
    if value is None or before(column.part(value)) != bytes(row.__data__[column.name]):
        raise Refused("「%(table)s」第 %(id)s 行的索引和它旁边的号码对不上，索引密钥没有更换。", table=row._meta.table_name, id=row.id)
    return after(column.part(value))
