"""Who sat where, kept by hand beside the product: what a registry must say on any day."""

import copy
import datetime

ONE_DAY = datetime.timedelta(days=1)


class Book:
    """{pupil: [[class, first day, last day or None], ...]}."""

    def __init__(self):
        self.spells: dict[int, list[list]] = {}

    def sits(self, pupil: int) -> int | None:
        spells = self.spells.get(pupil, [])
        return spells[-1][0] if spells and spells[-1][2] is None else None

    def comes(self, pupil: int, room: int, day: datetime.date) -> None:
        """Out of the class before, on the evening before; who came in on this very day was meant for here."""
        spells = self.spells.setdefault(pupil, [])
        if spells and spells[-1][2] is None and spells[-1][1] == day:
            spells[-1][0] = room
            return
        if self.sits(pupil) is not None:
            self.goes(pupil, day - ONE_DAY)
        spells.append([room, day, None])

    def goes(self, pupil: int, last: datetime.date) -> None:
        self.spells[pupil][-1][2] = last

    def copy_of(self, pupils) -> dict[int, list[list]]:
        return {pupil: copy.deepcopy(self.spells.get(pupil, [])) for pupil in pupils}

    def on(self, day: datetime.date) -> dict[int, set[int]]:
        """{class: pupils}."""
        found: dict[int, set[int]] = {}
        for pupil, spells in self.spells.items():
            for room, first, last in spells:
                if first <= day and (last is None or day <= last):
                    found.setdefault(room, set()).add(pupil)
        return found

    def turns(self, first: datetime.date, last: datetime.date) -> set[datetime.date]:
        """The days between them on which somebody came or sat for the last time."""
        found = {day for spells in self.spells.values() for _room, *days in spells for day in days if day}
        return {day for day in found if first <= day <= last}

    def inside(self, rooms) -> list[int]:
        return sorted(pupil for pupil in self.spells if self.sits(pupil) in rooms)


def corrected(old: list, was: list, now: list) -> list:
    """A spell says something else; what touched it still does. A page of before, where the spell was open, keeps it open."""
    found = copy.deepcopy(old)
    number = next((n for n, spell in enumerate(found) if spell[:2] == was[:2]), None)
    if number is None:
        return found
    (_room, first, last), before, after = was, found[number - 1] if number else None, found[number + 1] if number + 1 < len(found) else None
    if before and before[2] == first - ONE_DAY:
        before[2] = now[1] - ONE_DAY
    if after and last and after[1] == last + ONE_DAY:
        after[1] = now[2] + ONE_DAY
    found[number] = [*now[:2], now[2] if found[number][2] else None]
    return found


def joined(old: list, theirs: list, mine: list) -> list:
    """The spells of another record that lie over none of `mine` come along."""
    free = [spell for spell in theirs if not any(crosses(spell, each) for each in mine)]
    return sorted(copy.deepcopy(old + free), key=lambda spell: spell[1])


def crosses(one: list, other: list) -> bool:
    return (other[2] is None or one[1] <= other[2]) and (one[2] is None or other[1] <= one[2])


def roster_change(spells: list, room: int, first: datetime.date, modes: dict) -> tuple[str, list]:
    """What a roster of the year that begins on `first` makes of these spells, and of which of them; the roster names no mode."""
    there = next((spell for spell in spells if spell[1] <= first and (spell[2] is None or spell[2] >= first)), None)
    later = [spell for spell in spells if spell[1] > first]
    if there is None:
        same = bool(later) and later[0][0] == room and modes[later[0][1]] == "day"
        return ("extend" if same else "precede" if later else "follow"), (later or [[]])[0]
    if there[0] == room:
        return "", there
    return ("correct" if there[1] == first else "follow" if there[2] is None else ""), there


def rostered(old: list, kind: str, spell: list, room: int, first: datetime.date) -> list:
    """`spell` as roster_change named it."""
    found = copy.deepcopy(old)
    for each in found:
        if kind == "extend" and each[:2] == spell[:2]:
            each[1] = first
        if kind == "correct" and each[:2] == spell[:2]:
            each[0] = room
    return sorted([*found, [room, first, spell[1] - ONE_DAY]], key=lambda each: each[1]) if kind == "precede" else found
