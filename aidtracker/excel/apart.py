"""A workbook is read by a process of its own (aidtracker/apart.py): when that hangs or dies, the sender reads one clear line.

It answers in lines of JSON.
"""

import datetime
from collections.abc import Iterator
from itertools import chain
from typing import IO, Any

from aidtracker.apart import MEGABYTE, Bounds, reading, start_of
from aidtracker.excel.answers import understood
from aidtracker.excel.limits import MAX_UNPACKED, BadWorkbook, refuse_unread

START = start_of("excel.child")
MOST_SAID = 2 * MAX_UNPACKED
SCALARS = frozenset((str, int, float, bool, datetime.date, datetime.datetime))


def bounds(size: int) -> Bounds:
    """In proportion to the size of the file."""
    megabytes = size // MEGABYTE
    cpu = 8 + 4 * megabytes  # a megabyte of roster takes a fifth of a second, and a slow machine is ten times slower
    return Bounds(min(256 + 32 * megabytes, 768) * MEGABYTE, cpu, 3 * cpu)


def lines_of(file: IO[bytes], size: int, name: str) -> Iterator[str | list[list[Any]]]:
    """The name of a sheet, then its rows by the hundred; BadWorkbook as soon as the file turns out to be none."""
    with reading(START, file, bounds(size), {"FILE_NAME": name}) as answers:
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
