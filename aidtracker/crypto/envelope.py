"""The envelope around every sealed value: ver(1) alg(1) kid(2) nonce(12) ciphertext tag(16).

`alg` 1 is AES-256-GCM, 2 is SM4-GCM for offices that must use Chinese algorithms. The
associated data `aad` names the place of the value, so that a value copied to another row or
column does not open. Nonces are random: safe below 2^32 values for one key.
"""

import hmac
import os
from collections.abc import Callable
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aidtracker.crypto import keyring

VERSION = 1
AES_256_GCM = 1
SM4_GCM = 2
HEADER = 4
NONCE = 12
TAG = 16


class Unreadable(Exception):
    """The bytes were changed, moved, or sealed with a key that is gone. Never shown as an empty value."""


def seal(purpose: str, aad: bytes, plain: bytes, algorithm: int = AES_256_GCM) -> bytes:
    return sealer(purpose, algorithm)(aad, plain)


def unseal(purpose: str, aad: bytes, blob: bytes) -> bytes:
    return unsealer(purpose)(aad, blob)


def sealer(purpose: str, algorithm: int = AES_256_GCM) -> Callable[[bytes, bytes], bytes]:
    """The seal of one purpose for many rows: `sealed = sealer("id")`, then `sealed(aad, plain)`.

    Each nonce is drawn from the system (0.4 microseconds). A pool of them would save half of that
    and would give two forked processes the same nonces, which breaks GCM altogether.
    """
    kid, secret = keyring.key(purpose)
    header = bytes((VERSION, algorithm)) + kid.to_bytes(2, "big")
    encrypt, random = cipher(algorithm, secret).encrypt, os.urandom

    def sealed(aad: bytes, plain: bytes) -> bytes:
        nonce = random(NONCE)
        return header + nonce + encrypt(nonce, plain, aad)

    return sealed


def seal_all(purpose: str, aads: list[bytes], plains: list[bytes | None]) -> list[bytes | None]:
    """A whole column at once; None stays None. One draw of random bytes serves this call and no other."""
    kid, secret = keyring.key(purpose)
    header = bytes((VERSION, AES_256_GCM)) + kid.to_bytes(2, "big")
    encrypt, pool = cipher(AES_256_GCM, secret).encrypt, os.urandom(NONCE * len(aads))
    nonces = [pool[at : at + NONCE] for at in range(0, len(pool), NONCE)]
    return [
        None if plain is None else header + nonce + encrypt(nonce, plain, aad)
        for nonce, plain, aad in zip(nonces, plains, aads, strict=True)
    ]


def unsealer(purpose: str) -> Callable[[bytes, bytes], bytes]:
    """The opener of one purpose for many rows; raises Unreadable. What it has met it opens to its end, also in a rotation."""
    secrets: dict[int, bytes | None] = {}

    def unsealed(aad: bytes, blob: bytes) -> bytes:
        if len(blob) < HEADER + NONCE + TAG or blob[0] != VERSION or blob[1] not in (AES_256_GCM, SM4_GCM):
            raise Unreadable(f"not a sealed value of {purpose}")
        kid = kid_of(blob)
        secret = secrets.get(kid) or secrets.setdefault(kid, keyring.key_by_kid(purpose, kid))
        if secret is None:
            raise Unreadable(f"no key {kid} for {purpose}")
        nonce = blob[HEADER : HEADER + NONCE]
        try:
            return cipher(blob[1], secret).decrypt(nonce, blob[HEADER + NONCE :], aad)
        except InvalidTag as error:
            raise Unreadable(f"a sealed value of {purpose} was changed or moved") from error

    return unsealed


def kid_of(blob: bytes) -> int:
    """Number of the key that it was sealed with."""
    return int.from_bytes(blob[2:HEADER], "big")


class Sm4Gcm:
    """SM4-GCM in the shape of AESGCM; its 16-byte key is derived, not cut, from the 32 bytes of the purpose."""

    def __init__(self, key: bytes):
        self.algorithm = algorithms.SM4(key)

    @classmethod
    def derived(cls, secret: bytes) -> "Sm4Gcm":
        return cls(hmac.digest(secret, b"sm4-gcm", "sha256")[:16])

    def encrypt(self, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
        work = Cipher(self.algorithm, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(aad)
        return work.update(plain) + work.finalize() + work.tag

    def decrypt(self, nonce: bytes, blob: bytes, aad: bytes) -> bytes:
        work = Cipher(self.algorithm, modes.GCM(nonce, blob[-TAG:])).decryptor()
        work.authenticate_additional_data(aad)
        return work.update(blob[:-TAG]) + work.finalize()


@lru_cache(maxsize=64)
def cipher(algorithm: int, secret: bytes) -> AESGCM | Sm4Gcm:
    return AESGCM(secret) if algorithm == AES_256_GCM else Sm4Gcm.derived(secret)
