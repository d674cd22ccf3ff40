"""Which backup is due, and which old ones may go: a day each for a week, a week each for a month, a month each for half a year."""

import datetime
import re
from pathlib import Path

from aidtracker.db import china_time

DAYS, WEEKS, MONTHS = 7, 4, 6
AGAIN_AFTER = datetime.timedelta(hours=1)  # since one failed
NAME = re.compile(r"aidtracker-(\d{8}-\d{6})\.backup")
STAMP = "%Y%m%d-%H%M%S"


def file_name(now: datetime.datetime) -> str:
    """Of a moment in UTC, named by the clock on the wall in China."""
    return f"aidtracker-{china_time(now):{STAMP}}.backup"


def is_due(now: datetime.datetime, hour: int, last_good: datetime.datetime | None, last_failed: datetime.datetime | None) -> bool:
    """Since the hour last struck in China no backup succeeded, and none has failed within the last hour. Times are UTC.

    A machine that was off at that hour catches up when it is on again.
    """
    if last_failed and now - last_failed < AGAIN_AFTER and (last_good is None or last_failed > last_good):
        return False
    return last_good is None or china_time(last_good) < last_struck(china_time(now), hour)


def last_struck(now: datetime.datetime, hour: int) -> datetime.datetime:
    struck = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return struck if struck <= now else struck - datetime.timedelta(days=1)


def superfluous(folder: Path) -> list[Path]:
    """Of the files that the schedule made: all but the newest of each of the last days, weeks and months that have one."""
    found = sorted(((stamp_of(path), path) for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)
    kept: set[Path] = set()
    for key, most in ((day_of, DAYS), (week_of, WEEKS), (month_of, MONTHS)):
        newest: dict = {}
        for at, path in found:
            newest.setdefault(key(at), path)
        kept.update(list(newest.values())[:most])
    return [path for _at, path in found if path not in kept]


def stamp_of(path: Path) -> datetime.datetime:
    return datetime.datetime.strptime(path.name[len("aidtracker-") : -len(".backup")], STAMP).replace(tzinfo=datetime.UTC)


def day_of(at: datetime.datetime):
    return at.date()


def week_of(at: datetime.datetime):
    return at.isocalendar()[:2]


def month_of(at: datetime.datetime):
    return at.year, at.month
