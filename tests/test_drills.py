"""A short form of every drill, and one planted bug of a sixth of them, others every day: a drill that cannot turn red proves nothing.

Each in a process of its own, as bin/drill runs it.
"""

import os
import subprocess
import sys

import pytest

from aidtracker.db import today_in_china
from tests import postgres
from tests.drills import NAMES
from tests.drills.drill import drill_named
from tests.live_server import CHECKOUT

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
DRILLS = [drill_named(name) for name in NAMES]
# What PostgreSQL keeps or loses in its own way; the others meet it in bin/drill.
KEPT = ("audit", "kill", "move", "races", "startup")
FETCHED = ("old_phone",)  # needs a browser that has to be fetched first
HERE = [drill for drill in DRILLS if drill.name not in FETCHED and (drill.name in KEPT if ON_POSTGRESQL else drill.on_sqlite)]
TODAY = today_in_china().toordinal()


@pytest.fixture
def database():
    if not ON_POSTGRESQL:
        yield "sqlite"
        return
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


def drilled(drill, database, *options):
    command = [sys.executable, "-m", "tests.drills", drill.name, "--seed", str(TODAY), "--database", database, *map(str, options)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    assert done.stdout.splitlines()[-1].startswith(f"{drill.name}: ")


@pytest.mark.parametrize("drill", [drill for drill in HERE if drill.short], ids=lambda drill: drill.name)
def test_a_short_drill_ends_with_zeros(drill, database):
    drilled(drill, database, "--rounds", (drill.short + 1) // 2)  # half of what finds the planted bugs


@pytest.mark.parametrize("drill", [drill for number, drill in enumerate(HERE) if (number + TODAY) % 6 == 0], ids=lambda drill: drill.name)
def test_todays_planted_bug_turns_it_red(drill, database):
    bugs = [bug for bug in drill.bugs if bug.is_of(database)]
    drilled(drill, database, "--planted", bugs[TODAY // 6 % len(bugs)].name)


def test_every_drill_has_bugs_of_its_own_name():
    assert all(bug.drill == drill.name for drill in DRILLS for bug in drill.bugs)
    assert all(len({bug.name for bug in drill.bugs}) == len(drill.bugs) >= 2 for drill in DRILLS)
