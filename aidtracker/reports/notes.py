"""Words that every report's table has under it."""

import datetime

from aidtracker.phrases import Phrase

CHINA = datetime.timedelta(hours=8)


def as_of_note(made_at: str) -> Phrase:
    """`made_at` is naive UTC, as the figures hold it."""
    return Phrase("数据截至 %(at)s。", at=f"{datetime.datetime.fromisoformat(made_at) + CHINA:%Y-%m-%d %H:%M}")
