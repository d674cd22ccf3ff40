"""What a sheet should hold: its columns by heading, and how a heading is recognised."""

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property

from aidtracker.excel.cells import Parser, text

_MARKS = re.compile(r"[★☆*＊\s\u200b-\u200f\u2060\ufeff\u00ad]+")


def heading_label(heading: object) -> str:
    """A heading as problems and notices name it: without ★ and spaces."""
    return _MARKS.sub("", str(heading))


def heading_key(heading: object) -> str:
    """What two ways of writing one heading have in common: width of brackets and letters does not count."""
    return unicodedata.normalize("NFKC", heading_label(heading)).casefold()


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an import: `required` speaks of the heading (★), `value_required` of every cell."""

    key: str
    heading: str
    parse: Parser = text
    required: bool = False
    value_required: bool = False
    aliases: tuple[str, ...] = ()
    hint: str = ""  # how to fill it, for the blank workbook
    example: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """The words that a choice offers."""
        return getattr(self.parse, "labels", ())


@dataclass(frozen=True)
class SheetSpec:
    """One kind of sheet. Without a name it is any sheet that has the headings.

    A row in which every column of `row_identity` is blank is no row: blank lines, footers. Of the columns
    `either` one heading is enough, and one must be there.
    """

    name: str | None
    columns: tuple[Column, ...]
    row_identity: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    free: str = ""  # a pattern of headings, without spaces, that the importing room reads by itself

    def is_free(self, key: str) -> bool:
        return bool(self.free) and re.fullmatch(self.free, key) is not None

    @cached_property
    def by_heading(self) -> dict[str, Column]:
        """Canonical headings win over aliases."""
        aliases = {heading_key(alias): column for column in self.columns for alias in column.aliases}
        return aliases | {heading_key(column.heading): column for column in self.columns}

    def with_headings(self, meant: dict[str, str]) -> "SheetSpec":
        """The same with words of the sender's own: {heading: key of the column that it means}."""
        if not meant:
            return self
        added = {column.key: tuple(heading for heading, key in meant.items() if key == column.key) for column in self.columns}
        columns = tuple(replace(column, aliases=column.aliases + added[column.key]) for column in self.columns)
        return replace(self, columns=columns)

    def missing_headings(self, present) -> list[str]:
        """What a sheet with the columns `present` (keys) lacks; of those in `either` all are named, as 甲或乙."""
        found = [column.heading for column in self.columns if column.required and column.key not in present]
        if self.either and not set(self.either) & set(present):
            found.append("或".join(column.heading for column in self.columns if column.key in self.either))
        return found
