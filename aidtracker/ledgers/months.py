"""Months of a range: a ledger of days is sorted and read a month at a time."""

import datetime
from collections.abc import Iterator


def months_between(first: datetime.date, last: datetime.date) -> Iterator[tuple[datetime.date, datetime.date]]:
    """(first day, last day) of each month, cut to the range; both included."""
    start = first
    while start <= last:
        next_month = (start.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        yield start, min(last, next_month - datetime.timedelta(days=1))
        start = next_month
