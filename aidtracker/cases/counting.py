"""How cases count: as dropouts, as not yet resolved, and who no longer belongs to those that ought to be at school (应入学人数)."""

from typing import NamedTuple

import peewee

from aidtracker.cases.models import Case
from aidtracker.cases.outcomes import OUTCOMES, UNRESOLVED, YES
from aidtracker.cases.states import CLOSED

STAYS_AWAY = ("dropout", "promised")  # verified, and not back yet


class Counts(NamedTuple):
    """Each child once, by the one case. `outside`: left out of the denominator; the others stay in it, however their case stands."""

    cases: int = 0
    verifying: int = 0
    dropouts: int = 0
    unresolved: int = 0
    outside: int = 0

    @property
    def in_denominator(self) -> int:
        return self.cases - self.outside


def counts_of(cases) -> Counts:
    """Of a query of cases."""
    rows = cases.select(Case.state, Case.outcome, peewee.fn.COUNT(Case.id)).group_by(Case.state, Case.outcome).tuples()
    found = [counted(state, outcome, number) for state, outcome, number in rows]
    return Counts(*map(sum, zip(*found, strict=True))) if found else Counts()


def counted(state: str, outcome: str, number: int) -> Counts:
    if state != CLOSED:
        return Counts(number, number * (state == "suspected"), number * (state in STAYS_AWAY))
    about = OUTCOMES[outcome]
    return Counts(number, 0, number * (about.counts == YES), number * (about.counts == UNRESOLVED), number * (not about.in_denominator))
