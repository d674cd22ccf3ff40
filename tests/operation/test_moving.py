"""Moving from SQLite to PostgreSQL: every row is there and equal, or nothing is."""

import sqlite3

import psycopg
import pytest

from aidtracker import db
from aidtracker.attachments.cleaning import Picture
from aidtracker.attachments.keeping import keep, opened
from aidtracker.attachments.models import Attachment
from aidtracker.audit.queries import first_broken_entry
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.errors import Refused
from aidtracker.operation import actions_moving
from aidtracker.operation.actions_moving import above_first, move_to_postgresql
from aidtracker.operation.migration import migrate
from aidtracker.orgs.models import Org
from aidtracker.schema import MODELS
from aidtracker.students.models import Student
from tests import factories, postgres
from tests.conftest import ON_POSTGRESQL

pytestmark = pytest.mark.skipif(not ON_POSTGRESQL, reason="there must be a PostgreSQL to move to")


@pytest.fixture
def small(tmp_path):
    """A SQLite installation with a little of everything, whatever database the house runs on."""
    before, ring = db.database.obj, (keyring._ring, keyring._instance)
    (tmp_path / "instance").mkdir(mode=0o700)
    settings = load_settings({"DATABASE_URL": f"sqlite:///{tmp_path}/instance/aidtracker.db", "AIDTRACKER_INSTANCE": str(tmp_path / "instance")})
    db.init_database(settings)
    migrate(settings)
    db.database.connect(reuse_if_open=True)
    county = factories.make_org("county", "云岭县", factories.make_org("city", "九九市", code="9900"), "990100")
    room = factories.make_class(factories.make_school(factories.make_org("township", "双河镇", county, "990100100")))
    for number in range(30):
        factories.make_student(room, f"䶮𠮷{number}", phone="13900005678")
    factories.make_user("bureau_admin", county)
    keep("photo", Picture(b"whole", b"small", 4, 3, "0123456789abcdef"))
    yield settings
    db.database.close()
    db.database.initialize(before)
    keyring._ring, keyring._instance = ring


@pytest.fixture
def target():
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def move(small, target):
    return move_to_postgresql(url=target, settings=small, models=MODELS)


def test_everything_is_there_and_opens(small, target):
    found = move(small, target)
    assert found["student"] == 30 and found["calendar_day"] > 300 and set(found) == {model._meta.table_name for model in MODELS}
    db.database.close()
    there = load_settings({"DATABASE_URL": target, "AIDTRACKER_INSTANCE": str(small.instance)})
    db.init_database(there)
    assert migrate(there) == []
    db.database.connect(reuse_if_open=True)
    assert {(child.phone, child.name) for child in Student.select()} == {("13900005678", f"䶮𠮷{number}") for number in range(30)}
    assert opened(Attachment.get(), "whole") == b"whole"
    assert first_broken_entry() is None
    assert factories.make_student(Org.get(Org.kind == "class")).id == 31  # the next number is a new one
    db.database.close()


def test_what_is_there_is_not_written_over(small, target):
    move(small, target)
    with pytest.raises(Refused, match="已有数据"):
        move(small, target)


def test_a_row_that_differs_is_found(small, target, monkeypatch):
    real = actions_moving.copied

    def careless(source, other, table):
        yield from real(source, other, table)
        if table == "student":
            other.execute("UPDATE student SET name = 'x' WHERE id = 17")

    monkeypatch.setattr(actions_moving, "copied", careless)
    with pytest.raises(Refused, match="student 第 17 行"):
        move(small, target)


def test_a_move_that_was_cut_off_left_nothing(small, target, monkeypatch):
    real = actions_moving.copied

    def broken(source, other, table):
        if table == "tag":
            raise KeyboardInterrupt
        yield from real(source, other, table)

    monkeypatch.setattr(actions_moving, "copied", broken)
    with pytest.raises(KeyboardInterrupt):
        move(small, target)
    with psycopg.connect(target) as other:
        assert other.execute("SELECT count(*) FROM student").fetchone() == (0,)
    monkeypatch.setattr(actions_moving, "copied", real)
    assert move(small, target)["student"] == 30


def test_nobody_writes_meanwhile(small, target, monkeypatch):
    real, tries = actions_moving.copied, []

    def watched(source, other, table):
        if table == "org":
            writer = sqlite3.connect(small.sqlite_path, timeout=0.05)
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                writer.execute("UPDATE org SET name = 'x'")
            tries.append(table)
            writer.close()
        yield from real(source, other, table)

    monkeypatch.setattr(actions_moving, "copied", watched)
    move(small, target)
    assert tries == ["org"]


@pytest.mark.parametrize("url", ["sqlite:////tmp/x.db", "mysql://x", "postgresql://postgres@/nothing?host=/nowhere"])
def test_addresses_that_are_refused(small, url):
    with pytest.raises((Refused, Exception), match="PostgreSQL|postgresql"):
        move_to_postgresql(url=url, settings=small, models=MODELS)


def test_whoever_is_above_comes_first():
    rows = [(3, 2), (2, 5), (5, None), (4, 3)]
    assert above_first(rows, 0, 1) == [(5, None), (2, 5), (3, 2), (4, 3)]
    with pytest.raises(Refused):
        above_first([(1, 2), (2, 1)], 0, 1)
