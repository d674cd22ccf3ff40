"""A database with an empty keyring of its own, SQLite, and PostgreSQL when TEST_POSTGRES_URL names one."""

import os
import uuid

import pytest

from aidtracker import db
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.crypto.models import KeyringKey


@pytest.fixture(params=["postgresql" if os.environ.get("TEST_DATABASE") == "postgresql" else "sqlite"])
def own_settings(request, tmp_path):
    """Settings of an empty installation; the suite's own database is bound again afterwards."""
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700)
    environ = {"AIDTRACKER_INSTANCE": str(instance)}
    schema = None
    if request.param == "postgresql":
        if not os.environ.get("TEST_POSTGRES_URL"):
            pytest.skip("no TEST_POSTGRES_URL")
        schema = f"crypto_{uuid.uuid4().hex[:12]}"
        environ["DATABASE_URL"] = os.environ["TEST_POSTGRES_URL"]
    before = db.database.obj, db._writers, keyring._ring, keyring._instance
    settings = load_settings(environ)
    opened = db.init_database(settings)
    if schema:
        opened.execute_sql(f"CREATE SCHEMA {schema}")
        opened.execute_sql(f"SET search_path TO {schema}")
    opened.create_tables([KeyringKey])
    keyring.forget_keys()
    yield settings
    if schema:
        opened.execute_sql(f"DROP SCHEMA {schema} CASCADE")
    opened.close()
    if before[0] is not None:
        db.database.initialize(before[0])
    _, db._writers, keyring._ring, keyring._instance = before


@pytest.fixture
def keys(own_settings):
    keyring.ensure_keys(own_settings)
    return own_settings
