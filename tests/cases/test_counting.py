"""How each state and each conclusion counts, against the table written out once more beside the drill."""

import pytest

from aidtracker.cases.counting import Counts, counts_of
from aidtracker.cases.models import Case
from aidtracker.cases.outcomes import CLOSING
from aidtracker.db import utcnow
from tests.drills._cases_counts import LEAVES, UNRESOLVED, plain_counts


def close(case, outcome, today):
    ended = {"state": "closed", "outcome": outcome, "closed_on": today, "closed_at": utcnow(), "closed_by": case.owner_id}
    Case.update(ended).where(Case.id == case.id).execute()


@pytest.mark.parametrize(("state", "counts"), [("suspected", Counts(1, 1)), ("dropout", Counts(1, 0, 1)), ("promised", Counts(1, 0, 1)), ("returned", Counts(1))])
def test_an_open_case_counts_by_its_state_and_stays_in_the_denominator(opened, state, counts):
    Case.update(state=state).where(Case.id == opened().id).execute()
    assert counts_of(Case.select()) == counts and counts.in_denominator == 1


@pytest.mark.parametrize("outcome", CLOSING)
def test_a_closed_case_counts_by_its_conclusion(opened, today, outcome):
    close(opened(), outcome, today)
    assert counts_of(Case.select()) == Counts(1, 0, 0, int(outcome in UNRESOLVED), int(outcome in LEAVES)) == plain_counts()


def test_without_cases_everything_is_nothing(county):
    assert counts_of(Case.select()) == Counts()


def test_the_page_says_it(opened, pupils, coordinator, today, sign_in):
    opened()
    close(opened(pupils.sibling, coordinator), "abroad", today)
    assert "1 人，全部个案 2 人，不再算的 1 人" in sign_in(coordinator).get("cases.show_caseload").text
