"""When a practice installation begins anew: every night, and whenever somebody asked for it."""

import datetime

from aidtracker.db import china_time
from aidtracker.operation.schedule import AGAIN_AFTER, last_struck

HOUR = 3  # of the clock in China; web/practice.py says it on every page


def is_due(
    now: datetime.datetime, built_at: datetime.datetime, wanted_at: datetime.datetime | None, failed_at: datetime.datetime | None = None
) -> bool:
    """Times are UTC. A machine that was off at that hour catches up."""
    if failed_at and now - failed_at < AGAIN_AFTER:
        return False
    return wanted_at is not None or china_time(built_at) < last_struck(china_time(now), HOUR)
