"""What stands on the disk when the power goes: the log of the shim read again up to any record.

What was synced stays. Of the rest a chance part is kept, in sectors of 512 bytes, in no order. Names (files made, linked, renamed,
removed) keep their order; a name is safe once its folder was synced, on a disk like ext4 once anything was synced after it.
"""

import random
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

HEAD = struct.Struct("<c7xQQQQ")  # as shim.c has it
SECTOR = 512
ACKNOWLEDGED = b"a"  # no deed on the disk: the drill's own record


class Record(NamedTuple):
    deed: bytes
    inode: int
    offset: int  # or size, or the number of what was acknowledged
    path: str
    data: bytes


def acknowledgement(number: int) -> bytes:
    return HEAD.pack(ACKNOWLEDGED, 0, number, 0, 0)


def read_log(path: Path) -> list[Record]:
    text, place, found = path.read_bytes(), 0, []
    while place < len(text):
        deed, inode, offset, path_length, length = HEAD.unpack_from(text, place)
        middle = place + HEAD.size + path_length
        found.append(Record(deed, inode, offset, text[place + HEAD.size : middle].decode(), text[middle : middle + length]))
        place = middle + length
    return found


@dataclass
class File:
    synced: bytearray = field(default_factory=bytearray)
    waiting: list[Record] = field(default_factory=list)  # written or cut off, not synced

    def sync(self) -> None:
        for record in self.waiting:
            apply(self.synced, record)
        self.waiting.clear()

    def after_the_cut(self, chance: random.Random, kept: float) -> bytearray:
        found = bytearray(self.synced)
        for record in self.waiting:
            if chance.random() < kept:
                apply(found, record)
            elif record.deed == b"w" and kept:
                for piece in sectors(record):
                    if chance.random() < kept:
                        apply(found, piece)
        return found


def apply(content: bytearray, record: Record) -> None:
    start, end = record.offset, record.offset + len(record.data)
    if record.deed == b"t":
        del content[start:]
    content.extend(bytes(max(0, end - len(content))))
    content[start:end] = record.data


def sectors(record: Record) -> Iterator[Record]:
    start, end = record.offset, record.offset + len(record.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield record._replace(offset=start, data=record.data[start - record.offset : stop - record.offset])
        start = stop


class Disk:
    """`is_strict`: only syncing the folder makes a name safe."""

    def __init__(self, folder: str, is_strict: bool):
        self.folder, self.is_strict = folder, is_strict
        self.files: dict[int, File] = {}  # by inode
        self.names: dict[str, File] = {}  # that are safe
        self.waiting: list[Callable[[dict], None]] = []  # changes of names

    def do(self, record: Record) -> None:
        deed, path = record.deed, record.path
        if deed == b"c":
            self.files[record.inode] = File()
        if deed in b"cl":
            file = self.files[record.inode]
            self.waiting.append(lambda names: names.update({path: file}))
        elif deed == b"u":
            self.waiting.append(lambda names: names.pop(path, None))
        elif deed == b"r":
            self.waiting.append(lambda names: names.update({record.data.decode(): names.pop(path)}))
        elif deed in b"wt":
            self.files[record.inode].waiting.append(record)
        elif deed == b"s":
            self.sync(record)

    def sync(self, record: Record) -> None:
        is_folder = record.path == self.folder
        if not is_folder:
            self.files[record.inode].sync()
        if is_folder or not self.is_strict:
            for change in self.waiting:
                change(self.names)
            self.waiting.clear()

    def cut(self, into: Path, chance: random.Random) -> None:
        """Writes what is found after the cut into an empty folder."""
        names, kept = dict(self.names), chance.choice((0, 0.5, 0.9, 1))
        for change in self.waiting[: chance.randint(0, len(self.waiting))]:
            change(names)
        for path, file in names.items():
            place = into / Path(path).relative_to(self.folder)
            place.write_bytes(file.after_the_cut(chance, kept))
            place.chmod(0o600)
