"""The cookie of the session, by the connection that it goes over."""

import pytest
from flask import session

from aidtracker.permissions import public


@pytest.fixture
def cookie(site, visitor):
    def remember():
        session["seen"] = session.get("seen", 0) + 1
        return str(session["seen"])

    site.add_url_rule("/remember", "remember", public(remember))
    site.config["SESSION_COOKIE_NAME"] = "aidtracker"
    return lambda base_url: visitor.get("/remember", base_url=base_url).headers["Set-Cookie"]


def test_over_https_the_cookie_is_tied_to_this_host_and_never_sent_in_the_clear(cookie):
    sent = cookie("https://aid.example.cn")
    assert sent.startswith("__Host-aidtracker=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(sent.split("; "))
    assert "Domain" not in sent


@pytest.mark.parametrize("base_url", ["http://192.168.1.5", "http://127.0.0.1:8000", "https://localhost"])
def test_without_https_and_on_loopback_its_name_is_plain(cookie, base_url):
    sent = cookie(base_url)
    assert sent.startswith("aidtracker=")
    assert "Secure" not in sent


def test_what_was_kept_is_found_again(visitor, cookie):
    cookie("https://aid.example.cn")
    assert visitor.get("/remember", base_url="https://aid.example.cn").text == "2"
