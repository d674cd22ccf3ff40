"""Guesses at the door: none too many is looked at, nobody learns who exists, no prankster locks a teacher out.

Against gunicorn behind a proxy, two workers of four threads; what needs one browser and a clock that can be set, in this process.
"""

import datetime
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

from aidtracker import create_app
from aidtracker.accounts import actions, sessions
from aidtracker.accounts.models import Membership, SignInAttempt, User
from aidtracker.accounts.passwords import hash_password, new_password
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.db import database, utcnow
from tests import cast, factories
from tests.drills._login_bugs import BUGS
from tests.drills._login_checks import CHECKS, House, later
from tests.drills._login_codes import CODES
from tests.drills.drill import Drill, Given, Outcome
from tests.live_server import live_server
from tests.volley import Answer, Person, Shot, doorsteps, volley

BURST = 64
FROM_ONE_PLACE, A_DAY = 5, 100  # guesses that are looked at, as we promise
LEFT = 8  # of the day's hundred, when the burst comes
WRONG, RIGHT = "Wrong-password-7", factories.PASSWORD
PAIRS = 12  # of a known and an unknown name, one after the other
TAKES = 4  # of the time, until it is alike
AT_ONCE = 2  # hashes of one worker
MOST_APART = 0.005  # seconds, or a quarter of what a guess takes where that is more; without a hash it is nine tenths


class Door:
    """The site under gunicorn, its tally of hashes, and the people of one drill."""

    def __init__(self, given: Given, outcome: Outcome):
        self.outcome, self.random = outcome, given.random
        self.places, self.hashed = cast.make_county(), hash_password(RIGHT)
        self.tally, self.base_url, self.round = given.folder / "tally", "", 0
        self.pairs: list[tuple[float, ...]] = []  # seconds that a known and an unknown name took
        self.users = self.networks = 0

    def made(self, role: str) -> User:
        """One hash for all: what it costs is not the question here."""
        self.users += 1
        org = self.places.room if role == "teacher" else self.places.county
        name = f"{role.replace('_', '-')}-{self.users}"
        user = User.create(username=name, name=name, password_hash=self.hashed, must_change_password=False, is_exempt=True)
        Membership.create(user=user, role=role, org=org, starts_on=datetime.date(2020, 9, 1))
        return user

    @staticmethod
    def via(person: Person, address: str) -> Person:
        return via(person, address)

    def network(self) -> str:
        """The first three numbers of addresses where nobody has been yet."""
        self.networks += 1
        return f"10.{self.networks >> 8}.{self.networks & 255}"

    def guess(self, guesses: list[tuple[str, str, str]]) -> list[Answer]:
        """(name, password, address), all at once. A proxy adds the address behind whatever the guesser claims to be."""
        [stranger] = doorsteps(self.base_url, 1)
        shots = [Shot(via(stranger, address), "/sign-in", {"username": name, "password": password}) for name, password, address in guesses]
        answers = volley(self.base_url, shots)
        self.outcome.facts["guesses"] += len(answers)
        for answer in answers:
            if answer.status not in (303, 400, 429):
                self.found("wrong", f"a guess is answered {answer.status} {answer.text[:100]}")
        return answers

    def one(self, user: User, network: str, password: str = RIGHT) -> int:
        return self.guess([(user.username, password, f"{network}.9")])[0].status

    @contextmanager
    def looked_at(self, wanted: int, user: User, what: str) -> Iterator[None]:
        """So many of the guesses meanwhile reach the hash, are counted and stand in the trail: no more, no fewer."""
        before, mine = len(lines_of(self.tally)), SignInAttempt.account == user.username
        counted, told = SignInAttempt.select().where(mine).count(), entries_about(user)
        yield
        hashes = len([line for line in lines_of(self.tally)[before:] if line.endswith(" 1")])
        found = hashes, SignInAttempt.select().where(mine).count() - counted, entries_about(user) - told
        for word, number in zip(("looked at", "counted", "in the trail"), found, strict=True):
            if number != wanted:
                self.found("through" if number > wanted else "wrong", f"{what}: {number} of {BURST} guesses are {word}, not {wanted}")

    def found(self, word: str, line: str) -> None:
        self.outcome.found(word, f"round {self.round}: {line}")

    def expect(self, status: int, wanted: int, word: str, line: str) -> None:
        if status != wanted:
            self.found(word, f"{line} ({status})")


def via(stranger: Person, address: str) -> Person:
    return stranger._replace(cookie=f"{stranger.cookie}\r\nX-Forwarded-For: 127.0.0.1, 8.8.8.{len(address)}, {address}")


def lines_of(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def entries_about(user: User) -> int:
    refused = (AuditEntry.action == "accounts.refuse_sign_in") & (AuditEntry.object_id == user.uid)
    return AuditEntry.select().where(refused).count()


def from_one_place(door: Door) -> None:
    """The lock holds there, even against the right password, for a quarter of an hour; elsewhere the teacher gets in."""
    user, here = door.made("teacher"), door.network()
    with door.looked_at(FROM_ONE_PLACE, user, "from one place"):
        answers = door.guess([(user.username, WRONG, f"{here}.{n + 1}") for n in range(BURST)])
    if any(answer.status == 303 for answer in answers):
        door.found("through", "a wrong password opens the site")
    door.expect(door.one(user, here), 429, "through", "the right password is taken where 64 guesses came from")
    door.expect(door.one(user, door.network()), 303, "locked out", "a prankster locks the teacher out")
    asked = {"username": user.username, "password": RIGHT, "network": f"{here}.9", "agent": ""}
    for after, is_open in ((14, False), (16, True)):
        with later(datetime.timedelta(minutes=after)):
            if enters(asked) is not is_open:
                door.found("wrong", f"after {after} minutes the door is {'closed' if is_open else 'open'}")


def enters(asked: dict) -> bool:
    try:
        sessions.sign_in(**asked)
    except sessions.TooManyGuesses:
        return False
    return True


def from_everywhere(door: Door) -> None:
    """A hundred guesses a day, one from each network; the school where the teacher signs in stays open, and an administrator opens the rest."""
    user, home = door.made("teacher"), door.network()
    door.expect(door.one(user, home), 303, "locked out", "the teacher does not get in")
    earlier = [{"account": user.username, "network": f"{door.network()}.0", "at": utcnow(), "succeeded": False} for _ in range(A_DAY - LEFT)]
    SignInAttempt.insert_many(earlier).execute()
    with door.looked_at(LEFT, user, "from everywhere"):
        door.guess([(user.username, WRONG, f"{door.network()}.1") for _ in range(BURST)])
    door.expect(door.one(user, door.network()), 429, "through", "a guess past the day's hundred is looked at")
    door.expect(door.one(user, home), 303, "locked out", "guesses from everywhere lock the teacher out at school")
    admin, password = door.made("bureau_admin"), new_password()
    actions.reset_password(user=user, password=password, by=admin, hashed=hash_password(password))
    door.expect(door.one(user, door.network(), password), 303, "locked out", "a new password from the administrator opens nothing")


def who_is_there(door: Door) -> None:
    """A known and an unknown name are answered with the same words, in the same time."""
    user, said = door.made("teacher"), ([], [])
    for number in range(PAIRS):
        names, took = (user.username, f"nobody-{door.round}-{number}"), [0.0, 0.0]
        for which in door.random.sample((0, 1), 2):
            began = perf_counter()
            [answer] = door.guess([(names[which], WRONG, f"{door.network()}.1")])
            took[which] = perf_counter() - began
            said[which].append((answer.status, re.sub(r'value="[^"]*"', "", answer.text)))
        door.pairs.append(tuple(took))
    if Counter(said[0]) != Counter(said[1]):
        door.found("told", "the words for an unknown name are others than those for a wrong password")


def as_quick(door: Door) -> None:
    """Medians say it on a calm machine, the quickest of each on a busy one: what shows in one only, or not each time, is no difference."""
    for _ in range(TAKES):
        known, unknown = zip(*door.pairs, strict=True)
        apart, least = median(a - b for a, b in door.pairs), min(known) - min(unknown)
        door.outcome.facts["µs apart"] = round(min(abs(apart), abs(least)) * 1_000_000)
        if min(abs(apart), abs(least)) <= max(MOST_APART, min(known) / 4):
            return
        door.pairs.clear()
        who_is_there(door)
    door.found("told", f"an unknown name is answered {apart * 1000:.0f} ms sooner than a wrong password, which takes {median(known) * 1000:.0f}")


def calm(door: Door) -> None:
    """No worker ever made more than two hashes at once."""
    running: Counter = Counter()
    most = 0
    for line in lines_of(door.tally):
        process, more = line.split()
        running[process] += int(more)
        most = max(most, running[process])
    if most > AT_ONCE:
        door.found("wrong", f"{most} hashes at once in one worker")


def one_browser(door: Door, house: House) -> None:
    for word, checks in CHECKS.items():
        for check in checks:
            try:
                check(house)
            except Exception as error:
                door.found(word, f"{check.__name__}: {str(error) or repr(error)}")
            door.outcome.facts["checks"] += 1


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, {"guesses": 0, "checks": 0}, {"through": 0, "locked out": 0, "told": 0, "wrong": 0})
    with given.opened() as settings:
        door = Door(given, outcome)
        app = create_app(settings)
        database.connect(reuse_if_open=True)
        environ = given.environ | {"AIDTRACKER_TRUSTED_PROXIES": "1", "DRILL_TALLY": str(door.tally)}
        with live_server(environ, workers=2, wsgi="tests.drills._login_site:app") as door.base_url:
            for door.round in range(given.rounds):
                for part in (from_one_place, from_everywhere, who_is_there, *CODES):
                    part(door)
                one_browser(door, House(app, door.places, door.made))
            as_quick(door)
        calm(door)
        if first_broken_entry() is not None:
            outcome.found("wrong", "the trail is broken")
        database.close()
    if outcome.facts["guesses"] < given.rounds * 2 * BURST or not lines_of(door.tally):
        outcome.found("wrong", "too little was done to prove anything")
    return outcome


DRILL = Drill("login", "guesses at the door, in crowds and one by one", run, rounds=20, short=1, bugs=BUGS)
