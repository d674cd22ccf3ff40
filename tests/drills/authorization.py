"""The authorisation matrix as a drill: every address, form, search, file and workbook of the site, as everybody; 0 wrong.

It is the suite's own tests that walk: the honest run is all of them, a planted bug is met by those that are there for it.
"""

import json
import os
import subprocess
import sys

from aidtracker.permissions import ROLES
from tests.drills._authorization_bugs import BUGS
from tests.drills.drill import Bug, Drill, Given, Outcome
from tests.live_server import CHECKOUT

WALKS = [f"tests/test_{name}.py" for name in ("routes", "pointers", "fields", "mass_assignment", "import_scopes")]
LEAST_REQUESTS = 8_000  # of an honest run
LONGEST = 1800


def run(given: Given) -> Outcome:
    bug = BUGS[given.bug.name] if given.bug else None
    is_postgresql = given.on_postgresql and not (bug and bug.is_of_sqlite)
    told, said = walked(given, ["-x", *bug.met_by] if bug else WALKS, "postgresql" if is_postgresql else "sqlite")
    outcome = Outcome(given.rounds, facts=told["facts"], zeros={"wrong": 0, "routes never asked": 0})
    for line in told["wrong"]:
        outcome.found("wrong", line)
    if given.bug is None:
        for endpoint in told["never"]:
            outcome.found("routes never asked", endpoint)
        if told["facts"]["requests"] < LEAST_REQUESTS or told["facts"]["roles"] < len(ROLES):
            outcome.found("wrong", f"that was no walk: {told['facts']}")
    if not told["facts"]["tests"]:
        raise RuntimeError(f"no test ran: {said[-2000:]}")
    return outcome


def walked(given: Given, where: list[str], database: str) -> tuple[dict, str]:
    told = given.folder / "told.json"
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DRILL_"))}
    environ |= {"DRILL_TOLD": str(told), "TEST_DATABASE": database, "TURNS": "all"}
    environ |= {"DRILL_BUG": f"{given.bug.drill}:{given.bug.name}"} if given.bug else {}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.drills._matrix_run", "-W", "ignore", *where]
    done = subprocess.run(command, cwd=CHECKOUT, env=environ, capture_output=True, text=True, timeout=LONGEST)
    if not told.exists():
        raise RuntimeError(done.stdout[-2000:] + done.stderr[-2000:])
    return json.loads(told.read_text()), done.stdout


DRILL = Drill(
    name="authorization",
    about="every address of the site as everybody, with everything that it may name",
    run=run,
    rounds=1,
    short=0,  # in the suite these tests run by themselves
    bugs=tuple(Bug("authorization", name, each.what, each.plant, rounds=1) for name, each in BUGS.items()),
)
