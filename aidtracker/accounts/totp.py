"""Time-based codes (RFC 6238): six digits of thirty seconds from a secret that a phone shares, as every authenticator app makes them."""

import base64
import datetime
import hashlib
import hmac
import secrets
from urllib.parse import quote

STEP = 30  # seconds
DIGITS = 6
WINDOW = (0, -1, 1)  # steps that are taken: phones are not on the second
ISSUER = "aidtracker"
EPOCH = datetime.datetime(1970, 1, 1)


def new_secret() -> str:
    """160 bits in base32, as the apps want it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(moment_utc: datetime.datetime) -> int:
    return int((moment_utc - EPOCH).total_seconds()) // STEP


def code_at(secret: str, step: int) -> str:
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def steps_with(secret: str, code: str, steps) -> list[int]:
    """Those of the steps that have this code."""
    return [step for step in steps if hmac.compare_digest(code_at(secret, step).encode(), code.encode())]


def address_of(secret: str, username: str) -> str:
    """What the QR code says to the app."""
    return f"otpauth://totp/{ISSUER}:{quote(username)}?secret={secret}&issuer={ISSUER}"


def in_groups(secret: str) -> str:
    """ABCD EFGH ..., to be typed."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
