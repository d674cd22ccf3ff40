"""Where the races are run: a school with its people at their devices, and the referee of one race."""

import datetime
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

from aidtracker.accounts.models import Membership, User
from aidtracker.accounts.passwords import hash_password
from aidtracker.audit.models import AuditEntry
from aidtracker.db import database, today_in_china
from aidtracker.imports import actions as imports
from aidtracker.jobs import queue
from aidtracker.students.models import Enrollment
from aidtracker.terms.calendar import school_days, term_of
from tests import factories
from tests.drills.drill import Given, Outcome
from tests.live_server import live_server
from tests.volley import Answer, Person, Shot, signed_in, volley

CROWD = 8  # devices of one race
LONG_AGO = datetime.date(2020, 9, 1)  # since when everybody has been in class
MARKS = ("sick_leave", "personal_leave", "unexcused", "late", "left_early", "official", "isolated", "not_returned")


@contextmanager
def opened_world(given: Given, outcome: Outcome) -> Iterator[SimpleNamespace]:
    """The site under gunicorn as counties run it, two workers of four threads; this process holds the jobs and counts."""
    with given.opened() as settings:
        queue.configure(settings)
        imports.configure(settings.instance)
        world = SimpleNamespace(given=given, password_hash=hash_password(factories.PASSWORD), id_numbers=itertools.count())
        make_places(world)
        heads, officers = make_people(world, "school_admin", world.school), make_people(world, "bureau_admin", world.county)
        with live_server(given.environ, workers=2, wsgi=given.wsgi) as base_url:
            world.base_url = base_url
            people = signed_in(base_url, [*heads, *officers], factories.PASSWORD)
            world.heads, world.officers = people[:CROWD], people[CROWD:]
            world.is_ready = all(person.token for person in people)
            if not world.is_ready:
                outcome.found("wrong", f"of {len(people)} who sign in at once {sum(not person.token for person in people)} do not get in")
            yield world


def make_places(world) -> None:
    city = factories.make_org("city", "九九市", code="9900")
    world.county = factories.make_org("county", "云岭县", city, "990100")
    township = factories.make_org("township", "双河镇", world.county, "990100100")
    world.village = factories.make_org("village", "扎多村", township, "990100100201")
    world.school = factories.make_school(township, "双河镇中心小学", "2199000001")
    world.rooms = [factories.make_class(world.school, "三年级", str(number)) for number in range(1, CROWD + 1)]
    world.pupils = [factories.make_student(room, f"次仁{mark}", home=world.village) for room in world.rooms for mark in "甲乙丙"]
    Enrollment.update(starts_on=LONG_AGO).execute()
    world.of_room = {room.id: world.pupils[3 * n : 3 * n + 3] for n, room in enumerate(world.rooms)}
    world.today, world.term = today_in_china(), term_of(today_in_china()).code
    days = school_days(world.today - datetime.timedelta(days=3 * 365), world.today - datetime.timedelta(days=1), world.county.id)
    world.days = days[::-1]  # one of them for each round's rolls


def make_people(world, role: str, org, count: int = CROWD) -> list[User]:
    return [make_user(world, role, org, f"{role.replace('_', '-')}-{number}") for number in range(1, count + 1)]


def make_user(world, role: str, org, username: str) -> User:
    """With the password of everybody, which is hashed once."""
    user = User.create(username=username, name=username, password_hash=world.password_hash, must_change_password=False, is_exempt=True)
    Membership.create(user=user, role=role, org=org, starts_on=LONG_AGO)
    return user


class Race:
    """One race of one round: `round` keeps what a later race of the same round goes on with."""

    def __init__(self, name: str, world, round_, outcome: Outcome):
        self.name, self.world, self.round, self.outcome = name, world, round_, outcome
        self.since = AuditEntry.select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar() or 0

    def key(self, kind: str) -> str:
        """Of a page that is sent again and again."""
        return f"{kind.encode().hex()[:8]:0<8}-0000-4000-8000-{self.round.number:012x}"

    def id_number(self) -> str:
        """Of a child whom nobody knows yet."""
        born, sequence = divmod(next(self.world.id_numbers), 1000)
        return factories.id_number("990102", f"{LONG_AGO - datetime.timedelta(days=born):%Y%m%d}", sequence)

    def fire(self, people: list[Person], path: str | Callable, fields: Callable) -> list[Answer]:
        """Everybody sends at once: `fields(number)`, and `path(number)` where it is not the same for all."""
        address = path if callable(path) else lambda _number: path
        answers = volley(self.world.base_url, [Shot(person, address(n), fields(n)) for n, person in enumerate(people)])
        self.seen(answers)
        return answers

    def seen(self, answers: list[Answer]) -> None:
        self.outcome.facts["requests"] += len(answers)
        for answer in answers:
            if answer.status == 0 or answer.status >= 500:
                self.wrong(f"answered {answer.status or answer.text}")

    def one_wins(self, answers: list[Answer], told=(400, 409), won: int = 303) -> int:
        """The place of the winner; everybody else was told so."""
        winners = [place for place, answer in enumerate(answers) if answer.status == won]
        self.exactly(1, len(winners), "told that they won")
        self.true(all(answer.status in (won, *told) for answer in answers), f"answers {sorted(answer.status for answer in answers)}")
        return winners[0] if winners else 0

    def all_win(self, answers: list[Answer]) -> None:
        self.true(all(answer.status == 303 for answer in answers), f"answers {sorted(answer.status for answer in answers)}")

    def exactly(self, wanted: int, found: int, what: str) -> None:
        if found != wanted:
            self.outcome.found("doubled" if found > wanted else "lost", self.line(f"{found} instead of {wanted} {what}"))

    def true(self, is_so: bool, words: str) -> None:
        if not is_so:
            self.wrong(words)

    def wrong(self, words: str) -> None:
        self.outcome.found("wrong", self.line(words))

    def line(self, words: str) -> str:
        return f"round {self.round.number}, {self.name}: {words}"

    def entries(self, wanted: int, *actions: str) -> None:
        """In the trail since this race began."""
        mine = (AuditEntry.id > self.since) & AuditEntry.action.in_(actions)
        self.exactly(wanted, AuditEntry.select().where(mine).count(), f"entries of {' and '.join(actions)}")


def at_once(tasks: list[Callable]) -> None:
    """In threads, each with a connection of its own."""
    start = threading.Barrier(len(tasks))

    def run(task: Callable) -> None:
        with database.connection_context():
            start.wait()
            task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        for done in [threads.submit(run, task) for task in tasks]:
            done.result()
