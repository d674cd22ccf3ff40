"""Long lists in pages of 50, and the order that a heading asks for."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import request
from peewee import ModelSelect

PER_PAGE = 50
MAX_PAGE = 100_000  # beyond it an OFFSET no longer fits what databases take


@dataclass(frozen=True)
class Page:
    items: list
    number: int  # from 1
    per_page: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    @property
    def first(self) -> int:
        """Number of the first row shown, 0 on an empty page."""
        return (self.number - 1) * self.per_page + 1 if self.items else 0

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1 if self.items else 0

    def __iter__(self):
        return iter(self.items)

    def __len__(self):
        return len(self.items)


def paginate(query: ModelSelect, page: int | None = None, per_page: int = PER_PAGE, total: int | None = None) -> Page:
    """One page of a query; `page` is taken from ?page= when left out, a page too far is the last one.

    `total` saves the count where the caller knows it.
    """
    count = query.count() if total is None else total
    wanted = page_number() if page is None else page
    number = min(max(1, wanted), max(1, -(-count // per_page)))
    return Page(list(query.paginate(number, per_page)), number, per_page, count)


def page_of(found: list, per_page: int = PER_PAGE) -> Page:
    """One page of what is all there already."""
    number = min(max(1, page_number()), max(1, -(-len(found) // per_page)))
    return Page(found[(number - 1) * per_page : number * per_page], number, per_page, len(found))


def page_number() -> int:
    """?page=, 1 when it is missing or no number."""
    text = request.args.get("page", "")
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdigit() and len(text) < 10 else 1


@dataclass(frozen=True)
class Order:
    key: str
    descending: bool


def order_of(allowed, default: str) -> Order:
    """What ?sort=rate or ?sort=-rate asks for; a key that is not allowed gives the default."""
    asked = request.args.get("sort", default)
    if asked.removeprefix("-") not in allowed:
        asked = default
    return Order(asked.removeprefix("-"), asked.startswith("-"))


def url_with(**changes) -> str:
    """This page's address with other query values; None takes one out, and the page number starts anew."""
    values = request.args.to_dict(flat=False)
    if "page" not in changes:
        values.pop("page", None)
    values.update({name: [value] for name, value in changes.items()})
    pairs = [(name, value) for name, found in values.items() for value in found if value is not None]
    here = quote(request.script_root + request.path)
    return f"{here}?{urlencode(pairs)}" if pairs else here
