"""Mistakes that show only when several start at once, with a wrong clock, or on a machine that is not in order."""

import contextlib
import datetime
import secrets
import time

from playhouse.migrations import Runner

from aidtracker.accounts.sessions import Limits
from aidtracker.config import read_secret
from aidtracker.crypto.keyring import ensure_keys
from aidtracker.db import database, open_database
from aidtracker.operation.migration import FOLDER, schema_lock
from tests.drills.drill import Bug, swapped

CONFIG, MIGRATION, SESSIONS = "aidtracker.config", "aidtracker.operation.migration", "aidtracker.accounts.sessions"
NEVER = Limits(*[datetime.timedelta(days=999)] * 2)


def without_lock(_real):
    @contextlib.contextmanager
    def opened(settings):
        owner = open_database(settings.admin_database_url)
        with owner.connection_context():
            yield owner

    return opened


def looks_before_the_lock(_real):
    """operation.migration.migrate: what is to be done is asked first, then the lock is taken, then it is done."""

    def migrate(settings):
        owner = open_database(settings.admin_database_url)
        with owner.connection_context():
            pending = [each for each in Runner(owner, str(FOLDER)).status() if not each.applied]
        time.sleep(0.3)
        with schema_lock(settings) as owner:
            runner = Runner(owner, str(FOLDER))
            runner.History.create_table()
            for each in pending:
                runner._run(each.name, each.load(), "up")
            with database.connection_context():
                ensure_keys(settings)
        return [each.name for each in pending]

    return migrate


def secret_made_twice(_real):
    """config.secret_file: looks whether it is there, then writes it."""

    def secret_file(settings, name):
        path = settings.instance / name
        if path.exists() and path.stat().st_size:
            return read_secret(path)
        made = secrets.token_hex(32)
        time.sleep(0.3)
        path.write_text(made)
        return made

    return secret_file


def folder_unlooked(_real):
    return lambda settings: settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)


@contextlib.contextmanager
def without_end():
    with swapped(f"{SESSIONS}.limits_of", constant(lambda *_given: NEVER)):
        yield


def nothing(_real):
    return lambda *_given: None


def constant(value):
    return lambda _real: value


def bug(name: str, what: str, place: str, other, **more) -> Bug:
    return Bug("startup", name, what, lambda: swapped(place, other), **more)


BUGS = (
    bug("no-lock", "several migrate side by side", f"{MIGRATION}.schema_lock", without_lock, rounds=4),
    bug("look-then-alter", "what is missing is looked up before the lock", f"{MIGRATION}.migrate", looks_before_the_lock),
    bug("secret-twice", "each process makes its own secret", f"{CONFIG}.secret_file", secret_made_twice),
    bug("folder-unlooked", "the instance folder may be open to others", f"{CONFIG}.prepare_instance", folder_unlooked),
    bug("secret-unlooked", "any secret is taken", f"{CONFIG}.read_secret", lambda _real: lambda path: path.read_text()),
    bug("debug-allowed", "debug pages in production", f"{CONFIG}.refuse_debugging", nothing),
    bug("newer-accepted", "old code on a newer database", f"{MIGRATION}.refuse_newer", nothing),
    bug("mounts-unlooked", "SQLite on a network disk", f"{CONFIG}.NETWORK_FILE_SYSTEMS", constant(()), only="sqlite"),
    bug("unmigrated-silent", "a database that waits for migrate is not known as one", "aidtracker.operation.views.is_migrated", lambda _real: lambda: True),
    bug("local-day", "the day is the server's", "aidtracker.db.today_in_china", lambda _real: lambda: datetime.datetime.fromtimestamp(time.time()).date()),  # noqa: DTZ006
    bug("order-by-time", "the trail goes on behind its latest entry, not its last", "aidtracker.audit.actions.LAST", constant("SELECT id, mac FROM audit_entry ORDER BY at_us DESC LIMIT 1")),
    Bug("startup", "session-for-ever", "a session has no end", without_end),
)  # fmt: skip
