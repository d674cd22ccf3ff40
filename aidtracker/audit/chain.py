"""The chain's arithmetic: canonical strings only, so that both databases give the same bytes."""

import hmac

from aidtracker.crypto import keyring

GENESIS = bytes(32)
CHAINED = (
    "id at_us actor_id actor_name action object_kind object_id county_id fields count reason network request_id".split()
)


def mac_of(row: dict, previous: bytes) -> bytes:
    """HMAC-SHA256 over the previous mac and every column, each length-prefixed."""
    parts = [previous]
    for name in CHAINED:
        text = ("" if row[name] is None else str(row[name])).encode()
        parts.append(b"%d:%s" % (len(text), text))
    return hmac.digest(keyring.key("audit")[1], b"|".join(parts), "sha256")
