"""The cast, the factories and the database of every test.

The schema is made once by the migrations and copied for each test; TEST_DATABASE=postgresql runs
the same suite there.
"""

import contextlib
import functools
import gc
import os
import shutil
import zlib
from types import SimpleNamespace

import pytest

from aidtracker import create_app, db
from aidtracker.accounts import passwords
from aidtracker.config import load_settings
from aidtracker.db import today_in_china
from aidtracker.jobs import queue
from aidtracker.operation.migration import migrate
from tests import cast, postgres, postgres_copies
from tests.compiled import keep_compiled

pytest_plugins = ["tests.postgres", "tests.postgres_copies", "tests.chromium", "tests.live_server", "tests.cast", "tests.factories", "tests.matrix_fixtures"]

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
DATABASES = {"template", "own_settings"}  # fixtures that open one
DIFFERENT = {"tests", "operation", "jobs", "receipts", "audit", "crypto"}  # folders whose tests run on both databases every day
LONG = {"test_drills.py", "test_bin_upgrade.py", "test_setup_road.py"}
passwords._hasher = passwords.argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def pytest_collection_modifyitems(config, items):
    """On PostgreSQL only what touches a database, or speaks of PostgreSQL, runs once more, but not what is marked `once`; and of the
    rooms where the two databases differ little, and of what is marked `by_turns`, a third every day. What is marked `in_thirds`
    takes turns on either database."""
    wanted = [item for item in items if is_its_turn(item) and (not ON_POSTGRESQL or runs_again(item))]
    chosen = set(wanted)
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = house_apart(sorted(wanted, key=lambda item: item.path.name not in LONG))  # first, so that at the end no worker waits for another's


def pytest_collection_finish():
    """Modules and tests stay until the end: looking through them for waste, over and over, is a tenth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def house_apart(items: list) -> list:
    """Of two workers, who share a list by halves, one builds the house of all pages while the other begins with what needs none."""
    pages = [item for item in items if item.path.name == "test_every_page.py"]
    others = [item for item in items if item.path.name != "test_every_page.py"]
    first = min(len(items) // 2, len(pages))
    return pages[:first] + others + pages[first:] if pages else items


def runs_again(item) -> bool:
    speaks = speaks_of_postgresql(item.path)
    return not item.get_closest_marker("once") and (speaks or bool(DATABASES & set(item.fixturenames)))


def is_its_turn(item) -> bool:
    if os.environ.get("TURNS") == "all" or not takes_turns(item):
        return True
    return (zlib.crc32(item.nodeid.encode()) + today_in_china().toordinal()) % 3 == 0


def takes_turns(item) -> bool:
    if item.get_closest_marker("in_thirds"):
        return True
    room = item.path.parent.name
    is_alike = room not in DIFFERENT and not speaks_of_postgresql(item.path)
    return ON_POSTGRESQL and (is_alike or bool(item.get_closest_marker("by_turns")))


@functools.cache
def speaks_of_postgresql(path) -> bool:
    return "postgres" in path.read_text().lower()


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """(settings, url) of a migrated, empty database that is copied, never used."""
    instance = tmp_path_factory.mktemp("instance")
    instance.chmod(0o700)
    url = postgres.create_database() if ON_POSTGRESQL else f"sqlite:///{instance}/template.db"
    settings = load_settings({"AIDTRACKER_INSTANCE": str(instance), "DATABASE_URL": url, "AIDTRACKER_JOBS": "off"})
    opened = db.init_database(settings)
    migrate(settings)
    opened.close()
    return settings, url


@pytest.fixture(scope="session")
def session_app(template):
    """One app for the whole session: assembling it is what costs."""
    settings, _url = template
    weak = passwords._hasher
    app = keep_compiled(create_app(settings))
    passwords._hasher = weak
    app.config.update(TESTING=False, PROPAGATE_EXCEPTIONS=False, WTF_CSRF_ENABLED=True)
    db.database.close()
    return app


@pytest.fixture(scope="session")
def county_template(session_app, template, tmp_path_factory):
    """The same database with the county of the cast in it: making its places would be a third of most tests."""
    settings, url = template
    mine = fresh_copy(url, tmp_path_factory.mktemp("county"))
    opened = db.init_database(load_settings({"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": mine}))
    with opened.connection_context():
        places = cast.make_county()
    return SimpleNamespace(url=mine, places=places)


@pytest.fixture
def app(request, session_app, template, tmp_path):
    """The app on a fresh database of its own, with an open connection; with the county in it where the test has one."""
    settings, url = template
    if "county" in request.fixturenames:
        url = request.getfixturevalue("county_template").url
    mine = postgres_copies.lend(url) if ON_POSTGRESQL else fresh_copy(url, tmp_path)
    own = load_settings({"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": mine})
    opened = db.init_database(own)
    queue.configure(own)  # a job that is asked for must not connect to the template, which could then be copied no more
    session_app.config["SETTINGS"] = own
    opened.connect()
    yield session_app
    opened.close()
    if ON_POSTGRESQL:
        postgres_copies.give_back(mine)


@contextlib.contextmanager
def lent_app(app, template, folder, **more):
    """The app on a database of its own for a whole module: what is in it is read by every test, and changed by none."""
    settings, url = template
    mine = postgres_copies.lend(url) if ON_POSTGRESQL else fresh_copy(url, folder)
    own = load_settings({"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": mine, **more})
    before, app.config["SETTINGS"] = app.config["SETTINGS"], own
    opened = db.init_database(own)
    queue.configure(own)
    opened.connect()
    yield app
    opened.close()
    app.config["SETTINGS"] = before
    if ON_POSTGRESQL:
        postgres_copies.give_back(mine)


def fresh_copy(url: str, folder) -> str:
    if ON_POSTGRESQL:
        return postgres.create_database(url)
    target = folder / "test.db"
    shutil.copy(url.removeprefix("sqlite:///"), target)
    return f"sqlite:///{target}"
