"""The aid of this term and the one before, for whoever answers for the money and sees no pupil."""

import datetime
from typing import NamedTuple

from aidtracker.aid.paid_sums import summed
from aidtracker.aid.wan import wan_text
from aidtracker.orgs.scopes import Scope
from aidtracker.terms.calendar import Term, term_of


class TermMoney(NamedTuple):
    term: Term
    amount: str  # 万元, as many decimals as it needs
    persons: int
    times: int
    returned: int  # lines that the bank gave back
    county_code: str


def money_of(scope: Scope, today: datetime.date) -> list[TermMoney]:
    """This term and the one before."""
    terms = [term_of(today), term_of(term_of(today).starts_on - datetime.timedelta(days=1))]
    found = [(term, summed(scope, term.code, "home")) for term in terms]
    return [
        TermMoney(term, wan_text(sums.total.fen), sums.total.persons, sums.total.times, sums.returned.times, scope.county.code)
        for term, sums in found
    ]
