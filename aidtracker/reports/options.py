"""What a report may be asked for: its options, the same at the command line and in the page's address."""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aidtracker.errors import Refused
from aidtracker.orgs.grades import school_year_of
from aidtracker.terms.calendar import school_year_label, term, term_of
from aidtracker.terms.ranges import day_of, refuse_backwards

YEAR = re.compile(r"(\d{4})-(\d{4})")
TERM_CODE = re.compile(r"(\d{4})-(?:spring|autumn)")
YEARS = range(1990, 2101)
LONGEST = datetime.timedelta(days=1100)  # three school years


@dataclass(frozen=True)
class Option:
    """`name` as typed (--from, ?from=), `key` as the report's code calls it."""

    name: str
    key: str
    label: str
    kind: str  # day, year, term or choice: which control the page shows
    parse: Callable[[str], Any]
    default: Callable[[datetime.date], Any]
    choices: tuple[tuple[str, str], ...] = ()  # of a choice: (value, words)

    def shown(self, value) -> str:
        """The value as it would be typed."""
        if self.kind in ("term", "choice"):
            return value
        return school_year_label(value) if self.kind == "year" else value.isoformat()

    def worded(self, text: str) -> str:
        """What was typed, as people call it: 2026年秋季学期 for 2026-autumn."""
        return str(term(text).label) if self.kind == "term" else dict(self.choices).get(text, text)


def year_of(text: str) -> int:
    found = YEAR.fullmatch(text)
    if not found or int(found[2]) != int(found[1]) + 1 or int(found[1]) not in YEARS:
        raise Refused("学年「%(text)s」不对，请写成 2020-2021 这样的两个连续年份。", text=text)
    return int(found[1])


def term_code_of(text: str) -> str:
    found = TERM_CODE.fullmatch(text)
    if not found or int(found[1]) not in YEARS:
        raise Refused("学期「%(text)s」不对，请写成 2021-spring 或 2021-autumn 这样。", text=text)
    return term(text).code


def group_of(text: str) -> str:
    if text not in dict(GROUPS):
        raise Refused("归类「%(text)s」不对，可选 home（户籍）或 school（学校）。", text=text)
    return text


GROUPS = (("home", "户籍乡镇"), ("school", "学校乡镇"))
SCHOOL_YEAR = Option("school-year", "school_year", "学年", "year", year_of, school_year_of)
FIRST = Option("from", "first", "开始日期", "day", day_of, lambda today: today.replace(day=1))
LAST = Option("to", "last", "结束日期", "day", day_of, lambda today: today)
AS_OF = Option("as-of", "as_of", "截至日期", "day", day_of, lambda today: today)

TERM = Option("term", "term", "学期", "term", term_code_of, lambda today: term_of(today).code)
GROUP = Option("group", "group", "归类", "choice", group_of, lambda _today: "home", GROUPS)


def read_options(options, given: dict, today: datetime.date) -> dict:
    """{key: value} of what was typed, with defaults for what was left out. Refused: no date, an impossible range."""
    values = {}
    for option in options:
        text = (given.get(option.name) or "").strip()
        values[option.key] = option.parse(text) if text else option.default(today)
    if LAST in options and FIRST in options:
        check_range(values["first"], values["last"])
    return values


def check_range(first: datetime.date, last: datetime.date) -> None:
    refuse_backwards(first, last)
    if last - first > LONGEST:
        raise Refused("一次最多统计三个学年，请缩短日期范围。")


def typed(options, values: dict) -> dict[str, str]:
    """Values back in the words of the address and of the trail: {'from': '2021-03-29'}."""
    return {option.name: option.shown(values[option.key]) for option in options if option.key in values}
