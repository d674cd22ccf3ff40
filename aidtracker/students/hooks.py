"""What rooms above say when something is to be undone: create_app fills the list."""

from collections.abc import Callable

# Called with (ids of pupils, ids of the classes that they came into, first day of their new spells, since when it stands):
# what was written meanwhile and hangs on those spells, in words, or None.
what_hangs_on_spells: list[Callable] = []


def hanging_on(student_ids: list[int], class_ids: list[int], day, since) -> list:
    return [words for ask in what_hangs_on_spells if (words := ask(student_ids, class_ids, day, since))]
