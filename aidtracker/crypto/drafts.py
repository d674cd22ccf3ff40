"""Drafts: files in the clear while somebody reads or writes them, and hardly longer than the process that does."""

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

YOUNG_SECONDS = 60  # made a moment ago: its lock may not be taken yet


@contextmanager
def plain_draft(folder: Path, suffix: str = "") -> Iterator[Path]:
    """A new file for its owner only, locked as long as this process lives, and deleted at the end."""
    path = folder / f"draft-{secrets.token_hex(16)}{suffix}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def forget_drafts(folder: Path) -> None:
    """Deletes those that a process left which was killed: nobody holds their lock."""
    for draft in folder.glob("draft-*"):
        with suppress(FileNotFoundError, BlockingIOError), draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file.fileno()).st_mtime < time.time() - YOUNG_SECONDS:
                draft.unlink()
