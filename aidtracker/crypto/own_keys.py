"""A file with a key of its own, which stands sealed in the row that names the file.

Whoever forgets the key has destroyed the file wherever a copy of it lies, in backups too; and a change of keys seals the rows
anew, not the files.
"""

import os
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aidtracker.crypto.envelope import NONCE, TAG, Unreadable

KEY_BYTES = 32


def new_key() -> str:
    """As text, for a sealed column."""
    return secrets.token_hex(KEY_BYTES)


def seal_with(key: str, place: str, plain: bytes) -> bytes:
    """`place` names what the file is of, as 'photo|<uid>': under another name it does not open."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(bytes.fromhex(key)).encrypt(nonce, plain, place.encode())


def unseal_with(key: str, place: str, sealed: bytes) -> bytes:
    """Raises Unreadable when a byte was changed, the file was cut, or it is another one."""
    if len(sealed) < NONCE + TAG:
        raise Unreadable("not a sealed file")
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode())
    except InvalidTag as error:
        raise Unreadable("a sealed file was changed or moved") from error
