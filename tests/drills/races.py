"""Races: eight devices do the same at the same moment. One wins, the others are told so; nothing is doubled, nothing lost."""

from types import SimpleNamespace

from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import first_broken_entry
from tests.drills import _races_of_children, _races_of_offices, _races_of_teachers
from tests.drills._race_bugs import BUGS
from tests.drills._race_world import Race, opened_world
from tests.drills.drill import Drill, Given, Outcome

RACES = _races_of_teachers.RACES + _races_of_children.RACES + _races_of_offices.RACES


def run(given: Given) -> Outcome:
    outcome = Outcome(given.rounds, {"races": 0, "requests": 0}, {"doubled": 0, "lost": 0, "wrong": 0})
    with opened_world(given, outcome) as world:
        for number in range(given.rounds if world.is_ready else 0):
            round_ = SimpleNamespace(number=number, day=world.days[number])
            for run_race in RACES:
                run_one(run_race, Race(run_race.__name__, world, round_, outcome))
            if given.bug and outcome.is_red:
                break
        check_the_chain(outcome)
    return outcome


def run_one(run_race, race: Race) -> None:
    """What a broken race leaves behind may break the next of its round: that is a finding too, not an end."""
    race.outcome.facts["races"] += 1
    try:
        run_race(race)
    except Exception as error:
        race.wrong(f"{type(error).__name__}: {error}")


def check_the_chain(outcome: Outcome) -> None:
    entries, last = AuditEntry.select().count(), AuditEntry.select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1).scalar()
    if first_broken_entry() is not None or entries != last:
        outcome.found("wrong", f"the trail of {entries} entries is broken at {first_broken_entry()}, its last number is {last}")


DRILL = Drill("races", "eight devices do the same thing at the same moment", run, rounds=100, short=1, bugs=BUGS)
