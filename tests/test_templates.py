"""Every template compiles, finds what it builds on, links only to endpoints and marks nothing as safe."""

import ast
import collections
import functools
import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates").rglob("*.*"))
SOURCES = sorted((ROOT / "aidtracker").rglob("*.py"))


@functools.cache
def source(name):
    return re.sub(r"\{#.*?#\}", "", (ROOT / "templates" / name).read_text(), flags=re.S)


@pytest.fixture(scope="module")
def trees(session_app) -> dict:
    """{template: its syntax tree}"""
    return {name: session_app.jinja_env.parse(source(name)) for name in TEMPLATES}


def test_a_template_compiles(session_app):
    for name in TEMPLATES:
        session_app.jinja_env.get_template(name)


def test_what_a_template_builds_on_is_there(session_app, trees):
    for name, tree in trees.items():
        wanted = {each for each in meta.find_referenced_templates(tree) if each is not None}
        assert wanted <= set(TEMPLATES), name
        for node in tree.find_all(jinja2.nodes.FromImport):
            macros = session_app.jinja_env.get_template(node.template.as_const()).module
            names = [each if isinstance(each, str) else each[0] for each in node.names]
            assert [each for each in names if not hasattr(macros, each)] == [], name


def test_a_template_knows_its_filters_and_tests(session_app, trees):
    """A name that is given by nobody is empty on the page, and nobody notices: these at least must exist."""
    env = session_app.jinja_env
    for name, tree in trees.items():
        assert {node.name for node in tree.find_all(jinja2.nodes.Filter)} <= set(env.filters), name
        assert {node.name for node in tree.find_all(jinja2.nodes.Test)} <= set(env.tests), name


def test_a_template_marks_nothing_as_safe():
    assert {name: found for name in TEMPLATES if (found := slips(source(name)))} == {}


def slips(html):
    return re.findall(r"\|\s*safe\b|autoescape\s+(?:false|off)|Markup\(|\|\s*tojson\b[^}]*</script", html)


def test_it_notices_what_is_marked_as_safe():
    assert slips("{{ name|safe }}") and slips("{{ name | safe }}") and slips("{% autoescape false %}")
    assert not slips("{{ safety }} {{ _('safe') }}")


def links(tree):
    """(endpoint, names of the parts that are given, whether more may be given at run time) of every url_for with a plain name."""
    for call in tree.find_all(jinja2.nodes.Call):
        if getattr(call.node, "name", "") == "url_for" and call.args and isinstance(call.args[0], jinja2.nodes.Const):
            yield call.args[0].value, {each.key for each in call.kwargs}, bool(call.dyn_kwargs)


def test_a_link_leads_to_an_endpoint_with_the_parts_of_its_address(session_app, trees):
    rules = collections.defaultdict(list)
    for rule in session_app.url_map.iter_rules():
        rules[rule.endpoint].append(rule.arguments)
    for name, tree in trees.items():
        for endpoint, given, may_have_more in links(tree):
            endpoint = name.partition("/")[0] + endpoint if endpoint.startswith(".") else endpoint
            assert endpoint in rules, f"{name}: {endpoint}"
            assert may_have_more or any(parts <= given for parts in rules[endpoint]), f"{name}: {endpoint} {given}"


def rendered():
    """{template: file:line} of every render_template() with a plain name, in the code."""
    found = {}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "render_template" and node.args:
                if isinstance(node.args[0], ast.Constant):
                    found[node.args[0].value] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_template_that_a_view_names_is_there():
    missing = {f"{where} {name}" for name, where in rendered().items() if name not in TEMPLATES}
    assert missing == set()


def test_every_template_is_used():
    """By a view, by another template, or made up at run time from its folder and a word (errors/404, jobs/_job)."""
    made_up = ("errors/", "jobs/")
    used = {node.value for path in SOURCES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)}
    env = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for name in TEMPLATES:
        used |= {each for each in meta.find_referenced_templates(env.parse(source(name))) if each}
    layouts = {name for name in TEMPLATES if "/" not in name}  # offered to every room
    assert {name for name in TEMPLATES if name not in used | layouts and not name.startswith(made_up)} == set()


def test_the_site_escapes_what_it_shows(session_app):
    assert session_app.jinja_env.from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"
