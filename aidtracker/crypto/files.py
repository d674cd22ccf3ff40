"""Sealed files: pieces of one megabyte, each an envelope bound to its file, its place and whether it is the last.

So a file of any size is sealed and sent with little memory, and one that was cut, reordered or mixed with another is refused.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from aidtracker.crypto.drafts import plain_draft
from aidtracker.crypto.envelope import HEADER, NONCE, TAG, Unreadable, kid_of, sealer, unsealer

PIECE = 1024 * 1024
SEALED_PIECE = PIECE + HEADER + NONCE + TAG


def seal_file(place: str, plain: BinaryIO, sealed: BinaryIO, purpose: str = "file") -> None:
    """Reads all of `plain` and writes it sealed; `place` names what the file belongs to, as 'job|<uid>'."""
    seal_now = sealer(purpose)
    for aad, piece in pieces(place, plain, PIECE):
        sealed.write(seal_now(aad, piece))


def unseal_file(place: str, sealed: BinaryIO, purpose: str = "file") -> Iterator[bytes]:
    """The pieces in order; raises Unreadable at the first that was changed, or when the end is missing."""
    unseal_now = unsealer(purpose)
    for aad, piece in pieces(place, sealed, SEALED_PIECE):
        yield unseal_now(aad, piece)


def kid_of_file(path: Path) -> int | None:
    """Number of the key that it was sealed with; None while nothing stands in it."""
    with path.open("rb") as sealed:
        header = sealed.read(HEADER)
    return kid_of(header) if len(header) == HEADER else None


def reseal_file(place: str, path: Path, purpose: str = "file") -> None:
    """Sealed with the key of today, piece by piece, never in the clear; the old file stands until the new one is on the disk."""
    seal_now, unseal_now = sealer(purpose), unsealer(purpose)
    with plain_draft(path.parent) as draft:
        with path.open("rb") as sealed, draft.open("wb") as target:
            for aad, piece in pieces(place, sealed, SEALED_PIECE):
                target.write(seal_now(aad, unseal_now(aad, piece)))
            target.flush()
            os.fsync(target.fileno())
        os.replace(draft, path)


def plain_size(path: Path) -> int:
    """Bytes of the file once opened, for Content-Length."""
    pieces, rest = divmod(path.stat().st_size, SEALED_PIECE)
    overhead = HEADER + NONCE + TAG
    if rest and rest < overhead:
        raise Unreadable("the file was cut")
    return pieces * PIECE + (rest - overhead if rest else 0)


def pieces(place: str, source: BinaryIO, size: int) -> Iterator[tuple[bytes, bytes]]:
    number, piece = 0, source.read(size)
    while True:
        following = source.read(size)
        yield f"{place}|{number}|{'more' if following else 'last'}".encode(), piece
        if not following:
            return
        number, piece = number + 1, following
