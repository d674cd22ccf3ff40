"""A file is read by a process of its own, which may hang or die: then only it does, and the sender reads one clear line.

The process is a fresh interpreter with the modules of the reader and nothing else: no environment, no secrets, no database.
It gets the file as its standard input, binds itself before it looks at a byte (child.py), and answers in lines of JSON:
nothing that it says can run code here.
"""

import datetime
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

from aidtracker.excel.answers import understood
from aidtracker.excel.limits import MAX_UNPACKED, BadWorkbook, refuse_unread

# The package's own __init__ is the roof, which imports every room: it is left off.
START = """
import sys, types
house = types.ModuleType("aidtracker")
house.__path__ = [sys.argv[1]]
sys.modules["aidtracker"] = house
from aidtracker.excel.child import main
main()
"""
HOUSE = str(Path(__file__).resolve().parent.parent)
MEGABYTE = 1024 * 1024
MOST_SAID = 2 * MAX_UNPACKED
SCALARS = frozenset((str, int, float, bool, datetime.date, datetime.datetime))


class Bounds(NamedTuple):
    """What one file may cost, in proportion to its size. The process takes the first two on itself, and waiting ends with the third."""

    memory: int  # bytes of address space
    cpu: int  # seconds
    wall: int


def bounds(size: int) -> Bounds:
    megabytes = size // MEGABYTE
    cpu = 8 + 4 * megabytes  # a megabyte of roster takes a fifth of a second, and a slow machine is ten times slower
    return Bounds(min(256 + 32 * megabytes, 768) * MEGABYTE, cpu, 3 * cpu)


def command(allowed: Bounds) -> list[str]:
    return [sys.executable, "-I", "-c", START, HOUSE, str(allowed.memory), str(allowed.cpu), str(os.getpid())]


def lines_of(file: IO[bytes], size: int, name: str) -> Iterator[str | list[list[Any]]]:
    """The name of a sheet, then its rows by the hundred; BadWorkbook as soon as the file turns out to be none."""
    with reading(file, name, bounds(size)) as answers:
        left = MOST_SAID
        while line := answers.readline(left):
            left -= len(line)
            match checked(line):
                case {"sheet": str(sheet)}:
                    yield sheet
                case [_, *_] as rows:
                    yield rows
                case {"refused": str(text), "params": dict(params)}:
                    raise refusal(text, params, name)
                case {"end": True}:
                    return
                case _:
                    break
    refuse_unread(name)


@contextmanager
def reading(file: IO[bytes], name: str, allowed: Bounds) -> Iterator[IO[bytes]]:
    """The answers of a process that reads the file; it does not outlive this block."""
    told = {"LC_ALL": "C.UTF-8", "FILE_NAME": name}
    with subprocess.Popen(command(allowed), stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=told) as process:
        over = threading.Timer(allowed.wall, process.kill)
        over.daemon = True
        over.start()
        try:
            yield process.stdout
        finally:
            over.cancel()
            process.kill()


def checked(line: bytes) -> object:
    """What a line says; None when no honest reader would say it."""
    try:
        said = understood(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, list):
        return said
    is_table = set(map(type, said)) == {list} and len(set(map(len, said))) == 1 and SCALARS.issuperset(map(type, chain.from_iterable(said)))
    return said if is_table else None


def refusal(text: str, params: dict, name: str) -> BadWorkbook:
    try:
        return BadWorkbook(text, **params | {"name": name})
    except (TypeError, ValueError, KeyError):  # the words and the values do not fit
        refuse_unread(name)
