"""What no module may do, whoever reviews it: read a child by a bare number, paste values into SQL, mark text as safe, keep a secret, run or
fetch what comes from outside. Each rule has a test that shows that it notices.
"""

import ast
import re

import pytest

from tests.test_floor_plan import functions_of, furniture
from tests.test_house_rules import called, calls_in, names_in, offences

pytestmark = pytest.mark.once

# Records of persons and places: who may see one is asked by visible_...; whoever runs a job is asked when the job is asked for.
SCOPED = set(
    """Student Guardian Enrollment Tag NameReading StudentVersion RollCall RollCallVersion Absence Visit VisitStudent VisitVersion Case CaseVersion CaseClosing CaseHandover Notice NoticeService CaseSeal CaseReader CaseGlance CaseOverruling Responsibility
    FollowUp Payment Batch Program Snapshot ListedChild ImportFile Org School SchoolClass User Membership UserSession Job""".split()
)
DOORS = ("views", "intake", "actions", "forms")
KEYS = ("id", "uid", "token_hash")
LOADED_ALREADY = {  # by a number that nobody typed
    "imports.actions": "the file of a job, by the job's own argument",
    "imports.actions_undoing": "the file of a job, by the job's own argument",
    "students.actions_undoing_roster": "pupils and classes that the import wrote, by its own steps",
}
READS = ("get_by_id", "get", "get_or_none", "select")
# Fields of a statement that are names of ours and come as parameters.
NAMES_OF_OURS = {
    "aid.paid_sums": "columns that its own methods name, numbers of schools as the database gave them",
    "students.lookup": "one of two columns, numbers of counties as int()",
    "setup.queries": "conditions written out above them",
    "visits.sums": "statements written out above them",
    "attendance.queries": "statements of each session, written out above them",
    "attendance.sums": "statements of everybody and of boarders, written out above them",
    "db": "tables and columns of our models",
    "operation.tables": "tables that a migration makes",
    "operation.actions_moving": "tables of our models, columns as the database names them",
    "operation.actions_rotation": "sealed columns, from the models",
}
MARKED = {
    "charts": "a drawing made of escaped parts",
    "attendance.views_tiles": "forty-five tiles of escaped names",
    "web.language": "words of the catalogue, values escaped",
}
STARTS_PROGRAMS = {"apart": "the process that reads a foreign file", "excel.apart": "the process that reads a workbook", "excel.files": "the same", "demo.serving": "gunicorn", "demo.actions_practice": "the county of tomorrow, built in a process of its own", "operation.dumps": "pg_dump and pg_restore"}
OPENS_SOCKETS = {"demo.serving": "asks whether its own port is free"}
NEVER = re.compile(r"^(pickle|marshal|shelve|dill|yaml|code|codeop|telnetlib|ftplib|smtplib|xmlrpc|asyncio|multiprocessing)(\.|$)")
NETWORK = re.compile(r"^(socket|socketserver|requests|httpx|aiohttp|http|urllib3|urllib\.request|urllib\.error)(\.|$)")
PROGRAMS = re.compile(r"^(subprocess|pty|pexpect)(\.|$)")
RUNS_SQL = ("run_sql", "execute_sql", "run_many", "executemany", "SQL")
SQL = re.compile(r"^\s*(SELECT|INSERT|UPDATE|DELETE|DROP|CREATE|ALTER|WITH|PRAGMA)\b")
SECRET_TEXT = re.compile(r"-----BEGIN|\b[0-9a-fA-F]{32,}\b|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|://[^/\s:{}]+:[^/\s@{}]+@")
SECRET_NAME = re.compile(r"(^|_)(password|secret|token|api_?key|kek)$", re.I)
KNOWN_SECRETS = {("demo.staff", "PASSWORD"): "printed by `demo`, and good for nothing else"}
INLINE = re.compile(r"<\w[^>]*\s(style|on[a-z]+)\s*=|javascript:|<style\b|<script\b(?![^>]*\bsrc=)", re.I)


def place(room: str, inner: str) -> str:
    return f"{room}.{inner}" if inner else room


# Records by a bare number.


def bare_numbers(path, room, inner, tree):
    """Student.get_by_id(student_id), Student.get(Student.id == form.id.data), Student.select().where(Student.id == x): x may
    only be the number of something that is there already, as student.id is."""
    if furniture(inner) not in DOORS or place(room, inner) in LOADED_ALREADY:
        return
    for node in calls_in(tree):
        model, name = called(node)
        if model in SCOPED and name == "get_by_id" and not is_there_already(node.args[0]):
            yield node.lineno, f"{model}.{name}() by a bare number: load it by visible_..."
        if (model in SCOPED and name in READS) or name == "where":
            for compared in (each for given in node.args for each in ast.walk(given) if isinstance(each, ast.Compare)):
                owner = compared.left
                is_key = isinstance(owner, ast.Attribute) and owner.attr in KEYS and getattr(owner.value, "id", "") in SCOPED
                if is_key and not reads_visible(node) and not all(is_there_already(other) for other in compared.comparators):
                    yield node.lineno, f"{owner.value.id}.{owner.attr} compared with a bare number: load it by visible_..."


def is_there_already(node) -> bool:
    is_number = isinstance(node, ast.Attribute) and (node.attr in KEYS or node.attr.endswith("_id"))
    return is_number and isinstance(node.value, ast.Name) and node.value.id not in ("request", "form")


def reads_visible(node) -> bool:
    return any(name.startswith(("visible_", "all_visible_")) for name in names_in(node.func)) or "update" in names_in(node.func) or "delete" in names_in(node.func)


def test_a_door_reads_nobody_by_a_bare_number():
    assert offences(bare_numbers) == []


def test_it_notices_a_bare_number():
    for slip in (
        "Student.get_by_id(student_id)", "Student.get(Student.id == student_id)", "models.Case.get_or_none(Case.id == int(text))",
        "Student.select().where(Student.id == form.student.data).first()", "Payment.select().where((Payment.id == n) & (Payment.status == 'x'))",
        "Job.get(Job.uid == request.uid)",
    ):  # fmt: skip
        for inner in ("views", "actions", "views_editing", "actions_placing"):
            assert offences(bare_numbers, source=slip, inner=inner), slip
    for right in ("Student.get_by_id(student.id)", "visible_students(user).where(Student.id == student_id)", "User.get_by_id(job.owner_id)"):
        assert not offences(bare_numbers, source=right, inner="actions"), right


# Values in SQL.


def pasted_values(path, room, inner, tree):
    """A statement is made of constants, of marks_for(values) and of what the function made itself; never of what it was given."""
    if place(room, inner) in NAMES_OF_OURS:
        return
    for node in calls_in(tree):
        if called(node)[1] in RUNS_SQL and node.args and isinstance(node.args[0], ast.BinOp) and isinstance(node.args[0].op, ast.Mod):
            yield node.lineno, "SQL made by %: pass values as parameters"
    for function in functions_of(tree):
        given = {each.arg for each in (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)}
        for node in ast.walk(function):
            pieces = [each.value for each in node.values if isinstance(each, ast.FormattedValue)] if is_statement(node) else []
            if isinstance(node, ast.Call) and called(node)[1] in RUNS_SQL and node.args and not isinstance(node.args[0], ast.Name):
                pieces = [node.args[0]]
            used = given & {name for piece in pieces for name in pasted_names(piece)}
            if used:
                yield node.lineno, f"SQL made of {', '.join(sorted(used))}: pass values as parameters"


def is_statement(node) -> bool:
    return isinstance(node, ast.JoinedStr) and bool(SQL.match(text_of(node)))


def pasted_names(piece) -> set[str]:
    """Names in it, but for those that only say how many question marks there are."""
    counted = {id(name) for each in ast.walk(piece) if isinstance(each, ast.Call) and called(each)[1] in ("marks_for", "len") for name in ast.walk(each)}
    return {each.id for each in ast.walk(piece) if isinstance(each, ast.Name) and id(each) not in counted}


def text_of(node: ast.JoinedStr) -> str:
    return "".join(each.value if isinstance(each, ast.Constant) else "x" for each in node.values)


def test_no_value_stands_in_a_statement():
    assert offences(pasted_values) == []


def test_it_notices_a_value_in_a_statement():
    for slip in (
        'def f(name):\n    run_sql(f"SELECT id FROM student WHERE name = \'{name}\'")',
        'def f(*, order):\n    return f"SELECT id FROM student ORDER BY {order}"',
        'run_sql("SELECT id FROM student WHERE name = \'%s\'" % name)',
        'def f(number):\n    run_sql("SELECT id FROM student WHERE id = " + number)',
        'def f(table):\n    database.execute_sql("DELETE FROM {}".format(table))',
        'def f(words):\n    return Student.select(peewee.SQL(f"name = {words}"))',
    ):
        assert offences(pasted_values, source=slip), slip
    for right in ('f"SELECT {NAMES} FROM student WHERE id IN {marks_for(ids)}"', "LIVE + marks_for(ids)", 'LIVE.format("s.county_id = ?")'):
        assert not offences(pasted_values, source=f"def f(ids):\n    run_sql({right}, ids)"), right


# Text marked as safe, and markup with code in it.


def marked_texts(path, room, inner, tree):
    for node in calls_in(tree):
        if called(node)[1] == "Markup" and place(room, inner) not in MARKED and not all(isinstance(given, ast.Constant) for given in node.args):
            yield node.lineno, "Markup() of a variable: leave it to the template"
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and INLINE.search(node.value) and not is_docstring(tree, node):
            yield node.lineno, "inline style, handler or script"
        if isinstance(node, ast.Call) and called(node)[1] in ("tag", "Element", "SubElement") and {"style", "onclick", "onload"} & {given.arg for given in node.keywords}:
            yield node.lineno, "inline style or handler"


def is_docstring(tree, node) -> bool:
    return any(isinstance(each, ast.Expr) and each.value is node for each in ast.walk(tree))


def test_no_text_is_marked_as_safe():
    assert offences(marked_texts) == []


def test_it_notices_a_marked_text():
    for slip in ("Markup(student.name)", "markupsafe.Markup(f'<b>{x}</b>')", "x = '<p style=\"color:red\">'", "x = '<a onclick=y>'", "tag('g', style='x')"):
        assert offences(marked_texts, source=slip), slip
    assert not offences(marked_texts, source='"""Not <p style=x>."""\nMarkup("")')


# Secrets.


def secrets_in_code(path, room, inner, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SECRET_TEXT.search(node.value):
            yield node.lineno, "looks like a key, or an address with a password"
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str) and node.value.value:
            for target in node.targets:
                name = getattr(target, "id", "")
                if SECRET_NAME.search(name) and (place(room, inner), name) not in KNOWN_SECRETS:
                    yield node.lineno, f"{name} stands in the code: make it at the first start, or read it from the environment"


def test_no_secret_stands_in_the_code():
    assert offences(secrets_in_code) == []


def test_it_notices_a_secret():
    for slip in ("SECRET = 'x'", "api_key = 'x'", f"x = '{'0a' * 16}'", "url = 'postgresql://site:hunter2@db/x'", "x = '''-----BEGIN PRIVATE KEY'''"):
        assert offences(secrets_in_code, source=slip), slip
    assert not offences(secrets_in_code, source="token = ''\nkey = 'students'\nx = 'postgresql://user@host/name'")


# What runs or fetches something.


def outside_world(path, room, inner, tree):
    here = place(room, inner)
    for node in ast.walk(tree):
        named = [each.name for each in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in named:
            if NEVER.match(name):
                yield node.lineno, f"{name}: runs what it reads, or is not needed here"
            if NETWORK.match(name) and here not in OPENS_SOCKETS:
                yield node.lineno, f"{name}: the site asks nobody else"
            if PROGRAMS.match(name) and here not in STARTS_PROGRAMS:
                yield node.lineno, f"{name}: the site starts no program"
        if isinstance(node, ast.Call):
            owner, name = called(node)
            if any(given.arg == "shell" and not is_false(given.value) for given in node.keywords) or (owner == "os" and name in ("system", "popen")):
                yield node.lineno, "a shell"
            if (owner, name) in (("tempfile", "mktemp"), ("os", "tempnam")) or (name in ("eval", "exec", "compile", "__import__") and not owner):
                yield node.lineno, f"{name}()"


def is_false(node) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def test_nothing_is_run_or_fetched():
    assert offences(outside_world) == []


def test_it_notices_what_runs_or_fetches():
    for slip in (
        "import pickle", "from yaml import load", "import requests", "import urllib.request", "from http import client", "import subprocess",
        "run(x, shell=True)", "run(x, shell=flag)", "os.system('ls')", "eval(text)", "exec(text)", "tempfile.mktemp()",
    ):  # fmt: skip
        assert offences(outside_world, source=slip), slip
    assert not offences(outside_world, source="import urllib.parse\nfrom urllib.parse import urlsplit\nre.compile('x')\nrun(x, shell=False)")
