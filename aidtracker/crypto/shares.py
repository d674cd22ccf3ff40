"""The key file on paper: three sheets, any two of which give it back, one alone tells nothing (Shamir's secret sharing over GF(256)).

A sheet reads  AID1 2ABC DEFG ... : groups of four letters and figures (base32: no 0, 1, 8 or 9), with what the key is called,
which sheet it is, and a checksum, so that a slip of the pen is found before anything is written.
"""

import base64
import hashlib
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from aidtracker.crypto.keyring import KEY_BYTES, kek_path, read_kek
from aidtracker.errors import Refused

SHEETS, NEEDED = 3, 2
VERSION, NAME, CHECK, GROUP = 1, 4, 4, 4  # a byte; bytes of the key's name, of the checksum; letters of a group
LENGTH = 2 + NAME + KEY_BYTES + CHECK
TYPED_FOR = str.maketrans({"0": "O", "1": "I", "8": "B"})  # what is not in the alphabet and looks like what is


class Share(NamedTuple):
    number: int  # of the sheet, from 1
    name: bytes  # of the key
    value: bytes

    @property
    def text(self) -> str:
        body = bytes([VERSION, self.number]) + self.name + self.value
        letters = base64.b32encode(body + checksum(body)).decode().rstrip("=")
        return " ".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))


def name_of(key: bytes) -> bytes:
    """What a key is called where it must not be known."""
    return hashlib.sha256(b"aidtracker paper key" + key).digest()[:NAME]


def checksum(body: bytes) -> bytes:
    return hashlib.sha256(b"aidtracker sheet" + body).digest()[:CHECK]


def times(a: int, b: int) -> int:
    """In GF(256) with the polynomial of AES."""
    product = 0
    while b:
        product ^= a * (b & 1)
        a, b = (a << 1) ^ (0x11B * (a >> 7)), b >> 1
    return product


def divided(a: int, b: int) -> int:
    inverse = next(x for x in range(1, 256) if times(b, x) == 1)
    return times(a, inverse)


def split(key: bytes) -> list[Share]:
    """A line through the key for each byte, at 1, 2 and 3."""
    slopes = hashlib.sha256(b"aidtracker slopes" + key).digest()  # as good as chance to whoever has one sheet, and the same sheets again
    return [Share(n, name_of(key), bytes(k ^ times(slope, n) for k, slope in zip(key, slopes, strict=True))) for n in range(1, SHEETS + 1)]


def joined(one: Share, other: Share) -> bytes:
    """Where the line through two points meets 0."""
    a, b = (divided(y, x ^ y) for x, y in ((one.number, other.number), (other.number, one.number)))
    return bytes(times(a, p) ^ times(b, q) for p, q in zip(one.value, other.value, strict=True))


def read_share(typed: str) -> Share:
    letters = "".join(letter for letter in typed.upper().translate(TYPED_FOR) if letter.isalnum())
    try:
        data = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except ValueError:
        data = b""
    body, check = data[:-CHECK], data[-CHECK:]
    if len(data) != LENGTH or body[0] != VERSION or checksum(body) != check:
        raise Refused("这张密钥纸没有抄对：请逐组核对（4 个一组，没有数字 0、1、8、9）。")
    return Share(body[1], body[2 : 2 + NAME], body[2 + NAME :])


def key_of(shares: list[Share]) -> bytes:
    """Refused: one sheet twice, sheets of different keys."""
    for one, other in combinations(shares, NEEDED):
        if one.number != other.number and one.name == other.name:
            key = joined(one, other)
            if name_of(key) == one.name:
                return key
    raise Refused("这两张密钥纸不是同一把密钥的两张不同的纸。请换另一张再试。")


def name_of_the_key_file(instance: Path) -> str:
    return name_of(read_kek(kek_path(instance))).hex()
