"""The second factor of somebody: whether there is one, and taking a code from the phone or a recovery code, each of them once.

Whether the clock of the phone is wrong is said of codes that are past. Of those to come it is not, or whoever guesses would learn
a code that opens the door in a few minutes.
"""

import hashlib
import secrets
import unicodedata

from aidtracker.accounts.models import User
from aidtracker.accounts.models_second import RecoveryCode, SecondFactor
from aidtracker.accounts.totp import DIGITS, STEP, WINDOW, step_of, steps_with
from aidtracker.db import lock, transaction, utcnow
from aidtracker.errors import Refused

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that is misread aloud
LONG, GROUP, HOW_MANY = 16, 4, 10  # of recovery codes: letters, letters of a group, codes
SLOW = range(2, 41)  # steps ago, of a phone whose clock is late
OFF = 120  # steps, either way, while the secret stands on the screen anyway


class WrongCode(Refused):
    """Counts as a wrong guess."""


def factor_of(user: User) -> SecondFactor | None:
    """Confirmed by a first code."""
    return SecondFactor.get_or_none((SecondFactor.user == user) & SecondFactor.confirmed_at.is_null(False))


def waiting_secret_of(user: User) -> str | None:
    """Made and shown, not confirmed yet."""
    found = SecondFactor.get_or_none(SecondFactor.user == user)
    return found.new_secret if found else None


def codes_left(user: User) -> int:
    return RecoveryCode.select().where((RecoveryCode.user == user) & RecoveryCode.used_at.is_null()).count()


def plain_code(typed: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKC", typed).upper() if letter.isalnum())


def take_code(user: User, typed: str) -> bool:
    """Uses up a code of the phone, or a recovery code: True for the latter. Refused: wrong, used before, or there is no second factor."""
    plain, factor = plain_code(typed), factor_of(user)
    if factor is None:
        raise WrongCode("还没有设置两步验证。")
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        take_step(factor, plain)
        return False
    with transaction():
        fresh = (RecoveryCode.code_hash == hash_of(user, plain)) & (RecoveryCode.user == user) & RecoveryCode.used_at.is_null()
        if not RecoveryCode.update(used_at=utcnow()).where(fresh).execute():
            raise WrongCode("恢复码不对，或者已经用过。")
    return True


def take_step(factor: SecondFactor, code: str) -> None:
    now = step_of(utcnow())
    steps = steps_with(factor.secret, code, [now + each for each in WINDOW])
    with transaction():
        lock("second-factor", factor.id)
        for step in steps:
            if SecondFactor.update(last_step=step).where((SecondFactor.id == factor.id) & (SecondFactor.last_step < step)).execute():
                return
    if steps:
        raise WrongCode("这组验证码已经用过。请等手机上出现下一组再输。")
    late = steps_with(factor.secret, code, [now - each for each in SLOW])
    if late:
        raise WrongCode("验证码过时了：手机的时间大约慢了 %(n)s 分钟。请把手机时间设为自动，再输新的一组。", n=minutes(now - late[0]))
    raise WrongCode("验证码不对。请看手机上现在的 6 位数字；总是不对，多半是手机时间不准，请把手机时间设为自动。")


def first_step(secret: str, typed: str) -> int:
    """Of the first code from a new secret. Whoever sees the secret may be told how wrong the phone's clock is."""
    now, code = step_of(utcnow()), plain_code(typed)
    if steps := steps_with(secret, code, [now + each for each in WINDOW]):
        return steps[0]
    near = [now + sign * each for each in range(2, OFF + 1) for sign in (-1, 1)]
    if off := steps_with(secret, code, near):
        about = {"n": minutes(abs(off[0] - now))}
        if off[0] < now:
            raise Refused("手机的时间大约慢了 %(n)s 分钟。请把手机时间设为自动，再输新的一组验证码。", **about)
        raise Refused("手机的时间大约快了 %(n)s 分钟。请把手机时间设为自动，再输新的一组验证码。", **about)
    raise Refused("验证码不对。请核对手机上的 6 位数字，并把手机的日期和时间设为自动。")


def minutes(steps: int) -> int:
    return max(1, round(steps * STEP / 60))


def new_codes() -> list[str]:
    """ABCD-EFGH-JKMN-PQRS: 78 bits, so that a plain hash of them is enough."""
    drawn = ["".join(secrets.choice(LETTERS) for _ in range(LONG)) for _ in range(HOW_MANY)]
    return ["-".join(code[start : start + GROUP] for start in range(0, LONG, GROUP)) for code in drawn]


def hash_of(user: User, code: str) -> bytes:
    return hashlib.sha256(f"recovery|{user.uid}|{plain_code(code)}".encode()).digest()
