"""Words that every report's table has under it."""

import datetime

from aidtracker.db import china_time
from aidtracker.phrases import Phrase


def as_of_note(made_at: str) -> Phrase:
    """`made_at` is naive UTC, as the figures hold it."""
    return Phrase("数据截至 %(at)s。", at=f"{china_time(datetime.datetime.fromisoformat(made_at)):%Y-%m-%d %H:%M}")
