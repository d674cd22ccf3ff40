"""Days as an address or a command line writes them, and ranges of them."""

import datetime
import re

from aidtracker.errors import Refused

YEARS = range(1990, 2101)  # beyond them there is nothing to count, only something to hang on
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def day_of(text: str) -> datetime.date:
    """2021-03-29, nothing else; Refused when it is no day."""
    try:
        if not DAY.fullmatch(text):
            raise ValueError
        day = datetime.date.fromisoformat(text)
        if day.year not in YEARS:
            raise ValueError
        return day
    except ValueError:
        raise Refused("日期「%(text)s」不对，请写成 2021-03-29 这样的真实日期。", text=text) from None


def refuse_backwards(first: datetime.date, last: datetime.date) -> None:
    if last < first:
        raise Refused("结束日期 %(last)s 早于开始日期 %(first)s，请调整。", first=first, last=last)
