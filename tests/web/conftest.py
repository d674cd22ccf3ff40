"""A small site that has nothing but what web/ gives every page."""

from types import SimpleNamespace

import pytest
from flask import Flask, render_template_string, session
from flask_login import LoginManager, UserMixin

from aidtracker.permissions import Permission, public
from aidtracker.web import register_web

PAGE = """{% extends "layout.html" %}{% block title %}样张{% endblock %}{% block content %}<p>正文</p>{% endblock %}"""


class Person(UserMixin):
    id, name, language = "1", "张老师", "zh"
    held: set = set(Permission)
    memberships: tuple = ()

    def may(self, permission, org=None):
        return permission in self.held


@pytest.fixture
def site():
    """The Flask app; site.person says who is signed in, None for a stranger."""
    app = Flask("aidtracker", template_folder="../templates", static_folder="../static")
    app.config.update(SECRET_KEY="only-for-this-test", PROPAGATE_EXCEPTIONS=False)
    app.people = SimpleNamespace(now=Person())
    manager = LoginManager(app)
    manager.request_loader(lambda _request: app.people.now)
    register_web(app)
    app.add_url_rule("/", "home.show_home", public(lambda: render_template_string(PAGE)))
    app.add_url_rule("/sign-out", "accounts.sign_out", lambda: session.clear() or "x", methods=["POST"])
    for name in ("change_password", "list_sessions", "show_second_factor"):
        app.add_url_rule(f"/me/{name}", f"accounts.{name}", public(lambda: "x"))
    return app


@pytest.fixture
def visitor(site):
    return site.test_client()
