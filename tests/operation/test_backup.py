"""Backup and restore: what was saved comes back, what is no good backup is refused, and then nothing was touched."""

import datetime
import os
import shutil
import sqlite3

import pytest

from aidtracker import db
from aidtracker.accounts.models import User, UserSession
from aidtracker.accounts.models_staff import Invitation
from aidtracker.audit.anchors import FILE as ANCHORS
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.errors import CannotStart, Refused
from aidtracker.operation import actions_backup, dumps
from aidtracker.operation.actions_backup import check_backup, finish_restore, make_backup, restore_backup
from aidtracker.operation.locks import the_only_one
from aidtracker.operation.migration import migrate
from aidtracker.operation.models import Installation
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from tests import factories, postgres
from tests.conftest import ON_POSTGRESQL


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An installation of its own, with a county in it; the house's database is put back afterwards."""
    before, ring = db.database.obj, (keyring._ring, keyring._instance)
    url = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{tmp_path}/instance/aidtracker.db"
    if ON_POSTGRESQL:
        monkeypatch.setenv(dumps.BINARIES, str(postgres.binaries()))
    (tmp_path / "instance").mkdir(mode=0o700)
    settings = load_settings({"DATABASE_URL": url, "AIDTRACKER_INSTANCE": str(tmp_path / "instance")})
    db.init_database(settings)
    migrate(settings)
    db.database.connect(reuse_if_open=True)
    yield settings
    db.database.close()
    db.database.initialize(before)
    keyring._ring, keyring._instance = ring
    if ON_POSTGRESQL:
        postgres.drop_database(url)


@pytest.fixture
def county(place):
    city = factories.make_org("city", "九九市", code="9900")
    county = factories.make_org("county", "云岭县", city, "990100")
    school = factories.make_school(factories.make_org("township", "双河镇", county, "990100100"))
    return factories.make_class(school)


@pytest.fixture
def kept(place, county, tmp_path):
    """A backup with one pupil in it."""
    factories.make_student(county, "次仁卓玛", phone="13900005678")
    factories.make_user("bureau_admin", Org.get(Org.kind == "county"), "赵主任", "administrator")
    make_backup(path=tmp_path / "county.backup", settings=place)
    return tmp_path / "county.backup"


def again() -> None:
    db.database.connect(reuse_if_open=True)


def live(place) -> tuple:
    again()
    return tuple(Student.select(Student.id, Student.name, Student.phone).order_by(Student.id).tuples()), AuditEntry.select().count()


def test_what_was_saved_comes_back(place, county, kept):
    factories.make_student(county, "后来的孩子")
    db.database.close()
    restore_backup(path=kept, settings=place, replace=True)
    again()
    [child] = Student.select()
    assert (child.name, child.phone) == ("次仁卓玛", "13900005678")
    assert first_broken_entry() is None
    assert AuditEntry.select(AuditEntry.action).order_by(AuditEntry.id.desc()).get().action == "operation.restore_backup"


def test_a_restore_ends_sessions_and_raises_the_generation(place, kept):
    restore_backup(path=kept, settings=place, replace=True)
    restore_backup(path=kept, settings=place, replace=True)
    again()
    assert Installation.get().generation == 3
    assert not UserSession.select().where(UserSession.ended_at.is_null()).exists()


def test_a_bare_machine_with_the_key_file(place, kept, tmp_path, monkeypatch):
    bare = tmp_path / "bare"
    bare.mkdir(mode=0o700)
    url = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{bare}/aidtracker.db"
    settings = load_settings({"DATABASE_URL": url, "AIDTRACKER_INSTANCE": str(bare)})
    with pytest.raises(CannotStart, match="kek"):
        restore_backup(path=kept, settings=settings, replace=False)
    shutil.copy(place.instance / "kek", bare / "kek")
    db.database.close()
    restore_backup(path=kept, settings=settings, replace=False)
    again()
    assert Student.get().phone == "13900005678"
    db.database.close()
    if ON_POSTGRESQL:
        postgres.drop_database(url)


def test_what_is_here_is_not_replaced_unasked(place, kept):
    before = live(place)
    with pytest.raises(Refused, match="--replace"):
        restore_backup(path=kept, settings=place, replace=False)
    assert live(place) == before


def test_the_key_file_is_not_in_it_and_nothing_is_in_the_clear(place, kept):
    data = kept.read_bytes()
    assert (place.instance / "kek").read_bytes() not in data
    assert "次仁卓玛".encode() not in data and b"CREATE TABLE" not in data
    assert not list(place.instance.glob("draft-*"))
    assert kept.stat().st_mode & 0o077 == 0


def spoilt(kept, what: str, tmp_path):
    data = bytearray(kept.read_bytes())
    match what:
        case "cut":
            del data[-1000:]
        case "cut in the label":
            del data[60:]
        case "flipped at the end":
            data[-20] ^= 1
        case "flipped in the middle":
            data[len(data) // 2] ^= 128
        case "flipped in the label":
            data[data.index(b"made_at") + 14] ^= 1
        case "nothing":
            data = bytearray()
        case "another file":
            data = bytearray(b"PK\x03\x04" + bytes(5000))
    path = tmp_path / "spoilt.backup"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    "what", ["cut", "cut in the label", "flipped at the end", "flipped in the middle", "flipped in the label", "nothing", "another file"]
)
def test_a_bad_backup_is_refused_and_nothing_was_touched(place, kept, what, tmp_path):
    before, path = live(place), spoilt(kept, what, tmp_path)
    for act in (lambda: check_backup(path=path, settings=place), lambda: restore_backup(path=path, settings=place, replace=True)):
        with pytest.raises(Refused, match="没有改动任何数据"):
            act()
    assert live(place) == before


def test_under_another_key_file_it_is_refused(place, kept):
    before, key = live(place), place.instance / "kek"
    mine = key.read_bytes()
    key.write_bytes(os.urandom(32))
    with pytest.raises(Refused, match="另一把密钥"):
        restore_backup(path=kept, settings=place, replace=True)
    key.write_bytes(mine)
    assert live(place) == before


def test_one_of_a_newer_version_is_refused(place, kept, tmp_path, monkeypatch):
    monkeypatch.setattr(dumps, "FOLDER", tmp_path)
    before = live(place)
    with pytest.raises(Refused, match="更新的版本"):
        restore_backup(path=kept, settings=place, replace=True)
    assert live(place) == before


def test_no_file_is_written_over(place, kept):
    with pytest.raises(Refused, match="已经存在"):
        make_backup(path=kept, settings=place)


def test_a_folder_that_is_not_there(place, county, tmp_path):
    with pytest.raises(Refused, match="写不进"):
        make_backup(path=tmp_path / "nowhere" / "x.backup", settings=place)
    with pytest.raises(Refused, match="读不到"):
        check_backup(path=tmp_path / "nowhere.backup", settings=place)


def test_a_backup_that_cannot_be_opened_again_is_none(place, county, tmp_path, monkeypatch):
    def unreadable(**asked):
        raise Refused("坏了。")

    monkeypatch.setattr(actions_backup, "check_backup", unreadable)
    with pytest.raises(Refused):
        make_backup(path=tmp_path / "x.backup", settings=place)
    assert list(tmp_path.glob("*backup*")) == []


@pytest.mark.skipif(ON_POSTGRESQL, reason="how SQLite copies itself")
def test_readers_and_writers_of_the_site_go_on(place, county, kept):
    """Another process's connection sees the old database, then the new one, and stays in WAL."""
    other = sqlite3.connect(place.sqlite_path)
    factories.make_student(county, "后来的孩子")
    assert other.execute("SELECT count(*) FROM student").fetchone() == (2,)
    restore_backup(path=kept, settings=place, replace=True)
    assert other.execute("SELECT count(*) FROM student").fetchone() == (1,)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()


def test_heads_of_the_trail_that_were_noted_since_are_set_aside(place, kept):
    (place.instance / ANCHORS).write_text("later\n")
    restore_backup(path=kept, settings=place, replace=True)
    assert not (place.instance / ANCHORS).exists()
    assert [path.read_text() for path in place.instance.glob(f"{ANCHORS}.until-*")] == ["later\n"]


def test_one_restore_at_a_time(place, kept):
    with the_only_one(place.instance, "restore", Refused("x")), pytest.raises(Refused, match="正在进行"):
        restore_backup(path=kept, settings=place, replace=True)


def test_a_backup_is_on_the_disk_before_it_has_its_name(place, county, tmp_path, monkeypatch):
    steps = []
    for owner, name in ((os, "fsync"), (os, "replace")):
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given, real=real, name=name: (steps.append(name), real(*given))[1])
    monkeypatch.setattr(actions_backup, "sync_folder", lambda folder: steps.append("folder"))
    make_backup(path=tmp_path / "x.backup", settings=place)
    at = steps.index("replace")
    assert steps[at - 1 : at + 2] == ["fsync", "replace", "folder"]


def test_whatever_interrupts_the_check_leaves_no_backup(place, county, tmp_path, monkeypatch):
    def full(**asked):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(actions_backup, "check_backup", full)
    with pytest.raises(OSError, match="No space"):
        make_backup(path=tmp_path / "x.backup", settings=place)
    assert list(tmp_path.glob("*backup*")) == []


def test_a_restore_that_is_killed_between_its_halves_is_finished_by_whoever_comes_next(place, kept, monkeypatch):
    def killed(**asked):
        raise SystemExit

    monkeypatch.setattr(actions_backup, "begin_anew", killed)
    with pytest.raises(SystemExit):
        restore_backup(path=kept, settings=place, replace=True)
    monkeypatch.undo()
    again()
    administrator = User.get(User.username == "administrator")
    UserSession.create(token_hash=b"x" * 32, user=administrator, epoch=1, expires_at=db.utcnow(), network="", agent="")
    finish_restore(instance=place.instance)
    assert Installation.get().generation == 2
    assert not UserSession.select().where(UserSession.ended_at.is_null()).exists()
    finish_restore(instance=place.instance)
    assert Installation.get().generation == 2, "once is enough"


def test_a_restore_that_could_not_be_written_leaves_nothing_to_finish(place, kept, monkeypatch):
    def broken(settings, source):
        raise Refused("x")

    monkeypatch.setattr(actions_backup, "put_back", broken)
    with pytest.raises(Refused):
        restore_backup(path=kept, settings=place, replace=True)
    again()
    finish_restore(instance=place.instance)
    assert Installation.get().generation == 1


def test_an_invitation_that_was_out_when_the_backup_was_made_is_good_no_more(place, county, tmp_path):
    administrator = factories.make_user("bureau_admin", Org.get(Org.kind == "county"), "赵主任", "administrator")
    teacher = factories.make_user("teacher", county, "张老师", "teacher")
    secret = {"token_hash": b"x" * 32, "code_hash": b"y" * 32, "expires_at": db.utcnow() + datetime.timedelta(days=9)}
    Invitation.create(user=teacher, epoch=teacher.epoch, created_by=administrator, **secret)
    make_backup(path=tmp_path / "with.backup", settings=place)
    restore_backup(path=tmp_path / "with.backup", settings=place, replace=True)
    again()
    assert Invitation.select().count() == 1 and not Invitation.select().where(Invitation.ended_at.is_null()).exists()
