"""What rooms above attendance know and it does not: filled by create_app."""

from collections.abc import Callable, Collection

what_is_open_for: list[Callable[[Collection[int]], dict[int, int]]] = []  # (student ids) -> {student id: id of the open dropout case}


def open_cases_of(student_ids: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for ask in what_is_open_for:
        found |= ask(student_ids)
    return found
