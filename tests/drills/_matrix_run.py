"""In the pytest process that walks the matrix for a drill: the bug is planted once everything is imported and before the site is
put together; at the end stands in a file what was asked, by whom and where, and what was wrong."""

import contextlib
import json
import os
from pathlib import Path

from flask import g, request, request_finished

from aidtracker.permissions import ROLES
from tests.drills.drill import drill_named

asked = {"requests": 0, "tests": 0}
endpoints: set[str] = set()
known: set[str] = set()
people: set[str] = set()
wrong: list[str] = []
planted = contextlib.ExitStack()  # for as long as the process lives


def pytest_collection_finish(session):
    request_finished.connect(count)
    drill, _, name = os.environ.get("DRILL_BUG", "").partition(":")
    for bug in drill_named(drill).bugs if drill else ():
        if bug.name == name:
            planted.enter_context(bug.plant())


def count(app, response):
    asked["requests"] += 1
    endpoints.add(request.endpoint or "")
    known.update(rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint != "static") if not known else None
    people.add(getattr(g.get("_login_user"), "username", ""))


def pytest_runtest_logreport(report):
    asked["tests"] += report.when == "call"
    if report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        wrong.append(f"{report.nodeid.rpartition('::')[2]}: {crash.message if crash else report.longreprtext}")


def pytest_sessionfinish():
    roles = {role for role in ROLES for name in people if name.startswith(role.replace("_", ".") + ".at.")}
    told = {"roles": len(roles), "routes": len(endpoints & known), **asked}
    Path(os.environ["DRILL_TOLD"]).write_text(json.dumps({"facts": told, "never": sorted(known - endpoints), "wrong": wrong}))
