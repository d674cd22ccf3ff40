"""User names for people who were given none: pinyin of the name, a dot, the initials of the place."""

import re
from collections.abc import Callable

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
LONGEST_NAME, INITIALS = 40, 4
# create_app puts in how a name is read: a word -> its letters, '' where nobody knows.
how_names_are_read: list[Callable[[str], str]] = []


def spelt(word: str) -> str:
    read = how_names_are_read[0] if how_names_are_read else str
    return re.sub(r"[^a-z0-9]", "", read(word).lower())


def part_of_place(name: str) -> str:
    """双河镇中心小学 -> shzz."""
    return "".join(spelt(letter)[:1] for letter in name[: INITIALS * 3])[:INITIALS]


def new_username(name: str, place: str, taken: set[str]) -> str:
    """wangxiaoming.shzz, else wangxiaoming2.shzz ...; `taken` has it afterwards."""
    stem, part = spelt(name)[:LONGEST_NAME] or "user", part_of_place(place)
    number, tail = 1, f".{part}" if part else ""
    while (found := f"{stem}{number if number > 1 else ''}{tail}") in taken:
        number += 1
    taken.add(found)
    return found
