"""Passwords: argon2id, at most two hashes at once per process, and what makes one acceptable."""

import secrets
import threading
import unicodedata

import argon2

from aidtracker.errors import Refused

SHORTEST, LONG = 10, 16
KINDS = (str.islower, str.isupper, str.isdigit)
COMMON = {"password", "qwertyuiop", "1234567890", "0123456789", "aidtracker", "woaini1314", "admin123456"}

READABLE = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")  # nothing that is misread aloud

_busy = threading.Semaphore(2)  # guesses must not eat both cores
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_dummy = ""


def configure(memory_kib: int) -> None:
    global _hasher, _dummy
    _hasher = argon2.PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)
    _dummy = ""


def hash_password(password: str) -> str:
    with _busy:
        return _hasher.hash(unicodedata.normalize("NFKC", password))


def fits(password: str, password_hash: str | None) -> bool:
    """Takes the same time for an account that does not exist (hash None)."""
    global _dummy
    if password_hash is None:
        _dummy = _dummy or hash_password("nobody has this password")
    try:
        with _busy:
            fitting = _hasher.verify(password_hash or _dummy, unicodedata.normalize("NFKC", password))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False
    return fitting and password_hash is not None


def check_password(password: str, username: str) -> None:
    """等保: ten characters of three kinds, or sixteen of any; not a common one, not the account's name."""
    plain = password.lower()
    if len(password) > 128:
        raise Refused("密码太长：最多 128 个字符。")
    kinds = sum(any(kind(c) for c in password) for kind in KINDS) + any(not c.isalnum() for c in password)
    if len(password) < SHORTEST or (len(password) < LONG and kinds < 3):
        raise Refused("密码至少 10 个字符，并含大写、小写、数字、符号中的三种；或者至少 16 个字符。")
    if plain in COMMON or username.lower() in plain or len(set(plain)) < 5:
        raise Refused("这个密码太容易被猜到，请换一个。")


def new_password() -> str:
    """To be handed over on paper or by telephone, and changed at the first sign-in: Hkq7-Tw9m-Rzb4."""
    groups = ("".join(secrets.choice(letters) for letters in (READABLE[1], READABLE[0], READABLE[0], READABLE[2])) for _ in range(3))
    return "-".join(groups)
