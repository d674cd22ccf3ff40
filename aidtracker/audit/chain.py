"""The chain's arithmetic: canonical strings only, so that both databases give the same bytes."""

import hmac

from aidtracker.crypto import keyring

GENESIS = bytes(32)
CHAINED = (
    "id at_us actor_id actor_name action object_kind object_id county_id fields count reason network request_id".split()
)
NUMBERS = ("actor_id", "county_id", "count")  # or nothing


def fits(row: dict, previous: bytes) -> bool:
    """The entry follows the one whose mac is `previous`, and nothing in it was changed, not even the kind of a value."""
    is_typed = all(row[name] is None or isinstance(row[name], int) for name in NUMBERS)
    return is_typed and as_mac(row["previous"]) == previous and as_mac(row["mac"]) == mac_of(row, previous)


def as_mac(value) -> bytes:
    """SQLite keeps whatever it is given; what is no bytes is no mac."""
    return bytes(value) if isinstance(value, bytes | memoryview) else b""


def mac_of(row: dict, previous: bytes) -> bytes:
    """HMAC-SHA256 over the previous mac and every column, each length-prefixed."""
    parts = [previous]
    for name in CHAINED:
        text = ("" if row[name] is None else str(row[name])).encode()
        parts.append(b"%d:%s" % (len(text), text))
    return hmac.digest(keyring.key("audit")[1], b"|".join(parts), "sha256")
