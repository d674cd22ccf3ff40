"""Start is refused when the keys do not fit: one clear line, an exit code that stays, and not a byte is changed."""

import os
import shutil
import subprocess

import pytest

from aidtracker import db
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.crypto.keyring import kek_path
from aidtracker.operation.migration import migrate
from tests import postgres
from tests.live_server import CHECKOUT, SERVER
from tests.postgres import die_with_parent

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


@pytest.fixture
def installation(template, tmp_path):
    """(instance, environment) of one that was migrated and is closed."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    url = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{instance}/aidtracker.db"
    own = {"AIDTRACKER_INSTANCE": str(instance), "DATABASE_URL": url, "AIDTRACKER_JOBS": "off"}
    before = db.database.obj, db._writers, db._url, keyring._ring, keyring._door, keyring._instance
    settings = load_settings(own)
    opened = db.init_database(settings)
    migrate(settings)
    yield instance, os.environ | own, opened
    opened.close()
    db.database.initialize(before[0])
    _, db._writers, db._url, keyring._ring, keyring._door, keyring._instance = before
    if ON_POSTGRESQL:
        postgres.drop_database(url)


def wrong(kek):
    kek.write_bytes(os.urandom(32))


def damaged(kek):
    kek.write_bytes(kek.read_bytes()[:31])


def missing(kek):
    kek.unlink()


def readable(kek):
    kek.chmod(0o644)


def keys_lost(_kek):
    with db.database.connection_context():
        db.database.execute_sql("DELETE FROM keyring_key")


REFUSALS = [(wrong, "does not fit"), (damaged, "is damaged"), (missing, "is missing"), (readable, "chmod 600"), (keys_lost, "are gone")]


def contents(instance, opened):
    """The key file and all beside it that is called so, and the keys in the database."""
    files = {path.name: (path.read_bytes(), path.stat().st_mode) for path in instance.glob("*kek*")}
    with opened.connection_context():
        return files, [(bytes(wrapped), state) for wrapped, state in opened.execute_sql("SELECT wrapped, state FROM keyring_key ORDER BY id").fetchall()]


@pytest.mark.in_thirds
@pytest.mark.parametrize(("breaks", "words"), REFUSALS, ids=lambda value: getattr(value, "__name__", None))
def test_commands_refuse_in_one_line_and_change_nothing(installation, breaks, words):
    instance, environ, opened = installation
    breaks(kek_path(instance))
    before = contents(instance, opened)
    flask = shutil.which("flask", path=str(CHECKOUT / ".venv" / "bin"))
    commands = [[flask, "--app", "wsgi", *each] for each in (["migrate"], ["rotate-keys", "id"])]
    running = [subprocess.Popen(each, cwd=CHECKOUT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for each in commands]
    for process in running:
        out, error = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        assert words in error and len(error.strip().splitlines()) == 1
    assert contents(instance, opened) == before


def test_gunicorn_ends_with_the_line_and_does_not_try_for_ever(installation):
    instance, environ, opened = installation
    wrong(kek_path(instance))
    before = contents(instance, opened)
    command = [*SERVER, "--bind", "127.0.0.1:0", "wsgi:app"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60, preexec_fn=die_with_parent)
    assert done.returncode == 4
    assert "does not fit" in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.count("Booting worker") == 1
    assert contents(instance, opened) == before
