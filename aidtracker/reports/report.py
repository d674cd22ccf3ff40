"""Report: one family of figures, with its table, its cards and its charts; each family is a module of its own."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

from aidtracker.attendance.pictures import Chart
from aidtracker.db import utcnow
from aidtracker.excel.tables import Table
from aidtracker.orgs.scopes import Scope
from aidtracker.permissions import Permission
from aidtracker.phrases import Phrase
from aidtracker.reports.options import Option

MONTHS = tuple(Phrase(f"{month}月") for month in range(1, 13))


class Card(NamedTuple):
    """A figure on top of the page; `note` says what it was reckoned from, `state` is (ok, warn or bad, words) or None.

    Its words are for `said`.
    """

    label: str
    figure: str
    note: str = ""
    state: tuple[str, str] | None = None
    href: str = ""


class NameList(NamedTuple):
    """A list of pupils or children under the figures: whole in the workbook, its beginning on the page.

    `count` is how many there are in all; `links` one for each row shown: the id of a pupil, or None; `opens` is the page
    of a pupil that they lead to, `head` the column that names the pupil.
    """

    name: str  # of its place on the page
    table: Table
    count: int
    links: list[int | None]
    opens: str = "students.show_student"
    head: int = 1
    nothing: str = Phrase("没有这样的孩子。")
    workbench: dict[str, str] | None = None  # what the page of the comparison is asked for, that shows it child by child


@dataclass(frozen=True)
class Report:
    """
    `sums(scope, **options)` gives the figures without persons, as JSON holds them (keys that begin with _ stay inside);
    `tables(figures)` what page and workbook both show. `reveal(figures, may_see_whole)` adds what names persons, for the
    command line alone, and returns how many; `lists(user, scope, figures, most)` name them to whoever may see pupils, each
    list cut to `most` rows, whole when it is None.
    """

    name: str
    title: str  # 学生出勤情况
    word: str  # in file names: 出勤
    summary: str  # what it says, on the list of reports
    permission: Permission
    options: tuple[Option, ...]
    sums: Callable[..., dict]
    tables: Callable[[dict], list[Table]]
    cards: Callable[[dict], list[Card]]
    charts: Callable[..., list[Chart]]
    reveal: Callable[..., int] | None = None
    lists: Callable[..., list[NameList]] | None = None
    class_page: str = "attendance.show_history"  # where a line of a class leads those who see pupils
    lines: tuple[str, ...] = ("rows",)  # which of the figures the lines of each table are
    nothing: str = "这里还没有可以统计的单位。请先导入学校和学生。"


def head_of(scope: Scope) -> dict:
    """Of what place the figures are, and when they were summed."""
    place = {"code": scope.place.code, "name": scope.place.name, "kind": scope.place.kind}
    made_at = utcnow().isoformat(timespec="seconds")
    return {"county": scope.county.code, "county_name": scope.county.name, "place": place, "made_at": made_at}


def public(figures: dict) -> dict:
    """What leaves the house."""
    return {name: value for name, value in figures.items() if not name.startswith("_")}


def ratio(part: int, whole: int) -> float | None:
    """Four decimals; short of whole is never rounded to whole, nor something to nothing."""
    if not whole:
        return None
    rounded = round(part / whole, 4)
    return min(max(rounded, 0.0001), 0.9999) if 0 < part < whole else rounded


def width_for(largest: int, least: int = 6) -> int:
    """Of a column of numbers, in half-width characters: so narrow that a county's townships stand upright on A4."""
    return max(least, len(f"{largest:,}") + 1)


def long_day(on: datetime.date) -> Phrase:
    return Phrase("%(year)s年%(month)s%(day)s日", year=on.year, month=MONTHS[on.month - 1], day=on.day)


def period_of(first: datetime.date, last: datetime.date) -> Phrase:
    """2021年3月29日至4月12日."""
    if first == last:
        return long_day(first)
    short = Phrase("%(month)s%(day)s日", month=MONTHS[last.month - 1], day=last.day)
    return Phrase("%(first)s至%(last)s", first=long_day(first), last=long_day(last) if first.year != last.year else short)


def and_others(names: Sequence[str], most: int = 8) -> str:
    """甲、乙等 12 个 when there are more than fit."""
    said = reduce(lambda before, name: Phrase("%(before)s、%(next)s", before=before, next=name), names[:most])
    return said if len(names) <= most else Phrase("%(names)s等 %(n)s 个", names=said, n=len(names))
