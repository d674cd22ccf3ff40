"""What only one process of an installation may do at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aidtracker.errors import Refused


@contextmanager
def the_only_one(instance: Path, name: str, refused: Refused) -> Iterator[None]:
    """Holds `instance/NAME.lock`; raises `refused` while another process does."""
    descriptor = os.open(Path(instance) / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise refused from None
        yield
    finally:
        os.close(descriptor)
