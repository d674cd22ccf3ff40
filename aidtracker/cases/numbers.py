"""The number of a case: 990100-2026-0001, county, year, running number."""

import datetime

from aidtracker.cases.models import Case
from aidtracker.db import lock
from aidtracker.orgs.models import Org


def lock_numbers(county_id: int) -> None:
    """Until the transaction ends nobody else opens a case of this county."""
    lock("cases", county_id)


def next_number(county: Org, on: datetime.date) -> str:
    """One more than the highest of the county's year; call it behind lock_numbers()."""
    prefix = f"{county.code}-{on.year}-"
    taken = Case.select(Case.number).where(Case.county == county, Case.number.startswith(prefix)).tuples()
    highest = max((int(number.removeprefix(prefix)) for (number,) in taken), default=0)
    return f"{prefix}{highest + 1:04}"
