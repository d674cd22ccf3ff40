"""Anchors: heads of the chain, noted in a file, so that a tail cut off or a chain made anew with the key shows.

A line is the number of the entry, its mac, and when it was noted. `instance/audit-anchors` gets one a day by itself; it
proves as much as the place where a copy of it is kept.
"""

import datetime
import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

from aidtracker.audit.queries import first_broken_entry, head, macs_of
from aidtracker.db import china_time, utcnow
from aidtracker.errors import Refused

FILE = "audit-anchors"
SHORT = 12  # characters of a mac, as exports carry it; with 8, whoever has the key finds an entry that fits within hours
LINE = re.compile(rf"(\d{{1,9}})[ -]([0-9a-fA-F]{{{SHORT},64}})(?: +(.*))?", re.ASCII)

log = logging.getLogger(__name__)


class Anchor(NamedTuple):
    number: int
    mac: str  # hex, SHORT characters of it at least
    noted: str  # 2026-11-02 08:30:00, the clock on the county's wall

    @property
    def line(self) -> str:
        return f"{self.number} {self.mac} {self.noted}".rstrip()


def present_anchor() -> Anchor:
    """The head as it stands."""
    return Anchor(*head(), f"{china_time(utcnow()):%Y-%m-%d %H:%M:%S}")


def short_anchor() -> str:
    """12345-a1b2c3d4e5f6: what stands on a copy that left the house."""
    number, mac = head()
    return f"{number}-{mac[:SHORT]}"


def append_anchor(path: Path, anchor: Anchor) -> None:
    """Never rewrites what stands there, so that the file may be append-only for the system too (chattr +a)."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{anchor.line}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_anchors(path: Path) -> list[Anchor]:
    """Refused: a line that is none. Also what was typed from an export: 12345-a1b2c3d4e5f6."""
    if not path.exists():
        return []
    found = []
    for n, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        fits = LINE.fullmatch(line.strip())
        if fits:
            found.append(Anchor(int(fits[1]), fits[2].lower(), fits[3] or ""))
        elif line.strip():
            raise Refused("%(file)s 第 %(n)s 行不是留存的校验：应为编号、校验、时间。", file=path.name, n=n)
    return found


def first_unmet(anchors: list[Anchor]) -> Anchor | None:
    """The lowest anchor whose entry is gone or is another one now; None when all are met."""
    macs = macs_of([anchor.number for anchor in anchors])
    return next((anchor for anchor in sorted(anchors) if not macs.get(anchor.number, "").startswith(anchor.mac)), None)


def note_daily(folder: Path, today: datetime.date) -> None:
    """Once a day: looks at what was added since the last anchor, and notes the head."""
    path = folder / FILE
    noted = read_anchors(path)
    last = noted[-1] if noted else Anchor(0, "", "")
    if last.noted.startswith(today.isoformat()) or not head()[0]:
        return
    broken = first_broken_entry(since=last.number)
    if broken is not None:
        log.error("audit: entry %s does not fit; run verify-audit", broken)
    append_anchor(path, present_anchor())
