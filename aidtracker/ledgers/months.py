"""Months of a range: a ledger of days is sorted and read a month at a time."""

import datetime
from collections.abc import Iterator

EARLIEST = datetime.date(1990, 1, 1)  # nothing is recorded of a day before it


def months_between(first: datetime.date, last: datetime.date, today: datetime.date) -> Iterator[tuple[datetime.date, datetime.date]]:
    """(first day, last day) of each month, cut to the range and to what can have been; both included."""
    start, last = max(first, EARLIEST), min(last, today)
    while start <= last:
        next_month = (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        yield start, min(last, next_month - datetime.timedelta(days=1))
        start = next_month
