"""Canaries: texts that occur nowhere else, each with the columns in which it may stand in the clear; and the sweep for them."""

import base64
import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import quote

from tests.factories import id_number

WORDS = "霁霭蔺璩阚麴嵇邴郗蒯鄢郜厍夔殳仉亓郏谯帛勾敖融訾辜阙巢蒯隗仰璇琬琰瑗瑾璋甯贲缑亢晁郄鞠郇"  # rare, and in GBK
BLANK, BLANK_LEFT = re.compile(b"\0{16,}"), bytes(16)  # of a database's empty pages
SHORTEST = 4  # of what is looked for in bytes: less stands in any file by chance


@dataclass(frozen=True)
class Bird:
    """`where` is every table.column in which it may stand in the clear; () means none at all."""

    label: str
    text: str
    where: tuple[str, ...] = ()


@dataclass
class Cage:
    """Makes the canaries of one run."""

    random: Random
    birds: list[Bird] = field(default_factory=list)
    gone: list[Bird] = field(default_factory=list)  # deleted: nowhere any more
    number: int = 0

    def keep(self, label: str, text: str, where: tuple[str, ...]) -> str:
        assert text not in {bird.text for bird in self.birds}, text
        self.birds.append(Bird(label, text, where))
        return text

    def name(self, label: str, *where: str) -> str:
        return self.keep(label, "".join(self.random.sample(WORDS, 4)), where)

    def words(self, label: str, *where: str) -> str:
        """A narrative."""
        return self.keep(label, "".join(self.random.sample(WORDS, 10)), where)

    def id(self, label: str, born: str = "20160501") -> str:
        """An ID, a boy's; the 学籍号 that is made of it is found with it."""
        self.number += 1
        return self.keep(label, id_number("990101", born, self.number * 2 + 1), ())

    def digits(self, label: str, begin: str, count: int) -> str:
        return self.keep(label, begin + "".join(self.random.choices("0123456789", k=count - len(begin))), ())

    def phone(self, label: str) -> str:
        return self.digits(label, "139", 11)

    def card(self, label: str) -> str:
        return self.digits(label, "621700", 19)

    def password(self, label: str) -> str:
        return self.keep(label, "Sing-" + "".join(self.random.choices("bcdfghjkmnpqrstvwxz23456789", k=12)), ())

    def fly(self, text: str) -> None:
        """It was deleted, and may stand nowhere any more."""
        self.gone += [Bird(f"{bird.label}, deleted", text) for bird in self.birds if bird.text == text]


def spellings(text: str) -> set[bytes]:
    """As programs write it: four encodings, base64 at three alignments, escaped for addresses and for JSON, hexadecimal."""
    found = {part for each in {text, text.lower()} for part in encoded(each)}
    return {part for part in found if len(part) >= SHORTEST}


def encoded(text: str):
    raw = text.encode()
    yield from (text.encode(name, "ignore") for name in ("utf-8", "utf-16-le", "utf-16-be", "gbk"))
    for shift in range(3):
        letters = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        begin = -(-shift * 8 // 6)
        whole = letters[begin : (shift + len(raw)) * 8 // 6]
        yield from (whole, whole.replace(b"+", b"-").replace(b"/", b"_"))
    for hexed in (raw.hex(), quote(text, safe=""), quote(text, safe="").lower(), *escaped(text)):
        yield from (hexed.encode(), hexed.upper().encode() if hexed == raw.hex() else hexed.encode())


def escaped(text: str):
    units = text.encode("utf-16-be")
    if not text.isascii():
        yield "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
        yield "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))


class Sweep:
    """Looks for the canaries in bytes; what it finds is (label, place)."""

    def __init__(self, birds: list[Bird]):
        self.birds = [(bird, spellings(bird.text)) for bird in birds]
        self.places = 0
        self.found: set[tuple[str, str]] = set()

    def bytes(self, content: bytes, place: str, plain_too: bool = False) -> None:
        """`plain_too`: those that may stand in some column are not looked for here."""
        self.places += 1
        is_zip, whole = content[:2] == b"PK" and zipfile.is_zipfile(io.BytesIO(content)), content
        content = BLANK.sub(BLANK_LEFT, content)
        for bird, spelt in self.birds:
            if not (plain_too and bird.where) and any(part in content for part in spelt):
                self.found.add((bird.label, place))
        if is_zip:
            with zipfile.ZipFile(io.BytesIO(whole)) as archive:
                for name in archive.namelist():
                    self.bytes(archive.read(name), f"{place}: {name}")

    def folder(self, folder: Path, databases: tuple[str, ...] = ()) -> None:
        """Every file below; those whose name begins so are databases, where plain columns stand."""
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.bytes(path.name.encode(), f"name of {path.name}")
                self.bytes(path.read_bytes(), str(path.relative_to(folder)), path.name.startswith(databases) if databases else False)

    def column(self, column: str, values) -> None:
        """Every value of table.column, as the driver gives it."""
        self.places += 1
        text = [value.encode() if isinstance(value, str) else bytes(value) for value in values]
        together, parts = b"\n".join(text), set(text)
        for bird, spelt in self.birds:
            if column not in bird.where and (any(part in together for part in spelt) or parts & tails(bird.text)):
                self.found.add((bird.label, column))


def tails(text: str) -> set[bytes]:
    """The ends of a number, by which a careless index would find it."""
    return {text[-count:].encode() for count in (4, 6, 8)} if text[-8:-1].isdigit() else set()
