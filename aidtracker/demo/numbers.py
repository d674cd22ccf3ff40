"""Invented numbers: IDs whose area code begins with 99 and so belong to nobody, and phones that cannot ring."""

import datetime
import random

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


class Numbers:
    """Draws numbers, each ID once; two who draw begin at sequence numbers of their own."""

    def __init__(self, rng: random.Random, first: int = 10):
        self.rng, self.first, self.taken = rng, first, {}

    def resident_id(self, area: str, born_on: datetime.date, sex: str) -> str:
        """Area, birthday, the next free sequence number (odd for boys), check digit."""
        stem = f"{area}{born_on:%Y%m%d}"
        number = self.taken.get((stem, sex), self.first + (sex == "M")) + 2 * self.rng.randint(1, 4)
        self.taken[stem, sex] = number
        return with_check(f"{stem}{number:03}")

    def phone(self) -> str:
        return f"100{self.rng.randrange(10**8):08}"


def with_check(digits: str) -> str:
    """The 17 digits and the check digit of GB 11643."""
    return digits + CHECK[sum(int(d) * w for d, w in zip(digits, WEIGHTS, strict=True)) % 11]


def with_wrong_check(id_number: str) -> str:
    """As a clerk mistypes it: the last character is another one."""
    return id_number[:17] + CHECK[(CHECK.index(id_number[17]) + 3) % 11]
