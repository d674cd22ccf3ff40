"""Where a page may send the browser next: inside this site only."""

from urllib.parse import urlsplit


def safe_next(target: str | None, default: str = "/") -> str:
    r"""The target if it is a path of this site, else the default.

    Refused: other hosts, //host, /\host, scheme:host, and control characters, which browsers drop silently.
    """
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return default
    if any(ord(letter) < 32 or ord(letter) == 127 or letter == "\\" for letter in target):
        return default
    try:
        parts = urlsplit(target)
    except ValueError:
        return default
    return default if parts.scheme or parts.netloc else target
