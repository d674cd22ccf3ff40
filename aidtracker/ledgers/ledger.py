"""Ledger: a wide list as data: its name, title, columns, filters, and how its lines are found."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from aidtracker.excel.tables import Kind
from aidtracker.ledgers.filters import Filter
from aidtracker.permissions import Permission


class Column(NamedTuple):
    """`label` is the heading of the county's own form; `key` stays when a county renames it; `is_long` holds sentences."""

    key: str
    label: str
    kind: Kind = "text"
    is_long: bool = False


NUMBER = Column("number", "序号", "integer")  # first in every ledger; counted, never read


@dataclass(frozen=True)
class Ledger:
    """
    `parts(reading)` are selects of keys (an id, or two), in the order of the ledger and each small enough to be sorted in
    memory; together they are the ledger. `lines(reading, keys)` gives {key: values in the order of `columns`} of some of
    them; `head` is the column that names the line.
    """

    name: str
    title: str  # 受助学生名单
    summary: str  # what stands in it, on the list of ledgers
    permissions: tuple[Permission, ...]  # all of them, beside LEDGER_EXPORT
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...]
    parts: Callable[..., Iterable[Any]]
    lines: Callable[..., dict[tuple, tuple]]
    head: str = "name"
    is_of_cases: bool = False  # says how many sealed ones it leaves out, to who may look in need

    @property
    def headings(self) -> list[str]:
        return [NUMBER.label, *(column.label for column in self.columns)]

    @property
    def kinds(self) -> list[Kind]:
        return [NUMBER.kind, *(column.kind for column in self.columns)]

    @property
    def head_index(self) -> int:
        return [column.key for column in self.columns].index(self.head)
