"""The lines of a ledger: how many, a page of them, or all as a one-way stream.

Keys are read in order, part by part, and the lines of some hundred keys at a time: memory does not grow with the ledger.
"""

from collections.abc import Iterator

import peewee

from aidtracker.db import CHUNK
from aidtracker.ledgers.ledger import Ledger
from aidtracker.ledgers.reading import Reading


def count(ledger: Ledger, reading: Reading) -> int:
    return sum(size_of(part, reading) for part in ledger.parts(reading))


def size_of(part, reading: Reading) -> int:
    inner = part.order_by().alias("keys")
    return reading.read(peewee.Select([inner], [peewee.fn.COUNT(peewee.SQL("*"))]).bind(part._database)).fetchone()[0]


def rows(ledger: Ledger, reading: Reading) -> Iterator[tuple]:
    """Every line, numbered from 1, in the order of the ledger."""
    number = 0
    for part in ledger.parts(reading):
        for line in lines_of(ledger, reading, part):
            number += 1
            yield (number, *line)


def lines_of(ledger: Ledger, reading: Reading, part) -> Iterator[tuple]:
    cursor = reading.read(part)
    while keys := cursor.fetchmany(CHUNK):
        found = ledger.lines(reading, keys)
        yield from (found[tuple(key)] for key in keys if tuple(key) in found)


def window(ledger: Ledger, reading: Reading, page: int, size: int) -> tuple[int, int, list[tuple]]:
    """(how many lines there are, which page that is, its lines): of pages of `size` the one asked for, else the last."""
    held = [(part, size_of(part, reading)) for part in ledger.parts(reading)]
    total = sum(number for _, number in held)
    page = min(max(1, page), max(1, -(-total // size)))
    start, before, found = (page - 1) * size, 0, []
    for part, number in held:
        skipped, wanted = max(0, start - before), size - len(found)
        if wanted > 0 and skipped < number:
            found += list(lines_of(ledger, reading, part.offset(skipped).limit(wanted)))
        before += number
    return total, page, [(start + n, *line) for n, line in enumerate(found, 1)]
