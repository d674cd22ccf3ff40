"""Words that every report's table has under it."""

import datetime

CHINA = datetime.timedelta(hours=8)


def as_of_note(made_at: str) -> str:
    """`made_at` is naive UTC, as the figures hold it."""
    return f"数据截至 {datetime.datetime.fromisoformat(made_at) + CHINA:%Y-%m-%d %H:%M}。"
