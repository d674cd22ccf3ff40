"""Headers of every answer: what the browser may load, and what it may keep."""

from flask import Flask, make_response, request
from flask_login import current_user

from aidtracker.web.assets import is_asked_by_hash

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def register_headers(app: Flask) -> None:
    app.after_request(add_headers)


def add_headers(response):
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)  # a photo says a stricter rule by itself
    if request.is_secure and not is_loopback():
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static":
        response.headers["Cache-Control"] = static_keeping(response.status_code)
    elif "Cache-Control" not in response.headers or "Content-Disposition" in response.headers:  # send_file() says no-cache by itself
        response.headers["Cache-Control"] = "no-store"
    return response


def keep_on_phone(page: str, seconds: int = 12 * 3600):
    """The phone of whoever is signed in keeps this page, sealed, for so long; the browser itself keeps none."""
    response = make_response(page)
    response.headers["X-Offline"], response.headers["X-Offline-User"] = str(seconds), current_user.uid
    return response


def is_asked_by_phone() -> bool:
    """By the service worker, to be kept for a time without signal: what is said beside the list itself stays away."""
    return "X-Keep" in request.headers


def static_keeping(status: int) -> str:
    """A file that is missing in the middle of an upgrade must not stay missing on a phone for a year."""
    if status >= 400:
        return "no-store"
    return "public, max-age=31536000, immutable" if is_asked_by_hash() else "no-cache"


def is_loopback() -> bool:
    host = request.host
    return (host.rsplit(":", 1)[0] if not host.endswith("]") else host) in LOOPBACK
