"""Tables: the same header spans and the same figures for the page and for the workbook."""

import datetime
from decimal import Decimal

import pytest

from aidtracker.excel.tables import HeaderCell, Heading, Table, shown

TERM = (Heading("人数", kind="integer"), Heading("金额", (Heading("1类", kind="wan"), Heading("2类", kind="wan"))))


def test_header_rows_span_downwards_and_across():
    table = Table("表", [Heading("学段"), Heading("春季", TERM)])
    assert table.header_rows() == [
        [HeaderCell("学段", 0, 1, 3), HeaderCell("春季", 1, 3, 1)],
        [HeaderCell("人数", 1, 1, 2), HeaderCell("金额", 2, 2, 1)],
        [HeaderCell("1类", 2, 1, 1), HeaderCell("2类", 3, 1, 1)],
    ]
    assert [column.label for column in table.columns] == ["学段", "人数", "1类", "2类"]


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1234567, "integer", "1,234,567"), (Decimal("7949787.5"), "decimal", "7,949,787.50"), (0.125, "decimal", "0.13"),
        (Decimal("794.97875"), "wan", "794.97875"), (Decimal("67.3"), "wan", "67.30"), (0, "wan", "0.00"), (Decimal("0.95675"), "percent", "95.68%"),
        (1, "percent", "100.00%"), (datetime.date(2021, 3, 1), "day", "2021-03-01"), (None, "integer", ""), ("—", "decimal", "—"), ("991524201210030021", "long_number", "991524201210030021"),
    ],
)  # fmt: skip
def test_shown(value, kind, expected):
    assert shown(value, kind) == expected


def test_shown_rows_and_totals():
    table = Table("表", [Heading("学校"), Heading("金额", kind="decimal")], [("甲", Decimal("1.5"))], totals=("合计", Decimal("1.5")))
    assert list(table.shown_rows()) == [["甲", "1.50"]]
    assert table.shown_totals() == ["合计", "1.50"]
