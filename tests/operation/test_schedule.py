"""The daily backup: when it is due, which files go, what a failure leaves, and the pages that show it."""

import datetime
import shutil
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aidtracker.audit.models import AuditEntry
from aidtracker.db import utcnow
from aidtracker.errors import Refused
from aidtracker.jobs.models import Job
from aidtracker.operation import actions_scheduling, dumps, status
from aidtracker.operation.actions_scheduling import back_up, back_up_when_due, start_backup, verify_backup
from aidtracker.operation.models import Backup, Installation
from aidtracker.operation.schedule import DAYS, MONTHS, WEEKS, file_name, is_due, stamp_of, superfluous
from aidtracker.operation.status import lines_of, silence_of
from tests import factories, postgres
from tests.conftest import ON_POSTGRESQL

HOUR = datetime.timedelta(hours=1)
TWO = datetime.datetime(2026, 11, 26, 18)  # UTC: two in the morning in China


@pytest.fixture
def settings(app, tmp_path, monkeypatch):
    if ON_POSTGRESQL:
        monkeypatch.setenv(dumps.BINARIES, str(postgres.binaries()))
    own = replace(app.config["SETTINGS"], backup_folder=tmp_path / "backups", backup_hour=2)
    monkeypatch.setitem(app.config, "SETTINGS", own)
    monkeypatch.setattr(actions_scheduling, "settings_here", [own])
    return own


# When


def test_the_first_backup_is_due_at_once_and_the_next_when_the_hour_strikes():
    assert is_due(TWO - 5 * HOUR, 2, None, None)
    made = TWO - 5 * HOUR
    assert not is_due(TWO - datetime.timedelta(minutes=1), 2, made, None)
    assert is_due(TWO, 2, made, None)
    assert not is_due(TWO + HOUR, 2, TWO, None)
    assert is_due(TWO + 30 * HOUR, 2, TWO, None), "a machine that was off catches up"


def test_after_a_failure_an_hour_passes():
    assert not is_due(TWO + HOUR / 2, 2, TWO - 24 * HOUR, TWO)
    assert is_due(TWO + 2 * HOUR, 2, TWO - 24 * HOUR, TWO)
    assert not is_due(TWO + 2 * HOUR, 2, TWO + HOUR, TWO)


@given(st.integers(0, 23), st.integers(0, 3 * 24 * 60))
def test_whatever_the_hour_a_day_never_passes_without(hour, minutes):
    made = TWO + datetime.timedelta(minutes=minutes)
    due = [n for n in range(1, 25 * 60, 7) if is_due(made + datetime.timedelta(minutes=n), hour, made, None)]
    assert due and due[0] <= 24 * 60 + 7


# Which stay


@given(st.sets(st.integers(0, 400 * 24), min_size=1, max_size=60))
def test_the_newest_stay_and_the_old_thin_out(tmp_path_factory, hours):
    folder = tmp_path_factory.mktemp("kept")
    for n in hours:
        (folder / file_name(TWO - n * HOUR)).touch()
    (folder / "my own.backup").touch()
    before = {path for path in folder.iterdir()}
    gone = set(superfluous(folder))
    kept = sorted((path for path in before - gone if path.name.startswith("aidtracker-")), key=stamp_of, reverse=True)
    assert folder / "my own.backup" not in gone
    assert folder / file_name(TWO - min(hours) * HOUR) in kept
    assert len(kept) <= DAYS + WEEKS + MONTHS
    days = sorted({stamp_of(path).date() for path in before if path.name != "my own.backup"}, reverse=True)[:DAYS]
    assert {stamp_of(path).date() for path in kept} >= set(days)
    shutil.rmtree(folder)


# What it does


def test_when_it_is_due_a_backup_is_made_and_opened_again(settings, county):
    back_up_when_due()
    [backup] = Backup.select()
    path = settings.backup_folder / backup.file_name
    assert path.stat().st_size == backup.size > 0 and backup.checked_at and not backup.problem
    back_up_when_due()
    assert Backup.select().count() == 1
    assert {line.title: line.state for line in lines_of(settings)}["备份"] == "ok"


def test_backups_of_another_site_in_the_same_folder_are_left_alone(settings, county):
    settings.backup_folder.mkdir(mode=0o700)
    others = [settings.backup_folder / file_name(utcnow() - n * HOUR) for n in (1, 2)]
    for path in others:
        path.write_bytes(b"of another site")
    back_up_when_due()
    assert [path.read_bytes() for path in others] == [b"of another site"] * 2


def test_invented_people_are_not_backed_up(settings, county, administrator):
    Installation.update(is_demo=True).execute()
    for ask in (lambda: back_up(settings=settings, by=None), lambda: start_backup(by=administrator)):
        with pytest.raises(Refused, match="不做备份"):
            ask()
    assert not settings.backup_folder.exists()


def test_a_failure_is_written_down_and_told(settings, county):
    settings.backup_folder.write_text("a file where the folder should be")
    with pytest.raises(Refused, match="没有做成"):
        back_up(settings=settings, by=None)
    [backup] = Backup.select()
    assert backup.problem and backup.size == 0
    assert AuditEntry.select().where(AuditEntry.action == "operation.fail_backup").count() == 1
    assert lines_of(settings)[0].state == "bad"
    back_up_when_due()
    assert Backup.select().count() == 1, "not twice within the hour"


def test_none_when_switched_off(settings, county, monkeypatch):
    monkeypatch.setattr(actions_scheduling, "settings_here", [replace(settings, backup_hour=None)])
    back_up_when_due()
    assert not Backup.select().exists()


@pytest.mark.parametrize(("hours", "state"), [(20, "ok"), (40, "warn"), (80, "bad")])
def test_an_old_backup_is_pointed_out(settings, county, hours, state):
    Backup.create(file_name="x", size=1, made_at=utcnow() - hours * HOUR)
    assert lines_of(settings)[0].state == state


def test_little_room_is_pointed_out(settings, county, monkeypatch):
    monkeypatch.setattr(status, "free_bytes", lambda folder: (1, 10**12))
    assert "bad" in {line.state for line in lines_of(settings) if line.title == "数据盘"}


def test_jobs_that_nobody_takes_up_are_pointed_out(settings, county, administrator):
    Job.create(kind="tests.nothing", owner_id=administrator.id, created_at=utcnow() - HOUR)
    assert {line.title: line.state for line in lines_of(settings)}["导入、导出等任务"] == "bad"


def test_a_spoilt_backup_is_found_out(settings, county, administrator):
    backup = back_up(settings=settings, by=administrator)
    verify_backup(backup=backup, settings=settings, by=administrator)
    path = settings.backup_folder / backup.file_name
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(Refused, match="不能用了"):
        verify_backup(backup=backup, settings=settings, by=administrator)
    assert Backup.get().problem


# Its pages


def test_the_pages(settings, county, sign_in):
    client = sign_in(factories.make_user("system_admin", county.county, "系统管理员", "keeper"))
    assert "还没有备份" in client.get("operation.list_backups").text
    client.post("operation.start_backup", page="operation.list_backups")
    job = Job.get(Job.kind == "operation.back_up")
    assert actions_scheduling.run_back_up(job)["url"] == "/operation/backups"
    backup = Backup.get()
    assert backup.file_name in client.get("operation.list_backups").text
    answer = client.post("operation.fetch_backup", {}, 200, page="operation.list_backups", uid=backup.uid)
    assert answer.data == (settings.backup_folder / backup.file_name).read_bytes()
    assert AuditEntry.select().where(AuditEntry.action == "operation.fetch_backup").count() == 1
    client.post("operation.verify_backup", page="operation.list_backups", uid=backup.uid)
    (settings.backup_folder / backup.file_name).unlink()
    client.post("operation.fetch_backup", {}, 404, page="operation.list_backups", uid=backup.uid)
    assert "不在文件夹里" in client.get("operation.list_backups").text


def test_whoever_is_no_administrator_sees_nothing_of_it(settings, officer, sign_in):
    client = sign_in(officer)
    for endpoint in ("operation.show_status", "operation.list_backups"):
        client.get(endpoint, status=403)


def test_silent_schools_and_teachers(settings, county, administrator, teacher, sign_in):
    assert silence_of(county.county).schools == []
    factories.make_student(county.room)
    silence = silence_of(county.county)
    assert [name for _, name in silence.schools] == [county.school.name] and silence.teachers >= 1
    assert county.school.name in sign_in(administrator).get("operation.show_status").text


# For a monitoring server


def asked(client, token=None):
    return client.http.get("/metrics", headers={"Authorization": f"Bearer {token}"} if token else {})


def test_metrics_are_for_whoever_knows_the_token(app, settings, county, teacher, sign_in, monkeypatch):
    client = sign_in(teacher)
    assert asked(client).status_code == asked(client, "").status_code == 404, "nobody without a token"
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, metrics_token="long-and-random"))
    assert asked(client).status_code == asked(client, "wrong").status_code == 404
    answer = asked(client, "long-and-random")
    assert answer.status_code == 200
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert lines["aidtracker_backup_age_seconds"] == "+Inf" and float(lines["aidtracker_sessions_seen_today"]) == 1
    assert "张老师" not in answer.text
