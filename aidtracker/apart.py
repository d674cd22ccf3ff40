"""A foreign file is looked at by a process of its own, which may hang or die: then only it does.

The process is a fresh interpreter with the modules of its reader and nothing else: no environment, no secrets, no database.
It gets the file as its standard input, and binds itself (bound.py) before it looks at a byte. What it answers is read with suspicion:
nothing that it says can run code here.
"""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

# The package's own __init__ is the roof, which imports every room: it is left off.
START = """
import sys, types
house = types.ModuleType("aidtracker")
house.__path__ = [sys.argv[1]]
sys.modules["aidtracker"] = house
from aidtracker.{reader} import main
main()
"""
HOUSE = str(Path(__file__).resolve().parent)
MEGABYTE = 1024 * 1024


class Bounds(NamedTuple):
    """What one file may cost. The process takes the first two on itself, and waiting ends with the third."""

    memory: int  # bytes of address space
    cpu: int  # seconds
    wall: int


def start_of(reader: str) -> str:
    """What the process runs; `reader` is a module with main(), as excel.child."""
    return START.format(reader=reader)


@contextmanager
def reading(start: str, file: IO[bytes], allowed: Bounds, told: dict[str, str]) -> Iterator[IO[bytes]]:
    """The answers of a process that reads the file; it does not outlive this block. `told` is all of its environment."""
    command = [sys.executable, "-I", "-c", start, HOUSE, str(allowed.memory), str(allowed.cpu), str(os.getpid())]
    surroundings = {"LC_ALL": "C.UTF-8", **told}
    with subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=surroundings) as process:
        over = threading.Timer(allowed.wall, process.kill)
        over.daemon = True
        over.start()
        try:
            yield process.stdout
        finally:
            over.cancel()
            process.kill()
