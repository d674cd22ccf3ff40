"""What a room above says on the first page; create_app fills the list."""

from collections.abc import Callable
from typing import Any

# Called with (user, instance folder): the next step of a place that is still being set up, or None; the first answer counts.
what_comes_next: list[Callable] = []


def next_step(user, instance) -> Any:
    return next((found for ask in what_comes_next for found in [ask(user, instance)] if found), None)
