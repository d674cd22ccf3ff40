"""Mistakes of a phone's scripts that nobody meets who has signal."""

import contextlib
from collections.abc import Iterator

from aidtracker.web import compression
from tests.drills.drill import Bug


def script(old: str, new: str):
    """Every script goes out with `old` replaced, before it is made smaller."""

    @contextlib.contextmanager
    def plant() -> Iterator[None]:
        real = compression.SMALLER["text/javascript"]
        compression.SMALLER["text/javascript"] = lambda content: real(content.replace(old.encode(), new.encode()))
        try:
            yield
        finally:
            compression.SMALLER["text/javascript"] = real

    return plant


def bug(name: str, what: str, plant, rounds: int = 8) -> Bug:
    return Bug("offline", name, what, plant, rounds)


BUGS = (
    bug("numbered anew", "each try has a number of its own", script("id: item.id, kind: content.kind", "id: uuid(), kind: content.kind")),
    bug("dropped when refused", "an item goes when the site does not take it", script('return wait(item, "wait");', 'return db.remove("out", item.id);')),
    bug("any page is a receipt", "a page of a Wi-Fi's owner counts as an answer", script("if (status === 200 && answer.body.number)", "if (status === 200 || !status)")),
    bug("in the clear", "names are kept as they are", script("return root.crypto.subtle.encrypt(", 'root.localStorage && root.localStorage.setItem("x", JSON.stringify(value)); return root.crypto.subtle.encrypt('), 6),
    bug("everybody's", "what waits is sent as whoever is signed in", script("return item.user === me;", "return true;"), 20),
    bug("leaves at once", "signing out asks nobody", script("if (rows.some(isMine)) return", "if (false) return"), 20),
)
