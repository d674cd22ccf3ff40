"""QR codes as the template draws them: the side of the square and one path, black on white, with the border that readers need."""

from typing import NamedTuple

import segno

BORDER = 2


class QrCode(NamedTuple):
    side: int
    path: str  # of an SVG whose unit is one module


def qr_code(text: str) -> QrCode:
    rows = modules(text)
    path = "".join(f"M{x + BORDER} {y + BORDER}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in runs_of(row))
    return QrCode(len(rows) + 2 * BORDER, path)


def modules(text: str) -> list[bytes]:
    """Rows of modules, 1 where it is dark, without a border."""
    return [bytes(row) for row in segno.make(text, error="m", micro=False).matrix]


def runs_of(row: bytes):
    """(where it begins, how long it is) of each run of dark modules."""
    start = None
    for x, module in enumerate((*row, 0)):
        if module and start is None:
            start = x
        elif not module and start is not None:
            yield start, x - start
            start = None
