"""A finished table: what a report page and the workbook both render, so that their figures agree.

A page walks `header_rows()` (labels with their spans), `shown_rows()` and `shown_totals()`; the
writer takes the values themselves. Both say a number in the same way, through `shown()`.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, NamedTuple

Kind = Literal["text", "long_number", "integer", "decimal", "wan", "percent", "day"]

NUMBER_FORMATS: dict[str, str] = {
    "text": "General",
    "long_number": "@",
    "integer": "#,##0",
    "decimal": "#,##0.00",
    "wan": "#,##0.00####",  # 万元, with as many decimals as it needs to lose nothing
    "percent": "0.00%",
    "day": "yyyy-mm-dd",
}
_PLACES = {"decimal": (2, 2), "wan": (2, 6), "percent": (2, 2)}  # decimals shown: at least, at most
RIGHT_ALIGNED = frozenset(("integer", "decimal", "wan", "percent"))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the table; with children it stands above them, without it is a column.

    `width` counts half-width characters; without it the content decides. A percent's values are
    ratios: 0.9567 is shown as 95.67%.
    """

    label: str
    children: tuple["Heading", ...] = ()
    kind: Kind = "text"
    width: int | None = None

    @property
    def depth(self) -> int:
        return 1 + max((child.depth for child in self.children), default=0)

    def leaves(self) -> list["Heading"]:
        return [leaf for child in self.children for leaf in child.leaves()] if self.children else [self]


class HeaderCell(NamedTuple):
    label: str
    column: int  # from 0
    colspan: int
    rowspan: int


@dataclass(slots=True)
class Table:
    """`organization` is 填报单位; `notes` stand under the table (数据截至, 口径); `signatures` are the blanks to sign."""

    title: str
    headings: Sequence[Heading]
    rows: Iterable[Sequence[Any]] = ()
    totals: Sequence[Any] | None = None
    organization: str = ""
    period: str = ""
    unit: str = ""
    notes: Sequence[str] = ()
    signatures: Sequence[str] = field(default=("填表人：", "审核人：", "单位负责人（盖章）：", "填报日期："))
    sheet_name: str = ""  # default: the title

    @property
    def columns(self) -> list[Heading]:
        return [leaf for heading in self.headings for leaf in heading.leaves()]

    def header_rows(self) -> list[list[HeaderCell]]:
        """The heading lines from top to bottom, each cell with its spans, as HTML wants them."""
        depth = max((heading.depth for heading in self.headings), default=1)
        lines: list[list[HeaderCell]] = [[] for _ in range(depth)]
        _lay_out(self.headings, 0, 0, depth, lines)
        return lines

    def shown_rows(self) -> Iterable[list[str]]:
        kinds = [column.kind for column in self.columns]
        for row in self.rows:
            yield [shown(value, kind) for value, kind in zip(row, kinds, strict=True)]

    def shown_totals(self) -> list[str]:
        kinds = [column.kind for column in self.columns]
        return [shown(value, kind) for value, kind in zip(self.totals or (), kinds, strict=False)]


def _lay_out(headings: Sequence[Heading], level: int, at: int, depth: int, lines: list[list[HeaderCell]]) -> None:
    for heading in headings:
        span = len(heading.leaves())
        lines[level].append(HeaderCell(heading.label, at, span, 1 if heading.children else depth - level))
        _lay_out(heading.children, level + 1, at, depth, lines)
        at += span


def shown(value: Any, kind: str) -> str:
    """A value as the workbook's own number format shows it."""
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    if kind == "integer":
        return f"{value:,}"
    if kind in _PLACES:
        number = Decimal(str(value)) * (100 if kind == "percent" else 1)
        least, most = _PLACES[kind]
        whole, _, decimals = f"{number.quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP):,f}".partition(".")
        return f"{whole}.{decimals[:least]}{decimals[least:].rstrip('0')}" + ("%" if kind == "percent" else "")
    return str(value)
