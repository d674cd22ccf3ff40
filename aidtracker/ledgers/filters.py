"""What a ledger may be narrowed by: a term, a range of days, a state; the same in the page's address and in the job."""

import dataclasses
import datetime
from collections.abc import Callable, Mapping
from typing import Any

from aidtracker.aid.queries import terms_of
from aidtracker.errors import Refused
from aidtracker.orgs.scopes import Scope
from aidtracker.phrases import Phrase
from aidtracker.terms.calendar import term
from aidtracker.terms.ranges import day_of, refuse_backwards


@dataclasses.dataclass(frozen=True)
class Filter:
    """`name` as it stands in the address, `key` as the ledger's code calls it; '' and None narrow by nothing."""

    name: str
    key: str
    label: str
    kind: str  # day, term or choice: which control the page shows
    default: Callable[[datetime.date], Any] = lambda today: ""
    choices: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def parsed(self, text: str):
        if self.kind == "day":
            return day_of(text)
        if (self.kind == "term" and not is_term(text)) or (self.kind == "choice" and text not in self.choices):
            raise Refused("「%(label)s」没有「%(text)s」这一项，请重新选择。", label=Phrase(self.label), text=text)
        return text

    def shown(self, value) -> str:
        """As it would be typed."""
        return value.isoformat() if isinstance(value, datetime.date) else value or ""


FIRST = Filter("from", "first", "开始日期", "day", lambda today: today.replace(day=1))
LAST = Filter("to", "last", "结束日期", "day", lambda today: today)
ANY_FIRST = dataclasses.replace(FIRST, default=lambda today: None)
ANY_LAST = dataclasses.replace(LAST, default=lambda today: None)
TERM = Filter("term", "term", "学期", "term")


def state_filter(label: str, choices: Mapping[str, str], default: str = "") -> Filter:
    return Filter("state", "state", label, "choice", lambda today: default, choices)


def is_term(code: str) -> bool:
    try:
        return len(code) <= 12 and term(code).code == code
    except ValueError:
        return False


def read_filters(filters: tuple[Filter, ...], given: Mapping, today: datetime.date) -> dict:
    """{key: value} of what was typed. What is left out has its default; what is sent empty narrows by nothing, but a range
    of days that a ledger needs stays one. Refused: no date, no such choice, a range that ends before it begins."""
    values = {}
    for each in filters:
        text = (given.get(each.name) or "").strip()
        is_open = each.kind != "day" and each.name in given
        values[each.key] = each.parsed(text) if text else "" if is_open else each.default(today)
    first, last = values.get("first"), values.get("last")
    if first and last:
        refuse_backwards(first, last)
    return values


def typed(filters: tuple[Filter, ...], values: dict) -> dict[str, str]:
    """Values back in the words of the address and of the trail: {'from': '2021-03-29'}."""
    return {each.name: each.shown(values[each.key]) for each in filters}


def terms_to_choose(scope: Scope) -> list[tuple[str, str]]:
    """(code, label) of the terms that the county has batches of, the newest first."""
    return [(code, term(code).label) for code in terms_of([scope.county.id]) if is_term(code)]
