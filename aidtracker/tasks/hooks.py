"""What the rooms that ask for tasks know of them; create_app fills the list."""

from collections.abc import Callable, Collection
from typing import NamedTuple


class About(NamedTuple):
    """Whom or what a task is about: a pupil, or a class (student_id None), and where."""

    name: str
    place: str
    student_id: int | None
    of_case: bool = False  # it is done on the page of the child's case
    sealed_id: int | None = None  # of a sealed case, of which its number alone is told: the bureau may overrule the seal


# Called with (user, ids of tasks): {task id: About}, of what the user may see.
what_tasks_are_about: list[Callable] = []

# Called with (id of a person): a query of the ids of tasks of which that person may not know.
which_tasks_are_hidden: list[Callable] = []

# Called with (ids of pupils, by): the look is put on record before the page is made.
when_a_pupils_task_is_shown: list[Callable] = []


def pupil_is_shown(student_id: int, by) -> None:
    for look in when_a_pupils_task_is_shown:
        look(ids=[student_id], by=by)


def about_tasks(user, task_ids: Collection[int]) -> dict[int, About]:
    found: dict[int, About] = {}
    for ask in what_tasks_are_about:
        found |= ask(user, task_ids)
    return found
