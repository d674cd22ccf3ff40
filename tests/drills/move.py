"""From SQLite to PostgreSQL: a county of a few classes, 金寨 as the demo builds it, 150,000 pupils. Killed once on the way, given again,
and then every value of every row is compared by other code than the site's own.

Round 1 is the small county, round 2 金寨's size, every further one 150,000 pupils.
"""

import contextlib
import datetime
import hashlib
import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from aidtracker.db import today_in_china
from aidtracker.orgs.grades import school_year_of
from tests import postgres
from tests.bench import house
from tests.drills import _move_bugs as bugs
from tests.drills._command import asked_of, commanded
from tests.drills.drill import Bug, Drill, Given, Outcome
from tests.live_server import CHECKOUT

PUPILS = 150_000
COPIED = ("org", "user_account", "student")


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros=dict.fromkeys(("unlike", "missing", "wrong"), 0))
    outcome.facts = {"kills": 0, "rows": 0, "pupils": 0, "seconds of the last move": 0}
    for number in range(given.rounds):
        round_of(given, outcome, number)
        if outcome.is_red:
            break
    return outcome


def round_of(given: Given, outcome: Outcome, number: int) -> None:
    folder = given.folder / f"county-{number}"
    (folder / "instance").mkdir(mode=0o700, parents=True)
    source = folder / "instance" / "aidtracker.db"
    environ = given.environ | {"AIDTRACKER_INSTANCE": str(source.parent), "DATABASE_URL": f"sqlite:///{source}"}
    build(given, outcome, environ, folder, number)
    with a_target() as url:
        if outcome.is_red or not moved(given, outcome, environ, url):
            return
        outcome.facts["rows"] += compared(outcome, source, url)
        see_that_it_works(given, outcome, environ, url)


def build(given: Given, outcome: Outcome, environ: dict[str, str], folder: Path, number: int) -> None:
    if number >= 2:
        made = house.build(folder, PUPILS, environ["DATABASE_URL"])
        house.database.close()
        outcome.facts["pupils"] += made.pupils
        return
    done = commanded(given, environ, "demo", "--no-serve", *(["--small"] if number == 0 else []))
    if done.returncode:
        outcome.found("wrong", f"demo: exit {done.returncode} {done.stderr[-300:]}")
        return
    with contextlib.closing(sqlite3.connect(folder / "instance" / "aidtracker.db")) as opened:
        outcome.facts["pupils"] += opened.execute("SELECT COUNT(*) FROM student").fetchone()[0]


@contextlib.contextmanager
def a_target() -> Iterator[str]:
    url = postgres.create_database()
    try:
        yield url
    finally:
        postgres.drop_database(url)


def moved(given: Given, outcome: Outcome, environ: dict[str, str], url: str) -> bool:
    """Given, killed on its way, and given again."""
    process = subprocess.Popen(asked_of(given, "move-to-postgresql", url), cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    seen = False
    while process.poll() is None and not (seen := is_copying(url)) and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(given.random.uniform(0, 0.3))
    process.kill()
    process.wait()
    outcome.facts["kills"] += seen and process.returncode == -signal.SIGKILL
    halves = {table: rows for table in COPIED if (rows := count(url, table))}
    if halves and len(halves) < len(COPIED):
        outcome.found("wrong", f"a move that was killed left {halves}")
    began = time.monotonic()
    done = commanded(given, environ, "move-to-postgresql", url)
    outcome.facts["seconds of the last move"] = round(time.monotonic() - began)
    if done.returncode and not halves:
        outcome.found("wrong", f"move-to-postgresql: exit {done.returncode} {done.stderr[-300:]}")
    return not done.returncode or bool(halves)


def is_copying(url: str) -> bool:
    with psycopg.connect(url) as asked:
        return bool(asked.execute("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'COPY%'").fetchone())


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as asked:
        if asked.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
            return 0
        return int(asked.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 our own names


def compared(outcome: Outcome, source: Path, url: str) -> int:
    """How many rows stand in both."""
    number = 0
    with contextlib.closing(sqlite3.connect(source)) as here, psycopg.connect(url) as there:
        names = [name for (name,) in here.execute("SELECT name FROM sqlite_master WHERE type = 'table'") if not name.startswith("sqlite_")]
        for table in names:
            columns = [name for _, name, *_ in here.execute(f"PRAGMA table_info({table})")]
            listed = ", ".join(f'"{name}"' for name in columns)
            mine = digests(here.execute(f"SELECT {listed} FROM {table}"))  # noqa: S608 names as the database gives them
            with there.cursor(name="drill") as cursor:
                theirs = digests(cursor.execute(f"SELECT {listed} FROM {table}"))  # noqa: S608
            number += len(mine & theirs)
            for word, odd in (("missing", mine - theirs), ("unlike", theirs - mine)):
                if odd and table != "schema_migration":
                    outcome.found(word, f"{table}: {len(odd)} of {len(mine)} rows")
    if not number:
        outcome.found("wrong", "there is nothing to compare")
    return number


def digests(rows) -> set[bytes]:
    return {hashlib.blake2b(repr([said(value) for value in row]).encode(), digest_size=12).digest() for row in rows}


def said(value) -> str:
    """One form for what both databases can say: 1 and true, a day, a moment, bytes, JSON as text or as itself."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime.date):
        return value.isoformat(sep=" ") if isinstance(value, datetime.datetime) else value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, sort_keys=True)
    if isinstance(value, str) and value[:1] in ("{", "["):
        with contextlib.suppress(ValueError):
            return json.dumps(json.loads(value), sort_keys=True)
    return bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value)


def see_that_it_works(given: Given, outcome: Outcome, environ: dict[str, str], url: str) -> None:
    """The site opens it with the keys that it has, the trail holds, new rows get new numbers, and a report says the same as before."""
    there, year = environ | {"DATABASE_URL": url}, school_year_of(today_in_china())
    with psycopg.connect(url) as asked:
        who = asked.execute("SELECT u.username FROM user_account u JOIN membership m ON m.user_id = u.id WHERE m.role IN ('bureau_admin', 'bureau_staff')").fetchone()[0]
    reports = []
    for name, place in (("here", environ), ("there", there)):
        path = given.folder / f"{name}.json"
        done = commanded(given, place, "report", "registry", "--as", who, "--format", "json", "--out", str(path), "--school-year", f"{year}-{year + 1}")
        if done.returncode:
            outcome.found("wrong", f"the report {name}: exit {done.returncode} {done.stderr[-300:]}")
            return
        reports.append({key: value for key, value in json.loads(path.read_text()).items() if key != "made_at"})
    if reports[0] != reports[1]:
        outcome.found("unlike", "the report says something else than before")
    with psycopg.connect(url) as asked:
        numbered = asked.execute("SELECT table_name FROM information_schema.columns WHERE column_name = 'id' AND column_default LIKE 'nextval%'")
        for (table,) in numbered.fetchall():
            following, last = asked.execute(f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')), MAX(id) FROM {table}").fetchone()  # noqa: S608
            if following <= (last or 0):
                outcome.found("wrong", f"the next row of {table} would be number {following}, and there are {last}")
    for words in (("verify-audit",), ("print-key", "1"), ("verify-audit",)):  # the second writes an entry of the trail
        done = commanded(given, there, *words)
        if done.returncode:
            outcome.found("wrong", f"{words[0]}: exit {done.returncode} {done.stderr[-300:]}")


def bug(name: str, what: str, plant) -> Bug:
    return Bug("move", name, what, plant, rounds=1)


DRILL = Drill(
    name="move",
    about="everything comes over from SQLite to PostgreSQL, also when the first try is killed",
    run=run,
    rounds=3,
    short=1,
    on_sqlite=False,
    bugs=(
        bug("unlike_unseen", "one pupil's name is changed on the way, and nobody compares", bugs.unlike_unseen),
        bug("last_row_lost", "the last row of a table stays behind, and nobody counts", bugs.last_row_lost),
        bug("table_by_table", "each table is kept by itself", bugs.table_by_table),
        bug("old_numbers", "new rows begin again with number 1", bugs.old_numbers),
    ),
)
