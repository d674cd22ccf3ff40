"""The door of the keyring: whoever works with keys goes in by it, and a rotation waits for those who went in before.

A unit of work (a request, a job, a command) holds a shared lock on the file `instance/keys.door` from its first key to its
last write. A rotation puts a new file in its place: who comes later goes in by the new door and reads the keys anew, and
once the old file is free, nobody is left who seals with the keys of before. While keyed indexes are rewritten the new door
stays shut. Locks of the kernel, so that a process that was killed holds nobody up. Hosts that share a PostgreSQL database
share the instance folder as well.
"""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

LOOK_SECONDS = 0.02

Door = tuple[int, int]  # which file it was: its number, which may come again, and when it was made


def door_path(instance: Path) -> Path:
    return Path(instance) / "keys.door"


def go_in(instance: Path) -> tuple[int, Door]:
    """(descriptor to be closed at the end, which door it was); waits only while indexes are rewritten."""
    path = door_path(instance)
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            mine = _which(os.fstat(descriptor))
            if mine == door_now(instance):
                return descriptor, mine
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # it was replaced a moment ago


def door_now(instance: Path) -> Door | None:
    try:
        return _which(os.stat(door_path(instance)))
    except FileNotFoundError:
        return None


def _which(found: os.stat_result) -> Door:
    return found.st_ino, found.st_mtime_ns


@contextmanager
def new_door(instance: Path, *, shut: bool) -> Iterator[Callable[[float], bool]]:
    """Puts a new door in place; yields wait(seconds) -> whether everybody who came by the old one has left.

    `shut`: whoever comes waits until the block ends.
    """
    path = door_path(instance)
    old = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    new = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if shut:
            fcntl.flock(new, fcntl.LOCK_EX)
        os.replace(draft, path)
        yield lambda seconds: _is_left(old, seconds)
    finally:
        os.close(old)
        os.close(new)


def _is_left(descriptor: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_SECONDS)
