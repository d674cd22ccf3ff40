"""Passwords: argon2id, at most two hashes at once per process, and what makes one acceptable under the county's rule."""

import base64
import re
import secrets
import threading
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

import argon2

from aidtracker.errors import Refused

LONGEST = 128


class Rule(NamedTuple):
    """So long and of so many kinds, or longer and of any."""

    shortest: int
    kinds: int
    long: int
    words: str


RULES = {
    "dengbao": Rule(10, 3, 16, "密码至少 10 个字符，并含大写、小写、数字、符号中的三种；或者至少 16 个字符。"),
    "asvs": Rule(12, 1, 12, "密码至少 12 个字符，不限种类。"),
}
KINDS = (str.islower, str.isupper, str.isdigit)
# What people here begin with when they need one, with whatever figures and signs around it: Admin@123456, P@ssw0rd2026, Laoshi_001.
WORDS = frozenset(
    """password passwd pass admin administrator root user test guest welcome login hello letmein iloveyou love abc abcd abcde
    woaini woaiwojia woaizhongguo zhongguo china beijing chengdu nihao mima wode wodemima tamade
    zhang wang liu chen yang zhao huang zhou zhu sun guo luo song tang deng feng xie
    aidtracker kongchuobaoxue kongchuo baoxue zizhu dianming kaoqin jiafang tuopin fupin jiaoyu jiaoyuju jiaoyuting xian zhen
    xuexiao xiaoxue zhongxue gaozhong youeryuan laoshi jiaoshi xiaozhang banzhuren xuesheng guanli guanliyuan xitong""".split()
)
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qazwsxedcrfvtgbyhnujmikolp", "abcdefghijklmnopqrstuvwxyz", "01234567890")
LOOKALIKES = str.maketrans("@0$13!5", "aosieis")
READABLE = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789")  # nothing that is misread aloud

_busy = threading.Semaphore(2)  # guesses must not eat both cores
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def configure(memory_kib: int) -> None:
    global _hasher
    _hasher = argon2.PasswordHasher(time_cost=2, memory_cost=memory_kib, parallelism=1)


def hash_password(password: str) -> str:
    with _busy:
        return _hasher.hash(unicodedata.normalize("NFKC", password))


def fits(password: str, password_hash: str | None) -> bool:
    """Takes the same time for an account that does not exist (hash None)."""
    try:
        with _busy:
            return _hasher.verify(password_hash or nobodys_hash(), unicodedata.normalize("NFKC", password))
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


def is_weaker(password_hash: str) -> bool:
    """Made before the cost of a hash was raised."""
    made = argon2.extract_parameters(password_hash)
    return made.memory_cost < _hasher.memory_cost or made.time_cost < _hasher.time_cost


def nobodys_hash() -> str:
    """Costs what a real one costs to compare with, and no password has it."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (_hasher.salt_len, _hasher.hash_len))
    return f"$argon2id$v=19$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}${salt}${digest}"


def check_password(password: str, username: str, rules: Iterable[str]) -> None:
    """As each of these rules asks; never a common one, nor the account's name."""
    if len(password) > LONGEST:
        raise Refused("密码太长：最多 128 个字符。")
    kinds = sum(any(kind(c) for c in password) for kind in KINDS) + any(not c.isalnum() for c in password)
    for rule in sorted(RULES[name] for name in rules):
        if len(password) < rule.shortest or (len(password) < rule.long and kinds < rule.kinds):
            raise Refused(rule.words)
    plain = unicodedata.normalize("NFKC", password).lower()
    names_the_account = len(username) > 3 and username.lower() in plain
    if is_common(plain) or names_the_account or len(set(plain)) < 5:
        raise Refused("这个密码太容易被猜到，请换一个。")


def is_common(plain: str) -> bool:
    """All its words are common ones or walks over the keyboard, or it has none and counts 12345.

    Of the 30,000 most frequent passwords of leaked lists only some twenty are long and mixed enough to come here at all.
    """
    core = re.sub(r"^[^a-z]+|[^a-z]+$", "", plain).translate(LOOKALIKES)
    words = (re.findall(r"[a-z]{3,}", plain), re.findall(r"[a-z]{3,}", core), [re.sub(r"[^a-z]", "", plain)])
    if plain.isdigit() or any(found and all(word in WORDS or is_walk(word) for word in found) for found in words):
        return True
    return not words[0] and any(is_walk(plain[start : start + 5]) for start in range(len(plain) - 4))


def is_walk(word: str) -> bool:
    return len(word) >= 3 and any(word in row or word[::-1] in row for row in ROWS)


def new_password() -> str:
    """To be handed over on paper or by telephone, and changed at the first sign-in: Hkq7-Tw9m-Rzb4."""
    groups = ("".join(secrets.choice(letters) for letters in (READABLE[1], READABLE[0], READABLE[0], READABLE[2])) for _ in range(3))
    return "-".join(groups)
