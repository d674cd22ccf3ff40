"""What rooms above know of pupils that this one must ask before it takes them back; create_app fills the list."""

import datetime
from collections.abc import Callable

from aidtracker.phrases import Phrase

# Called with (ids of pupils, since when): what was done with them since, in words, or None.
what_hangs_on_pupils: list[Callable[[list[int], datetime.datetime], Phrase | None]] = []


def hanging_on(student_ids: list[int], since: datetime.datetime) -> list[Phrase]:
    return [words for ask in what_hangs_on_pupils if (words := ask(student_ids, since))]
