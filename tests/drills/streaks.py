"""Histories of rolls in any order: what was warned of within each submit is what a recomputation finds, what the plainest reckoning
finds, and what the county's report counts; nobody is asked twice for one thing, and 疑似辍学 always has its case.

One round is one county and some weeks: rolls in time, late, corrected and sent twice; days closed after the fact; leave; moves.
"""

from peewee import DatabaseError

from aidtracker.attendance.early_warning import look_at_county, make_round
from aidtracker.attendance.models_warnings import AbsenceWarning
from aidtracker.attendance.truants import LEVELS, streak_counts, truants_of
from aidtracker.audit.queries import first_broken_entry
from aidtracker.cases.models import Case
from aidtracker.errors import Refused
from aidtracker.orgs.models import Org
from aidtracker.orgs.scopes import Scope
from aidtracker.tasks.models import Task
from tests.drills import _streaks_bugs as bugs
from tests.drills._registry_world import Clock
from tests.drills._streaks_acts import ACTS, day_of_rolls
from tests.drills._streaks_book import ONE_DAY, STEPS
from tests.drills._streaks_world import FIRST, build
from tests.drills.drill import Drill, Given, Outcome

LENGTHS = (10, 14, 18, 38)  # days
MOST_ACTS = 4  # a day


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, facts={"days": 0, "acts": 0, "refused": 0, "warnings": 0, "cases": 0}, zeros=dict.fromkeys(("unlike", "changed", "doubled", "lost", "wrong"), 0))
    with given.opened():
        for _ in range(given.rounds):
            clock = Clock()
            clock.day = FIRST
            with clock.turned():
                one_round(build(given, clock), outcome)
            if outcome.is_red:
                break
        if first_broken_entry() is not None:
            outcome.found("wrong", "the trail is broken")
    return outcome


def one_round(world, outcome: Outcome) -> None:
    for _ in range(world.random.choice(LENGTHS)):
        make_round(county_id=world.county.id, today=world.clock.day)
        one_act(day_of_rolls, world, outcome)
        for _ in range(world.random.randrange(MOST_ACTS + 1)):
            one_act(world.random.choice(ACTS), world, outcome)
        look(world, outcome)
        if outcome.is_red:
            return
        outcome.facts["days"] += 1
        world.clock.day += ONE_DAY
    outcome.facts["warnings"] += AbsenceWarning.select().where(AbsenceWarning.county == world.county).count()
    outcome.facts["cases"] += Case.select().where(Case.county == world.county).count()


def one_act(act, world, outcome: Outcome) -> None:
    asked = set(mine(world, Task.select(Task.id)))
    before = list(warnings(world))
    try:
        act(world, world.clock.day)
        outcome.facts["acts"] += 1
    except Refused:
        outcome.facts["refused"] += 1
    except (AssertionError, DatabaseError) as why:
        outcome.found("wrong", f"{act.__name__} on {world.clock.day}: {why}")
    see_new(world, before, asked, outcome, act.__name__)


def see_new(world, before: list, asked: set, outcome: Outcome, name: str) -> None:
    """Nobody is asked anew for days of which a warning stood already: the same task is taken up again."""
    for new in warnings(world):
        if new.task_id in asked or new.step not in STEPS:
            continue
        for old in before:
            if (old.student_id, old.step) == (new.student_id, new.step) and old.first_on <= new.reached_on and old.reached_on >= new.first_on:
                outcome.found("doubled", f"{name} asks again for {new.step} of pupil {new.student_id}, {new.first_on} to {new.reached_on}")


def warnings(world):
    return AbsenceWarning.select().where(AbsenceWarning.county == world.county)


def mine(world, found):
    return (id_ for (id_,) in found.where(Task.county == world.county).tuples())


def look(world, outcome: Outcome) -> None:
    today = world.clock.day
    wanted, found = world.book.wanted(today), {}
    for row in warnings(world).where(AbsenceWarning.ended_at.is_null()):
        days = (row.first_on, row.reached_on) if row.step in STEPS else None
        found[row.student_id, row.class_org_id, row.step] = days
    if found != wanted:
        odd = sorted(set(found.items()) ^ set(wanted.items()), key=str)
        outcome.found("unlike", f"on {today}: {[(key, 'stands' if key in found else 'is missing') for key, _days in odd][:4]}")
    if changed := look_at_county(county_id=world.county.id, today=today):
        outcome.found("changed", f"a recomputation on {today} changes {changed} warnings")
    see_report(world, today, outcome)
    see_tasks(world, outcome)


def see_report(world, today, outcome: Outcome) -> None:
    """students_with_streak of the attendance report, which published figures are held against."""
    lengths = [len(world.book.away(pupil, today)) for pupil in world.book.spells]
    by_book = {str(level): sum(length >= level for length in lengths) for level in LEVELS}
    county = Org.get_by_id(world.county.id)
    reported = streak_counts(truants_of(Scope(county, county, [county.path]), today))
    if reported != by_book:
        outcome.found("unlike", f"on {today} the report counts {reported}, the book {by_book}")


def see_tasks(world, outcome: Outcome) -> None:
    """Open only while its warning stands; of every suspected child a case."""
    for row in warnings(world).join(Task):
        if row.task.is_open != (row.ended_at is None) and row.task.done_at is None:
            outcome.found("wrong", f"the task of warning {row.id} ({row.step}) is {'open' if row.task.is_open else 'withdrawn'}")
    with_case = {student for (student,) in Case.select(Case.student).where(Case.county == world.county).tuples()}
    for row in warnings(world).where(AbsenceWarning.step == "suspected"):
        if row.student_id not in with_case:
            outcome.found("lost", f"pupil {row.student_id} is suspected and has no case")


DRILL = Drill("streaks", "histories of rolls in any order, and whom they warn of", run, rounds=500, short=6, bugs=bugs.BUGS)
