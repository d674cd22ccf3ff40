"""A write comes from our own page: a token in every form, and the browser's own word for where it was sent from."""

from urllib.parse import urlsplit

from flask import Flask, request
from flask_wtf.csrf import CSRFError, CSRFProtect

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


def register_csrf(app: Flask) -> None:
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)  # a roll sent hours later is still taken
    app.config.setdefault("WTF_CSRF_SSL_STRICT", False)  # some webviews send no Referer; Origin is looked at instead
    app.before_request(refuse_foreign_pages)
    if "csrf" not in app.extensions:
        CSRFProtect(app)


def refuse_foreign_pages() -> None:
    """Browsers too old to say anything are left to the token; a proxy must hand on the host that people type."""
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin", "null")
    if site in ("same-origin", "none"):
        return
    if site or (origin != "null" and urlsplit(origin).netloc != request.host):
        raise CSRFError("sent from another site")
