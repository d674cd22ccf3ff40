"""One step on the way from an empty database to the first roll."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aidtracker.phrases import Phrase

SHOWN = 10  # of what is missing; the rest is a number


class Missing(NamedTuple):
    """Places that lack something: how many, and the first of them as (id, name)."""

    label: str
    count: int
    places: list[tuple[int, str]]


@dataclass(frozen=True)
class Step:
    """`is_begun` and `is_done` are counted from the data; nobody ticks anything off. What is optional works without."""

    key: str
    title: str
    about: str
    facts: Phrase
    is_begun: bool
    is_done: bool
    missing: list[Missing] = field(default_factory=list)
    kind: str = ""  # of the workbook that brings it in
    is_optional: bool = False

    @property
    def state(self) -> str:
        return "done" if self.is_done else "begun" if self.is_begun else "todo"


class Following(NamedTuple):
    """The next step of a place, and how far its road has come."""

    place: Any
    step: Step
    done: int
    whole: int


def lacking(label: str, rows: list[tuple[int, str]]) -> list[Missing]:
    """At most one: nothing is missing where no place is named."""
    return [Missing(label, len(rows), rows[:SHOWN])] if rows else []
