"""Every page that somebody can reach from the menu: for the test of all pages, and for pictures of them.

Links are followed as a person would, at most a few objects of each kind of address. Of what was found, `worth_a_look`
keeps few pages that together show whatever pages of the same endpoint show: every kind of place, every role's buttons.
"""

import re
from collections import Counter
from html import unescape
from typing import NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

FROM_A_PAGE, IN_ALL = 2, 3  # of one kind of address, as pupils or schools, that many are followed
OF_AN_ENDPOINT = 12  # as many of one that has a kind for each word, as the rules of a county
SAME_PAGE = {"page", "sort", "order", "next"}  # in a query: the same page once more
PART = re.compile(r'<(\w+)(?=[\s>])(?:[^<>]*?\s(?:class="([^"]*)"))?')
FIELD = re.compile(r'<(?:input|select|textarea)[^<>]*?\sname="([^"]*)"')


class Page(NamedTuple):
    endpoint: str
    address: str
    parts: frozenset  # what it is made of: elements with their classes, fields with their names


class Crawler:
    """One person's way through the site. `get` fetches an address: (status, content type, text, address where it ended)."""

    def __init__(self, url_map, get):
        self.matching, self.get = url_map.bind("127.0.0.1"), get
        self.endpoints: set[str] = set()
        self.broken: list[str] = []

    def pages(self, start: list[str]) -> list[Page]:
        found, waiting, known, followed = [], list(start), set(start), Counter()
        while waiting:
            address = waiting.pop(0)
            page, links = self.open(address)
            found += [page] if page else []
            for link in links:
                kind = self.kind_of(link)
                if kind and link not in known and self.is_followed(followed, kind, address):
                    followed.update([kind[0], kind, (address, kind)])
                    known.add(link)
                    waiting.append(link)
        return found

    def is_followed(self, followed: Counter, kind: tuple, address: str) -> bool:
        return followed[kind] < IN_ALL and followed[address, kind] < FROM_A_PAGE and followed[kind[0]] < OF_AN_ENDPOINT

    def open(self, address: str) -> tuple[Page | None, list[str]]:
        self.endpoints.add(self.endpoint_of(address))
        status, mimetype, text, ended_at = self.get(address)
        if status >= 400:
            self.broken.append(f"{status} {address}")
        if status >= 400 or mimetype != "text/html":
            return None, []
        endpoint = self.endpoint_of(ended_at)
        self.endpoints.add(endpoint)
        main = text.partition("<main")[2].partition("</main>")[0]
        return Page(endpoint, address, frozenset(PART.findall(main) + FIELD.findall(main))), links_in(text, ended_at)

    def endpoint_of(self, address: str) -> str:
        return (self.kind_of(address) or ("",))[0]

    def kind_of(self, address: str) -> tuple | None:
        """What addresses of the same sort share: endpoint, words in the path, names in the query. None when it leads nowhere."""
        parts = urlsplit(address)
        try:
            endpoint, values = self.matching.match(parts.path, "GET")
        except (HTTPException, RequestRedirect):
            return None
        words = tuple(value for value in values.values() if isinstance(value, str) and not re.search(r"\d", value))
        names = {name for name, value in parse_qsl(parts.query) if value} - SAME_PAGE
        return None if endpoint == "static" else (endpoint, words, tuple(sorted(names)))


def links_in(text: str, base: str) -> list[str]:
    """Addresses of the site, without what stands behind the #."""
    found = []
    for href in re.findall(r'<a\s[^>]*?href="([^"]+)"', text):
        parts = urlsplit(urljoin(base, unescape(href)))
        if parts.netloc == urlsplit(base).netloc and parts.scheme in ("http", "https", ""):
            found.append(parts.path + ("?" + parts.query if parts.query else ""))
    return list(dict.fromkeys(found))


class Look(NamedTuple):
    page: Page
    is_first: bool  # of its endpoint
    is_colourful: bool  # shows a part that no page at all has shown before


def worth_a_look(pages: list[Page]) -> list[Look]:
    """Those of which each shows a part that none before it of the same endpoint has: the richest first."""
    shown: dict[str, set] = {}
    anywhere, chosen = set(), []
    for page in sorted(pages, key=lambda page: len(page.parts), reverse=True):
        before = shown.setdefault(page.endpoint, set())
        if page.parts - before:
            chosen.append(Look(page, not before, bool(page.parts - anywhere)))
            before |= page.parts
            anywhere |= page.parts
    return chosen
