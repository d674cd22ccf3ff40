"""Health, and the banners that stand above every page."""

import pytest

from aidtracker.operation.models import Installation

UNSAFE, DEMO = "这个网站没有加密", "演示数据"


def page_at(client, base_url):
    return client.http.get("/sign-in", base_url=base_url).text


def test_health_says_that_the_database_answers_and_nothing_else(client):
    answer = client.get("operation.show_health")
    assert answer.json == {"ok": True}


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "[::1]"])
def test_on_the_own_machine_nobody_is_warned(client, host):
    assert UNSAFE not in page_at(client, f"http://{host}")


def test_a_site_without_https_says_so_on_every_page(client):
    assert UNSAFE in page_at(client, "http://edu.example.cn")
    assert UNSAFE not in page_at(client, "https://edu.example.cn")


def test_a_demo_says_so_on_every_page(client):
    assert DEMO not in page_at(client, "http://localhost")
    Installation.update(is_demo=True).execute()
    assert DEMO in page_at(client, "http://localhost")
