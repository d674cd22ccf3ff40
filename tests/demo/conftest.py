"""The small demo county, built once and copied for each test; and the command in a process of its own."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aidtracker.config import load_settings
from aidtracker.db import database, init_database, open_database
from aidtracker.demo.actions import build_demo
from tests import postgres
from tests.conftest import fresh_copy

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ON = datetime.date(2026, 11, 20)  # a Friday
ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


@pytest.fixture(scope="session")
def built(session_app, template, tmp_path_factory):
    """URL of a database that holds the small county; copied, never used."""
    settings, empty = template
    url = fresh_copy(empty, tmp_path_factory.mktemp("demo"))
    opened = open_at(settings, url)
    with session_app.app_context():
        build_demo(on=ON, by=None, small=True)
    opened.close()
    return url


@pytest.fixture
def demo(app, built, template, tmp_path):
    """The app on a copy of the county, in place of the empty database."""
    folder = tmp_path / "demo"
    folder.mkdir()
    mine = fresh_copy(built, folder)
    database.close()
    opened = open_at(template[0], mine)
    yield app
    opened.close()
    if ON_POSTGRESQL:
        postgres.drop_database(mine)


def open_at(settings, url):
    own = load_settings({"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": url})
    opened = init_database(own)
    opened.connect()
    return opened


@pytest.fixture
def run_command(tmp_path):
    """run_command(*arguments, name=..., **environment) -> the finished process of `flask --app wsgi ...` on the database of that name."""
    urls = {}

    def run(*arguments, name="one", **environment):
        instance = tmp_path / name
        if name not in urls:
            instance.mkdir(mode=0o700)
            urls[name] = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{instance}/demo.db"
        own = {"AIDTRACKER_INSTANCE": str(instance), "DATABASE_URL": urls[name], "PYTHONHASHSEED": "0"}
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(command, cwd=CHECKOUT, env=os.environ | own | environment, capture_output=True, text=True, timeout=120)

    run.rows = lambda name, sql: rows(urls[name], sql)
    yield run
    for url in urls.values():
        if ON_POSTGRESQL:
            postgres.drop_database(url)


def rows(url, sql):
    with open_database(url) as opened:
        return opened.execute_sql(sql).fetchall()
