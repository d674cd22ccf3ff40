"""What somebody with the owner's rights does to the trail: each edit, with the number of the entry where the walk must stop."""

import hmac
from collections.abc import Iterator

from aidtracker.audit import chain
from aidtracker.audit.chain import CHAINED, GENESIS, NUMBERS
from aidtracker.audit.queries import LAST, entries_after
from aidtracker.db import is_sqlite, run_sql

COLUMNS = (*CHAINED, "previous", "mac")
FAR = 1_000_000  # a number that no entry has
INTEGERS = ("id", "at_us", *NUMBERS)


def entry(number: int) -> dict:
    return next(entries_after(number - 1, number))


def write(number: int, **values) -> None:
    names = ", ".join(f"{name} = ?" for name in values)
    run_sql(f"UPDATE audit_entry SET {names} WHERE id = ?", (*values.values(), number))


def append(row: dict) -> None:
    run_sql(f"INSERT INTO audit_entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})", [row[name] for name in COLUMNS])


def edits(row: dict, last: int) -> Iterator[tuple]:
    """(what, the new values in the entry, where it must show)."""
    at = row["id"]
    for name in COLUMNS:
        if name == "id":
            yield "id", {"id": FAR}, at + 1 if at < last else FAR
        elif name in INTEGERS:
            yield name, {name: (row[name] or 0) + 1}, at
        elif name in ("previous", "mac"):
            yield name, {name: bytes(31) + b"x"}, at
        else:
            yield name, {name: ("y" if row[name][:1] == "x" else "x") + row[name][1:]}, at
    for name in NUMBERS:
        yield f"{name} left out", {name: None if row[name] is not None else 0}, at
    if is_sqlite():  # which keeps whatever it is given
        yield "another kind of value", {name: "" if row[name] is None else "x" for name in NUMBERS}, at
        yield "another kind of mac", {"previous": 32, "mac": 32}, at
    yield "two columns run together", {"action": row["action"] + row["object_kind"][:1], "object_kind": row["object_kind"][1:]}, at


def removed(at: int, last: int) -> int:
    run_sql("DELETE FROM audit_entry WHERE id = ?", (at,))
    return at + 1


def swapped_with_next(at: int, last: int) -> int:
    """The two entries change places, each with its mac."""
    write(at, id=FAR)
    write(at + 1, id=at)
    write(FAR, id=at + 1)
    return at


def appended(at: int, last: int) -> int:
    """An entry of his own at the end, made of one that is there."""
    append(entry(at) | {"id": last + 1, "previous": entry(last)["mac"], "mac": bytes(31) + b"y"})
    return last + 1


def inserted(at: int, last: int) -> int:
    """One more in the middle: whatever follows moves up by one."""
    row = entry(at)
    run_sql("UPDATE audit_entry SET id = id + ? WHERE id >= ?", (FAR, at))
    run_sql("UPDATE audit_entry SET id = id - ? WHERE id >= ?", (FAR - 1, FAR))
    append(row | {"mac": bytes(31) + b"z", "previous": bytes(31) + b"v"})
    return at


def made_anew_without_the_key(at: int, last: int) -> int:
    """The entry and those behind it, with macs of a key of his own."""
    write(at, reason="x")
    previous = entry(at - 1)["mac"] if at > 1 else GENESIS
    for row in list(entries_after(at - 1, at + 3)):
        mac = hmac.digest(bytes(32), bytes(previous) + repr(row).encode(), "sha256")
        write(row["id"], previous=previous, mac=mac)
        previous = mac
    return at


def taken_from_a_copy(at: int, last: int) -> int:
    """An entry with a true mac from a copy of the database that went on another way, linked up on both sides."""
    row = entry(at) | {"reason": "x"}
    mac = chain.mac_of(row, bytes(31) + b"c")  # what stood before it there
    write(at, reason="x", mac=mac)
    if at < last:
        write(at + 1, previous=mac)
    return at


def taken_with_its_link(at: int, last: int) -> int:
    """The same, as it stood there."""
    row, before = entry(at) | {"reason": "x"}, bytes(31) + b"c"
    write(at, reason="x", previous=before, mac=chain.mac_of(row, before))
    return at


def tail_cut(at: int) -> None:
    run_sql("DELETE FROM audit_entry WHERE id > ? AND id <= ?", (at, LAST))


EVERYWHERE = (removed, swapped_with_next, appended, made_anew_without_the_key, taken_from_a_copy, taken_with_its_link)
