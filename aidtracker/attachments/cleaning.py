"""From what somebody sends to a photo that may be kept: decoded by a process of its own, whose answer is looked through as well."""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from aidtracker.apart import MEGABYTE, Bounds, reading, start_of
from aidtracker.attachments.jpeg import is_plain
from aidtracker.attachments.limits import LONGEST_SIDE, MOST_BYTES, SMALL_BYTES, TARGET_BYTES, WORDS, BadPicture

START = start_of("attachments.child")
ALLOWED = Bounds(memory=384 * MEGABYTE, cpu=8, wall=24)
LONGEST_HEAD = 500  # bytes
LOOK = 16  # hexadecimal digits
_turns = threading.BoundedSemaphore(2)  # in one process of the site: photos of a whole school must not stop its rolls


class Picture(NamedTuple):
    """What is kept: a JPEG of at most 1,600 pixels, and the same small."""

    content: bytes
    small: bytes
    width: int
    height: int
    look: str


def clean(data: bytes, most: int = TARGET_BYTES) -> Picture:
    """Refused (BadPicture), in words: no JPEG, PNG or WebP, too large, damaged, or its decoder died of it. `most`: bytes that are kept."""
    if not data or len(data) > MOST_BYTES:
        raise BadPicture("large" if data else "empty")
    with _turns, held(data) as file, reading(START, file, ALLOWED, {"TARGET_BYTES": str(most)}) as answer:
        head = head_of(answer.readline(LONGEST_HEAD))
        both = answer.read(most + SMALL_BYTES + 1)
    size, small, width, height, look = (head[name] for name in ("size", "small", "width", "height", "look"))
    is_fit = len(both) == size + small and 0 < size <= most and 0 < small <= SMALL_BYTES
    if not is_fit or not 0 < min(width, height) <= max(width, height) <= LONGEST_SIDE or len(look) != LOOK:
        raise BadPicture("damaged")
    content, thumbnail = both[:size], both[size:]
    if not is_plain(content) or not is_plain(thumbnail):
        raise BadPicture("damaged")
    return Picture(content, thumbnail, width, height, look)


@contextmanager
def held(data: bytes) -> Iterator[IO[bytes]]:
    """As a file that lies on no disk."""
    with os.fdopen(os.memfd_create("photo"), "w+b") as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file


def head_of(line: bytes) -> dict:
    """What the process says of the photo. A process that died said nothing, one that was talked into it says nonsense."""
    try:
        said = json.loads(line)
        if said.get("refused") in WORDS:
            raise BadPicture(said["refused"])
        int(said["look"], 16)
        return {"look": str(said["look"]), **{name: int(said[name]) for name in ("width", "height", "size", "small")}}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadPicture("damaged") from None
