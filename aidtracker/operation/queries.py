"""What kind of installation this is, whether it lives, and which backups there are."""

import datetime
from pathlib import Path

import peewee

from aidtracker.crypto.shares import name_of_the_key_file
from aidtracker.db import connected_at_start, database, run_sql
from aidtracker.errors import CannotStart, NotFound
from aidtracker.operation.models import Backup, Installation


def is_demo() -> bool:
    """Made by `demo`: invented people, known passwords."""
    try:
        row = run_sql("SELECT is_demo FROM installation").fetchone()  # written out: every page asks it
    except peewee.DatabaseError:  # not migrated yet
        return False
    return bool(row and row[0])


def paper_key() -> tuple[str, datetime.datetime | None]:
    """(name of the key, when) that was last shown to be readable from paper; ('', None) when none was."""
    row = Installation.select(Installation.paper_key, Installation.paper_key_at).first()
    return (row.paper_key, row.paper_key_at) if row else ("", None)


def is_on_paper(instance: Path) -> bool:
    """The key file of now was shown to be readable from its sheets."""
    name, at = paper_key()
    try:
        return bool(at) and name == name_of_the_key_file(instance)
    except CannotStart:  # it is gone while the site runs
        return False


def last_good() -> Backup | None:
    """The latest backup that could be opened again."""
    return backups().where(Backup.problem == "").first()


def last_failed() -> Backup | None:
    return backups().where(Backup.problem != "").first()


def backups():
    """The latest first."""
    return Backup.select().order_by(Backup.made_at.desc(), Backup.id.desc())


def backup_named(uid: str) -> Backup:
    found = backups().where(Backup.uid == uid).first()
    if found is None:
        raise NotFound
    return found


def is_alive() -> bool:
    """The database answers."""
    try:
        database.execute_sql("SELECT 1")
    except peewee.DatabaseError:
        return False
    return True


def refuse_lost_keys() -> None:
    """A database that was in use and holds no keys was damaged: new ones would open nothing of it."""
    with connected_at_start():
        try:
            row = run_sql("SELECT (SELECT count(*) FROM installation), (SELECT count(*) FROM keyring_key)").fetchone()
        except peewee.DatabaseError:  # not migrated yet
            return
    if row[0] and not row[1]:
        raise CannotStart("The keys of this database are gone from it (table keyring_key). Put back your last backup: bin/restore FILE --replace. Nothing was changed.")
