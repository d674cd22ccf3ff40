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
