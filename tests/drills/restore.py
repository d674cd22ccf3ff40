"""Backups made while eleven people write, restored on a bare machine: whole, nothing acknowledged before is missing, and the same
figures; whatever is no good backup is refused, and what is there stays as it was.

One round is one backup by the command, one restore by the command, and every kind of bad backup.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from aidtracker import db
from aidtracker.accounts.models import UserSession
from aidtracker.config import Settings, load_settings
from aidtracker.crypto import keyring
from aidtracker.db import database, run_sql, today_in_china
from aidtracker.errors import Refused
from aidtracker.operation import dumps
from aidtracker.operation.actions_backup import restore_backup
from aidtracker.operation.models import Installation
from aidtracker.orgs import grades
from aidtracker.terms.calendar import term_of
from tests import postgres
from tests.drills import _restore_bugs as bugs
from tests.drills._bad_backups import bad_backups
from tests.drills._command import THEN, commanded
from tests.drills._county import County, build
from tests.drills._kept import ZEROS, Reckoning
from tests.drills._site import Site, running
from tests.drills._writers import Book, Crowd
from tests.drills.drill import Bug, Drill, Given, Outcome

MOMENTS = ("made_at",)
BETWEEN = (15, 60)  # acknowledgements from one backup to the next


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros=dict.fromkeys((*ZEROS, "unlike", "taken", "touched"), 0))
    outcome.facts = {"acknowledged": 0, "rows restored": 0, "bad backups": 0, "reports": 0}
    if given.on_postgresql:
        os.environ[dumps.BINARIES] = str(postgres.binaries())
    with given.opened():
        county = build()
    book = Book()
    with running(Site(given, given.environ)) as site:
        with Crowd(site.port, county, book, given.seed):
            for number in range(given.rounds):
                round_of(given, outcome, book, number)
        for line in book.troubles:
            outcome.found("wrong", line)
        last_round(given, outcome, county)
    outcome.facts["acknowledged"] = book.acknowledged
    return outcome


def round_of(given: Given, outcome: Outcome, book: Book, number: int) -> None:
    """What was acknowledged before the backup began is in it; what is in it was sent before it ended."""
    if not book.wait_for(book.acknowledged + given.random.randint(*BETWEEN)):
        outcome.found("wrong", "nobody writes any more")
        return
    kept = {each.number for each in book.sent if each.is_acknowledged}
    backup = backed_up(given, outcome, f"{number}.backup")
    sent = book.sent[: len(book.sent)]
    if outcome.is_red:
        return
    with bare_machine(given, outcome, backup) as settings:
        outcome.facts["rows restored"] += sum(json.loads(read_label(backup))["tables"].values())
        Reckoning(outcome, sent, kept, f" (backup {number})").take()
        see_who_is_in(outcome)
        database.close()
        see_what_is_refused(given, outcome, settings, backup)


def last_round(given: Given, outcome: Outcome, county: County) -> None:
    """Nobody writes any more: every report says the same here and there."""
    backup, asked = backed_up(given, outcome, "last.backup"), reports_of(county)
    if outcome.is_red:
        return
    with bare_machine(given, outcome, backup) as settings:
        database.close()
        here, there = (reported(given, outcome, environ, asked) for environ in (given.environ, environ_of(given, settings)))
        for name in here.keys() | there.keys():
            outcome.facts["reports"] += 1
            if here.get(name) != there.get(name):
                outcome.found("unlike", f"the report {name} says {str(there.get(name))[:200]} and not {str(here.get(name))[:200]}")


def reports_of(county: County) -> list[tuple[str, list[str]]]:
    today, year = today_in_china(), grades.school_year_of(today_in_china())
    span = ["--from", county.days[40], "--to", county.days[0]]
    return [
        ("registry", ["--school-year", f"{year}-{year + 1}"]), ("attendance", span), ("visits", span),
        ("aid", ["--term", term_of(today).code]), ("matching", ["--as-of", today.isoformat()]),
    ]  # fmt: skip


def reported(given: Given, outcome: Outcome, environ: dict[str, str], asked: list[tuple[str, list[str]]]) -> dict[str, dict]:
    """{report: its JSON, but for the moment at which it was made}."""
    folder, words = given.folder / "reports", []
    folder.mkdir()
    for name, options in asked:
        words += [THEN, "report", name, "--as", "officer", "--format", "json", "--out", str(folder / name), *options]
    done = commanded(given, environ, *words[1:])
    if done.returncode:
        outcome.found("wrong", f"reports: exit {done.returncode} {done.stderr[-300:]}")
    found = {path.name: json.loads(path.read_text()) for path in folder.iterdir()}
    shutil.rmtree(folder)
    return {name: {key: value for key, value in said.items() if key not in MOMENTS} for name, said in found.items()}


def backed_up(given: Given, outcome: Outcome, name: str) -> Path:
    path = given.folder / name
    done = commanded(given, given.environ, "backup", str(path))
    if done.returncode:
        outcome.found("wrong", f"backup: exit {done.returncode} {done.stderr[-300:]}")
    return path


def read_label(backup: Path) -> str:
    """What the backup says of itself, in the clear."""
    data = backup.read_bytes()
    start = data.index(b"\n") + 5
    return json.dumps(json.loads(data[start : start + int.from_bytes(data[start - 4 : start], "big")])["contents"])


def environ_of(given: Given, settings: Settings) -> dict[str, str]:
    return given.environ | {"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url}


@contextlib.contextmanager
def bare_machine(given: Given, outcome: Outcome, backup: Path) -> Iterator[Settings]:
    """Nothing but the key file; restored by the command, and open in this process."""
    instance = given.folder / "bare"
    instance.mkdir(mode=0o700)
    shutil.copy(given.instance / "kek", instance / "kek")
    url = postgres.create_database() if given.on_postgresql else f"sqlite:///{instance}/aidtracker.db"
    settings = load_settings(given.environ | {"AIDTRACKER_INSTANCE": str(instance), "DATABASE_URL": url})
    done = commanded(given, environ_of(given, settings), "restore", str(backup))
    if done.returncode:
        outcome.found("wrong", f"restore: exit {done.returncode} {done.stderr[-300:]}")
    opened(settings)
    yield settings
    if not database.is_closed():
        database.close()
    shutil.rmtree(instance)
    if given.on_postgresql:
        postgres.drop_database(url)


def opened(settings: Settings) -> None:
    db.init_database(settings)
    database.connect()
    keyring.load_keyring(settings)


def see_who_is_in(outcome: Outcome) -> None:
    if UserSession.select().where(UserSession.ended_at.is_null()).exists():
        outcome.found("wrong", "somebody is still signed in after a restore")
    if Installation.get().generation < 2:
        outcome.found("wrong", "the generation did not rise: phones offer nothing again")


def see_what_is_refused(given: Given, outcome: Outcome, settings: Settings, good: Path) -> None:
    before = digest_of(settings)
    for what, path in bad_backups(good, settings.instance, given.folder, given.random):
        refused(outcome, what, settings, path, replace=True)
    refused(outcome, "not asked to replace", settings, good, replace=False)
    if digest_of(settings) != before:
        outcome.found("touched", "a backup that was refused changed what is here")
    if left := [path.name for path in settings.instance.glob("draft-*")]:
        outcome.found("touched", f"{left} is left in the clear")


def refused(outcome: Outcome, what: str, settings: Settings, path: Path, replace: bool) -> None:
    outcome.facts["bad backups"] += 1
    try:
        restore_backup(path=path, settings=settings, replace=replace)
    except Refused:
        return
    except Exception as error:  # which nobody could read
        outcome.found("wrong", f"{what}: {error!r}")
        return
    outcome.found("taken", f"{what}: it was restored")


def digest_of(settings: Settings) -> str:
    """Of every row of every table."""
    opened(settings)
    total = hashlib.sha256()
    for table in sorted(database.get_tables()):
        rows = run_sql(f'SELECT * FROM "{table}"').fetchall()  # noqa: S608 names as the database gives them
        for row in sorted(repr([bytes(value) if isinstance(value, memoryview) else value for value in row]) for row in rows):
            total.update(f"{table} {row}".encode())
    database.close()
    return total.hexdigest()


def bug(name: str, what: str, plant, only: str = "") -> Bug:
    return Bug("restore", name, what, plant, rounds=2, only=only)


DRILL = Drill(
    name="restore",
    about="backups made under load come back whole on a bare machine, and a bad one changes nothing",
    run=run,
    rounds=20,
    short=1,
    bugs=(
        bug("copied_file", "a backup is a copy of the file without its log", bugs.copied_file, only="sqlite"),
        bug("table_left_out", "a table comes without its rows", bugs.table_left_out),
        bug("newer_accepted", "a backup of a newer version is taken", bugs.newer_accepted),
        bug("label_believed", "what the label says is not compared", bugs.label_believed),
        bug("replaced_unasked", "what is here is replaced without being asked to", bugs.replaced_unasked),
        bug("still_signed_in", "sessions go on after a restore", bugs.still_signed_in),
        bug("same_generation", "phones are not told that the database is another", bugs.same_generation),
    ),
)
