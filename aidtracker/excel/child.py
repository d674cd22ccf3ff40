"""The process that reads one file: bound first, then it looks. Started by apart.py as `main()`, with the file as standard input."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from itertools import islice

from aidtracker.excel.answers import LAST, said
from aidtracker.excel.limits import BadWorkbook, refuse_damaged
from aidtracker.excel.opening import sheets_of

ROWS = 500  # of one line
PR_SET_PDEATHSIG = 1


def main() -> None:
    name, (memory, seconds, parent) = os.environ["FILE_NAME"], map(int, sys.argv[2:])
    bind(memory, seconds, parent)
    try:
        for answer in answers(sys.stdin.buffer.read(), name):
            tell(answer)
    except BadWorkbook as refused:
        tell({"refused": refused.text, "params": refused.params})


def bind(memory: int, seconds: int, parent: int) -> None:
    """No more memory and time than this, no core, no file written, no further process; and the end when the parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        sys.exit(1)
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))


def answers(data: bytes, name: str) -> Iterator[object]:
    try:
        for sheet, rows in sheets_of(data, name):
            yield {"sheet": sheet}
            while some := list(islice(rows, ROWS)):
                yield some
        yield LAST
    except (BadWorkbook, MemoryError):
        raise
    except BaseException as error:
        # calamine's panics derive from BaseException.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            refuse_damaged(name)
        raise


def tell(answer: object) -> None:
    sys.stdout.buffer.write(said(answer))
