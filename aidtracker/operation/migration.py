"""migrate(): creates or upgrades the database, one process at a time, and refuses a newer schema."""

import fcntl
import logging
import os
from contextlib import contextmanager
from pathlib import Path

import peewee
from playhouse.migrations import Runner

from aidtracker.config import Settings, prepare_instance
from aidtracker.crypto.keyring import ensure_keys
from aidtracker.db import connected_at_start, database, open_database, transaction
from aidtracker.errors import CannotStart
from aidtracker.jobs.queue import make_queue_tables
from aidtracker.operation.models import Installation
from aidtracker.operation.queries import refuse_lost_keys
from aidtracker.terms.calendar import seed_national_days

FOLDER = Path(__file__).resolve().parent.parent.parent / "migrations"
MIGRATION_LOCK = 7_201_000  # PostgreSQL advisory lock

log = logging.getLogger(__name__)


def migrate(settings: Settings) -> list[str]:
    """Brings the schema up to date and makes what every database needs; names the migrations applied."""
    prepare_instance(settings)
    with schema_lock(settings) as owner:
        runner = Runner(owner, str(FOLDER))
        refuse_newer(runner)
        applied = runner.up()
        make_queue_tables(settings.admin_database_url)
        with database.connection_context():
            refuse_lost_keys()
            ensure_keys(settings)
            seed_national_days()
            with transaction():
                Installation.get_or_create(id=1)
    return applied


@contextmanager
def schema_lock(settings: Settings):
    """Yields a connected database with the owner's rights; other processes wait."""
    owner = open_database(settings.admin_database_url)
    descriptor = os.open(settings.instance / "migrate.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with owner.connection_context():
            if not isinstance(owner, peewee.SqliteDatabase):
                owner.execute_sql("SELECT pg_advisory_lock(%s)", (MIGRATION_LOCK,))
            yield owner
    finally:
        os.close(descriptor)


def refuse_newer(runner: Runner) -> None:
    gone = [m.name for m in runner.status() if m.path is None]
    if gone:
        raise CannotStart(f"The database was made by a newer version ({', '.join(gone)}). Install that version again, or put back a backup of this one: bin/restore FILE --replace.")


def refuse_newer_at_start() -> None:
    """Code that was put back must not write into what newer code has made."""
    with connected_at_start():
        refuse_newer(Runner(database.obj, str(FOLDER)))


def is_migrated() -> bool:
    """True when every migration of this version has been applied."""
    runner = Runner(database.obj, str(FOLDER))
    return all(m.applied for m in runner.status())
