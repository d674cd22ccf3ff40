"""Which names of a query a page looks for: it needs to be asked with those, and with no others."""

import contextlib

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict

EVERY = "*"  # the page walked through all of them


class Watched(ImmutableMultiDict):
    """A query that remembers what somebody looked for in it. to_dict() only hands it on, to the links of the page."""

    looked_for: set[str] = set()  # since it was last emptied

    def __getitem__(self, name):
        self.looked_for.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.looked_for.add(name)
        return super().__contains__(name)

    def get(self, name, *more, **options):
        self.looked_for.add(name)
        return super().get(name, *more, **options)

    def getlist(self, name, *more, **options):
        self.looked_for.add(name)
        return super().getlist(name, *more, **options)

    def __iter__(self):
        self.looked_for.add(EVERY)
        return super().__iter__()

    def keys(self):
        self.looked_for.add(EVERY)
        return super().keys()

    def values(self):
        self.looked_for.add(EVERY)
        return super().values()

    def items(self, multi=False):
        self.looked_for.add(EVERY)
        return super().items(multi)


class WatchedRequest(Request):
    parameter_storage_class = Watched


@contextlib.contextmanager
def watched(app):
    before, app.request_class = app.request_class, WatchedRequest
    yield
    app.request_class = before


def looked_for(ask, among: set[str]) -> tuple:
    """(the answer, those of the names that the page looked for on the way to it)."""
    Watched.looked_for.clear()
    answer = ask()
    return answer, among if EVERY in Watched.looked_for else among & Watched.looked_for
