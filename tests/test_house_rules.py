"""Rules of the house that the eye forgets: one clock, whole fen, no queries in views, one entry in the trail for every write,
sealed columns, and nothing of anybody in a log.
"""

import ast
import logging
import re
from functools import cache

import peewee
import pytest

from aidtracker.config import load_settings
from aidtracker.crypto.field import EncryptedField
from aidtracker.crypto.keyring import PURPOSES
from aidtracker.permissions import ROLES
from aidtracker.schema import MODELS
from tests import factories
from tests.test_floor_plan import functions_of, furniture, place_of, sources

pytestmark = pytest.mark.once

MODEL_NAMES = {model.__name__ for model in MODELS}
QUERY_METHODS = ("select", "get", "get_or_none", "get_by_id", "get_or_create", "create", "insert", "insert_many", "update", "delete", "raw", "save")
# Endpoints whose write is called something else, with the action that they lead to.
OTHER_WORDS = {"students.ask_for_pupil": "find_transferee", "accounts.assign_teacher": "give_role", "attendance.take_roll": "submit_roll_call", "web.set_language": "set_language"}
OTHER_WORDS |= {"cases.add_child_responsibility": "add_responsibility", "attendance.extend_leave": "ask_leave", "students.withdraw_approval": "withdraw_move"}
OTHER_WORDS |= dict.fromkeys(("students.start_rollover", "students.start_school_rollover"), "ask_for_rollover")
VERBS = """
    issue serve seal lift break
    show list fetch take assign reopen set sign change create edit add end give enroll reveal export upload commit discard disable enable
    invite accept delegate hand reset register rename move merge transfer withdraw overrule leave open close find search remove delete unlock record
    finish verify send declare start print confirm split combine undo suspend defer correct refuse ask approve extend handle match put
""".split()
# Writes that are no change of anybody's data, each with its reason.
UNTOLD = {
    "audit": "is the trail itself",
    "receipts": "wraps an action that tells",
    "jobs.running": "beats of a job's heart; what the job does is told by its room",
    "jobs.files": "expiry of files",
    "students.actions_phones": "what telephones are found by: derived from what stands there",
    "attendance.early_warning": "what the rolls say, brought up to date by the act that changed one, which tells; the night's round tells",
    "attendance.after_import": "the same, after the import that tells",
    "attendance.alerts": "what the cases of illness say, brought up to date by the act that changed one, which tells",
    "tasks.asking": "joins the transaction of the act that asks for a task or does it, which tells",
    "jobs.queue": "messages",
    "imports.actions_undoing.undo_workbook": "joins the transaction of the undo of the room, which tells",
    "jobs.actions.enqueue": "joins the transaction of the action that wants the job, which tells",
    "visits.keeping_coverage": "sums of what stands there, and which of it changed the trail tells",
    "crypto": "keys, not records",
    "db": "the transaction itself",
    "terms.calendar.seed_national_days": "the public calendar, by migrate",
    "operation.migration": "the schema",
    "operation.actions_moving.move_to_postgresql": "changes nothing here, and takes the trail along",
    "operation.actions_rotation.reseal_column": "the same values under another key; the rotation tells of both its ends",
    "students.actions_rollover.begin_due_orders": "was told when it was asked for; each school tells when it rolls",
    "imports.actions.end_file": "the state of a file, by the job whose start was told",
    "accounts.sessions.session_user": "when a session was last used",
    "accounts.sessions.count_guess": "a guess on its way; how it ends is told",
    "accounts.sessions.let_in": "half of a sign-in; how it ends is told",
    "accounts.sessions.strengthen": "the same password, hashed at a higher cost",
    "accounts.second_factor.take_code": "a code is used up; what it was good for is told",
    "accounts.second_factor.take_step": "the same",
    "accounts.sessions.was_right": "how that guess ended, for the count",
}
SEALED_WORDS = re.compile(r"(^|_)(phone|address|id_number|student_number|card_number|bank(?!_name)\w*|account_number|narrative|diagnosis)$")
NOT_FOR_LOGS = re.compile(r"^(password|token|secret|phone|id_number|student_number|address|name|username|form|data|body|message)$")


@cache
def trees() -> list:
    found = []
    for path, source in sources().items():
        room, inner = place_of(path.removesuffix(".py").removesuffix("/__init__").replace("/", "."))
        found.append((path, room, inner, ast.parse(source)))
    return found


@cache
def names_in(node):
    """Every name and attribute in it."""
    return {getattr(each, "id", None) or getattr(each, "attr", "") for each in ast.walk(node) if isinstance(each, ast.Name | ast.Attribute)}


def called(node) -> tuple[str, str]:
    """datetime.datetime.now(...) -> (datetime, now); record(...) -> ('', record)."""
    function = node.func
    if isinstance(function, ast.Attribute):
        owner = function.value
        return getattr(owner, "attr", None) or getattr(owner, "id", "") or "", function.attr
    return "", getattr(function, "id", "")


def calls_in(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def offences(check, **only):
    """[file:line words] of a check over the whole house, or over one piece of source."""
    if "source" in only:
        return [f"x.py:{line} {words}" for line, words in check("x.py", only.get("room", "orgs"), only.get("inner", "queries"), ast.parse(only["source"]))]
    return [f"{path}:{line} {words}" for path, room, inner, tree in trees() for line, words in check(path, room, inner, tree)]


# One clock.


def clocks(path, room, inner, tree):
    for node in calls_in(tree):
        owner, name = called(node)
        is_clock = (owner in ("datetime", "date") and name in ("now", "utcnow", "today", "utcfromtimestamp")) or (owner, name) == ("time", "localtime")
        if is_clock and room != "db":
            yield node.lineno, f"{owner}.{name}(): ask db.utcnow() or db.today_in_china(), or have it passed in"


def test_time_is_asked_in_one_place():
    assert offences(clocks) == []


def test_it_notices_another_clock():
    assert offences(clocks, source="import datetime\nx = datetime.datetime.now()")
    assert offences(clocks, source="from datetime import date\nx = date.today()")
    assert not offences(clocks, source="x = utcnow()\ny = parts.now()")


# Whole fen.


def coins(path, room, inner, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and called(node)[1] in ("FloatField", "DecimalField"):
            yield node.lineno, "money is whole fen, and a FloatField has four bytes on PostgreSQL"
        if isinstance(node, ast.Call) and called(node) == ("", "float") and any(is_money(name) for name in names_in(node)):
            yield node.lineno, "money as float"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and any(is_money(name) for name in names_in(node)):
            yield node.lineno, "money divided: use // and % on fen"


def is_money(name: str) -> bool:
    return name.endswith("_fen") or name in ("fen", "yuan", "amount", "money")


def test_money_is_never_a_float():
    assert offences(coins) == []


def test_it_notices_a_float_of_money():
    for slip in ("x = float(amount)", "x = total_fen / 100", "x = peewee.FloatField()"):
        assert offences(coins, source=slip)
    assert not offences(coins, source="x = total_fen // 100\ny = float(width)")


def test_a_column_of_money_holds_whole_numbers():
    for model in MODELS:
        for field in model._meta.sorted_fields:
            assert not field.name.endswith("_fen") or isinstance(field, peewee.IntegerField), f"{model.__name__}.{field.name}"


# Views: no query of their own, names that run through.


def queries_in_views(path, room, inner, tree):
    if furniture(inner) != "views" and room != "web":
        return
    for node in calls_in(tree):
        owner, name = called(node)
        if owner in MODEL_NAMES and name in QUERY_METHODS:
            yield node.lineno, f"{owner}.{name}() in a view: load by visible_..., write by an action"
        if name == "transaction" or name == "run_sql":
            yield node.lineno, f"{name}() in a view"


def test_a_view_asks_no_model():
    assert offences(queries_in_views) == []


def test_it_notices_a_query_in_a_view():
    for slip in ("Student.get_by_id(7)", "models.Student.select()", "Student.create()", "transaction()"):
        assert offences(queries_in_views, source=slip, inner="views")
    assert not offences(queries_in_views, source="Student.select()", inner="queries")
    assert not offences(queries_in_views, source="request.args.get('x')", inner="views")


def test_an_endpoint_is_called_as_its_view_and_begins_with_a_verb(session_app):
    wrong = []
    for rule in session_app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        room, _, name = rule.endpoint.partition(".")
        view = session_app.view_functions[rule.endpoint]
        if view.__name__ != name or name.split("_")[0] not in VERBS or place_of(view.__module__)[0] not in (room, "web"):
            wrong.append(f"{rule.endpoint} -> {view.__module__}.{view.__name__}")
    assert wrong == []


def test_an_endpoint_that_writes_is_called_as_its_action(session_app):
    """grep close_case shows its life."""
    actions = {}
    for _, room, inner, tree in trees():
        if furniture(inner) not in ("views", "forms"):
            actions.setdefault(room, set()).update(node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    wrong = []
    for rule in session_app.url_map.iter_rules():
        room, _, name = rule.endpoint.partition(".")
        word = OTHER_WORDS.get(rule.endpoint, name)
        looks = name.startswith("search_")  # numbers are sent, not put into an address
        if "POST" in rule.methods and word not in actions.get(room, ()) and not looks and rule.endpoint != "web.set_language":
            wrong.append(rule.endpoint)
    assert wrong == []


# Every write is told.


def writers(path, room, inner, tree):
    """Functions with a transaction of their own that tell the trail nothing, neither themselves nor through another of the room."""
    place = f"{room}.{inner}" if inner else room
    own = {node.name: node for node in functions_of(tree) if isinstance(node, ast.FunctionDef)}
    telling = telling_of((functions_in(room) if path != "x.py" else {}) | own)
    for name, node in own.items():
        if opens_transaction(node) and name not in telling and not {room, place, f"{place}.{name}"} & set(UNTOLD):
            yield node.lineno, f"{name}() writes and tells nobody"


@cache
def functions_in(room) -> dict:
    every = [node for _, each, _, tree in trees() if each == room for node in functions_of(tree)]
    return {node.name: node for node in every if isinstance(node, ast.FunctionDef)}


def telling_of(functions) -> set[str]:
    """Names of those that call record(), or one that does."""
    mentioned, telling, before = {name: names_in(node) for name, node in functions.items()}, {"record"}, set()
    while telling != before:
        before = set(telling)
        telling |= {name for name, names in mentioned.items() if names & before}
    return telling


def opens_transaction(node) -> bool:
    opened = [item.context_expr for each in ast.walk(node) if isinstance(each, ast.With) for item in each.items]
    return any(isinstance(each, ast.Call) and called(each)[1] == "transaction" for each in opened)


def test_every_action_that_writes_is_told():
    assert offences(writers) == []


def test_it_notices_a_write_that_is_not_told():
    silent = "def close_case(*, case, by):\n    with transaction():\n        Case.update(closed=1).execute()\n"
    assert offences(writers, source=silent, room="cases", inner="actions")
    assert not offences(writers, source=silent + "        told('close', by)\ndef told(action, by):\n    record(action=action)\n")
    assert offences(writers, source=silent + "        told('close', by)\ndef told(action, by):\n    pass\n")


def loose_actions(path, room, inner, tree):
    """Public functions of actions that open a transaction take keywords only, `by` among them."""
    if furniture(inner) != "actions" or room in ("audit", "receipts"):
        return
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and opens_transaction(node) and tells_record(node):
            if node.args.args or "by" not in {each.arg for each in node.args.kwonlyargs}:
                yield node.lineno, f"{node.name}() takes its arguments by keyword, and who acts as `by`"


def tells_record(node) -> bool:
    return bool({"record", "told"} & names_in(node))


def test_an_action_takes_keywords_and_who_acts():
    assert offences(loose_actions) == []


def test_it_notices_an_action_without_an_actor():
    body = "\n    with transaction():\n        record()"
    assert offences(loose_actions, source=f"def close_case(case, by):{body}", inner="actions")
    assert offences(loose_actions, source=f"def close_case(*, case):{body}", inner="actions")
    assert not offences(loose_actions, source=f"def close_case(*, case, by):{body}", inner="actions")


def misnamed(path, room, inner, tree):
    """may_x() and is_x() answer, refuse_x() raises: `if may_edit(...)` of one that only raises would never be true."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith(("may_", "is_", "has_")):
            if not any(isinstance(each, ast.Return) and each.value is not None for each in ast.walk(node)):
                yield node.lineno, f"{node.name}() gives no answer: what raises is called refuse_..."


def test_what_sounds_like_a_question_gives_an_answer():
    assert offences(misnamed) == []


def test_it_notices_a_question_without_an_answer():
    assert offences(misnamed, source="def may_edit(pupil, by):\n    raise Forbidden")
    assert not offences(misnamed, source="def may_edit(pupil, by):\n    return by.may(pupil)")


def short_cuts(path, room, inner, tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            owner, name = called(node)
            if name == "rollback":
                yield node.lineno, "abort by raising: a rollback inside a transaction lets later writes commit by themselves"
            if name in ("model_to_dict", "populate_obj"):
                yield node.lineno, f"{name}(): fields are named one by one"
            if name == "print" and not owner:
                yield node.lineno, "print()"
            if name in ("eval", "exec", "breakpoint") and not owner:
                yield node.lineno, f"{name}()"
            for given in node.keywords:
                if given.arg is None and {"form", "data", "args", "json"} & names_in(given.value) and "request" in names_in(given.value):
                    yield node.lineno, "what was sent, taken over whole"
        if isinstance(node, ast.ExceptHandler) and all(isinstance(each, ast.Pass) for each in node.body):
            if node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"):
                yield node.lineno, "an error that nobody hears of"


def test_nobody_takes_a_short_cut():
    assert offences(short_cuts) == []


def test_it_notices_short_cuts():
    for slip in ("txn.rollback()", "model_to_dict(x)", "print(1)", "Student.create(**request.form)", "try:\n    x()\nexcept Exception:\n    pass"):
        assert offences(short_cuts, source=slip), slip


# What is secret stays so.


def test_a_sealed_column_has_a_key_of_its_purpose_and_a_row_to_be_bound_to():
    sealed = [(model, field) for model in MODELS for field in model._meta.sorted_fields if isinstance(field, EncryptedField)]
    assert len(sealed) >= 7
    for model, field in sealed:
        assert field.purpose in PURPOSES and not field.purpose.startswith("index_"), f"{model.__name__}.{field.name}"
        assert hasattr(model, "uid"), model.__name__
        assert not field.unique and not field.index


def test_a_column_with_a_secret_name_is_sealed_or_a_keyed_index():
    for model in MODELS:
        for field in model._meta.sorted_fields:
            if SEALED_WORDS.search(field.name):
                assert isinstance(field, EncryptedField), f"{model.__name__}.{field.name}"
            if field.name.endswith("_index"):
                assert isinstance(field, peewee.BlobField), f"{model.__name__}.{field.name}"


def test_the_settings_hide_the_database_password():
    settings = load_settings({"DATABASE_URL": "postgresql://site:hunter2@db/x", "DATABASE_ADMIN_URL": "postgresql://owner:hunter3@db/x"})
    assert "hunter" not in repr(settings) + str(settings)


def test_an_object_tells_nothing_of_its_row(county, teacher):
    pupil = factories.make_student(county.room, "金丝雀", home=county.village, phone="13900990099", address="雀巷")
    guardian = factories.make_guardian(pupil, name="雀亲")
    for each in (pupil, guardian, teacher):
        said = repr(each) + str(each)
        assert not re.search(f"金丝雀|13900990099|雀巷|雀亲|{pupil.id_number}|{re.escape(teacher.password_hash)}", said)


def told_to_logs(path, room, inner, tree):
    for node in calls_in(tree):
        owner, name = called(node)
        if owner in ("log", "logger", "logging") and name in ("debug", "info", "warning", "error", "exception", "critical"):
            if name == "exception" or any(given.arg == "exc_info" for given in node.keywords):
                yield node.lineno, "a traceback with its message may hold names"
            for given in node.args[1:]:
                said = {names for names in names_in(given) if NOT_FOR_LOGS.match(names)}
                if said:
                    yield node.lineno, f"logs {', '.join(sorted(said))}"
            if node.args and not isinstance(node.args[0], ast.Constant):
                yield node.lineno, "a log line is a constant with %s, so that nothing slips in"


def test_a_log_line_names_nobody():
    assert offences(told_to_logs) == []


def test_it_notices_a_name_in_a_log_line():
    for slip in ("log.info('%s', student.name)", "log.error(f'{x}')", "log.exception('x')", "log.info('%s', form.data)"):
        assert offences(told_to_logs, source=slip), slip
    assert not offences(told_to_logs, source="log.error('job %s', job.uid)")


def test_signing_in_and_looking_leave_nobody_in_the_log(county, teacher, sign_in, caplog):
    pupil = factories.make_student(county.room, "金丝雀", home=county.village, phone="13900990099")
    with caplog.at_level(logging.DEBUG):
        client = sign_in(teacher)
        client.post("accounts.sign_in", {"username": "teacher", "password": "Wrong-password-77"}, status=400)
        for address in ("/", "/me", f"/students/{pupil.id}", f"/students/{pupil.id}/attendance", "/students?q=金丝雀", "/no/such/金丝雀"):
            client.http.get(address)
    written = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in caplog.records if record.name.startswith("aidtracker"))
    assert not re.search(f"金丝雀|Wrong-password|{factories.PASSWORD}|13900990099|{pupil.id_number}", written)


def test_no_role_is_everything():
    """The administrator of accounts sees no pupil, the auditor changes nothing, and nobody holds every right."""
    every = set().union(*(role.permissions for role in ROLES.values()))
    for name, role in ROLES.items():
        assert role.permissions < every, name
    writing = {permission for permission in every if permission.name.endswith(("_EDIT", "_SUBMIT", "_CORRECT", "_RUN", "_MANAGE", "_APPROVE", "_PAY"))}
    assert not ROLES["auditor"].permissions & writing
    assert not ROLES["city_viewer"].permissions & writing
    assert {permission.name for permission in ROLES["system_admin"].permissions} <= {"ORG_VIEW", "ACCOUNT_MANAGE", "OPERATION_RUN", "OPERATION_VIEW", "SETUP_VIEW"}
