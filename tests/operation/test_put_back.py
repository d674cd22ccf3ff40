"""A backup goes back where the site does not start: over a newer database, a damaged one, one without its keys."""

import os
import subprocess

import pytest

from aidtracker import db
from aidtracker.accounts.models import User
from aidtracker.attachments.cleaning import clean
from aidtracker.attachments.keeping import WHOLE, keep, opened
from aidtracker.attachments.models import PHOTO, Attachment, AttachmentContent
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.errors import Refused
from aidtracker.operation.actions_backup import make_backup, restore_backup
from aidtracker.operation.dumps import BINARIES
from aidtracker.operation.migration import migrate, refuse_newer_at_start
from tests import factories, postgres
from tests.attachments.pictures import file_of, scene
from tests.conftest import ON_POSTGRESQL
from tests.live_server import CHECKOUT


@pytest.fixture
def place(tmp_path, monkeypatch):
    """(settings, environment, a backup with one account in it) of an installation of its own."""
    before, ring = (db.database.obj, db._writers, db._url), (keyring._ring, keyring._door, keyring._instance)
    if ON_POSTGRESQL:
        monkeypatch.setenv(BINARIES, str(postgres.binaries()))
    (tmp_path / "instance").mkdir(mode=0o700)
    url = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{tmp_path}/instance/aidtracker.db"
    own = {"DATABASE_URL": url, "AIDTRACKER_INSTANCE": str(tmp_path / "instance"), "AIDTRACKER_JOBS": "off"}
    settings = load_settings(own)
    db.init_database(settings)
    migrate(settings)
    with db.database.connection_context():
        factories.make_user("bureau_admin", factories.make_org("county", "云岭县", None, "990100"), "赵主任", "administrator")
        make_backup(path=tmp_path / "county.backup", settings=settings)
    yield settings, os.environ | own, tmp_path / "county.backup"
    if not db.database.is_closed():
        db.database.close()
    db.database.initialize(before[0])
    _, db._writers, db._url = before
    keyring._ring, keyring._door, keyring._instance = ring
    if ON_POSTGRESQL:
        postgres.drop_database(url)


def newer(_settings):
    """What a later version may have made: a table, a column that points at it, a type, a routine that takes it."""
    with db.database.connection_context():
        db.database.execute_sql("CREATE TABLE pact (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES org(id))")
        db.database.execute_sql("ALTER TABLE user_account ADD COLUMN pact_id INTEGER REFERENCES pact(id)")
        if ON_POSTGRESQL:
            db.database.execute_sql("CREATE TYPE temper AS ENUM ('calm', 'cross')")
            db.database.execute_sql("CREATE FUNCTION is_calm(temper, org) RETURNS boolean LANGUAGE sql AS $$ SELECT $1 = 'calm' $$")
            db.database.execute_sql("ALTER TABLE org ADD CONSTRAINT boss FOREIGN KEY (parent_id) REFERENCES org(id)")
        db.database.execute_sql("INSERT INTO schema_migration (name, applied) VALUES ('9999_pacts', '2030-01-01')")


def damaged(settings):
    for each in settings.instance.glob("aidtracker.db-*"):
        each.unlink()
    settings.sqlite_path.write_bytes(os.urandom(70_000))


def keyless(_settings):
    with db.database.connection_context():
        db.database.execute_sql("DELETE FROM keyring_key")


BREAKS = [newer, keyless] if ON_POSTGRESQL else [newer, damaged, keyless]


@pytest.mark.in_thirds
@pytest.mark.parametrize("breaks", BREAKS, ids=lambda breaks: breaks.__name__)
def test_what_stands_there_gives_way(place, breaks):
    settings, environ, backup = place
    breaks(settings)
    refused = subprocess.run([".venv/bin/flask", "--app", "wsgi", "restore", backup], cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 2 and len(refused.stderr.strip().splitlines()) == 1
    unasked = subprocess.run([CHECKOUT / "bin" / "restore", backup.name], cwd=backup.parent, env=environ, capture_output=True, text=True, timeout=60)
    assert unasked.returncode == 2 and "--replace" in unasked.stderr
    done = subprocess.run([CHECKOUT / "bin" / "restore", backup.name, "--replace"], cwd=backup.parent, env=environ, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    refuse_newer_at_start()
    with db.database.connection_context():
        assert [user.username for user in User.select()] == ["administrator"]
        assert "pact" not in db.database.get_tables()
        assert "pact_id" not in [column.name for column in db.database.get_columns("user_account")]
    assert migrate(settings) == []


@pytest.mark.skipif(ON_POSTGRESQL, reason="PostgreSQL looks after its own files")
def test_a_damaged_file_is_kept_beside(place):
    settings, _environ, backup = place
    damaged(settings)
    was = settings.sqlite_path.read_bytes()
    restore_backup(path=backup, settings=settings, replace=True)
    [kept] = settings.instance.glob("aidtracker.db.damaged-*")
    assert kept.read_bytes() == was


@pytest.mark.skipif(not ON_POSTGRESQL, reason="a file of SQLite takes the other's place in one step")
def test_a_dump_that_cannot_be_put_back_leaves_all_that_stood_there(place, monkeypatch):
    settings, _environ, backup = place
    monkeypatch.setattr("aidtracker.operation.dumps.CLEAR", "DROP TABLE user_account CASCADE; SELECT 1/0;")
    with pytest.raises(Exception, match="division by zero"):
        restore_backup(path=backup, settings=settings, replace=True)
    with db.database.connection_context():
        assert [user.username for user in User.select()] == ["administrator"]


@pytest.mark.skipif(ON_POSTGRESQL, reason="a demo is made in a file of SQLite")
def test_invented_people_do_not_take_the_place_of_real_ones(place):
    settings, _environ, backup = place
    with db.database.connection_context():
        db.database.execute_sql("UPDATE installation SET is_demo = 1")
    with pytest.raises(Refused, match="不能互相替换"):
        restore_backup(path=backup, settings=settings, replace=True)
    with db.database.connection_context():
        assert db.database.execute_sql("SELECT is_demo, generation FROM installation").fetchone() == (1, 1)


def test_nothing_is_run_out_of_the_folder_that_it_is_called_in(place, tmp_path):
    _settings, environ, backup = place
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "peewee.py").write_text("raise SystemExit('run')")
    done = subprocess.run([CHECKOUT / "bin" / "restore", backup], cwd=tmp_path / "evil", env=environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and "--replace" in done.stderr


def test_a_photo_opens_after_a_restore_as_it_came(place):
    """Its own key is sealed by the keyring, which the restore puts back as well."""
    settings, _environ, _backup = place
    again, picture = settings.instance.parent / "photos.backup", clean(file_of(scene((200, 150))), 10**6)
    with db.database.connection_context():
        uid = keep(PHOTO, picture).uid
        make_backup(path=again, settings=settings)
        AttachmentContent.delete().execute()
    restore_backup(path=again, settings=settings, replace=True)
    with db.database.connection_context():
        assert opened(Attachment.get(Attachment.uid == uid), WHOLE) == picture.content
