"""What is worth a second look, by pure reckoning over visits: hours, one person at two homes, many at once, words of another family's record."""

import datetime
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import NamedTuple

from aidtracker.visits.picks import BETWEEN, PICKS

GENERIC = ("班主任", "老师", "教师", "校长", "副校长", "村干部", "村长", "支书", "驻村干部", "同行教师")  # who went, without a name
HOUR = 60  # minutes
DAY = 24 * HOUR
CHOICES = {word for many in PICKS for word in many}


class Bounds(NamedTuple):
    """As the county sets them; `many` and `words` 0: not looked for."""

    earliest: str  # 06:00
    latest: str
    many: int
    words: int


class Seen(NamedTuple):
    """A visit. `family`: marks that visits to one home share; `who`: names of its people, each with the school; `texts` as written by field."""

    id: int
    on: datetime.date
    starts_at: str
    minutes: int | None
    is_at_door: bool
    who: frozenset
    family: frozenset
    texts: tuple[tuple[str, str], ...]
    written_at: datetime.datetime  # in China
    is_from_paper: bool

    @property
    def starts(self) -> int | None:
        """Minutes since midnight."""
        return minutes_of(self.starts_at) if self.starts_at else None

    @property
    def ends(self) -> int | None:
        return None if self.starts is None or self.minutes is None else self.starts + self.minutes


class Found(NamedTuple):
    reason: str
    visit_id: int
    others: tuple[int, ...]


def minutes_of(clock: str) -> int:
    return int(clock[:2]) * HOUR + int(clock[3:])


def found_in(visits: list[Seen], bounds: Bounds) -> list[Found]:
    return [*odd_hours(visits, bounds), *two_places(visits), *many_at_once(visits, bounds.many), *same_words(visits, bounds.words)]


def odd_hours(visits: list[Seen], bounds: Bounds) -> Iterator[Found]:
    for one in visits:
        if one.starts is not None and not minutes_of(bounds.earliest) <= one.starts <= minutes_of(bounds.latest):
            yield Found("odd_hours", one.id, ())
        if one.ends is not None and one.ends > DAY:
            yield Found("past_midnight", one.id, ())


def by_person_and_day(visits: Iterable[Seen]) -> dict[tuple, list[Seen]]:
    found: dict[tuple, list[Seen]] = {}
    for one in visits:
        for person in one.who:
            found.setdefault((person, one.on), []).append(one)
    return found


def two_places(visits: list[Seen]) -> list[Found]:
    """The same person at two doors whose times overlap; brothers and sisters live behind one."""
    met: dict[int, set[int]] = {}
    for here in by_person_and_day(one for one in visits if one.is_at_door and one.ends is not None).values():
        for one, other in combinations(sorted(here), 2):
            if one.starts < other.ends and other.starts < one.ends and not one.family & other.family:
                met.setdefault(other.id, set()).add(one.id)
    return [Found("two_places", id_, tuple(sorted(others))) for id_, others in met.items()]


def many_at_once(visits: list[Seen], many: int) -> list[Found]:
    """So many homes within an hour, by when the person came; where that was not written down, by when it was recorded."""
    met: dict[int, set[int]] = {}
    for here in by_person_and_day(one for one in visits if one.is_at_door and not one.is_from_paper).values() if many else ():
        timed = sorted((came_at(one), one.id) for one in here)
        for (first, _id), (last, id_) in zip(timed, timed[many - 1 :], strict=False):
            if last - first <= datetime.timedelta(minutes=HOUR):
                met.setdefault(max(id_ for _at, id_ in timed), set()).update(one for at, one in timed if first <= at <= last)
    return [Found("many_at_once", id_, tuple(sorted(others - {id_}))) for id_, others in met.items()]


def came_at(one: Seen) -> datetime.datetime:
    if one.starts is None:
        return one.written_at
    return datetime.datetime.combine(one.on, datetime.time()) + datetime.timedelta(minutes=one.starts)


def same_words(visits: list[Seen], least: int) -> list[Found]:
    """What somebody wrote freely about pupils of different homes; what was copied from paper, and the short choices, say nothing."""
    written: dict[tuple[str, str], list[Seen]] = {}
    for one in visits if least else ():
        for field, text in () if one.is_from_paper else one.texts:
            if len(words := free_words(text)) >= least:
                written.setdefault((field, words), []).append(one)
    met: dict[int, set[int]] = {}
    for same in written.values():
        last = max(same)
        others = {one.id for one in same if not one.family & last.family}
        if others:
            met.setdefault(last.id, set()).update(others)
    return [Found("same_words", id_, tuple(sorted(others))) for id_, others in met.items()]


def free_words(text: str) -> str:
    """Without the choices that were ticked, and without blanks."""
    return "".join("".join(part for part in text.split(BETWEEN) if part not in CHOICES).split())
