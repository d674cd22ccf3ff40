"""A picture as text, the way a browser writes one down: data:image/jpeg;base64,...."""

import base64
import binascii
import re

HEAD = re.compile(r"data:image/(?:jpeg|png|webp);base64,")


def url_of(data: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def data_of(url: str) -> bytes | None:
    """None for what is no such text; what the bytes are is asked later."""
    found = HEAD.match(url)
    if found is None:
        return None
    try:
        return base64.b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        return None
