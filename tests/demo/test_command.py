"""`flask --app wsgi demo` as the operator runs it."""

import json

PUPILS = "SELECT name, sex, born_on, ethnicity, home_code, mode, entered_on FROM student ORDER BY id"
ORGS = "SELECT code, name, kind FROM org ORDER BY id"
ROLLS = "SELECT class_org_id, on_day, session, revision, expected, present FROM roll_call ORDER BY on_day, class_org_id, session"
ABSENCES = "SELECT student_id, on_day, mark FROM absence ORDER BY student_id, roll_call_id"
PEOPLE = "SELECT username, name FROM user_account ORDER BY id"
VISITS = """SELECT s.name, v.on_day, v.form, v.teachers, v.state FROM visit v JOIN visit_student vs ON vs.visit_id = v.id
JOIN student s ON s.id = vs.student_id ORDER BY v.on_day, v.form, s.id, v.ordinal"""
CASES = "SELECT number, student_id, state, origin, absent_from, found_on, main_reason, due_on, outcome FROM dropout_case ORDER BY number"
LISTED = "SELECT name, sex, born_on, home_code, category, level, listed_on, cleared_on FROM listed_child ORDER BY snapshot_id, id"
PAYMENTS = "SELECT batch_id, student_id, grade, is_boarding, amount_fen, status, paid_on, holder_name FROM payment ORDER BY batch_id, student_id"


def test_demo_builds_once_and_then_finds_it(run_command):
    first = run_command("demo", "--small", "--no-serve")
    assert first.returncode == 0, first.stderr
    assert "教师 Teacher" in first.stdout
    assert "http://127.0.0.1:8000/" in first.stdout
    again = run_command("demo", "--no-serve", "--json", "--port", "8123")
    answer = json.loads(again.stdout)
    assert (answer["built"], answer["address"]) == (False, "http://127.0.0.1:8123/")
    assert {"role", "username", "password", "place"} <= set(answer["accounts"][0])


def test_the_same_seed_gives_the_same_county_in_any_process(run_command):
    for name in ("one", "two"):
        done = run_command("demo", "--small", "--no-serve", name=name, PYTHONHASHSEED={"one": "1", "two": "2"}[name])
        assert done.returncode == 0, done.stderr
    for sql in (PUPILS, ORGS, PEOPLE, ROLLS, ABSENCES, VISITS, CASES, LISTED, PAYMENTS):
        assert run_command.rows("one", sql) == run_command.rows("two", sql)


def test_demo_leaves_a_database_of_somebody_else_alone(run_command, tmp_path):
    table = tmp_path / "divisions.csv"
    table.write_text("代码,名称,级别,上级代码\n9901,九九市,市,\n", "utf-8")
    run_command("migrate")
    run_command("import", "divisions", str(table))
    refused = run_command("demo", "--no-serve")
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "已有别的数据" in refused.stderr
    assert run_command.rows("one", ORGS) == [("9901", "九九市", "city")]
