"""A record as compact text, for whoever has signal: only the phone of the one who wrote it can have made it.

AT1.<user>.<content>.<seal>: the content is the item as JSON in base64, the seal an HMAC over what stands before it, by a
secret that the server gives to a phone that is signed in. The secret follows from the server's own key and the account's state, so
that nothing is stored, and a new password or another role makes the old one worthless.
"""

import base64
import binascii
import hmac
import json
from typing import NamedTuple

from aidtracker.accounts.models import User
from aidtracker.crypto.keyed_index import keyed
from aidtracker.errors import Refused

MARK, LONGEST = "AT1", 60_000
SPOILT = "这段文字不完整或被改过，没有收下。请让老师重新复制整段文字。"


class Handed(NamedTuple):
    user: User
    kind: str
    key: str
    at: str  # as the phone's clock said
    fields: list[tuple[str, str]]


def secret_of(user: User) -> bytes:
    return keyed("index_receipt", f"handed over|{user.uid}|{user.epoch}")


def opened(text: str) -> Handed:
    """What the text holds. Refused: a text that is not whole, that no phone of this person made, or one of an account that has changed."""
    parts = "".join(text[:LONGEST].split()).split(".")
    if len(parts) != 4 or parts[0] != MARK:
        raise Refused(SPOILT)
    user = User.get_or_none(User.uid == parts[1])
    if user is None or not user.is_active:
        raise Refused(SPOILT)
    seal = hmac.digest(secret_of(user), ".".join(parts[:3]).encode(), "sha256")
    if not hmac.compare_digest(seal, decoded(parts[3])):
        raise Refused("这段文字核对不上：内容被改过，或者这名老师的密码、职务刚有变动。请让老师登录后重新复制。")
    return read(user, decoded(parts[2]))


def read(user: User, content: bytes) -> Handed:
    try:
        said = json.loads(content)
        fields = [(str(name), str(value)) for name, value in said["fields"]]
        return Handed(user, str(said["kind"]), str(said["id"]), str(said["at"]), fields)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Refused(SPOILT) from None


def decoded(text: str) -> bytes:
    """Of base64 with the letters of addresses, without its padding."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise Refused(SPOILT) from None
