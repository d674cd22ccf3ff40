"""The power is cut at any moment: from the first `migrate` of an empty folder to rolls, payments and visits sent over HTTP.

The site runs once, on a shim that writes down what it does to the disk; then the disk is rebuilt as it may have stood at each cut
and is opened as the administrator would. One round is one cut. SQLite only: PostgreSQL's own log is not ours to prove.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from aidtracker import db
from aidtracker.config import secret_file
from aidtracker.crypto.keyring import load_keyring
from aidtracker.operation.migration import is_migrated, migrate
from aidtracker.students.models import Student
from tests.bench.house import CLASS_SIZE
from tests.drills import _mistakes
from tests.drills._county import build_apart
from tests.drills._kept import ZEROS, Reckoning
from tests.drills._replay import ACKNOWLEDGED, Disk, Record, acknowledgement, read_log
from tests.drills._site import Site, running
from tests.drills._writers import Book, Crowd
from tests.drills.drill import Bug, Drill, Given, Outcome, swapped
from tests.live_server import CHECKOUT

CLASSES, WRITERS = 2, {"roll": 4, "payment": 1, "visit": 1}
MIGRATED, BUILT = 2**32, 2**32 + 1  # acknowledged before anybody wrote
LEAST = 40  # acknowledgements, and one more for each cut


def run(given: Given) -> Outcome:
    if shutil.which("gcc") is None:
        sys.exit("power: gcc is missing, without which no power is cut: apt-get install gcc libc6-dev")  # red, with a planted bug too
    outcome = Outcome(given.rounds, zeros=dict.fromkeys(("lost", "corrupt", *ZEROS[1:]), 0))
    book, log = lived(given, outcome)
    records = read_log(log)
    checked = 0
    for number, (cut, disk) in enumerate(cuts(given, records)):
        done = {record.offset for record in records[:cut] if record.deed == ACKNOWLEDGED}
        checked += len(done)
        look(given, outcome, disk, book, done, f" (cut {number} after record {cut} of {len(records)})")
    outcome.facts = {"deeds on the disk": len(records), "acknowledged": book.acknowledged, "held against the cuts": checked}
    if book.acknowledged < LEAST + given.rounds or checked < given.rounds:
        outcome.found("wrong", "too little was written to be lost")
    return outcome


def lived(given: Given, outcome: Outcome) -> tuple[Book, Path]:
    """The site's life from the empty folder on, with the shim below it."""
    log = given.folder / "disk.log"
    environ = given.environ | {"LD_PRELOAD": str(shim(given.folder)), "SHIM_FOLDER": str(given.instance), "SHIM_LOG": str(log)}
    acknowledged = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    subprocess.run([sys.executable, "-m", "flask", "--app", given.wsgi, "migrate"], cwd=CHECKOUT, env=environ, stdout=subprocess.DEVNULL, check=True)
    os.write(acknowledged, acknowledgement(MIGRATED))
    county = build_apart(given, environ, CLASSES, WRITERS)
    os.write(acknowledged, acknowledgement(BUILT))
    book = Book(lambda sent: os.write(acknowledged, acknowledgement(sent.number)))
    with running(Site(given, environ, workers=1)) as site, Crowd(site.port, county, book, given.seed):
        book.wait_for(LEAST + given.rounds)
    for line in book.troubles:
        outcome.found("wrong", line)
    os.close(acknowledged)
    return book, log


def shim(folder: Path) -> Path:
    made = folder / "shim.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", made, Path(__file__).with_name("shim.c"), "-ldl"], check=True)
    return made


def cuts(given: Given, records: list[Record]) -> Iterator[tuple[int, Disk]]:
    """Of ten cuts one falls into the first `migrate`, one into bringing the county in, four right after an acknowledgement, four
    anywhere while people write. Each on a disk like ext4, or on one that promises less."""
    chance = given.random
    deeds = {record.offset: place for place, record in enumerate(records, 1) if record.deed == ACKNOWLEDGED}
    migrated, built = deeds.pop(MIGRATED), deeds.pop(BUILT)
    after = sorted(deeds.values())

    def one(number: int) -> int:
        if number % 10 < 2:
            return chance.randint(0, migrated - 1) if number % 10 else chance.randint(migrated, built)
        return chance.choice(after) if after and number % 2 else chance.randint(built, len(records))

    disks, place = [Disk(str(given.instance), is_strict) for is_strict in (False, True)], 0
    for cut in sorted(one(number) for number in range(given.rounds)):
        for record in records[place:cut]:
            for disk in disks:
                disk.do(record)
        place = cut
        yield cut, chance.choice(disks)


def look(given: Given, outcome: Outcome, disk: Disk, book: Book, done: set[int], where: str) -> None:
    """What an administrator finds who switches the machine on again: it opens, and nothing that was acknowledged is missing."""
    folder = given.folder / "after-the-cut"
    folder.mkdir(mode=0o700)
    disk.cut(folder, given.random)
    settings = given.settings(AIDTRACKER_INSTANCE=str(folder), DATABASE_URL=f"sqlite:///{folder}/aidtracker.db")
    try:
        opened = db.init_database(settings)
        secret_file(settings, "secret_key")
        if MIGRATED not in done:
            migrate(settings)
        with opened.connection_context():
            load_keyring(settings)
            if not is_migrated():
                outcome.found("lost", f"the tables{where}")
            elif BUILT in done and Student.select().count() != CLASSES * CLASS_SIZE:
                outcome.found("lost", f"the county{where}")
            else:
                Reckoning(outcome, book.sent, done, where).take()
    except Exception as error:  # whatever it is: the site does not come up again
        outcome.found("corrupt", f"{type(error).__name__}: {error}{where}")
    finally:
        shutil.rmtree(folder)


def pragmas(**changed: object):
    return lambda: swapped("aidtracker.db.PRAGMAS", lambda real: real | changed)


def bug(name: str, what: str, plant) -> Bug:
    return Bug("power", name, what, plant, rounds=20)


DRILL = Drill(
    name="power",
    about="the power is cut while rolls, payments and visits are written (SQLite only: PostgreSQL's own log is not ours to prove)",
    run=run,
    rounds=200,
    short=12,
    bugs=(
        bug("sync_normal", "PRAGMA synchronous=NORMAL, as is often advised for WAL", pragmas(synchronous="normal")),
        bug("sync_off", "PRAGMA synchronous=OFF", pragmas(synchronous="off")),
        bug("journal_in_memory", "PRAGMA journal_mode=MEMORY", pragmas(journal_mode="memory")),
        bug("unsynced_key", "the files of keys are written without a sync", lambda: swapped("aidtracker.config.make_once", _mistakes.unsynced)),
        bug("early_answer", "a roll is answered before it is committed", _mistakes.answer_before_the_commit),
    ),
    on_postgresql=False,
)
