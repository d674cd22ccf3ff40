"""python -m tests.drills NAME [--rounds N] [--seed N] [--database URL] [--planted [BUG]] [--json FILE]

Prints each finding, then one line of counts; exit 0 only when all are zero. With --planted: each bug in turn (or the one
named) is planted, and exit 0 only when every one of them turned the drill red. `--database postgresql` starts a server of
its own.
"""

import argparse
import contextlib
import json
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from tests import postgres
from tests.drills import NAMES
from tests.drills.drill import Bug, Drill, Given, Outcome, drill_named

MOST_LINES = 40  # of findings


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/drill", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    parser.add_argument("--database", help="sqlite (unless the drill needs the other), postgresql, or the URL of an empty database")
    parser.add_argument("--planted", nargs="?", const="all", metavar="BUG")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    drill = drill_named(asked.name)
    asked.database = asked.database or ("sqlite" if drill.on_sqlite else "postgresql")
    print(f"{drill.name}: {drill.about} (seed {asked.seed})", flush=True)
    try:
        return planted(drill, asked) if asked.planted else honest(drill, asked)
    finally:
        postgres.stop_server()


def honest(drill: Drill, asked) -> int:
    outcome = taken(drill, asked, asked.rounds or drill.rounds)
    print("\n".join(outcome.faults[:MOST_LINES]))
    print(outcome.words(drill.name))
    if asked.json:
        asked.json.parent.mkdir(parents=True, exist_ok=True)
        asked.json.write_text(json.dumps({"name": drill.name, "seed": asked.seed, "database": asked.database, **asdict(outcome)}, indent=1))
    return 1 if outcome.is_red else 0


def planted(drill: Drill, asked) -> int:
    green, wanted = 0, [bug for bug in drill.bugs if asked.planted in ("all", bug.name) and bug.is_of(asked.database)]
    for bug in wanted:
        began = time.monotonic()
        outcome = taken(drill, asked, asked.rounds or bug.rounds or drill.short, bug)
        green += not outcome.is_red
        first = outcome.faults[0] if outcome.faults else outcome.words(drill.name)
        print(f"{'red  ' if outcome.is_red else 'GREEN'} {bug.name} ({bug.what}), {time.monotonic() - began:.0f} s: {first[:200]}", flush=True)
    print(f"{drill.name}: {len(wanted)} planted bugs, {green} unseen")
    return 0 if wanted and not green else 1


def taken(drill: Drill, asked, rounds: int, bug: Bug | None = None) -> Outcome:
    with a_place(asked.database) as (folder, url):
        given = Given(folder, url, rounds, asked.seed, bug)
        with bug.plant() if bug else contextlib.nullcontext():
            return drill.run(given)


@contextlib.contextmanager
def a_place(database: str) -> Iterator[tuple[Path, str]]:
    """An empty folder and the URL of an empty database."""
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder = Path(name)
        (folder / "instance").mkdir(mode=0o700)
        if database == "sqlite":
            yield folder, f"sqlite:///{folder}/instance/aidtracker.db"
        elif database == "postgresql":
            url = postgres.create_database()
            yield folder, url
            postgres.drop_database(url)
        else:
            yield folder, database


if __name__ == "__main__":
    sys.exit(main())
