"""The small demo county, built once per test on the test's own database; and the command in a process of its own."""

import datetime
import os
import subprocess
import sys
from pathlib import Path

import pytest

from aidtracker.db import open_database
from aidtracker.demo.actions import build_demo
from tests import postgres

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ON = datetime.date(2026, 11, 20)  # a Friday
ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"


@pytest.fixture
def demo(app):
    build_demo(on=ON, by=None, small=True)
    return app


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
