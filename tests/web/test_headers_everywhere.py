"""Every address of the site, asked in every way and failing in every way: what the browser is told, and what it may keep."""

from collections import Counter

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from aidtracker.permissions import public
from aidtracker.web.assets import content_hash
from aidtracker.web.limits import SMALL
from tests.cast import Client

pytestmark = pytest.mark.once

HTTPS, LAN, LOOPBACK = "https://aid.example.cn", "http://192.168.1.5", "http://localhost"
SECRETS = {
    "Content-Security-Policy": {"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"},
    "X-Content-Type-Options": {"nosniff"},
    "Referrer-Policy": {"same-origin"},
    "Cross-Origin-Opener-Policy": {"same-origin"},
    "Cross-Origin-Resource-Policy": {"same-origin"},
    "X-Frame-Options": {"DENY"},
}  # fmt: skip


def slips(answer, base_url=LOOPBACK, keeping="no-store") -> list[str]:
    """What an answer fails to say, or should not say."""
    headers, cookies = answer.headers, answer.headers.getlist("Set-Cookie")
    found = [name for name, words in SECRETS.items() if not words <= set(headers.get(name, "").split("; ")) or len(headers.getlist(name)) != 1]
    found += ["unsafe or a foreign source in the policy"] if "unsafe" in str(headers) or "http" in headers.get("Content-Security-Policy", "") else []
    found += [f"kept: {headers.get('Cache-Control')}"] if headers.get("Cache-Control") != keeping else []
    found += ["HSTS"] if ("Strict-Transport-Security" in headers) != (base_url == HTTPS) else []
    found += ["Clear-Site-Data"] if "storage" in headers.get("Clear-Site-Data", "") or "*" in headers.get("Clear-Site-Data", "") else []
    found += ["the server's make"] if "X-Powered-By" in headers else []
    for cookie in cookies:
        name, parts = cookie.partition("=")[0], set(cookie.split("; "))
        is_right = {"HttpOnly", "SameSite=Lax", "Path=/"} <= parts and ("Secure" in parts) == (base_url == HTTPS) and "Domain" not in cookie
        named = name.startswith("__Host-") == (base_url == HTTPS) or name == "language"
        found += [] if is_right and named else [f"cookie {cookie[:20]}"]
    return found


@pytest.fixture
def filled(app):
    """Every address, with numbers that nobody has and words that mean nothing."""
    values = {"<int:": "2147483600", "<": "x"}
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return ["/".join(next((v for mark, v in values.items() if part.startswith(mark)), part) for part in rule.rule.split("/")) for rule in rules]


@pytest.mark.parametrize("base_url", [HTTPS, LAN, LOOPBACK])
def test_every_address_in_every_way(app, client, administrator, sign_in, filled, base_url):
    """302 for a stranger, 200, 404 and 403 for somebody, 405, 400 without a token, and what HEAD and OPTIONS say."""
    somebody, holes, seen = sign_in(administrator) if base_url == LOOPBACK else None, [], Counter()
    for address in filled:
        asked = [(client, method) for method in ("GET", "POST", "HEAD", "OPTIONS", "DELETE")] + ([(somebody, "GET")] if somebody else [])
        for who, method in asked:
            answer = who.http.open(address, method=method, base_url=base_url)
            seen[answer.status_code] += 1
            holes += [f"{method} {address} ({answer.status_code}): {slip}" for slip in slips(answer, base_url)]
    assert holes == []
    assert {200, 302, 400, 404, 405} - ({404} if base_url != LOOPBACK else set()) <= set(seen) and not any(status >= 500 for status in seen)


@pytest.mark.parametrize("base_url", [HTTPS, LOOPBACK])
def test_every_way_to_fail(app, client, monkeypatch, base_url):
    """A page that breaks, an upload too large, an address that is none, a static file that is not there."""

    def broken():
        raise ValueError("x")

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", public(broken))
    form = "application/x-www-form-urlencoded"
    answers = {
        500: client.http.get("/sign-in", base_url=base_url),
        413: client.http.post("/language", data=b"a=" + b"x" * SMALL, content_type=form, base_url=base_url),
        404: client.http.get("/no/such/page", base_url=base_url),
        405: client.http.put("/healthz", base_url=base_url),
    }
    assert {status: (answer.status_code, slips(answer, base_url)) for status, answer in answers.items()} == {status: (status, []) for status in answers}


def test_static_files_are_kept_only_by_the_hash_that_they_have(app, client):
    with app.test_request_context():
        address = f"/static/css/app.css?v={content_hash('css/app.css')}"
    app.extensions["assets"].clear()  # as in a process that has just started
    for asked, keeping, status in (
        (address, "public, max-age=31536000, immutable", 200),
        ("/static/css/app.css?v=0000000000", "no-cache", 200),
        ("/static/css/app.css", "no-cache", 200),
        ("/static/css/gone.css?v=0000000000", "no-store", 404),
        ("/static/../wsgi.py?v=1", "no-store", 404),
    ):
        answer = client.http.get(asked)
        assert (answer.status_code, slips(answer, keeping=keeping)) == (status, []), asked
    again = client.http.get(address, headers={"If-None-Match": client.http.get(address).headers["ETag"]})
    assert (again.status_code, slips(again, keeping="public, max-age=31536000, immutable")) == (304, [])


def test_https_is_the_proxys_word_and_nobody_elses(app, monkeypatch):
    """nginx in front says that it was https; without one configured anybody could."""
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "aid.example.cn", "X-Forwarded-For": "203.0.113.9"}
    assert slips(Client(app).http.get("/sign-in", headers=said)) == []
    monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, 1, 1, 1, 1))
    answer = Client(app).http.get("/sign-in", headers=said)
    assert slips(answer, HTTPS) == []
    assert answer.headers["Set-Cookie"].startswith("__Host-aidtracker=")


def test_it_notices_what_is_missing(app, client):
    good = client.http.get("/sign-in")
    assert slips(good) == []
    for name, value in (
        ("Content-Security-Policy", "default-src 'none'; script-src 'self' 'unsafe-inline'"), ("X-Content-Type-Options", None), ("Cache-Control", "private"),
        ("Strict-Transport-Security", "max-age=1"), ("Clear-Site-Data", '"cache", "storage"'), ("Set-Cookie", "aidtracker=x; Path=/"), ("Referrer-Policy", "unsafe-url"),
    ):  # fmt: skip
        answer = client.http.get("/sign-in")
        if value is None:
            del answer.headers[name]
        else:
            answer.headers[name] = value
        assert slips(answer), name
