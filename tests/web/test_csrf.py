"""A write comes from our own page."""

import re

import pytest

from aidtracker.web import language


@pytest.fixture
def post(visitor, monkeypatch):
    monkeypatch.setattr(language, "when_language_chosen", [])

    def sent(**headers):
        token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/").text)[1]
        return visitor.post("/language", data={"csrf_token": token, "language": "zh"}, headers=headers).status_code

    return sent


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://localhost"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://aid.example.cn"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_our_own_pages_and_old_browsers_may_write(post, headers):
    assert post(**headers) == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.cn"},
        {"Origin": "http://localhost.evil.cn"},
        {"Origin": "http://localhost:8080"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "x"},
    ],
)
def test_a_page_of_another_site_may_not_even_with_a_token(post, headers):
    assert post(**headers) == 400


def test_without_a_token_nobody_may(visitor):
    assert visitor.post("/language", data={"language": "zh"}).status_code == 400
    assert visitor.post("/language", data={"language": "zh", "csrf_token": "x"}).status_code == 400
