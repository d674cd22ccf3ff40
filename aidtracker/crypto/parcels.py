"""Parcels: files that leave the house, each sealed with a key of its own, which the key file alone opens.

    aidtracker parcel 1 \\n  length of the label (4)  label, JSON: what is inside, and the wrapped key  pieces ...

Every piece is bound to the label and to its place, so that one that was changed, cut, or put together from two is refused.
"""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aidtracker.crypto.envelope import NONCE, TAG, Unreadable
from aidtracker.crypto.files import PIECE, pieces
from aidtracker.crypto.keyring import KEY_BYTES, kek_path, read_kek, wrap
from aidtracker.errors import Refused

MAGIC = b"aidtracker parcel 1\n"
LONGEST_LABEL = 1024 * 1024
PURPOSE = "parcel"


def seal_parcel(contents: dict, plain: BinaryIO, sealed: BinaryIO, instance: Path) -> None:
    """Reads all of `plain`; `contents` stands in the clear."""
    key = secrets.token_bytes(KEY_BYTES)
    wrapped = wrap(read_kek(kek_path(instance)), PURPOSE, 1, key)
    label = json.dumps({"contents": contents, "key": wrapped.hex()}, ensure_ascii=False, sort_keys=True).encode()
    sealed.write(MAGIC + len(label).to_bytes(4, "big") + label)
    cipher = AESGCM(key)
    for aad, piece in pieces(hashlib.sha256(label).hexdigest(), plain, PIECE):
        nonce = os.urandom(NONCE)
        sealed.write(nonce + cipher.encrypt(nonce, piece, aad))


def open_parcel(sealed: BinaryIO, instance: Path, name: str) -> tuple[dict, Iterator[bytes]]:
    """What its label says, and its pieces. Refused: no parcel, or sealed under another key file; Unreadable while it is read:
    a piece was changed, or the end is missing."""
    label = _label(sealed, name)
    try:
        said = json.loads(label)
        contents, wrapped = dict(said["contents"]), bytes.fromhex(said["key"])
    except (ValueError, KeyError, TypeError):
        raise Refused("「%(name)s」已损坏，不能使用。没有改动任何数据。", name=name) from None
    try:
        key = AESGCM(read_kek(kek_path(instance))).decrypt(wrapped[:NONCE], wrapped[NONCE:], f"{PURPOSE}|1".encode())
    except (InvalidTag, ValueError):
        raise Refused("「%(name)s」要用另一把密钥打开。请把做备份那台服务器的 kek 放到 instance 里（权限 600）再试。没有改动任何数据。", name=name) from None
    return contents, _opened(sealed, key, hashlib.sha256(label).hexdigest())


def _label(sealed: BinaryIO, name: str) -> bytes:
    head = sealed.read(len(MAGIC) + 4)
    length = int.from_bytes(head[len(MAGIC) :], "big")
    if not head.startswith(MAGIC) or not 0 < length <= LONGEST_LABEL:
        raise Refused("「%(name)s」不是本系统的备份文件。没有改动任何数据。", name=name)
    return sealed.read(length)


def _opened(sealed: BinaryIO, key: bytes, place: str) -> Iterator[bytes]:
    cipher = AESGCM(key)
    for aad, piece in pieces(place, sealed, PIECE + NONCE + TAG):
        try:
            yield cipher.decrypt(piece[:NONCE], piece[NONCE:], aad)
        except (InvalidTag, ValueError):
            raise Unreadable("a piece of the parcel was changed, or its end is missing") from None
