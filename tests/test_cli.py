"""What the commands answer: exit 0 done, 1 done but some input was refused, 2 cannot be done and one line that says why."""

import dataclasses
import datetime
import json
import re

import openpyxl
import pytest

from aidtracker import db
from aidtracker.accounts.models import Membership, User
from aidtracker.audit.anchors import FILE as ANCHORS
from aidtracker.audit.anchors import note_daily, read_anchors
from aidtracker.audit.models import AuditEntry
from aidtracker.audit.queries import head
from aidtracker.census.models import ListKind, Snapshot
from aidtracker.db import today_in_china
from aidtracker.orgs.models import Org
from aidtracker.students.models import Student
from tests import factories
from tests.tampering import chain_anew, disarm

HAN = re.compile(r"[\u4e00-\u9fff]")
GOOD = "Sunny-hills-2026"
HEADINGS = "学校标识码★ 姓名★ 性别★ 出生日期★ 身份证件号 学籍号 年级★ 班级★".split()


@pytest.fixture
def run(app):
    """run("migrate", ...) -> the result; whatever it says is looked at on the way."""
    runner = app.test_cli_runner()

    def ran(*arguments, typed=None):
        with app.app_context():  # as the flask command does
            result = runner.invoke(args=[str(each) for each in arguments], input=typed)
        db.database.connect(reuse_if_open=True)
        assert "Traceback" not in result.stderr + result.stdout
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        if result.exit_code == 2:
            assert len(result.stderr.strip().splitlines()) == 1, result.stderr
            assert result.stdout == ""
        return result

    return ran


def create(run, name="new.teacher", role="teacher", org="2199000001", password=GOOD, *more):
    return run("create-user", name, "--role", role, "--org", org, "--password-stdin", *more, typed=password + "\n")


# migrate


def test_migrate_says_that_there_is_nothing_to_do(run):
    result = run("migrate", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {"applied": []}


# create-user


def test_create_user_opens_an_account(run, county):
    result = create(run, "New.Teacher", "teacher", "2199000001/三年级/2", GOOD, "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["user"], answer["role"], answer["org"]) == ("new.teacher", "teacher", county.room.code)
    user = User.get(User.username == "new.teacher")
    assert user.must_change_password
    assert Membership.get(Membership.user == user).org == county.room
    assert GOOD not in result.output + user.password_hash


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"org": "000000"}, "没有代码为「000000」的单位"),
        ({"org": "2199000001/九年级/77"}, "2199000001/九年级/77"),
        ({"org": ""}, "单位"),
        ({"role": "wizard"}, "wizard"),
        ({"role": "bureau_admin"}, "不能设在"),
        ({"password": "short"}, "密码"),
        ({"password": "aaaaaaaaaa"}, "密码"),
        ({"password": ""}, "密码"),
        ({"name": "x"}, "用户名"),
        ({"name": "张老师"}, "用户名"),
        ({"name": "a b"}, "用户名"),
    ],
)
def test_create_user_that_cannot_be_done_is_2_and_leaves_nothing(run, county, changes, words):
    before = (User.select().count(), Membership.select().count(), AuditEntry.select().count())
    result = create(run, **changes)
    assert result.exit_code == 2
    assert words in result.stderr
    assert (User.select().count(), Membership.select().count(), AuditEntry.select().count()) == before


def test_create_user_twice_is_2(run, county):
    assert create(run).exit_code == 0
    again = create(run, "NEW.TEACHER")
    assert again.exit_code == 2
    assert "已有人用" in again.stderr
    assert User.select().where(User.username == "new.teacher").count() == 1


@pytest.mark.parametrize("arguments", [("create-user",), ("import",), ("import", "students"), ("create-user", "x", "--role", "teacher"), ("report",)])
def test_a_command_without_what_it_needs_is_2(run, arguments):
    assert run(*arguments).exit_code == 2


# import


@pytest.fixture
def roster(tmp_path, county):
    """roster(rows) -> the path of a workbook; a row is (class label, number of the pupil, name)."""

    def written(*rows):
        book, path = openpyxl.Workbook(), tmp_path / "roster.xlsx"
        book.active.append(HEADINGS)
        for number, name in rows:
            id_number = f"990101201605010{number:02}X"
            book.active.append([county.school.code, name, "男", "20160501", id_number, f"G{id_number}", "三年级", "2班"])
        book.save(path)
        return path

    return written


def test_import_saves_and_says_how_much(run, roster, school_admin):
    result = run("import", "students", roster((1, "张小明"), (2, "李小红")), "--as", "principal", "--json")
    assert result.exit_code == 0, result.stderr
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["created"], answer["refused"]) == (2, 2, 0)
    assert Student.select().count() == 2


def test_import_staff_checks_first_and_then_makes_accounts_without_a_password(run, county, administrator, tmp_path):
    book, path = openpyxl.Workbook(), tmp_path / "staff.xlsx"
    for row in (["姓名★", "工号", "单位代码★", "角色★", "年级", "班级"], ["李小红", "T1", county.school.code, "班主任", "三年级", "2"], ["王强", "T2", "9", "教师"]):
        book.active.append(row)
    book.save(path)
    for more, people in (("--check",), 0), ((), 1):
        result = run("import", "staff", str(path), "--as", "administrator", "--json", *more)
        answer = json.loads(result.stdout)
        assert result.exit_code == 1 and (answer["rows"], answer["created"], answer["refused"]) == (2, 1, 1)
        assert [(one["column"], one["code"]) for one in answer["problems"]] == [("单位代码", "unknown_school")]
        assert User.select().where(User.password_hash == "").count() == people


def test_import_a_list_of_a_kind_that_the_county_added(run, county, administrator, tmp_path):
    kind = ListKind.create(county=county.county, label="孤儿名单", giver="民政局", tag="orphan", added_by=administrator)
    book, path = openpyxl.Workbook(), tmp_path / "orphans.xlsx"
    for row in (["姓名", "身份证号", "类别"], ["李小红", factories.make_id_number(), "孤儿"]):
        book.active.append(row)
    book.save(path)
    for wrong in ((), ("--list", "没有这种")):
        result = run("import", "other-list", str(path), "--as", "administrator", *wrong)
        assert result.exit_code == 2 and "孤儿名单" in result.stderr
    result = run("import", "other-list", str(path), "--as", "administrator", "--list", "孤儿名单", "--dated", "2026-11-01", "--json")
    assert result.exit_code == 0 and json.loads(result.stdout)["created"] == 1, result.stderr
    assert Snapshot.get().kind == kind.code and Snapshot.get().dated.isoformat() == "2026-11-01"


def test_import_with_a_refused_row_is_1_and_saves_the_others(run, roster, school_admin):
    result = run("import", "students", roster((1, "张小明"), (2, "")), "--as", "principal", "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert (answer["rows"], answer["created"], answer["refused"]) == (2, 1, 1)
    assert {"sheet", "row", "column", "level", "code", "message"} <= set(answer["problems"][0])
    assert Student.select().count() == 1


def test_import_check_answers_as_if_and_saves_nothing(run, roster, school_admin):
    entries = AuditEntry.select().count()
    result = run("import", "students", roster((1, "张小明"), (2, "")), "--as", "principal", "--check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["created"] == 1
    assert Student.select().count() == 0
    assert AuditEntry.select().count() == entries


@pytest.mark.parametrize("name", ["nobody", "", "principal'--"])
def test_import_as_nobody_is_2(run, roster, school_admin, name):
    result = run("import", "students", roster((1, "张小明")), "--as", name)
    assert result.exit_code == 2
    assert "没有用户" in result.stderr
    assert Student.select().count() == 0


def test_import_as_somebody_disabled_is_2(run, roster, school_admin):
    User.update(disabled_at=db.utcnow()).where(User.id == school_admin.id).execute()
    assert run("import", "students", roster((1, "张小明")), "--as", "principal").exit_code == 2


def test_import_without_the_right_is_2(run, roster, teacher):
    result = run("import", "students", roster((1, "张小明")), "--as", "teacher")
    assert result.exit_code == 2
    assert "权限" in result.stderr
    assert Student.select().count() == 0


def test_a_school_imports_its_own_pupils_only(run, roster, stranger, county):
    factories.make_user("school_admin", county.other_school, "周校长", "next.principal")
    result = run("import", "students", roster((1, "张小明")), "--as", "next.principal", "--json")
    assert result.exit_code == 1
    assert [problem["code"] for problem in json.loads(result.stdout)["problems"]] == ["out_of_scope"]
    assert Student.select().count() == 0


def test_import_of_an_unknown_kind_is_2(run, roster):
    result = run("import", "wishes", roster((1, "张小明")), "--as", "principal")
    assert result.exit_code == 2
    assert "wishes" in result.stderr


def test_import_of_a_school_year_that_is_none_is_2(run, roster, school_admin):
    for year in ("2020-2022", "二〇二〇", "20"):
        assert run("import", "students", roster((1, "张小明")), "--as", "principal", "--school-year", year).exit_code == 2


def test_import_of_a_day_that_is_none_is_2(run, roster, school_admin):
    for day in ("2021-13-45", "yesterday", "0"):
        assert run("import", "students", roster((1, "张小明")), "--as", "principal", "--dated", day).exit_code == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.xlsx", b""),
        ("noise.xlsx", bytes(range(256)) * 20),
        ("words.xlsx", "这不是表格".encode()),
        ("zip.xlsx", b"PK\x03\x04" + b"\x00" * 200),
        ("empty.csv", b""),
        ("noise.csv", bytes(range(256)) * 20),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600),
        ("page.html", b"<html><table><tr><td>1</td></tr></table></html>"),
        ("no_headings.csv", "甲,乙\n1,2\n".encode()),
    ],
)
def test_a_file_that_is_no_workbook_is_2_with_one_line_that_names_it(run, tmp_path, school_admin, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    result = run("import", "students", path, "--as", "principal")
    assert result.exit_code == 2
    assert HAN.search(result.stderr)
    assert Student.select().count() == 0


@pytest.mark.parametrize("path", ["/no/such/file.xlsx", "/", "/dev/null"])
def test_a_file_that_cannot_be_read_is_2(run, school_admin, path):
    assert run("import", "students", path, "--as", "principal").exit_code == 2


def test_a_truncated_workbook_is_2(run, roster, tmp_path, school_admin):
    whole = roster((1, "张小明")).read_bytes()
    for length in (10, len(whole) // 2, len(whole) - 30):
        path = tmp_path / "cut.xlsx"
        path.write_bytes(whole[:length])
        assert run("import", "students", path, "--as", "principal").exit_code == 2
    assert Student.select().count() == 0


DIVISIONS = "代码,名称,级别,上级代码\n990300,新山县,县,\n990300100,新河镇,乡镇,990300\n"


@pytest.fixture
def divisions(tmp_path):
    path = tmp_path / "divisions.csv"
    path.write_text(DIVISIONS)
    return path


def test_divisions_need_nobody_while_there_is_nobody(run, divisions):
    result = run("import", "divisions", divisions, "--json")
    assert result.exit_code == 0, result.stderr
    assert Org.get_or_none(Org.code == "990300100") is not None
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).get().actor_id is None


def test_divisions_need_somebody_once_there_is_somebody(run, divisions, teacher):
    result = run("import", "divisions", divisions)
    assert result.exit_code == 2
    assert "--as" in result.stderr
    assert Org.get_or_none(Org.code == "990300") is None


def test_other_kinds_always_need_somebody(run, roster):
    result = run("import", "students", roster((1, "张小明")))
    assert result.exit_code == 2
    assert "--as" in result.stderr


# verify-audit


def test_verify_audit_is_0_on_a_chain_that_holds(run, county):
    assert create(run).exit_code == 0
    result = run("verify-audit", "--json")
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["ok"] and answer["entries"] >= 1 and re.fullmatch(r"[0-9a-f]{64}", answer["head"])


@pytest.mark.parametrize("what", ["changed", "removed", "swapped"])
def test_verify_audit_is_1_and_names_the_first_entry_that_does_not_fit(run, county, what):
    for number in range(4):
        assert create(run, f"teacher.{number}").exit_code == 0
    last = AuditEntry.select().count()
    broken = last - 1
    disarm()
    if what == "changed":
        AuditEntry.update(actor_name="别人").where(AuditEntry.id == broken).execute()
    elif what == "removed":
        AuditEntry.delete().where(AuditEntry.id == broken - 1).execute()
    else:
        AuditEntry.update(id=999).where(AuditEntry.id == broken).execute()
        AuditEntry.update(id=broken).where(AuditEntry.id == last).execute()
        AuditEntry.update(id=last).where(AuditEntry.id == 999).execute()
    result = run("verify-audit", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == {"ok": False, "broken": broken}
    assert str(broken) in run("verify-audit").stdout


def test_an_anchor_kept_outside_shows_a_tail_that_was_cut(run, county, tmp_path):
    for number in range(4):
        assert create(run, f"teacher.{number}").exit_code == 0
    kept = tmp_path / "kept"
    noted = run("audit-anchor", "--out", str(kept))
    assert noted.exit_code == 0 and re.fullmatch(r"\d+ [0-9a-f]{64} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n", kept.read_text()) and kept.read_text() == noted.stdout
    assert kept.stat().st_mode & 0o777 == 0o600
    assert run("audit-anchor", "--out", str(kept)).exit_code == 0 and len(kept.read_text().splitlines()) == 2
    assert json.loads(run("verify-audit", "--anchor", str(kept), "--json").stdout)["anchors"] == 2
    last = AuditEntry.select().count()
    disarm()
    AuditEntry.delete().where(AuditEntry.id >= last - 1).execute()
    assert run("verify-audit").exit_code == 0  # what is left holds
    result = run("verify-audit", "--anchor", str(kept), "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (1, {"ok": False, "broken": last - 1, "anchor": last})
    assert create(run, "teacher.9").exit_code == 0 and create(run, "teacher.10").exit_code == 0  # and the trail went on
    result = run("verify-audit", "--anchor", str(kept))
    assert result.exit_code == 1 and f"第 {last} 条" in result.stdout


def test_an_anchor_shows_a_chain_that_was_made_anew_with_the_key(run, county, tmp_path):
    for number in range(4):
        assert create(run, f"teacher.{number}").exit_code == 0
    last, mac = head()
    typed = tmp_path / "typed"
    typed.write_text(f"\n{last}-{mac[:12].upper()}\n")
    assert run("verify-audit", "--anchor", str(typed)).exit_code == 0
    disarm()
    AuditEntry.update(actor_name="别人").where(AuditEntry.id == 2).execute()
    chain_anew(2)
    assert run("verify-audit").exit_code == 0
    assert json.loads(run("verify-audit", "--anchor", str(typed), "--json").stdout) == {"ok": False, "broken": last, "anchor": last}


def test_a_file_that_is_no_anchor_is_2(run, county, tmp_path):
    for words in ("hello", "12 abc", "x 0123456789abcdef", "12345678901-0123456789ab"):
        (tmp_path / "kept").write_text(words)
        result = run("verify-audit", "--anchor", str(tmp_path / "kept"))
        assert result.exit_code == 2 and "kept 第 1 行" in result.stderr
    assert run("verify-audit", "--anchor", str(tmp_path / "nothing")).exit_code == 2


def test_the_server_notes_the_head_once_a_day_and_it_is_checked(run, county, app, tmp_path, monkeypatch):
    instance = tmp_path / "instance"
    instance.mkdir()
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], instance=instance))
    today = today_in_china()
    note_daily(instance, today)
    assert not (instance / ANCHORS).exists()  # nothing to note yet
    assert create(run).exit_code == 0
    for day in (today, today, today + datetime.timedelta(days=1)):
        note_daily(instance, day)
    assert [anchor.number for anchor in read_anchors(instance / ANCHORS)] == [1, 1]
    assert json.loads(run("verify-audit", "--json").stdout)["anchors"] == 2
    disarm()
    AuditEntry.delete().execute()
    assert json.loads(run("verify-audit", "--json").stdout) == {"ok": False, "broken": 1, "anchor": 1}


# An installation that is not ready


def test_a_command_before_migrate_is_2_and_says_what_to_do(run):
    db.database.execute_sql("DROP TABLE user_session")
    db.database.execute_sql("DROP TABLE membership" if db.is_sqlite() else "DROP TABLE membership CASCADE")
    db.database.execute_sql("DROP TABLE user_account" if db.is_sqlite() else "DROP TABLE user_account CASCADE")
    result = run("import", "students", "x.xlsx", "--as", "principal")
    assert result.exit_code == 2
    assert "migrate" in result.stderr


# move-to-postgresql

MOVED = "postgresql://owner:secret-word@db.example:5432/county"


@pytest.fixture
def moved(monkeypatch):
    """The addresses that were moved to; nothing is."""
    found = []
    monkeypatch.setattr("aidtracker.cli.move_to_postgresql", lambda *, url, **more: found.append(url) or {})
    monkeypatch.delenv("AIDTRACKER_MOVE_TO", raising=False)
    return found


def test_the_address_to_move_to_comes_from_the_environment_or_standard_input(run, moved, monkeypatch):
    assert run("move-to-postgresql", "-", typed=MOVED + "\n").exit_code == 0
    monkeypatch.setenv("AIDTRACKER_MOVE_TO", MOVED)
    assert run("move-to-postgresql").exit_code == 0
    assert run("move-to-postgresql", "postgresql://db.example/other").exit_code == 0
    assert moved == [MOVED, MOVED, "postgresql://db.example/other"]


@pytest.mark.parametrize("url", [MOVED, "postgresql://owner@db.example/county?password=secret-word", "postgresql:///county?sslmode=require&password=secret-word"])
def test_a_password_on_the_command_line_is_refused(run, moved, url):
    result = run("move-to-postgresql", url)
    assert (result.exit_code, moved) == (2, [])
    assert "AIDTRACKER_MOVE_TO" in result.stderr and "secret-word" not in result.stderr


def test_no_address_to_move_to_is_asked_for(run, moved):
    for given in ((), ("-",)):
        result = run("move-to-postgresql", *given, typed="\n")
        assert (result.exit_code, moved) == (2, []) and "AIDTRACKER_MOVE_TO" in result.stderr
