"""Keyed indexes: sealed values are found again by equality, through 16 bytes of HMAC-SHA256.

Each purpose has its own key. Whoever has the database without the keys learns only that two
rows are equal, and cannot try out numbers.

    id_number = EncryptedField("id", null=True)
    id_index = KeyedIndexField("index_id", of="id_number", null=True)
"""

import hmac
import re
import unicodedata
from collections.abc import Callable

import peewee

from aidtracker.crypto import keyring

INDEX_BYTES = 16
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
    digest = hmac.digest

    def indexed(value: str) -> bytes:
        return digest(secret, value.encode(), "sha256")[:INDEX_BYTES]

    return indexed
