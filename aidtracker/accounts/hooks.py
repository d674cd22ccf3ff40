"""What rooms below say of somebody who leaves, take over for a successor, and keep of a county's rules; create_app fills these lists."""

from collections.abc import Callable
from typing import NamedTuple

from aidtracker.errors import Refused
from aidtracker.practice import is_practice


class OpenWork(NamedTuple):
    """What somebody leaves open: in words, how much, and what becomes of it."""

    label: str
    count: int
    becomes: str


class Tried(NamedTuple):
    """An account that everybody may sign in with; the sign-in page lists it."""

    username: str
    password: str
    role: str  # its label
    place: str


# Called with the user: OpenWork, in words that can be translated.
when_somebody_leaves: list[Callable] = []
# Called with (user, successor, by) inside the transaction: how much was handed over.
when_work_goes_to_another: list[Callable] = []
# One of them, called with (key of a policy, county's id or None, day): the value that holds.
what_a_county_has_set: list[Callable] = []
# Called without anything: [Tried] of a demo or a practice installation; of a real site none.
who_may_be_tried: list[Callable] = []


def may_be_tried() -> list[Tried]:
    return [each for ask in who_may_be_tried for each in ask()]


def shared_names() -> list[str]:
    """User names that a whole county practises with at once: nobody takes them from the others."""
    return [each.username for each in may_be_tried()] if is_practice() else []


def refuse_shared(user) -> None:
    if user.username in shared_names():
        raise Refused("这是大家共用的练习账号，不能改。请另选一个人练习。")


def open_work(user) -> list[OpenWork]:
    return [work for ask in when_somebody_leaves for work in [ask(user)] if work.count]


def hand_work_over(user, successor, by) -> int:
    return sum(hand(user, successor, by) for hand in when_work_goes_to_another)
