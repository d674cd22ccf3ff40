"""The cookie of the session: over HTTPS it is tied to this host and never goes out in the clear; practice has one of its own."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface

from aidtracker.practice import is_practice
from aidtracker.web.headers import is_loopback


def register_cookies(app: Flask) -> None:
    app.session_interface = SessionCookie()


class SessionCookie(SecureCookieSessionInterface):
    """A plain-HTTP site of a school's own network keeps the plain name: browsers take no other there."""

    def get_cookie_name(self, app: Flask) -> str:
        name = super().get_cookie_name(app) + ("-practice" if is_practice() else "")  # one may be signed in to both sites, on one host too
        return f"__Host-{name}" if self.get_cookie_secure(app) else name

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure and not is_loopback()
