"""Keyed indexes: sealed values are found again by equality, through 16 bytes of HMAC-SHA256.

Each purpose has its own key. Whoever has the database without the keys learns only that two
rows are equal, and cannot try out numbers.

    id_number = EncryptedField("id", null=True)
    id_index = KeyedIndexField("index_id", of="id_number", null=True)
"""

import re
import unicodedata
from collections.abc import Callable
from hashlib import sha256

import peewee

from aidtracker.crypto import keyring

INDEX_BYTES = 16
BLOCK = 64  # bytes of SHA-256
# Blanks, invisible characters and the apostrophes by which Excel keeps a number as text.
_NOISE = re.compile("[\\s'`‘’´\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


class KeyedIndexField(peewee.BlobField):
    """The index of the sealed column `of`, of its text as it stands there or of the part that `part` takes."""

    def __init__(self, purpose: str, of: str, part: Callable[[str], str] = str, **options):
        self.purpose, self.of, self.part = purpose, of, part
        super().__init__(**options)


def normalise_id(text: str | None) -> str:
    """ID card, 学籍号, bank or telephone number as it is compared: half-width, no blanks, capital X."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", _NOISE.sub("", text or ""))).upper()


def keyed(purpose: str, value: str) -> bytes:
    """The 16 bytes under which the normalised value is found; purpose is one of `index_...`."""
    return keyer(purpose)(value)


def keyer(purpose: str) -> Callable[[str], bytes]:
    """The same for many rows: `index = keyer("index_id")`, then `index(value)`."""
    if not purpose.startswith("index_"):
        raise ValueError(f"{purpose!r} is not a purpose of a keyed index")
    return indexer(keyring.key(purpose)[1])


def indexer(secret: bytes) -> Callable[[str], bytes]:
    """HMAC written out (RFC 2104): its padded keys are made once for many rows, which hmac.digest does anew for each."""
    padded = (sha256(secret).digest() if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C))

    def indexed(value: str) -> bytes:
        return sha256(outer + sha256(inner + value.encode()).digest()).digest()[:INDEX_BYTES]

    return indexed
