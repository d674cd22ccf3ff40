"""Health, and the banners that stand above every page."""

import dataclasses

import pytest
from flask import Flask

from aidtracker.crypto.keyring import kek_path
from aidtracker.crypto.shares import name_of_the_key_file
from aidtracker.db import utcnow
from aidtracker.operation import views
from aidtracker.operation.models import Installation
from aidtracker.web import register_web
from tests import factories

UNSAFE, DEMO, PAPER = "这个网站没有加密", "演示数据", "密钥还没有抄在纸上：服务器坏了"


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


def test_whoever_runs_the_site_is_told_on_every_page_until_the_key_is_on_paper(own_instance, county, administrator, sign_in):
    system = sign_in(factories.make_user("system_admin", county.county))
    assert PAPER in system.get("web.show_me").text
    assert PAPER not in sign_in(administrator).get("web.show_me").text
    Installation.update(paper_key=name_of_the_key_file(own_instance), paper_key_at=utcnow()).execute()
    assert PAPER not in system.get("web.show_me").text
    Installation.update(paper_key="another").execute()
    assert PAPER in system.get("web.show_me").text, "the key file was changed since"
    kek_path(own_instance).unlink()
    assert PAPER in system.get("web.show_me").text


def test_in_a_demo_nobody_needs_the_key_on_paper(app, county, sign_in):
    Installation.update(is_demo=True).execute()
    assert PAPER not in sign_in(factories.make_user("system_admin", county.county)).get("web.show_me").text


def test_a_proxy_that_nobody_configured_is_told(app, client):
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert "AIDTRACKER_TRUSTED_PROXIES" in client.http.get("/sign-in", headers=headers).text
    assert "AIDTRACKER_TRUSTED_PROXIES" not in client.http.get("/sign-in").text
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], trusted_proxies=1)
    assert "AIDTRACKER_TRUSTED_PROXIES" not in client.http.get("/sign-in", headers=headers).text


def test_until_the_database_is_as_this_version_wants_it_every_page_says_so(app, client, monkeypatch):
    fresh = Flask("aidtracker", template_folder="../templates", static_folder="../static")
    answers = iter([False, False, True])
    monkeypatch.setattr(views, "is_migrated", lambda: next(answers))
    register_web(fresh)
    views.wait_for_migration(fresh)
    fresh.add_url_rule("/x", "x", lambda: "ready")
    visitor = fresh.test_client()
    for _ in range(2):
        answer = visitor.get("/x")
        assert (answer.status_code, "flask --app wsgi migrate" in answer.text) == (503, True)
    assert [visitor.get("/x").text for _ in range(2)] == ["ready", "ready"]
