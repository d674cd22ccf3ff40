"""Cold starts: eight processes at once on an old or an empty database, wrong clocks, and installations that must not start."""

import datetime
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from aidtracker import db
from aidtracker.accounts.sessions import session_user
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.crypto.keyring import load_keyring
from aidtracker.schema import MODELS
from tests import factories
from tests.cast import Client
from tests.drills import _old_databases as old
from tests.drills._cold import Done, set_clock, start_together
from tests.drills._login_checks import DAY, later
from tests.drills._startup_bugs import BUGS
from tests.drills._startup_refusals import ONLY_SQLITE, REFUSALS, as_command, as_worker, is_older, with_mounts
from tests.drills.drill import Drill, Given, Outcome
from tests.live_server import live_server
from tests.volley import looked_at, signed_in

MIGRATING, SERVING = 4, 4
PATIENCE = 60  # seconds that a worker waits for its database
CHINA = ZoneInfo("Asia/Shanghai")


class Start:
    """One installation of one round: a folder of its own and a database of its own."""

    def __init__(self, given: Given, outcome: Outcome, number: int):
        self.given, self.outcome, self.number = given, outcome, number
        self.instance = given.folder / f"instance-{number}"
        self.instance.mkdir(mode=0o700)
        self.url = ""

    @property
    def environ(self) -> dict[str, str]:
        return {"AIDTRACKER_INSTANCE": str(self.instance), "DATABASE_URL": self.url, "AIDTRACKER_JOBS": "off"}

    def together(self, *tasks, **environ: str) -> list[Done]:
        def with_environ(task):
            def run():
                os.environ.update(self.environ | environ)
                return task()

            return run

        self.outcome.facts["starts"] += len(tasks)
        return start_together([with_environ(task) for task in tasks])

    def failed(self, line: str) -> None:
        self.outcome.found("failed", f"round {self.number}: {line}")

    def wrong(self, is_so: bool, line: str) -> None:
        if is_so:
            self.outcome.found("wrong", f"round {self.number}: {line}")


def serve() -> None:
    """As a worker of gunicorn: asks for a page until the database is ready. Prints what it saw."""
    app = as_worker()
    client, seen, until = app.test_client(), [], monotonic() + PATIENCE
    while (not seen or seen[-1] != "200") and monotonic() < until:
        answer = client.get("/sign-in")
        seen.append(str(answer.status_code) if answer.status_code != 503 or "migrate" not in answer.text else "waits")
        sleep(0 if seen[-1] == "200" else 0.05)
    secret = hashlib.sha256(app.config["SECRET_KEY"].encode()).hexdigest()
    print(json.dumps({"seen": seen, "secret": secret, "health": client.get("/healthz").status_code}))


def ask_too_early() -> None:
    """As a worker whose database waits for migrate: whatever is asked for, the answer says so, in both languages."""
    client = as_worker().test_client()
    for address in ("/sign-in", "/", "/students", "/healthz"):
        for language in ("zh", "en"):
            answer = client.get(address, headers={"Accept-Language": language})
            if answer.status_code != 503 or "migrate" not in answer.text:
                sys.exit(f"{address} is answered {answer.status_code}")


def all_at_once(start: Start, applied: int, contents) -> None:
    """Four migrate and four serve; `applied` migrations stood before."""
    [early] = start.together(ask_too_early)
    start.wrong(early.code != 0, f"before migrate {early.error}")
    (start.instance / "secret_key").unlink()  # to be made again by all of them at once
    done = start.together(*[lambda: as_command("migrate", "--json")] * MIGRATING, *[serve] * SERVING)
    for each in done:
        if each.code != 0:
            start.failed(f"of {len(done)} at once on migration {applied} one ends with {each.code}: {' '.join(each.error.split())[-300:]}")
    said = [json.loads(each.out) for each in done if each.code == 0]
    lists = [each["applied"] for each in said if "applied" in each]
    start.wrong(sorted(filter(None, lists)) != [old.NAMES[applied:]], f"{[len(each) for each in lists]} migrations were applied, {len(old.NAMES) - applied} were missing")
    workers = [each for each in said if "seen" in each]
    start.wrong(any(set(each["seen"]) - {"waits", "200"} or each["seen"][-1] != "200" or each["health"] != 200 for each in workers),
                f"workers saw {sorted({each for worker in workers for each in worker['seen']})}")  # fmt: skip
    start.outcome.facts["waited"] += sum("waits" in each["seen"] for each in workers)
    kept = hashlib.sha256((start.instance / "secret_key").read_bytes()).hexdigest()
    start.wrong({each["secret"] for each in workers} - {kept} != set(), "workers hold different secrets")
    look_at_database(start)
    if contents:
        start.wrong(bool(lost := contents.lost(start.url)), f"{', '.join(lost)} changed on the way from migration {applied}")


def look_at_database(start: Start) -> None:
    opened = db.open_database(start.url)
    with opened.connection_context():
        tables = set(opened.get_tables())
        start.wrong(not {model._meta.table_name for model in MODELS} <= tables, "tables are missing")
        for model in MODELS:
            missing = {field.column_name for field in model._meta.sorted_fields} - {column.name for column in opened.get_columns(model._meta.table_name)}
            start.wrong(bool(missing), f"{model._meta.table_name} lacks {', '.join(sorted(missing))}")
        keys = opened.execute_sql("SELECT purpose, count(*) FROM keyring_key GROUP BY purpose").fetchall()
        start.wrong(not keys or any(count != 1 for _purpose, count in keys), f"not one set of keys: {keys}")
        history = [name for (name,) in opened.execute_sql("SELECT name FROM schema_migration").fetchall()]
        start.wrong(sorted(history) != old.NAMES, f"the history names {len(history)} migrations")
    left = [path.name for path in start.instance.iterdir() if path.name.startswith(".")]
    start.wrong(bool(left), f"drafts of keys were left: {left}")


def sign_in() -> None:
    """At the clock of this process; prints the session's token and the day in China."""
    app = as_worker()
    client = Client(app)
    client.post("accounts.sign_in", {"username": old.TEACHER, "password": factories.PASSWORD})
    status = client.http.get("/me").status_code
    with client.http.session_transaction() as session:
        print(json.dumps({"token": session["_user_id"], "me": status, "today": db.today_in_china().isoformat()}))


def wrong_clocks(start: Start) -> None:
    """A year and more behind, a day ahead, then right: each starts, and the trail follows the order, not the clock."""
    tokens, last = {}, entries(start)
    for days in (-400, 1, 0):
        seconds = old.at_one_in_the_morning(days) if days else 0.0
        [done] = start.together(lambda seconds=seconds: set_clock(seconds) or sign_in())
        if done.code != 0:
            start.failed(f"with a clock {days} days off: {' '.join(done.error.split())[-300:]}")
            continue
        said, now = json.loads(done.out), datetime.datetime.now(CHINA) + datetime.timedelta(seconds=seconds)
        start.wrong(said["me"] != 200, f"with a clock {days} days off a session is dead at once")
        start.wrong(said["today"] != now.date().isoformat(), f"with a clock {days} days off it is {said['today']}, in China {now.date()}")
        tokens[days] = said["token"]
        start.outcome.facts["wrong clocks"] += days != 0
    settings = start.given.settings(**start.environ)
    with db.init_database(settings).connection_context():
        load_keyring(settings)
        mine = (AuditEntry.id > last) & (AuditEntry.action == "accounts.sign_in")
        times = [at for (at,) in AuditEntry.select(AuditEntry.at_us).where(mine).order_by(AuditEntry.id).tuples()]
        start.wrong(len(times) != 3 or not times[0] < times[2] < times[1], f"the trail of three clocks is out of order: {times}")
        start.wrong(first_broken_entry() is not None, "the trail is broken")
        start.wrong(-400 in tokens and session_user(tokens[-400]) is not None, "a session of a slow clock lives")
        with later(16 * DAY):
            start.wrong(any(session_user(token) is not None for token in tokens.values()), "a session has no end")


def entries(start: Start) -> int:
    opened = db.open_database(start.url)
    with opened.connection_context():
        return opened.execute_sql("SELECT count(*) FROM audit_entry").fetchone()[0]


def refusals(start: Start) -> None:
    """Each by one door, in the next round by the other; nothing is changed by any of them."""
    before = old.Contents(start.url)
    for place, (name, (spoil, words)) in enumerate(REFUSALS.items()):
        if start.given.on_postgresql and name in ONLY_SQLITE:
            continue
        is_worker = (place + start.number // 2) % 2 == 0
        instance, environ = start.instance.with_name("spoilt"), dict(start.environ)
        shutil.copytree(start.instance, instance, ignore=shutil.ignore_patterns("*.db*"))
        environ["AIDTRACKER_INSTANCE"] = str(instance)
        spoil(instance, environ)

        def begin(is_worker=is_worker, environ=environ):
            with_mounts(environ)
            if is_worker:
                as_worker()
            else:
                as_command(start.given.random.choice(("migrate", "verify-audit")))

        [done] = start.together(begin, **environ)
        judge(start, name, done, 4 if is_worker else 2, words)
        if name == "newer schema":
            is_older(environ)
        shutil.rmtree(instance)
    start.wrong(bool(lost := before.lost(start.url)), f"a refused start changed {', '.join(lost)}")


def judge(start: Start, name: str, done: Done, code: int, words: str) -> None:
    start.outcome.facts["refused"] += 1
    lines = [line for line in done.error.splitlines() if line.strip()]
    if done.code != code or len(lines) != 1 or words not in lines[0] or done.out or "hunter2" in lines[0]:
        start.wrong(True, f"{name}: ends with {done.code} instead of {code} and says {lines[-1:] or done.out[-200:]}")


def wrong_clock_of(start: Start, days: int) -> dict[str, str]:
    """For a process whose every clock on the wall is wrong; empty, and said aloud, where no compiler is."""
    made = start.given.folder / "clock.so"
    if shutil.which("gcc") is None:
        print("startup: gcc is missing, gunicorn runs at the true time: apt-get install gcc libc6-dev")
        return {}
    subprocess.run(["gcc", "-shared", "-fPIC", "-O1", "-o", made, Path(__file__).with_name("clock.c"), "-ldl"], check=True)
    start.outcome.facts["wrong clocks"] += 1
    return {"LD_PRELOAD": str(made), "CLOCK_AHEAD": str(round(old.at_one_in_the_morning(days))), "TZ": "America/Los_Angeles"}


def real_ones(start: Start) -> None:
    """gunicorn itself, four workers under a clock that is wrong for all of the process."""
    days = start.given.random.choice((-400, 1))
    with live_server(start.environ | wrong_clock_of(start, days), workers=SERVING) as base_url:
        start.outcome.facts["starts"] += SERVING
        for answer in looked_at(base_url, "/healthz", [""] * 2 * SERVING):
            start.wrong(answer.status != 200, f"gunicorn answers {answer.status} with a clock {days} days off")
        teacher = SimpleNamespace(username=old.TEACHER)
        start.wrong(not all(person.token for person in signed_in(base_url, [teacher] * 2, factories.PASSWORD)), f"nobody gets in {days} days off")


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, {"starts": 0, "refused": 0, "waited": 0, "wrong clocks": 0}, {"failed": 0, "wrong": 0})
    with given.opened():
        old.fill()
    for number in range(given.rounds):
        start = Start(given, outcome, number)
        is_old = number % 2 == 0
        applied = given.random.randrange(1, len(old.NAMES)) if is_old else 0
        start.url = old.new_database(given, start.instance, given.url if is_old else None)
        if is_old:
            shutil.copy(given.instance / "kek", start.instance / "kek")
            old.taken_back(start.url, applied)
        all_at_once(start, applied, old.Contents(start.url) if is_old else None)
        if is_old and not outcome.zeros["failed"]:
            wrong_clocks(start)
            refusals(start)
            if number % 10 == 0 and not given.bug:
                real_ones(start)
        old.forget(start.url)
        shutil.rmtree(start.instance)
    if outcome.facts["starts"] < given.rounds * (MIGRATING + SERVING):
        outcome.found("wrong", "too little was started to prove anything")
    return outcome


DRILL = Drill("startup", "eight processes start cold, clocks are wrong, installations are not in order", run, rounds=50, short=2, bugs=BUGS)
