"""How cases count, reckoned plainly: case by case, by the table of conclusions written out once more (核查结论、是否算辍学、是否留在分母)."""

from aidtracker.cases.counting import Counts, counts_of
from aidtracker.cases.models import Case
from tests.drills.drill import Outcome

UNRESOLVED = {"missing"}
LEAVES = {"data_error", "household", "transferred", "abroad", "died", "over_age", "graduated"}  # the denominator


def plain_counts() -> Counts:
    verifying = dropouts = unresolved = outside = cases = 0
    for case in Case.select():
        cases += 1
        if case.state == "suspected":
            verifying += 1
        elif case.state in ("dropout", "promised"):
            dropouts += 1
        elif case.state == "closed":
            unresolved += case.outcome in UNRESOLVED
            outside += case.outcome in LEAVES
    return Counts(cases, verifying, dropouts, unresolved, outside)


def look_at_counts(name: str, outcome: Outcome) -> None:
    """After every act: each child once, in the denominator or out of it by the case's state and conclusion."""
    found, wanted = counts_of(Case.select()), plain_counts()
    if found != wanted or found.in_denominator + found.outside != Case.select(Case.student).distinct().count():
        outcome.found("miscounted", f"{found} instead of {wanted} after {name}")
