"""Somebody at a page: every click, every field, every file is counted, and what it would take a person."""

import time
from dataclasses import dataclass, field
from pathlib import Path

SECONDS_OF_A_CLICK, SECONDS_OF_A_LETTER, SECONDS_OF_A_FILE = 2.0, 0.4, 10.0  # looking for it included; unpractised


@dataclass
class Hands:
    """The clicks, letters and files of one person, and how long the site let them wait."""

    page: object
    clicks: int = 0
    letters: int = 0
    files: int = 0
    began: float = field(default_factory=time.monotonic)
    took: float = 0

    def click(self, name, role: str = "button", within=None) -> None:
        self.clicks += 1
        (within or self.page).get_by_role(role, name=name).first.click()

    def fill(self, label: str, text: str, exact: bool = False) -> None:
        self.clicks += 1
        self.letters += len(text)
        self.page.get_by_label(label, exact=exact).fill(text)

    def choose(self, label: str, path: Path) -> None:
        self.clicks += 1
        self.files += 1
        self.page.get_by_label(label).set_input_files(path)

    def done(self) -> "Hands":
        self.took = time.monotonic() - self.began
        return self

    @property
    def minutes(self) -> float:
        """Of an unpractised person, the site's own time included."""
        by_hand = self.clicks * SECONDS_OF_A_CLICK + self.letters * SECONDS_OF_A_LETTER + self.files * SECONDS_OF_A_FILE
        return (by_hand + self.took) / 60

    def words(self, who: str) -> str:
        return f"{who}: {self.clicks} clicks, {self.letters} letters, {self.files} files, {self.took:.0f} s of the site, {self.minutes:.1f} minutes"
