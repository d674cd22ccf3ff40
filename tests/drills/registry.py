"""Children's places, changed by anybody in any order over two years: spells never overlap, none ends without a reason, rosters of every
day are those of a book kept beside the product, and what comes to a school and leaves it balances.

One round is a county of five schools and some three hundred acts, each by a person drawn from all roles; what is refused is no finding.
"""

import datetime

from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org, SchoolClass
from aidtracker.students.models import Enrollment, Student
from aidtracker.students.models_moves import Move
from aidtracker.students.moves import KINDS
from aidtracker.students.queries import on_the, roster_of
from aidtracker.students.queries_moves import Period, balances
from aidtracker.students.search import search
from tests.drills import _registry_bugs as bugs
from tests.drills import _registry_records as records
from tests.drills._registry_acts import ACTS, miss, roll_over
from tests.drills._registry_book import ONE_DAY
from tests.drills._registry_world import FIRST, Clock, build
from tests.drills.drill import Drill, Given, Outcome

A_ROUND = 300
ENTRIES = {records.bring_roster: 2}  # of the trail: who is new, who is changed


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, facts={"acts": 0, "refused": 0, "days": 0}, zeros=dict.fromkeys(("overlapping", "unexplained", "unlike", "unbalanced", "lost", "wrong"), 0))
    with given.opened():
        for _ in range(given.rounds):
            clock = Clock()
            with clock.turned():
                one_round(build(given, clock), outcome)
            if given.bug and outcome.is_red:
                break
    return outcome


def one_round(world, outcome: Outcome) -> None:
    year = FIRST.year
    for _ in range(A_ROUND):
        act = world.random.choice(ACTS + records.ACTS)
        told = AuditEntry.select().count()
        try:
            act(world, world.clock.day)
            outcome.facts["acts"] += 1
        except Refused:
            outcome.facts["refused"] += 1
            if AuditEntry.select().count() != told:
                outcome.found("wrong", f"{act.__name__} was refused and told")
        except Exception as why:  # whatever it is, somebody would have met it
            outcome.found("wrong", f"{act.__name__} on {world.clock.day}: {why}")
        if act is not miss and AuditEntry.select().count() > told + ENTRIES.get(act, 1):
            outcome.found("wrong", f"{act.__name__} told more than one entry")
        world.clock.day += ONE_DAY * world.random.randrange(5)
        if world.clock.day >= datetime.date(year + 1, 9, 1):
            year += 1
            world.clock.day = datetime.date(year, 9, 1)
            roll_over(world, year)
            world.clock.day += ONE_DAY
        if outcome.is_red:
            return
    look(world, outcome)


def look(world, outcome: Outcome) -> None:
    see_spells(world, outcome)
    see_rosters(world, outcome)
    see_balances(world, outcome)
    for pupil, number in world.former:
        if bearer(world, pupil) not in search(world.chief, number).ids:
            outcome.found("lost", f"pupil {pupil} is not found by a number of before")
    if first_broken_entry() is not None:
        outcome.found("wrong", "the trail is broken")


def bearer(world, pupil: int) -> int:
    """Whose record it is by now."""
    while pupil in world.into:
        pupil = world.into[pupil]
    return pupil


def see_spells(world, outcome: Outcome) -> None:
    moves: dict[int, set] = {}
    for pupil, kind, day in Move.select(Move.student, Move.kind, Move.on_day).where(Move.withdrawn_at.is_null()).tuples():
        if KINDS[kind].leaves:
            moves.setdefault(pupil, set()).add(day)
    for pupil in Student.select().where(Student.county == world.county):
        spells = list(Enrollment.select().where(Enrollment.student == pupil).order_by(Enrollment.starts_on))
        for spell, after in zip(spells, [*spells[1:], None], strict=False):
            if after is not None and (spell.ends_on is None or spell.ends_on >= after.starts_on):
                outcome.found("overlapping", f"two spells of pupil {pupil.id} on {after.starts_on}")
            elif (after is None or after.starts_on > spell.ends_on + ONE_DAY) and spell.ends_on and spell.ends_on + ONE_DAY not in moves.get(pupil.id, set()):
                outcome.found("unexplained", f"pupil {pupil.id} left on {spell.ends_on} without a move")
        still = spells[-1] if spells and spells[-1].ends_on is None else None
        if (pupil.class_org_id, pupil.mode) != ((still.class_org_id, still.mode) if still else (None, "day")):
            outcome.found("wrong", f"pupil {pupil.id} is not where the open spell is")


def see_rosters(world, outcome: Outcome) -> None:
    last = world.clock.day
    random_days = {FIRST + ONE_DAY * world.random.randrange((last - FIRST).days + 1) for _ in range(40)}
    rooms = [id_ for (id_,) in SchoolClass.select(SchoolClass.org).where(SchoolClass.school.in_(world.schools)).tuples()]
    for day in sorted(random_days | world.book.turns(FIRST - ONE_DAY, last)):
        by_book, found = world.book.on(day), {}
        for room, pupil in Enrollment.select(Enrollment.class_org, Enrollment.student).where(on_the(day) & Enrollment.class_org.in_(rooms)).tuples():
            found.setdefault(room, set()).add(pupil)
        one = world.random.choice(rooms)
        found[one] = {row[0] for row in roster_of(one, day)}
        outcome.facts["days"] += 1
        for room in set(by_book) | {room for room in found if found[room]}:
            if by_book.get(room, set()) != found.get(room, set()):
                outcome.found("unlike", f"the roster of class {room} on {day} is not that of the book")


def see_balances(world, outcome: Outcome) -> None:
    for _ in range(6):
        first = FIRST + ONE_DAY * world.random.randrange(max(1, (world.clock.day - FIRST).days))
        period = Period(first, first + ONE_DAY * world.random.randrange(200))
        sat = {moment: school_sums(world, moment) for moment in (first - ONE_DAY, period.last)}
        for row in balances(world.chief, period, Org.get_by_id(world.county.id)):
            by_book = (sat[first - ONE_DAY].get(row.school_id, 0), sat[period.last].get(row.school_id, 0))
            if row.at_start + row.came - row.left != row.at_end or (row.at_start, row.at_end) != by_book:
                outcome.found("unbalanced", f"school {row.school_id} from {period.first} to {period.last}")


def school_sums(world, day: datetime.date) -> dict[int, int]:
    school_of = dict(SchoolClass.select(SchoolClass.org, SchoolClass.school).tuples())
    found: dict[int, int] = {}
    for room, pupils in world.book.on(day).items():
        found[school_of[room]] = found.get(school_of[room], 0) + len(pupils)
    return found


DRILL = Drill("registry", "children's places, changed by anybody in any order over two years", run, rounds=30, short=1, bugs=bugs.BUGS)
