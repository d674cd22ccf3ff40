"""The floor plan: a module imports only what stands above it, and the doors alone know flask. Offenders are named."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import pytest

HOUSE = Path(__file__).resolve().parent.parent / "aidtracker"
# errors and phrases stand first: they import nothing, and config must be able to say why the site cannot start.
FLOORS = """
    errors phrases config db practice permissions bound apart crypto web excel charts audit receipts jobs attachments orgs accounts policies tasks
    terms students attendance visits cases census aid reports ledgers imports mobile home operation setup demo schema cli __init__
""".split()
FILES = ("config", "errors", "phrases", "db", "practice", "permissions", "bound", "apart", "charts", "schema", "cli", "__init__")  # every other room is a folder
ROOF = ("schema", "cli", "__init__")  # they put the house together
UPSTAIRS = ("reports", "imports", "mobile", "home", "setup", "operation", "demo", "cli", "__init__")  # read by nobody but each other
DRAWERS = ("utils", "util", "helpers", "helper", "common", "misc", "base", "manager", "managers", "tools", "shared")
WEB_FRAMEWORK = ("flask", "flask_login", "flask_babel", "flask_wtf", "werkzeug", "jinja2")
DOORS = ("views", "cli", "permissions", "__init__")  # and everything in web/
WORDS_ONLY = ("lazy_gettext", "lazy_ngettext", "lazy_pgettext")  # what forms may take of flask_babel
# Inside a room: who may import whom. A module with a name of its own (a rule, sheets) sits with the queries.
# An intake is the corridor behind a door: the job that an upload starts reads the workbook through it too.
# A room that outgrows a file has views_editing.py beside views.py: the word before the underscore says what it is.
FURNITURE = {
    "models": ("models",),
    "queries": ("models", "queries", "rule"),
    "rule": ("models", "queries", "rule"),
    "actions": ("models", "queries", "rule", "actions", "intake"),
    "forms": ("models", "queries", "rule", "forms"),
    "intake": ("models", "queries", "rule", "actions", "forms", "intake"),
    "views": ("models", "queries", "rule", "actions", "forms", "intake", "views"),
    "__init__": (),
}
FREE_INSIDE = ("config", "errors", "db", "permissions", "bound", "apart", "crypto", "web", "excel", "charts", *ROOF)  # not rooms of a feature


class Import(NamedTuple):
    line: int
    module: str  # aidtracker.orgs.models, flask
    names: tuple[str, ...]
    is_inside_function: bool


def sources() -> dict[str, str]:
    return {str(path.relative_to(HOUSE.parent)): path.read_text() for path in sorted(HOUSE.rglob("*.py"))}


def imports_of(path: str, tree: ast.Module):
    """Every import statement, `from aidtracker import x` and relative ones spelled out."""
    inside = {id(node) for function in functions_of(tree) for node in ast.walk(function) if node is not function}
    package = path.removesuffix(".py").split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                yield Import(node.lineno, name.name, (), id(node) in inside)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = ".".join([*package[: len(package) - node.level + 1], *([module] if module else [])])
            names = tuple(name.name for name in node.names)
            for each in spelled_out(module, names):
                yield Import(node.lineno, each, names, id(node) in inside)


def spelled_out(module: str, names: tuple[str, ...]) -> list[str]:
    """from aidtracker.orgs import queries, grades -> both modules; a name that is no module stays with its package."""
    parts = module.split(".")
    if parts[0] != "aidtracker" or not (HOUSE.parent / "/".join(parts)).is_dir():
        return [module]
    folder = HOUSE.parent / "/".join(parts)
    known = [name for name in names if (folder / f"{name}.py").exists() or (folder / name).is_dir()]
    return [f"{module}.{name}" for name in known] + ([module] if len(known) < len(names) else [])


def functions_of(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)]


def place_of(module: str) -> tuple[str, str]:
    """aidtracker.orgs.models -> (orgs, models); aidtracker.db -> (db, ''); aidtracker -> (__init__, '')."""
    _, *rest = module.split(".")
    room, *inner = rest or ["__init__"]
    if room not in FILES and not inner:
        inner = ["__init__"]
    return room, ".".join(inner)


def furniture(inner: str) -> str:
    piece = inner.partition("_")[0] if not inner.startswith("_") else inner
    return piece if piece in FURNITURE else "rule"


def offences(path: str, source: str) -> list[str]:
    """What this file does against the plan, as `file:line words`."""
    tree = ast.parse(source)
    room, inner = place_of(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
    found = [f"{path}:1 {words}" for words in misplaced(path, room, inner, tree)]
    if room not in FLOORS:
        return found
    for each in imports_of(path, tree):
        found += [f"{path}:{each.line} imports {each.module}: {words}" for words in wrong_with(each, room, inner)]
    return found


def misplaced(path: str, room: str, inner: str, tree: ast.Module):
    if room not in FLOORS:
        yield f"{room} is not on the floor plan"
    elif (room in FILES) == bool(inner):
        yield f"{room} is a {'file' if room in FILES else 'folder'} on the plan"
    if inner.count("."):
        yield "a room has no rooms inside"
    if set(path.removesuffix(".py").split("/")) & set(DRAWERS):
        yield "what has no name has no home yet"
    first = (ast.get_docstring(tree, clean=False) or "").split("\n")[0].strip()
    if len(first) < 10:
        yield "no opening line that says what lives here"
    if any(isinstance(node, ast.Call) and called(node) in ("__import__", "import_module") for node in ast.walk(tree)):
        yield "imports by name, where nobody can follow"


def called(node: ast.Call) -> str:
    return getattr(node.func, "id", None) or getattr(node.func, "attr", "")


def wrong_with(each: Import, room: str, inner: str):
    if each.is_inside_function:
        yield "inside a function"
    if each.module.split(".")[0] in WEB_FRAMEWORK:
        yield from wrong_flask(each, room, inner)
    if each.module.split(".")[0] == "aidtracker":
        yield from wrong_neighbour(room, inner, *place_of(each.module))


def wrong_flask(each: Import, room: str, inner: str):
    if room in DOORS or room == "web" or furniture(inner) == "views":
        return
    if furniture(inner) == "forms" and (each.module == "flask_wtf.file" or (each.module == "flask_babel" and set(each.names) <= set(WORDS_ONLY))):
        return
    yield "flask stays at the doors"


def wrong_neighbour(room: str, inner: str, other: str, its: str):
    if other == room:
        if room not in FREE_INSIDE and furniture(its) not in FURNITURE[furniture(inner)]:
            yield f"in a room, {furniture(inner)} do not reach for {furniture(its)}"
        return
    if other not in FLOORS:
        yield "not on the floor plan"
    elif FLOORS.index(other) > FLOORS.index(room):
        yield f"{other} stands below {room}"
    elif other in UPSTAIRS and room not in UPSTAIRS and room not in ROOF:
        yield f"nobody imports {other}"
    if furniture(its) == "views" and room != "__init__":
        yield "only create_app imports views"
    if furniture(its) == "forms" and other != "web" and furniture(inner) != "intake":
        yield "another room's forms"
    if other == "web" and room not in DOORS and furniture(inner) not in ("views", "forms", "intake"):
        yield "web is for pages: not below a door"


def test_every_module_keeps_to_the_floor_plan():
    found = [words for path, source in sources().items() for words in offences(path, source)]
    assert not found, "\n" + "\n".join(found)


def test_every_folder_is_a_room_of_the_plan_and_every_room_a_folder():
    folders = {path.name for path in HOUSE.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert folders == set(FLOORS) - set(FILES), f"not on the plan, or on it alone: {sorted(folders ^ (set(FLOORS) - set(FILES)))}"


def test_the_readme_draws_every_room_in_this_order():
    drawn = re.findall(r"^  (\w+)(?:/|\.py {2,})(?:(\w+)\.py)?", (HOUSE.parent / "README.md").read_text(), re.M)
    assert [name for names in drawn for name in names if name] == ["__init__", *FLOORS[:-1]]


def test_the_plan_has_every_room_once():
    assert len(FLOORS) == len(set(FLOORS))
    assert set(UPSTAIRS) | set(ROOF) | set(FILES) <= set(FLOORS)


DOC = '"""What lives here, in one line."""\n'


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("aidtracker/orgs/queries.py", "from aidtracker.students.models import Student", "students stands below orgs"),
        ("aidtracker/orgs/queries.py", "from aidtracker import cli", "cli stands below orgs"),
        ("aidtracker/orgs/queries.py", "from aidtracker import create_app", "__init__ stands below orgs"),
        ("aidtracker/orgs/queries.py", "from ..students import queries", "students stands below orgs"),
        ("aidtracker/orgs/queries.py", "import aidtracker.students.queries", "students stands below orgs"),
        ("aidtracker/ledgers/queries.py", "from aidtracker.reports.registry import figures", "nobody imports reports"),
        ("aidtracker/ledgers/queries.py", "from aidtracker.imports.actions import upload_workbook", "imports stands below ledgers"),
        ("aidtracker/students/actions_moving.py", "from flask import request", "flask stays at the doors"),
        ("aidtracker/students/pinyin.py", "from aidtracker.accounts.views_keys import x", "only create_app imports views"),
        ("aidtracker/students/actions.py", "from aidtracker.accounts.views import enter", "only create_app imports views"),
        ("aidtracker/cli.py", "from aidtracker.accounts import views", "only create_app imports views"),
        ("aidtracker/students/views.py", "from aidtracker.accounts.forms import SignInForm", "another room's forms"),
        ("aidtracker/students/models.py", "from aidtracker.students.queries import in_scope", "models do not reach for queries"),
        ("aidtracker/accounts/queries.py", "from aidtracker.accounts import actions", "queries do not reach for actions"),
        ("aidtracker/students/forms.py", "from aidtracker.students.actions import x", "forms do not reach for actions"),
        ("aidtracker/students/pinyin.py", "from .actions import x", "rule do not reach for actions"),
        ("aidtracker/students/actions.py", "from .forms import x", "actions do not reach for forms"),
        ("aidtracker/students/actions.py", "from flask import request", "flask stays at the doors"),
        ("aidtracker/imports/intake.py", "import flask", "flask stays at the doors"),
        ("aidtracker/students/forms.py", "from flask_babel import gettext", "flask stays at the doors"),
        ("aidtracker/students/queries.py", "from werkzeug.exceptions import NotFound", "flask stays at the doors"),
        ("aidtracker/students/queries.py", "from aidtracker.web.filters import clock", "web is for pages"),
        ("aidtracker/students/queries.py", "def f():\n    from aidtracker.orgs import models", "inside a function"),
        ("aidtracker/students/queries.py", "f = lambda name: __import__(name)", "imports by name"),
        ("aidtracker/students/helpers.py", "", "what has no name has no home yet"),
        ("aidtracker/cupboard/models.py", "", "cupboard is not on the floor plan"),
        ("aidtracker/cupboard.py", "", "cupboard is not on the floor plan"),
        ("aidtracker/orgs/queries.py", "from aidtracker.cupboard import things", "not on the floor plan"),
        ("aidtracker/db/models.py", "", "db is a file on the plan"),
        ("aidtracker/orgs/inner/models.py", "", "a room has no rooms inside"),
    ],
)
def test_it_notices(path, source, words):
    found = offences(path, DOC + source)
    assert found, source
    assert all(each.startswith(f"{path}:") for each in found)
    assert any(words in each for each in found), found


def test_it_notices_a_missing_opening_line():
    assert "no opening line" in offences("aidtracker/orgs/queries.py", "import datetime\n")[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("aidtracker/accounts/views.py", "from flask import request\nfrom aidtracker.accounts import actions, forms, queries"),
        ("aidtracker/accounts/views_keys.py", "from flask import request\nfrom aidtracker.accounts.actions import create_user"),
        ("aidtracker/home/queries.py", "from aidtracker.reports.registry import figures"),
        ("aidtracker/students/forms.py", "from flask_babel import lazy_gettext as _l\nfrom aidtracker.web.forms import Form"),
        ("aidtracker/attendance/actions.py", "from aidtracker.students.queries import roster_of\nfrom aidtracker.orgs import grades"),
        ("aidtracker/imports/intake.py", "from aidtracker.students.forms import StudentForm"),
        ("aidtracker/demo/actions.py", "from aidtracker.operation.models import Installation"),
        ("aidtracker/cli.py", "import flask\nfrom aidtracker.imports.intake import read_file"),
        ("aidtracker/__init__.py", "from aidtracker.students import views"),
    ],
)
def test_it_lets_pass_what_the_plan_allows(path, source):
    assert offences(path, DOC + source) == []
