"""R11 and R12: the morning at the real site, under gunicorn as counties run it, with trail, chain, receipts and seals.

The devices are threads of this process, on the same cores as the site: they send bytes made before the clock starts, and of
an answer they read its first line. Everything is in ratios to the same run.
"""

import itertools
import os
import socket
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple
from urllib.parse import urlsplit

from aidtracker.accounts.actions import create_users
from aidtracker.accounts.models import User
from aidtracker.attendance.models import RollCall
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import database
from aidtracker.orgs.models import Org
from aidtracker.receipts.models import Receipt
from tests.bench.clock import Measure
from tests.bench.house import PASSWORD
from tests.live_server import live_server
from tests.volley import Shot, head, posted, signed_in

BURST, SECONDS = 30, 60  # submits a second, for so long
WARM, QUIET, MOST = 3, 15, 15  # seconds that nobody counts; of readers alone, before and after; of submits as fast as they go
READERS, PAUSE = 4, 0.25  # people who look at pages, and seconds between an answer and their next look
SENDERS, CLOSED_LOOP = 24, 8  # devices of the burst; of the sustained maximum


class Asked(NamedTuple):
    """One request: when it was to begin, how long it took from then, and how it was answered; 0 when it was not."""

    at: float
    seconds: float
    status: int


class Load(NamedTuple):
    errors: int
    most: float  # submits a second
    slowdown: float  # p95 of a page during the load / without it


def load_of(house) -> Load:
    """Taken once for all measures."""
    if not hasattr(house, "load"):
        house.load = taken(house)
    return house.load


def taken(house) -> Load:
    heads = make_heads(house)
    before = rows_written()
    with live_server({"AIDTRACKER_INSTANCE": str(house.settings.instance), "DATABASE_URL": house.settings.database_url}, workers=2) as base_url:
        people = signed_in(base_url, heads, PASSWORD)
        site, rolls, pages = Site(base_url), Rolls(house, base_url, people), pages_of(house, base_url, people)
        rolls.make(BURST * SECONDS)
        site.read(pages, WARM)
        quiet = site.read(pages, QUIET)
        busy, sent = site.read_and_send(pages, rolls.take(BURST * SECONDS))
        quiet += site.read(pages, QUIET)
        fast, most = fastest(site, rolls)
    asked = [*sent, *fast]
    wrong = sum(one.status != 303 for one in asked) + sum(one.status != 200 for one in (*quiet, *busy))
    wrong += sum(found != sum(one.status == 303 for one in asked) for found in (now - then for now, then in zip(rows_written(), before, strict=True)))
    wrong += first_broken_entry() is not None
    told(quiet, busy, sent, most, wrong)
    return Load(wrong, most, p95(busy) / p95(quiet))


def told(quiet, busy, sent, most: float, wrong: int) -> None:
    """What the ratios were made of."""
    print(
        f"{len(sent)} submits at {BURST}/s, p95 {p95(sent) * 1000:.0f} ms; pages p95 {p95(quiet) * 1000:.0f} ms ({len(quiet)}), "
        f"during the load {p95(busy) * 1000:.0f} ms ({len(busy)}); sustained {most:.0f} submits/s; {wrong} errors",
        flush=True,
    )


def rows_written() -> tuple[int, ...]:
    """Rolls, their receipts and their entries in the trail: as many as were acknowledged."""
    entries = AuditEntry.select().where(AuditEntry.action == "attendance.submit_roll_call")
    return RollCall.select().count(), Receipt.select().where(Receipt.kind == "attendance.submit_roll_call").count(), entries.count()


def make_heads(house) -> list[User]:
    """One of each school, who may hand in any past day."""
    schools = list(Org.select().where(Org.kind == "school").order_by(Org.id))
    people = [(f"head-{school.id}", "王校长", "school_admin", school) for school in schools]
    create_users(people=people, password=PASSWORD, starts_on=house.days[0], must_change=False, by=None)
    return [User.get(User.username == name) for name, *_more in people]


def fastest(site: "Site", rolls: "Rolls") -> tuple[list[Asked], float]:
    """A closed loop of eight devices; the bytes of all its rolls are made before."""
    rolls.make(MOST * 400)
    asked = site.send_for(MOST, rolls.ready)
    took = max(one.at + one.seconds for one in asked) - min(one.at for one in asked)
    return asked, sum(one.status == 303 for one in asked) / took


class Rolls:
    """New rolls of 45 with three absent, each of another class, day or session, as bytes ready to be sent."""

    def __init__(self, house, base_url: str, people):
        self.base_url, self.ready = base_url, []
        heads = {Org.get(Org.code == person_school(person)).id: person for person in people}
        absent: dict[int, list[int]] = {}
        for student, room in database.execute_sql("SELECT id, class_org_id FROM student ORDER BY id").fetchall():
            if len(absent.setdefault(room, [])) < 3:
                absent[room].append(student)
        # Days that no other measure writes.
        places = itertools.product(house.days[-5:-35:-1], ("morning", "afternoon"), house.classes)
        self.places = ((heads[room.parent_id], room.id, day, session, absent[room.id]) for day, session, room in places)

    def make(self, count: int) -> None:
        wanted = itertools.islice(self.places, max(0, count - len(self.ready)))
        self.ready += [posted(self.base_url, self.shot(*place)) for place in wanted]

    def shot(self, person, room: int, day, session: str, absent: list[int]) -> Shot:
        marks = {f"mark-{pupil}": mark for pupil, mark in zip(absent, ("sick_leave", "unexcused", "late"), strict=True)}
        return Shot(person, f"/roll/{room}/{day}/{session}", {"base_revision": 0, "absent": absent, **marks})

    def take(self, count: int) -> list[bytes]:
        taken, self.ready = self.ready[:count], self.ready[count:]
        return taken


class Site:
    def __init__(self, base_url: str):
        parts = urlsplit(base_url)
        self.address = (parts.hostname, parts.port)

    def ask(self, message: bytes, due: float | None = None) -> Asked:
        """A line of its own, as every phone has."""
        began, status = due or time.monotonic(), 0
        try:
            with socket.create_connection(self.address, 30) as line:
                line.sendall(message)
                first = line.recv(65536)
                while line.recv(262144):
                    pass
            status = int(first[9:12])
        except (OSError, ValueError):
            pass
        return Asked(began, time.monotonic() - began, status)

    def read(self, pages: list[list[bytes]], seconds: float) -> list[Asked]:
        over = threading.Event()
        with ThreadPoolExecutor(READERS) as readers:
            reading = [readers.submit(self.look, mine, over) for mine in pages]
            time.sleep(seconds)
            over.set()
            return [one for each in reading for one in each.result()]

    def look(self, pages: list[bytes], over: threading.Event) -> list[Asked]:
        found = []
        for page in itertools.cycle(pages):
            found.append(self.ask(page))
            if over.wait(PAUSE):
                return found

    def read_and_send(self, pages, messages: list[bytes]) -> tuple[list[Asked], list[Asked]]:
        """The n-th message is due n/30 seconds after the start, and late from then on."""
        over = threading.Event()
        with ThreadPoolExecutor(READERS + SENDERS) as people:
            reading = [people.submit(self.look, mine, over) for mine in pages]
            start, numbered = time.monotonic() + 0.1, iter(enumerate(messages))
            sending = [people.submit(self.send_when_due, numbered, start) for _ in range(SENDERS)]
            sent = [one for each in sending for one in each.result()]
            over.set()
            return [one for each in reading for one in each.result()], sent

    def send_when_due(self, numbered, start: float) -> list[Asked]:
        found = []
        for number, message in numbered:  # shared: whoever is free takes the next
            due = start + number / BURST
            time.sleep(max(0, due - time.monotonic()))
            found.append(self.ask(message, due))
        return found

    def send_for(self, seconds: float, messages: list[bytes]) -> list[Asked]:
        until = time.monotonic() + seconds

        def send() -> list[Asked]:
            found = []
            while messages and time.monotonic() < until:
                found.append(self.ask(messages.pop()))
            return found

        with ThreadPoolExecutor(CLOSED_LOOP) as devices:
            return [one for each in [devices.submit(send) for _ in range(CLOSED_LOOP)] for one in each.result()]


def pages_of(house, base_url: str, people) -> list[list[bytes]]:
    """What each reader looks at in turn: the start page, who has handed in, a roll, the pupils, a pupil."""
    found = []
    for person in itertools.islice(itertools.cycle(people), READERS):
        school = Org.get(Org.code == person_school(person))
        room = next(room for room in house.classes if room.parent_id == school.id)
        pupil = database.execute_sql(f"SELECT min(id) FROM student WHERE class_org_id = {room.id}").fetchone()[0]
        paths = ("/", "/roll", f"/roll/{room.id}/{house.days[-1]}/afternoon?edit=1", "/students", f"/students/{pupil}")
        found.append([head("GET", base_url, path, person.cookie) + b"\r\n" for path in paths])
    return found


def person_school(person) -> str:
    return Org.get_by_id(int(person.user.username.removeprefix("head-"))).code


def p95(asked: list[Asked]) -> float:
    return statistics.quantiles([one.seconds for one in asked], n=20)[-1]


MEASURES = {
    "R11": Measure(0, f"submits at {BURST}/s with {READERS} readers for {SECONDS} s under gunicorn 2x4: errors", lambda house: load_of(house).errors),
    "R11b": Measure(1 / 3, f"{BURST} submits a second / sustained maximum, client on the same {os.cpu_count()} cores", lambda house: BURST / load_of(house).most),
    "R12": Measure(2, "p95 of a page during that load / without it", lambda house: load_of(house).slowdown),
}
