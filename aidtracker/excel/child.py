"""The process that reads one file: bound first, then it looks. Started by apart.py as `main()`, with the file as standard input."""

import os
import sys
from collections.abc import Iterator
from itertools import islice

from aidtracker.bound import bind
from aidtracker.excel.answers import LAST, said
from aidtracker.excel.limits import BadWorkbook, refuse_damaged
from aidtracker.excel.opening import sheets_of

ROWS = 500  # of one line


def main() -> None:
    name, (memory, seconds, parent) = os.environ["FILE_NAME"], map(int, sys.argv[2:])
    bind(memory, seconds, parent)
    try:
        for answer in answers(sys.stdin.buffer.read(), name):
            tell(answer)
    except BadWorkbook as refused:
        tell({"refused": refused.text, "params": refused.params})


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
