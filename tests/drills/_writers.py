"""Whoever writes in a drill: each signs in over HTTP, sends what nobody else sends, and asks again with the same key until the
site has answered. What was sent and what was acknowledged stands in a Book, against which the database is held afterwards.
"""

import http.client
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.bench.house import PASSWORD
from tests.drills._county import County

MARKS = ("sick_leave", "personal_leave", "unexcused", "late", "official", "isolated")
MOST_ABSENT = 8
CORRECTED = 0.3  # of the rolls sent
PATIENCE = 60  # seconds in which a killed site is back
AGAIN_AFTER = 0.02  # seconds


@dataclass
class Sent:
    """One write. `about` is what nobody else writes to: (class, day, session), (pupil, batch), (the words of a visit,)."""

    number: int
    kind: str
    key: str
    about: tuple
    content: dict  # of a roll {pupil: (mark, reason)}, of a payment {amount_fen}
    is_acknowledged: bool = False


@dataclass
class Book:
    """What was sent, in order; `when_acknowledged` is told of each acknowledgement before anything else happens."""

    when_acknowledged: Callable[[Sent], None] = lambda sent: None
    sent: list[Sent] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)  # answers that nobody may get who sends what nobody else sends
    acknowledged: int = 0
    retries: int = 0

    def __post_init__(self):
        self.changed = threading.Condition()

    def write_down(self, kind: str, about: tuple, content: dict) -> Sent:
        with self.changed:
            self.sent.append(Sent(len(self.sent), kind, str(uuid.uuid4()), about, content))
            return self.sent[-1]

    def acknowledge(self, sent: Sent) -> None:
        self.when_acknowledged(sent)
        with self.changed:
            sent.is_acknowledged = True
            self.acknowledged += 1
            self.changed.notify_all()

    def trouble(self, line: str) -> None:
        with self.changed:
            self.troubles.append(line)
            self.changed.notify_all()

    def wait_for(self, acknowledged: int, seconds: float = PATIENCE) -> bool:
        """Whether so many are acknowledged by then; False as soon as there is trouble."""
        with self.changed:
            self.changed.wait_for(lambda: self.acknowledged >= acknowledged or self.troubles, seconds)
            return self.acknowledged >= acknowledged and not self.troubles


class Person:
    """A browser that is signed in: one connection kept alive, the cookie of the session, its CSRF token."""

    def __init__(self, port: int, username: str, book: Book):
        self.port, self.book, self.cookie = port, book, ""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        self.sign_in(username)

    def sign_in(self, username: str) -> None:
        hidden = dict(re.findall(r'name="(csrf_token|key)"[^>]*value="([^"]*)"', self.ask("GET", "/sign-in")[2]))
        status, _place, page = self.ask("POST", "/sign-in", {**hidden, "username": username, "password": PASSWORD})
        if status != 303:
            raise RuntimeError(f"{username} cannot sign in: {status} {page[:300]}")
        self.token = re.search(r'name="csrf_token"[^>]*value="([^"]*)"', self.ask("GET", "/me")[2])[1]

    def ask(self, method: str, path: str, sent: dict | None = None) -> tuple[int, str, str]:
        headers = {"Cookie": self.cookie, "Accept": "text/html"}
        body = None
        if sent is not None:
            body, headers["Content-Type"] = urlencode(sent, doseq=True), "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        page = answer.read().decode()
        if not hasattr(self, "token") and (cookie := answer.getheader("Set-Cookie")):
            self.cookie = cookie.partition(";")[0]  # what comes later are flashes, which nobody reads here
        return answer.status, answer.getheader("Location") or "", page

    def send(self, sent: Sent, path: str, form: dict, leads_to: str) -> bool:
        """Again with the same key as long as nobody has answered; True when it was acknowledged."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                status, place, _page = self.ask("POST", path, {**form, "csrf_token": self.token, "key": sent.key})
            except (OSError, http.client.HTTPException):
                self.connection.close()
                status, place = 0, ""
            if status == 303 and leads_to in place:
                self.book.acknowledge(sent)
                return True
            if 300 <= status < 500 and status != 429:
                self.book.trouble(f"{sent.kind} {sent.about} was answered {status} {place}")
                return False
            self.book.retries += 1
            time.sleep(AGAIN_AFTER)
        self.book.trouble(f"{sent.kind} {sent.about} was not answered in {PATIENCE} s")
        return False


def rolls(person: Person, county: County, place: int, of: int, chance: random.Random) -> Iterator[bool]:
    """First submissions of classes that are this writer's own, and corrections of what it sent before."""
    mine = list(county.classes)[place::of]
    slots = ((room, day, session) for day in county.days for session in ("morning", "afternoon") for room in mine)
    standing: dict[tuple, tuple[int, dict]] = {}
    while True:
        correcting = bool(standing) and chance.random() < CORRECTED
        about = chance.choice(list(standing)) if correcting else next(slots, None)
        if about is None:
            return
        revision, former = standing.get(about, (0, {}))
        marks = some_marks(county.classes[about[0]], chance, former)
        sent = person.book.write_down("roll", about, marks)
        form = {"base_revision": revision, "absent": list(marks), "reason": "家长已补交病假条" if correcting else ""}
        form |= {f"mark-{pupil}": mark for pupil, (mark, _reason) in marks.items()}
        form |= {f"reason-{pupil}": reason for pupil, (_mark, reason) in marks.items()}
        path = f"/roll/{'/'.join(about)}"
        yield person.send(sent, path, form, path)
        standing[about] = (revision + 1, marks)


def some_marks(pupils: list[int], chance: random.Random, unlike: dict) -> dict:
    while True:
        absent = chance.sample(pupils, chance.randint(1, MOST_ABSENT))
        marks = {pupil: (chance.choice(MARKS), chance.choice(("", "", "发烧", "家中有事"))) for pupil in absent}
        if marks != unlike:
            return marks


def payments(person: Person, county: County, place: int, of: int, chance: random.Random) -> Iterator[bool]:
    """One for each pupil and batch."""
    for batch in county.batches:
        for pupil in county.pupils[place::of]:
            fen = chance.randint(1, 100_000)
            sent = person.book.write_down("payment", (pupil, batch), {"amount_fen": fen})
            form = {"batch": batch, "amount": f"{fen // 100}.{fen % 100:02}", "state": "paid", "paid_on": county.days[0]}
            yield person.send(sent, f"/students/{pupil}/aid/new", form, f"/students/{pupil}/aid")


def visits(person: Person, county: County, place: int, of: int, chance: random.Random) -> Iterator[bool]:
    """Each with words of its own, by which it is found again."""
    while True:
        pupil, words = chance.choice(county.pupils), f"家访{uuid.uuid4()}"
        sent = person.book.write_down("visit", (words,), {"pupil": pupil})
        form = {"form": "on_site", "on": county.days[0], "purposes": "routine", "met": "self", "teachers": words, "at_home": "爱帮忙"}
        yield person.send(sent, f"/students/{pupil}/visits/new", form, "/visits/")


KINDS = {"roll": rolls, "payment": payments, "visit": visits}


class Crowd:
    """All the writers, each in a thread of its own, until they are told to stop; each finishes what it has begun."""

    def __init__(self, port: int, county: County, book: Book, seed: int):
        self.stopped = threading.Event()
        self.threads = []
        for kind, names in county.accounts.items():
            for place, name in enumerate(names):
                work = KINDS[kind](Person(port, name, book), county, place, len(names), random.Random(f"{seed} {name}"))
                self.threads.append(threading.Thread(target=self.write, args=(work, book), daemon=True))

    def write(self, work: Iterator[bool], book: Book) -> None:
        try:
            while not self.stopped.is_set() and next(work, False):
                pass
        except Exception as error:  # a writer that is gone would go unnoticed
            book.trouble(f"a writer broke: {error!r}")

    def __enter__(self) -> "Crowd":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self.stopped.set()
        deadline = time.monotonic() + PATIENCE
        for thread in self.threads:
            thread.join(max(0, deadline - time.monotonic()))
