"""Canaries at rest: nothing of a child stands anywhere in the clear but in the columns that are declared to hold it.

Invented names, numbers, addresses and narratives go through every door of the running site; then the keys are changed, each
round killed once on the way, and a backup is made. Database, WAL, backups, instance folder, server log, temporary folder and
core dumps are read for them as bytes, in ten spellings, and every column of every table as values. What was deleted must be
gone from the file as well.
"""

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from aidtracker import db
from aidtracker.accounts.models import Membership
from aidtracker.crypto import keyring
from aidtracker.crypto.envelope import Unreadable
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.models import KeyringKey
from aidtracker.db import database, transaction
from aidtracker.errors import Refused
from aidtracker.imports import actions as imports_actions
from aidtracker.imports.models import ImportFile
from aidtracker.jobs import queue
from aidtracker.operation import dumps
from aidtracker.operation.actions_backup import make_backup
from aidtracker.operation.actions_rotation import INDEXES, SEALED, change_key_file, columns_of, rotate_key
from aidtracker.schema import MODELS
from tests import factories
from tests.drills._canary_birds import Bird, Cage, Sweep
from tests.drills._canary_bugs import BUGS
from tests.drills._canary_doors import SCHOOL, Doors
from tests.drills.drill import Drill, Given, Outcome
from tests.killed import killed_within
from tests.live_server import CHECKOUT, listening_socket, stop, tail_of, wait_until_it_answers
from tests.postgres import binaries, die_with_parent

SERVER = [
    sys.executable, "-m", "gunicorn", "tests.drills._canary_site:app", "--worker-class", "gthread", "--workers", "1", "--threads", "4",
    "--pythonpath", str(CHECKOUT), "--graceful-timeout", "2", "--no-control-socket", "--access-logfile", "-", "--access-logformat", "%(t)s %(m)s %(U)s %(s)s", "--bind",
]  # fmt: skip
DATABASES = ("aidtracker.db", "backup")  # in which plain columns may stand
LEAST = {"canaries": 90, "forms": 20, "workbooks": 19, "files": 13, "errors": 6, "places": 150}
KILL_WITHIN = 0.25  # seconds from the beginning of a rotation


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros={"found": 0, "undone": 0, "lost": 0})
    cage = Cage(given.random)
    for name in ("temporary", "work", "backups"):
        (given.folder / name).mkdir(mode=0o700)
    with given.opened():
        room_id, day = make_county()
    with served(given) as base:
        doors = Doors(base, cage, day)
        doors.sign_in()
        doors.bring_workbooks()
        doors.fill_in_forms(room_id)
        doors.export_everything()
        doors.make_errors(room_id)
        doors.delete()
        before = opened_values(given)
        rotate_and_kill(given, outcome, doors)
        doors.good(doors.browser.get(f"/students/{doors.pupil}"), "page after the rotation")
        back_up(given)
        live = swept(given, cage.birds, *(given.folder / name for name in ("instance", "temporary", "log", "backups")), *log_of_postgresql(given))
    compare(outcome, before, opened_values(given))
    # Closed: the WAL is gone, with what was deleted.
    after = swept(given, cage.birds, *(given.folder / name for name in ("instance", "temporary", "log")))
    see_what_came_in(given, outcome)
    gone = swept(given, cage.gone, given.folder / "instance")
    for path in [*(given.folder / "work").iterdir(), *(given.folder / "instance" / "uploads").iterdir()]:
        outcome.found("found", f"{path.name} is left")
    for label, place in sorted(live.found | after.found | gone.found):
        outcome.found("found", f"{label} in {place}")
    for line in doors.undone:
        outcome.found("undone", line)
    outcome.facts |= {"canaries": len(cage.birds), "deleted": len(cage.gone), **doors.facts, "places": live.places + after.places + gone.places}
    for name, least in LEAST.items():
        if outcome.facts[name] < least:
            outcome.found("undone", f"only {outcome.facts[name]} {name}")
    return outcome


def make_county() -> tuple[int, object]:
    """(class, today, a school day) of a small county with one person who may do everything in it."""
    city = factories.make_org("city", "九九市", code="9900")
    county = factories.make_org("county", "云岭县", city, "990100")
    township = factories.make_org("township", "双河镇", county, "990100100")
    factories.make_org("village", "扎多村", township, "990100100201")
    school = factories.make_school(township, "双河镇中心小学", SCHOOL)
    room = factories.make_class(school, "三年级", "2")
    officer = factories.make_user("bureau_admin", county, "李干事", "officer")
    factories.make_user("township_coordinator", township, "钱专干", "coordinator")
    with transaction():
        Membership.create(user=officer, role="teacher", org=room, starts_on="2020-09-01")
    return room.id, factories.school_day_today()


@contextmanager
def served(given: Given):
    """The site as production serves it, its temporary files, log and core dumps in the drill's folder."""
    environ = given.environ | {"AIDTRACKER_JOBS": "web", "TMPDIR": str(given.folder / "temporary"), "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(CHECKOUT)}
    log = given.folder / "log"
    with listening_socket(0) as listener, log.open("ab") as stream:
        process = subprocess.Popen(
            [*SERVER, f"fd://{listener.fileno()}"], cwd=given.folder / "work", env=environ, pass_fds=[listener.fileno()],
            stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, preexec_fn=may_dump_core,
        )  # fmt: skip
        base = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()
        try:
            wait_until_it_answers(base, process, log)
            yield base
            crash_worker(process)
        except BaseException:
            print(tail_of(log), file=sys.stderr)
            raise
        finally:
            stop(process)


def may_dump_core() -> None:
    die_with_parent()
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


def crash_worker(process: subprocess.Popen) -> None:
    """It dies as of a fault in C, and leaves no core dump with everything that it had in memory."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    for pid in children.read_text().split() if children.exists() else []:
        os.kill(int(pid), signal.SIGSEGV)
    time.sleep(0.2)


# Keys


def rotate_and_kill(given: Given, outcome: Outcome, doors: Doors) -> None:
    """Each round begins to change all keys and is killed; the last one is not. The site goes on serving meanwhile."""
    settings = given.settings()

    def rotate_everything():
        try:
            for purpose in (*SEALED, *INDEXES):
                rotate_key(purpose=purpose, models=MODELS, instance=settings.instance)
            change_key_file(instance=settings.instance)
        except Refused as refused:
            outcome.found("undone", refused.message)

    kills, tries = 0, 0
    while kills < given.rounds and tries < 5 * given.rounds and not outcome.is_red:
        tries += 1  # not every one comes in time
        kills += killed_within(given.random.uniform(0, KILL_WITHIN), rotate_everything, settings)
        doors.good(doors.browser.get(f"/students/{doors.pupil}"), "page during a rotation")
    outcome.facts["kills"] = kills
    if kills < given.rounds:
        outcome.found("undone", f"only {kills} kills")
    with reopened(given):
        rotate_everything()
        for purpose in (*SEALED, *INDEXES):
            if KeyringKey.select().where(KeyringKey.purpose == purpose).count() != 1:
                outcome.found("undone", f"an old key of {purpose} is left")


@contextmanager
def reopened(given: Given):
    settings = given.settings()
    opened = db.init_database(settings)
    queue.configure(settings)
    imports_actions.configure(settings.instance)
    with opened.connection_context():
        keyring.load_keyring(settings)
        yield


def opened_values(given: Given) -> dict:
    """{(table, column, id): text} of every sealed column as it opens now, without those that do not."""
    found: dict = {}
    with reopened(given):
        for column in (column for purpose in SEALED for column in columns_of(purpose, MODELS, EncryptedField)):
            for row in column.model.select().where(column.is_null(False)):
                place = column.model._meta.table_name, column.name, row.id
                with suppress(Unreadable):
                    found[place] = getattr(row, column.name)
    return found


def compare(outcome: Outcome, before: dict, after: dict) -> None:
    for place in before.keys() | after.keys():
        if before.get(place) != after.get(place):
            outcome.found("lost", f"{place} opens otherwise after the rotation")
    outcome.facts["sealed"] = len(after)


def see_what_came_in(given: Given, outcome: Outcome) -> None:
    with reopened(given):
        for file in ImportFile.select().where(ImportFile.state == "committed"):
            with suppress(Unreadable):  # which compare() has told
                saved, refused = file.outcome["created"] + file.outcome["updated"], file.outcome["refused"]
                if not saved or not refused:
                    outcome.found("undone", f"{file.kind}: {saved} saved, {refused} refused")


# Sweeps


def back_up(given: Given) -> None:
    """By the command, whose file may hold nothing in the clear at all; and as a careless operator does it."""
    if given.on_postgresql:
        os.environ[dumps.BINARIES] = str(binaries())
    with reopened(given):
        make_backup(path=given.folder / "backups" / "sealed", settings=given.settings())
    if given.on_postgresql:
        return
    source = given.folder / "instance" / "aidtracker.db"
    with reopened(given):
        database.execute_sql("VACUUM INTO ?", (str(given.folder / "backups" / "backup.db"),))
    for path in source.parent.glob("aidtracker.db*"):
        shutil.copy(path, given.folder / "backups" / path.name.replace("aidtracker", "backup-of-files"))


def swept(given: Given, birds: list[Bird], *places: Path) -> Sweep:
    """Files as bytes, and every column of the database as its values."""
    sweep = Sweep(birds)
    for place in places:
        if place.is_dir():
            sweep.folder(place, DATABASES)
        else:
            sweep.bytes(place.read_bytes(), place.name)
    with reopened(given):
        for table, column in columns():
            rows = database.execute_sql(f'SELECT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL').fetchall()
            sweep.column(f"{table}.{column}", [raw(value) for (value,) in rows])
    return sweep


def log_of_postgresql(given: Given) -> list[Path]:
    """A server of the drills' own keeps it beside its socket."""
    log = Path(parse_qs(urlsplit(given.url).query).get("host", ["/nowhere"])[0]) / "log"
    return [log] if given.on_postgresql and log.is_file() else []


def columns() -> list[tuple[str, str]]:
    """Of every table that there is, also of those that no model knows."""
    return [(table, column.name) for table in database.get_tables() for column in database.get_columns(table)]


def raw(value):
    return value if isinstance(value, str | bytes | memoryview) else repr(value)


DRILL = Drill("canary", "nothing of a child stands in the clear where it must not", run, rounds=20, short=2, bugs=BUGS)
