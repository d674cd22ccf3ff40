"""While eleven people write, one worker of the real site is killed (SIGKILL), then both, and now and then the whole site: what
was acknowledged is kept, once and whole. One round is one kill.
"""

import time

from tests.drills import _mistakes
from tests.drills._county import build
from tests.drills._kept import ZEROS, Reckoning
from tests.drills._site import Site, running
from tests.drills._writers import Book, Crowd
from tests.drills.drill import Bug, Drill, Given, Outcome

OFTEN, SELDOM = (10, 16), (50, 70)  # acknowledgements from one kill to the next
LONG = 50  # rounds from which on there is time to write more in between
EVERY = 8  # so many kills, one hits the whole site
WITHIN = 0.03  # seconds that a kill comes after the last acknowledgement it waited for


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros=dict.fromkeys(ZEROS, 0))
    with given.opened():
        county = build()
    book = Book()
    with running(Site(given, given.environ)) as site:
        with Crowd(site.port, county, book, given.seed):
            everything = kills(given, site, book)
    outcome.facts = {"acknowledged": book.acknowledged, "asked again": book.retries, "whole site killed": everything}
    for line in book.troubles:
        outcome.found("wrong", line)
    if book.acknowledged < given.rounds * span(given)[0]:
        outcome.found("wrong", f"only {book.acknowledged} were acknowledged")
    with given.opened():
        Reckoning(outcome, book.sent, {each.number for each in book.sent if each.is_acknowledged}).take()
    if book.troubles:
        outcome.faults.append(site.last_words())
    return outcome


def span(given: Given) -> tuple[int, int]:
    return SELDOM if given.rounds >= LONG else OFTEN


def kills(given: Given, site: Site, book: Book) -> int:
    """Returns how many hit the whole site."""
    everything = wanted = 0
    for number in range(given.rounds):
        wanted = max(wanted, book.acknowledged) + given.random.randint(*span(given))
        if not book.wait_for(wanted):
            break  # the book says why, or the count
        time.sleep(given.random.uniform(0, WITHIN))
        if number % EVERY == EVERY // 2:
            site.kill_all()
            site.start()
            everything += 1
        else:
            site.kill_workers(given.random, 1 + number % 2)
    return everything


def bug(name: str, what: str, plant) -> Bug:
    return Bug("kill", name, what, plant, rounds=12)


ABSENCES, SUMS = "aidtracker.attendance.actions.write_absences", "aidtracker.attendance.day_sums.add_to_day_sum"
DRILL = Drill(
    name="kill",
    about="workers and the whole site are killed while rolls, payments and visits are written",
    run=run,
    rounds=100,
    short=8,
    bugs=(
        bug("torn_roll", "a roll is committed before its absences", _mistakes.committed_before(ABSENCES)),
        bug("early_answer", "a roll is answered before it is committed", _mistakes.answer_before_the_commit),
        bug("late_receipt", "the receipt is written after the change is committed", _mistakes.receipt_after_the_commit),
        bug("late_trail", "the trail is written after the change is committed", _mistakes.after_the_commit("aidtracker.audit.actions.record")),
        bug("late_sums", "the sums of the day are written after the roll is committed", _mistakes.after_the_commit(SUMS)),
    ),
)
