"""A practice site: built where nobody is, refused elsewhere, begun anew, and marked on whatever is taken out of it."""

import csv
import datetime
import io
import json
from dataclasses import replace

import openpyxl
import pytest

from aidtracker.accounts.actions import change_password, disable_user, end_role
from aidtracker.accounts.actions_inviting import invite_user
from aidtracker.accounts.models import Membership, User, UserSession
from aidtracker.accounts.queries_inviting import not_yet_in
from aidtracker.attendance.board import board_of
from aidtracker.attendance.reminding import reminder
from aidtracker.audit.models import AuditEntry
from aidtracker.config import load_settings
from aidtracker.crypto import keyring
from aidtracker.crypto.models import KeyringKey
from aidtracker.db import database, init_database, transaction, utcnow
from aidtracker.demo import actions_practice
from aidtracker.demo.actions import build_demo
from aidtracker.demo.actions_practice import open_practice, reset_practice, reset_when_due
from aidtracker.demo.nightly import HOUR, is_due
from aidtracker.demo.staff import PASSWORD, SHOWN
from aidtracker.errors import Refused
from aidtracker.excel.problems import Problem
from aidtracker.excel.reader import Sheet, read_table
from aidtracker.excel.writer import write_csv, write_plain, write_refused
from aidtracker.operation.actions_moving import move_to_postgresql
from aidtracker.operation.models import Installation
from aidtracker.orgs.models import Org
from aidtracker.practice import REAL_NUMBER, is_practice
from aidtracker.reports.run import run_report
from aidtracker.schema import MODELS
from aidtracker.students.actions import create_student
from aidtracker.students.models import Student
from aidtracker.students.roster import plan_roster
from aidtracker.students.sheets import ROSTER
from tests import factories
from tests.conftest import ON_POSTGRESQL, fresh_copy
from tests.demo.conftest import ON, open_at

A_DAY = datetime.timedelta(days=1)
THREE = datetime.datetime(2026, 11, 25, 19)  # UTC: three in the morning in China
REAL = "341524201803050019"


@pytest.fixture(scope="module")
def built_practice(session_app, template, tmp_path_factory):
    """URL of a database that holds the county of practice; copied, never used."""
    url = fresh_copy(template[1], tmp_path_factory.mktemp("practice"))
    opened = open_at(template[0], url)
    with session_app.app_context():
        build_demo(on=ON, by=None, small=True, kind="practice")
    opened.close()
    return url


@pytest.fixture
def site(app, built_practice, template, tmp_path):
    """The app on a copy of it."""
    (tmp_path / "practice").mkdir()
    database.close()
    opened = open_at(template[0], fresh_copy(built_practice, tmp_path / "practice"))
    yield app
    opened.close()


@pytest.fixture
def enter(site, sign_in):
    return lambda role: sign_in(User.get(User.username == SHOWN[role][0]), PASSWORD)


@pytest.fixture
def own(site, tmp_path):
    """Settings of a practice installation on SQLite with a folder and keys of its own."""
    before, ring = database.obj, (keyring._ring, keyring._door, keyring._instance)
    (tmp_path / "own").mkdir(mode=0o700)
    settings = load_settings({"AIDTRACKER_INSTANCE": str(tmp_path / "own"), "AIDTRACKER_JOBS": "off"})
    init_database(settings)
    open_practice(settings=settings, on=ON)
    yield settings
    if not database.is_closed():
        database.close()
    database.initialize(before)
    keyring._ring, keyring._door, keyring._instance = ring


# Where it is built, and where not


def test_the_command_builds_it_once_and_says_the_accounts(run_command):
    if ON_POSTGRESQL:
        refused = run_command("practice", "--no-serve")
        assert (refused.returncode, "不放在 PostgreSQL 里" in refused.stderr) == (2, True)
        return
    first = run_command("practice", "--no-serve")
    assert first.returncode == 0, first.stderr
    assert "练习站" in first.stdout and "http://127.0.0.1:8001/" in first.stdout
    again = json.loads(run_command("practice", "--no-serve", "--json").stdout)
    assert again["built"] is False and {"username", "password"} <= set(again["accounts"][0])
    assert run_command.rows("one", "SELECT is_demo, is_practice FROM installation") == [(1, 1)]
    assert run_command("demo", "--no-serve").returncode == 2, "a demo is not put beside"


@pytest.mark.parametrize("command", [("practice", "--no-serve"), ("practice", "--reset")])
def test_a_database_of_somebody_else_is_left_alone(run_command, tmp_path, command):
    (tmp_path / "divisions.csv").write_text("代码,名称,级别,上级代码\n9901,九九市,市,\n", "utf-8")
    run_command("migrate")
    run_command("import", "divisions", str(tmp_path / "divisions.csv"))
    refused = run_command(*command)
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
    assert run_command.rows("one", "SELECT name FROM org") == [("九九市",)]
    assert not run_command.rows("one", "SELECT is_practice FROM installation")[0][0]


def test_a_demo_is_not_made_one_for_practice(demo):
    with pytest.raises(Refused, match="已有别的数据"):
        build_demo(on=ON, by=None, small=True, kind="practice")
    assert not is_practice()


def test_it_moves_to_no_server(own):
    with database.connection_context(), pytest.raises(Refused, match="留在自己的文件夹"):
        move_to_postgresql(url="postgresql://x@y/z", settings=own, models=MODELS)


# A new beginning


def test_after_the_reset_whatever_was_typed_is_gone_and_what_was_sealed_opens(own):
    with database.connection_context():
        user = User.get(User.username == "teacher")
        with transaction():
            User.update(name="改过的名字").where(User.id == user.id).execute()
            given = {"epoch": user.epoch, "expires_at": utcnow() + A_DAY, "network": "", "agent": "", "idle_seconds": 900}
            UserSession.create(user=user, token_hash=b"x" * 32, **given)
            Installation.update(reset_wanted_at=utcnow(), generation=4).execute()
        keys = sorted(KeyringKey.select(KeyringKey.purpose, KeyringKey.wrapped).tuples())
    (own.instance / "uploads").mkdir(exist_ok=True)
    (own.instance / "uploads" / ("a" * 32)).write_bytes(b"what somebody brought in")
    reset_practice(settings=own, on=ON + 3 * A_DAY)
    with database.connection_context():
        assert is_practice() and Installation.get().generation == 5 and Installation.get().reset_wanted_at is None
        assert not UserSession.select().exists()
        assert User.get(User.username == "teacher").name != "改过的名字"
        assert sorted(KeyringKey.select(KeyringKey.purpose, KeyringKey.wrapped).tuples()) == keys
        assert Student.select().first().id_number.startswith("99")
    assert sorted(path.name for path in own.instance.rglob("*") if "draft" in path.name or path.parent.name == "uploads") == []


def test_a_reset_that_fails_leaves_what_stood(own, monkeypatch):
    def broken(**_):
        raise RuntimeError("no county today")

    monkeypatch.setattr(actions_practice, "build_demo", broken)
    with pytest.raises(RuntimeError):
        reset_practice(settings=own, on=ON)
    with database.connection_context():
        assert is_practice() and User.get(User.username == "teacher").name
    assert not list(own.instance.glob("draft*"))


def test_a_real_site_is_never_reset(app, county, officer, tmp_path):
    before = database.obj
    settings = replace(app.config["SETTINGS"], instance=tmp_path)
    try:
        with pytest.raises(Refused):
            reset_practice(settings=settings, on=ON)
    finally:
        database.initialize(before)
    assert User.select().where(User.id == officer.id).exists()


def test_each_night_once_and_when_somebody_asks():
    built = THREE - A_DAY / 2
    assert HOUR == 3
    assert not is_due(THREE - A_DAY / 24, built, None)
    assert is_due(THREE, built, None)
    assert not is_due(THREE + A_DAY / 2, THREE + A_DAY / 24, None)
    assert is_due(THREE - A_DAY / 24, built, built)
    assert is_due(THREE + 5 * A_DAY, built, None), "a machine that was off catches up"
    assert not is_due(THREE + A_DAY / 48, built, built, failed_at=THREE), "an hour passes after a failure"


def test_the_server_resets_it_in_a_process_of_its_own_and_not_again(own, monkeypatch):
    monkeypatch.setattr(actions_practice, "settings_here", [own])
    with database.connection_context():
        with transaction():
            Installation.update(reset_wanted_at=utcnow()).execute()
        reset_when_due()
        assert (Installation.get().reset_wanted_at, Installation.get().generation) == (None, 2)
        reset_when_due()
        assert Installation.get().generation == 2


def test_its_administrator_asks_for_a_reset_and_is_on_record(enter):
    system = enter("system_admin")
    assert "马上清空" in system.get("operation.show_status").text
    system.post("operation.start_reset", page="/operation")
    assert Installation.get().reset_wanted_at is not None
    assert AuditEntry.select().order_by(AuditEntry.id.desc()).first().action == "operation.start_reset"


def test_a_real_site_has_no_such_button_and_refuses(app, county, sign_in):
    system = sign_in(factories.make_user("system_admin", county.county))
    assert "马上清空" not in system.get("operation.show_status").text
    system.post("operation.start_reset", page="/operation")
    assert Installation.get().reset_wanted_at is None
    assert "这里不是练习站" in system.get("operation.show_status").text


# What it shows and gives away


def test_the_sign_in_page_lists_an_account_of_each_role_and_the_password(site, client):
    page = client.get("accounts.sign_in").text
    assert PASSWORD in page
    for username, _kind in SHOWN.values():
        assert f">{username}</b>" in page
    assert PASSWORD in client.post("accounts.sign_in", {"username": "teacher", "password": "wrong"}, 400).text


def test_a_demo_lists_them_too_and_a_real_site_none(demo, client):
    assert PASSWORD in client.get("accounts.sign_in").text


def test_a_real_site_lists_nobody(app, county, officer, client):
    page = client.get("accounts.sign_in").text
    assert PASSWORD not in page and "可以用这些账号试" not in page


def test_nobody_takes_a_shared_account_from_the_others(enter):
    admin, teacher = User.get(User.username == "admin"), User.get(User.username == "teacher")
    with pytest.raises(Refused, match="大家共用"):
        change_password(user=teacher, old=PASSWORD, new="Green-river-2026", by=teacher)
    held = Membership.get(Membership.user == teacher)
    for take in (invite_user, lambda **given: disable_user(reason="试试", **given), lambda user, by: end_role(membership=held, by=by)):
        with pytest.raises(Refused, match="大家共用"):
            take(user=teacher, by=admin)
    assert not {user.username for user in not_yet_in(admin)} & {username for username, _kind in SHOWN.values()}
    assert invite_user(user=User.get(User.username == "t01.11"), by=admin).code, "of the others any may be"
    enter("teacher").get("home.show_home")


def test_files_say_so_in_their_names(enter):
    blank = enter("bureau_staff").get("imports.fetch_blank", kind="students")
    assert "filename*=UTF-8''%E7%BB%83%E4%B9%A0_" in blank.headers["Content-Disposition"]
    assert blank.headers["Content-Disposition"].startswith('attachment; filename="practice.xlsx"')
    assert openpyxl.load_workbook(io.BytesIO(blank.data)).worksheets[0]["A1"].value.startswith("【练习】")
    staff = enter("bureau_admin").post("accounts.export_staff", {}, 200)
    assert "%E7%BB%83%E4%B9%A0_" in staff.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(staff.data)).worksheets[0]
    assert sheet.title.startswith("【练习】") and {row[0].value for row in sheet.iter_rows()} == {"练习"}


def test_a_report_says_so_on_its_face_and_a_program_reads_it(site, tmp_path):
    user = User.get(User.username == "bureau")
    done = run_report("registry", user=user, options={}, format="xlsx", out=str(tmp_path / "r.xlsx"))
    assert done["out"] == str(tmp_path / "练习_r.xlsx")
    sheet = openpyxl.load_workbook(done["out"]).worksheets[0]
    assert sheet["A1"].value.startswith("【练习】") and sheet.title.startswith("【练习】")
    assert "练习：数据都是编造的" in sheet.oddHeader.center.text
    assert any("练习：数据都是编造的" in str(row[0].value) for row in list(sheet.iter_rows())[-3:])
    done = run_report("registry", user=user, options={}, format="json", out=str(tmp_path / "r.json"))
    with open(done["out"]) as file:
        assert json.load(file)["installation"] == "练习：数据都是编造的"
    assert done["out"].endswith("练习_r.json")


@pytest.mark.parametrize("rows", [[["甲", 1], ["乙", 2]], []])
def test_every_line_of_a_ledger_begins_with_the_word(site, tmp_path, rows):
    write_plain(["姓名", "次数"], lambda: iter(rows), tmp_path / "l.xlsx", ["text", "integer"], sheet_name="台账", watermark="李干事")
    sheet = openpyxl.load_workbook(tmp_path / "l.xlsx").worksheets[0]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["练习", "姓名", "次数"], *(["练习", *row] for row in rows)]
    assert "练习：数据都是编造的" in sheet.oddHeader.center.text
    assert write_csv(["姓名", "次数"], iter(rows), tmp_path / "l.csv") == len(rows)
    with open(tmp_path / "l.csv", encoding="utf-8-sig", newline="") as file:
        assert [line[0] for line in csv.reader(file)] == ["练习"] * (1 + len(rows))


def test_refused_rows_say_so_and_their_sheets_keep_their_names(site, tmp_path):
    problem = Problem(sheet="名册", row=7, column="姓名", level="refused", code="missing", message="没有填")
    write_refused(["姓名", "性别"], [(["", "男"], [problem])], tmp_path / "b.xlsx", "名册")
    sheet = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert sheet.title == "名册" and sheet["A2"].value.startswith("【练习】")


def test_the_words_for_the_group_chat_say_so(site):
    county = Org.get(Org.code == "341524")
    board = board_of([county], ON, datetime.datetime.combine(ON, datetime.time(18)))
    assert reminder(board, datetime.datetime.combine(ON, datetime.time(18))).startswith("【练习】【点名提醒】")


# What does not come in


@pytest.mark.parametrize("typed", [REAL, f"{REAL[:6]} {REAL[6:14]} {REAL[14:]}", REAL.translate({n: n + 0xFEE0 for n in range(48, 58)})])
def test_no_pupil_comes_in_whose_number_a_real_child_may_carry(site, typed):
    room, bureau = Org.get((Org.kind == "class") & (Org.name == "三年级1班")), User.get(User.username == "bureau")
    number = Student.select().count()
    with pytest.raises(Refused, match="只收编造的号码"):
        values = {"name": "李明", "sex": "M", "born_on": datetime.date(2018, 3, 5), "id_number": typed}
        create_student(class_org=room, values=values, mode="day", seat=None, starts_on=ON, by=bureau)
    headings = ["学校标识码", "姓名", "性别", "出生日期", "身份证件号", "年级", "班级"]
    table = read_table(Sheet("名册", [headings, [room.parent.code, "李明", "男", "20180305", REAL, "三年级", "1"]]), ROSTER)
    plan = plan_roster([table], by=bureau)
    assert [problem.message for problem in plan.problems if problem.level == "refused"] == [REAL_NUMBER]
    assert Student.select().count() == number
