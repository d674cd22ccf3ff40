"""Mistakes of a phone's scripts that nobody meets who has signal."""

import contextlib
from collections.abc import Iterator

from aidtracker.web import compression
from tests.drills.drill import Bug


def script(*pairs: str):
    """Every script goes out with old, new, old, new ... replaced, before it is made smaller."""

    def changed(content: bytes) -> bytes:
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            content = content.replace(old.encode(), new.encode())
        return content

    @contextlib.contextmanager
    def plant() -> Iterator[None]:
        real = compression.SMALLER["text/javascript"]
        compression.SMALLER["text/javascript"] = lambda content: real(changed(content))
        try:
            yield
        finally:
            compression.SMALLER["text/javascript"] = real

    return plant


def bug(name: str, what: str, plant, rounds: int = 2) -> Bug:
    return Bug("offline", name, what, plant, rounds)


SEAL = 'return root.crypto.subtle.encrypt({ name: "AES-GCM", iv: iv }, secret, new TextEncoder().encode(JSON.stringify(value)));'
UNSEAL = 'return root.crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, secret, row.box);'
BUGS = (
    bug("numbered anew", "each try has a number of its own", script("post(item.id, content", "post(uuid(), content")),
    bug("dropped when refused", "an item goes when the site does not take it", script('return wait(item, "wait");', 'return db.remove("out", item.id);')),
    bug("any page is a receipt", "a page of a Wi-Fi's owner counts as an answer", script("if (status === 200 && answer.body.number)", "if (status === 200 || !status)")),
    bug("in the clear", "names are kept as they are", script(SEAL, "return new TextEncoder().encode(JSON.stringify(value)).buffer;", UNSEAL, "return row.box;")),
    bug("everybody's", "what waits is sent as whoever is signed in", script("return item.user === me;", "return true;")),
    bug("leaves at once", "signing out asks nobody", script("if (rows.some(isMine)) return", "if (false) return")),
)
# What has to happen for each to show, and over which line; by chance it would take many rounds.
SHOWN_BY = {
    "numbered anew": "visit:lost reload:",
    "dropped when refused": "submit:broken reload:",
    "any page is a receipt": "submit:page reload:",
    "in the clear": "submit:ok",
    "everybody's": "visit:cut stranger:",
    "leaves at once": "submit:cut sign_out:",
}
