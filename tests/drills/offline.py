"""Rolls and visits written on a phone while everything fails: each ends as exactly one record and an empty outbox, or with a reason to read.

A round is one teacher, one class, one phone: some of the things below in any order, then signal, and what is in the database.
"""

import datetime
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import sync_playwright

from aidtracker.accounts.models import User, UserSession
from aidtracker.attendance.actions import submit_roll_call
from aidtracker.attendance.models import Absence, RollCall
from aidtracker.attendance.queries import visible_class
from aidtracker.db import database, transaction, utcnow
from aidtracker.operation.models import Installation
from aidtracker.receipts.models import Receipt
from aidtracker.visits.models import Visit
from tests import factories
from tests.drills import _offline_bugs as bugs
from tests.drills._line import Line, line_to
from tests.drills._phone import NO_ROOM, WRONG_CLOCK, Phone
from tests.drills._site import Site, running
from tests.drills.drill import Drill, Given, Outcome

ROLL = "attendance.submit_roll_call"
ZEROS = ("lost", "doubled", "wrong", "stuck", "in the clear")
BAD_LINES = ("cut", "cut", "lost", "broken", "busy", "portal", "page")
NAMES = "雀甲次仁 雀乙卓玛 雀丙扎西 雀丁央宗 雀戊旦增 雀己拉姆".split()
WORDS = "雀语说定了下周再来"


@dataclass
class Round:
    """What was done, and what has to be there in the end."""

    phone: Phone
    line: Line
    random: random.Random
    outcome: Outcome
    number: int
    room: int
    pupils: list[int]
    path: str
    on: object
    mine: set[int] | None = None  # ticked in the last list that was sent
    theirs: set[int] | None = None  # of the colleague's
    sent: int = 0
    visits: int = 0
    told: list[str] = field(default_factory=list)
    shown_by: str = ""  # of a planted bug: steps and lines
    next_line: str = ""
    maybe: int = 0  # what the site may have though the page said that it has not

    @property
    def teacher(self) -> str:
        return f"teacher-{self.number}"

    @property
    def colleague(self) -> str:
        return f"colleague-{self.number}"

    def wrong(self, word: str, line: str) -> None:
        self.outcome.found(word, f"round {self.number} ({', '.join(self.told)}): {line}")


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, zeros=dict.fromkeys(ZEROS, 0))
    outcome.facts = {"rolls": 0, "visits": 0, "steps": 0, "conflicts": 0, "refused": 0, "sent over the line": 0}
    with given.opened():
        rooms, on = build(given.rounds)
    with running(Site(given, given.environ)) as site, line_to(site.port) as line, sync_playwright() as playwright:
        look_at_the_search(given, outcome, playwright, line)
        for number, (room, pupils) in enumerate(rooms):
            this = random.Random(f"{given.seed} {number}")
            scripts = () if given.bug else ((NO_ROOM,) if this.random() < 0.06 else ()) + ((WRONG_CLOCK,) if this.random() < 0.1 else ())
            phone = Phone(playwright, given.folder / f"phone-{number}", line.url, scripts)
            path = f"/roll/{room}/{on}/morning"
            one = Round(phone, line, this, outcome, number, room, pupils, path, on)
            one.shown_by = bugs.SHOWN_BY[given.bug.name] if given.bug else ""
            try:
                take(one)
            except Exception as error:
                one.wrong("wrong", f"{type(error).__name__}: {str(error)[:300]}")
            phone.throw_away()
        outcome.facts["sent over the line"] = line.sent
    return outcome


def build(rounds: int) -> tuple[list, object]:
    city = factories.make_org("city", "九九市", code="9900")
    county = factories.make_org("county", "云岭县", city, "990100")
    school = factories.make_school(factories.make_org("township", "双河镇", county, "990100100"), "双河镇中心小学", "2199000001")
    rooms, on = [], factories.school_day_today()
    for number in range(rounds):
        room = factories.make_class(school, "三年级", str(number + 1))
        for name in ("teacher", "colleague"):
            factories.make_user("teacher", room, f"{'张李'[name == 'colleague']}老师{number}", f"{name}-{number}")
        born = datetime.date(2017, 5, 4) + datetime.timedelta(days=number)  # of one day there are not enough numbers
        rooms.append((room.id, [factories.make_student(room, name, seat=seat, born_on=born).id for seat, name in enumerate(NAMES, 1)]))
    return rooms, on


def look_at_the_search(given: Given, outcome: Outcome, playwright, line: Line) -> None:
    """A plain copy is found: otherwise that nothing is found would prove nothing."""
    phone = Phone(playwright, given.folder / "phone-control", line.url)
    phone.go("/sign-in")
    phone.page.evaluate(f"localStorage.setItem('plain', '{NAMES[0]}')")
    phone.close()
    if not phone.holds(NAMES[0]):
        outcome.found("wrong", "the search of the phone's disk does not find what stands there plainly")
    phone.throw_away()


# The round


def take(one: Round) -> None:
    one.line.mode = "ok"
    one.phone.sign_in(one.teacher)
    if not one.phone.until(lambda: one.path in one.phone.kept() and "/outbox/visit" in one.phone.kept()):
        one.wrong("wrong", "today's pages were not kept")
    for step, mode in steps_of(one):
        one.told.append(step.__name__)
        one.next_line = mode
        one.outcome.facts["steps"] += 1
        step(one)
    settle(one)
    if one.random.random() < 0.3:
        restored(one)
    one.phone.close()
    if not one.maybe:
        with database.connection_context():
            check_roll(one)
            check_visits(one)
    for words in (*NAMES, WORDS):
        if found := one.phone.holds(words):
            one.wrong("in the clear", f"{words} in {found}")


def steps_of(one: Round) -> list[tuple[Callable, str]]:
    """(step, line over which it is taken; '' for any)."""
    if one.shown_by:
        named = {step.__name__: step for step in STEPS}
        return [(named[name], mode) for name, _, mode in (each.partition(":") for each in one.shown_by.split())]
    steps = [one.random.choice(STEPS) for _ in range(one.random.randint(2, 6))]
    return [(step, "") for step in ([submit, *steps] if one.random.random() < 0.7 else [*steps, submit])]


def worse(one: Round) -> None:
    slow = one.random.random() < 0.04
    one.line.mode = one.next_line or ("hang" if slow else one.random.choice((*BAD_LINES, "ok")))
    one.told.append(one.line.mode)


def submit(one: Round) -> None:
    worse(one)
    absent = set(one.random.sample(one.pupils, one.random.randint(0, 3)))
    if one.phone.take_roll(one.path, absent) and not says_no(one):
        one.mine, one.sent = absent, one.sent + 1


def says_no(one: Round) -> bool:
    """There is no room on the phone, and the page says that this has not been sent; without an answer it may have been all the same."""
    is_so = "存储已满" in (one.phone.said() or "")
    one.maybe += is_so and one.line.mode in ("lost", "busy", "hang")
    return is_so


def visit(one: Round) -> None:
    worse(one)
    if one.phone.write_visit(one.random.choice(one.pupils), f"{WORDS}{one.visits}") and not says_no(one):
        one.visits += 1


def reload(one: Round) -> None:
    if one.phone.page.url.startswith("http"):
        one.phone.go(one.phone.page.url.removeprefix(one.line.url))


def kill_tab(one: Round) -> None:
    one.phone.new_tab()
    one.phone.go(one.path)


def kill_browser(one: Round) -> None:
    one.phone.kill()
    one.phone.go("/outbox")


def two_tabs(one: Round) -> None:
    """Both hear at once that there is a network again."""
    one.line.mode = "ok"
    second = one.phone.context.new_page()
    for page in (one.phone.page, second):
        page.goto(f"{one.line.url}/outbox")
    for page in (one.phone.page, second):
        page.evaluate("self.dispatchEvent(new Event('online'))")
    one.phone.until(lambda: not waiting(one, "wait"), 4)
    second.close()


def expire(one: Round) -> None:
    with database.connection_context(), transaction():
        user = User.get(User.username == one.teacher)
        UserSession.update(ended_at=utcnow()).where(UserSession.user == user).execute()


def stranger(one: Round) -> None:
    """A colleague signs in on this phone: nothing of the teacher's is sent, or shown."""
    one.line.mode = "cut"
    one.phone.go("/outbox")
    before = state_of(one)
    one.phone.context.clear_cookies()
    one.line.mode = "ok"
    one.phone.sign_in(one.colleague)
    one.phone.asked("self.aidOutbox.hurry()")
    with database.connection_context():
        number = User.get(User.username == one.colleague).id
        own = (RollCall.submitted_by == number) & (RollCall.class_org == one.room)
        if one.theirs is None and RollCall.select().where(own).exists():
            one.wrong("wrong", "what the teacher wrote was sent as the colleague's")
        if Visit.select().where(Visit.recorded_by == number).exists():
            one.wrong("wrong", "the teacher's visit was sent as the colleague's")
    one.phone.page.goto(f"{one.line.url}/sign-in")
    one.phone.context.clear_cookies()
    one.phone.sign_in(one.teacher)
    if before and len(state_of(one)) > len(before):
        one.wrong("doubled", "an item came back")


def conflict(one: Round) -> None:
    """Another phone is first."""
    with database.connection_context():
        by = User.get(User.username == one.colleague)
        if RollCall.select().where(RollCall.class_org == one.room).exists():
            return
        absent = set(one.random.sample(one.pupils, 2))
        room, marks = visible_class(by, one.room), {pupil: ("sick_leave", None) for pupil in absent}
        submit_roll_call(class_org=room, on=one.on, session="morning", marks=marks, base_revision=0, by=by)
        one.theirs = absent


def sign_out(one: Round) -> None:
    """Refused while something waits; otherwise the phone forgets, and the teacher comes back."""
    one.line.mode = "ok"
    if not one.phone.go("/") or "/sign-in" in one.phone.page.url:
        return
    one.line.mode = "broken"
    left = len(state_of(one))
    one.phone.page.locator("form[data-leave] button").first.click()
    one.phone.until(lambda: "/outbox" in one.phone.page.url or "/sign-in" in one.phone.page.url)
    one.line.mode = "ok"
    if left and "/sign-in" in one.phone.page.url:
        one.wrong("lost", f"signed out with {left} items waiting")
    if "/sign-in" in one.phone.page.url:
        one.phone.sign_in(one.teacher)


STEPS: tuple[Callable, ...] = (submit, submit, visit, visit, reload, kill_tab, kill_browser, two_tabs, expire, stranger, conflict, sign_out)


# In the end there is signal


def state_of(one: Round) -> list:
    return one.phone.items()[0] if one.phone.asked("!!self.aidDb") else []


def waiting(one: Round, *states: str) -> list:
    return [item for item in state_of(one) if item[1] in states]


def settle(one: Round) -> None:
    one.line.mode = "ok"
    one.phone.go("/")
    if "/sign-in" in one.phone.page.url or not one.phone.has("form[data-leave]"):
        one.phone.context.clear_cookies()
        one.phone.sign_in(one.teacher)
    for _ in range(4):
        if not one.phone.until(lambda: one.phone.go("/outbox") and one.phone.has("#outbox")):  # else what waits would be taken for nothing
            one.wrong("wrong", "the page of what waits did not come")
        one.phone.asked("self.aidOutbox.hurry()")
        one.phone.until(lambda: not waiting(one, "wait", "login"))
        if not waiting(one, "conflict"):
            break
        choose(one)
    left = state_of(one)
    if waiting(one, "wait", "login", "conflict"):
        one.wrong("stuck", f"{left} is still in the outbox")
    one.outcome.facts["refused"] += len(waiting(one, "reject"))
    for _id, state, _user in left:
        if state == "reject" and not one.phone.has("[data-why]:not([hidden])"):
            one.wrong("wrong", "an item was sent back without a reason to read")


def choose(one: Round) -> None:
    """Both lists side by side: the lines as the page proposes them, or all of one's own."""
    one.outcome.facts["conflicts"] += 1
    one.phone.page.locator("[data-compare]:not([hidden])").first.click()
    one.phone.page.wait_for_selector("#settle")
    with database.connection_context():
        stands = marks_of(RollCall.get(RollCall.class_org == one.room))
    choice = one.random.choice(("lines", "mine"))
    one.told.append(f"chose {choice}")
    one.mine = one.mine | stands if choice == "lines" else one.mine
    one.sent += 1
    one.phone.send_form(f"#settle button[value={choice}]")


def restored(one: Round) -> None:
    """The site is put back from a backup that did not hold the roll: the phone has it still, unless it had no room or somebody signed out."""
    if "sign_out" in one.told or NO_ROOM in one.phone.scripts:
        return
    with database.connection_context(), transaction():
        teacher = User.get(User.username == one.teacher)
        numbers = [receipt.number for receipt in Receipt.select().where((Receipt.user_id == teacher.id) & (Receipt.kind == ROLL))]
        if one.theirs is not None or len(numbers) != 1 or one.sent != 1 or state_of(one):
            return
        roll = RollCall.get(RollCall.class_org == one.room)
        Absence.delete().where(Absence.roll_call == roll).execute()
        roll.delete_instance()
        Receipt.delete().where(Receipt.number.in_(numbers)).execute()
        Installation.update(generation=Installation.generation + 1).execute()
    one.told.append("restored")
    one.outcome.facts["restored"] = one.outcome.facts.get("restored", 0) + 1
    one.phone.go("/")
    one.phone.until(lambda: not state_of(one) and one.phone.items()[1][-1:] and is_there(one), 15)


def is_there(one: Round) -> bool:
    with database.connection_context():
        return RollCall.select().where(RollCall.class_org == one.room).exists()


def marks_of(roll: RollCall) -> set[int]:
    return {student for (student,) in Absence.select(Absence.student).where(Absence.roll_call == roll).tuples()}


def check_roll(one: Round) -> None:
    rolls = list(RollCall.select().where(RollCall.class_org == one.room))
    if len(rolls) > 1:
        one.wrong("doubled", f"{len(rolls)} rolls")
    if one.mine is not None and not rolls:
        one.wrong("lost", "the roll is not there")
    if not rolls or one.mine is None:
        return
    one.outcome.facts["rolls"] += 1
    if marks_of(rolls[0]) != one.mine:
        one.wrong("lost", f"the roll says {sorted(marks_of(rolls[0]))}, written was {sorted(one.mine)}")
    if rolls[0].revision > one.sent + (one.theirs is not None):
        one.wrong("doubled", f"{rolls[0].revision} revisions of {one.sent} lists")


def check_visits(one: Round) -> None:
    mine = User.get(User.username == one.teacher)
    found = Visit.select().where(Visit.recorded_by == mine).count()
    one.outcome.facts["visits"] += found
    if found != one.visits:
        one.wrong("lost" if found < one.visits else "doubled", f"{found} visits of {one.visits}")


DRILL = Drill(
    "offline",
    "rolls and visits written while everything fails are in the database once",
    run,
    rounds=200,
    short=2,
    bugs=bugs.BUGS,
    on_postgresql=False,
)
