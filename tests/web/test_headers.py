"""What every answer says to the browser."""

import io

import pytest
from flask import send_file

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/css/app.css"])
def test_every_answer_carries_the_policy_and_its_companions(visitor, path):
    headers = visitor.get(path).headers
    assert headers.getlist("Content-Security-Policy") == [CSP]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def test_a_page_is_never_kept_by_the_browser(visitor):
    assert visitor.get("/").headers["Cache-Control"] == "no-store"
    assert visitor.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_a_view_may_say_itself_how_long_its_answer_is_kept(site, visitor):
    site.add_url_rule("/worker", "worker", lambda: ("x", {"Cache-Control": "no-cache"}))
    assert visitor.get("/worker").headers["Cache-Control"] == "no-cache"


def test_https_is_demanded_only_where_there_is_https_and_never_on_loopback(visitor):
    def hsts(base_url):
        return visitor.get("/", base_url=base_url).headers.get("Strict-Transport-Security")

    assert hsts("https://aid.example.cn") == "max-age=31536000"
    assert hsts("http://192.168.1.5") is None
    for host in ("localhost", "127.0.0.1:8000", "[::1]:8000", "[::1]"):
        assert hsts(f"https://{host}") is None


def test_a_download_is_never_kept(site, visitor):
    site.add_url_rule("/file", "file", lambda: send_file(io.BytesIO(b"x"), "text/plain", as_attachment=True, download_name="x.txt"))
    assert visitor.get("/file").headers["Cache-Control"] == "no-store"
