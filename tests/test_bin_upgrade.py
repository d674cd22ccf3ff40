"""bin/upgrade: to the newer version with a backup before; when that fails, program and database are as they were."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.in_thirds

CHECKOUT = Path(__file__).resolve().parent.parent
PARTS = ("aidtracker", "migrations", "templates", "static", "wsgi.py", "bin")
GOOD = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE pact (id INTEGER PRIMARY KEY)')\n\n\ndef down(migrator, db):\n    db.execute_sql('DROP TABLE pact')\n"
BAD = GOOD.replace("CREATE TABLE pact (id INTEGER PRIMARY KEY)", "CREATE TABLE pact (")
SYSTEMCTL = '#!/bin/sh\necho "$1" >>"$CALLS"\n'


@pytest.fixture
def place(tmp_path):
    """A checkout that follows another one, whose installing and whose service are pictures of such."""
    origin, here, tools = tmp_path / "origin", tmp_path / "here", tmp_path / "tools"
    origin.mkdir()
    for part in PARTS:
        copy = shutil.copytree if (CHECKOUT / part).is_dir() else shutil.copy
        copy(CHECKOUT / part, origin / part, **({"ignore": shutil.ignore_patterns("__pycache__")} if copy is shutil.copytree else {}))
    (origin / "bin" / "setup").write_text('#!/bin/sh\nexit "${SETUP:-0}"\n')
    git(origin, "init", "--quiet", "--initial-branch=main")
    commit(origin)
    git(tmp_path, "clone", "--quiet", origin, here)
    (here / ".venv").symlink_to(CHECKOUT / ".venv")
    tools.mkdir()
    (tools / "systemctl").write_text(SYSTEMCTL)
    (tools / "systemctl").chmod(0o755)
    (tmp_path / "settings").write_text(f"# as the service reads them\nAIDTRACKER_INSTANCE={tmp_path}/instance\nAIDTRACKER_BACKUPS={tmp_path}/backups")
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("AIDTRACKER", "DATABASE", "GIT"))}
    environ |= {
        "PATH": f"{tools}:{environ['PATH']}", "CALLS": str(tmp_path / "calls"), "AIDTRACKER_SETTINGS": str(tmp_path / "settings"), "AIDTRACKER_JOBS": "off",
        "AIDTRACKER_PATIENCE": "0",
    }  # fmt: skip
    instance = environ | {"AIDTRACKER_INSTANCE": str(tmp_path / "instance")}
    subprocess.run([".venv/bin/flask", "--app", "wsgi", "migrate"], cwd=here, env=instance, check=True, capture_output=True)
    return origin, here, environ


def git(folder, *words):
    own = ["-c", "user.name=x", "-c", "user.email=x@example.cn", "-c", "protocol.file.allow=always"]
    return subprocess.run(["git", *own, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder, **files):
    for name, text in files.items():
        (folder / "migrations" / f"{name}.py").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=more")


def upgraded(place, *words, **environ):
    _origin, here, env = place
    return subprocess.run(["bin/upgrade", *words], cwd=here, env=env | environ, capture_output=True, text=True, timeout=120)


def tables(place):
    with sqlite3.connect(place[1].parent / "instance" / "aidtracker.db") as opened:
        return {name for (name,) in opened.execute("SELECT name FROM sqlite_master")}


def calls(place):
    return (place[1].parent / "calls").read_text().split()


def test_the_newer_version_is_there_with_a_backup_from_before(place):
    origin, here, _ = place
    commit(origin, **{"9999_pacts": GOOD})
    done = upgraded(place)
    assert done.returncode == 0, done.stderr
    assert git(here, "rev-parse", "HEAD") == git(origin, "rev-parse", "HEAD") and git(here, "symbolic-ref", "--short", "HEAD") == "main"
    assert "pact" in tables(place) and calls(place) == ["is-active", "stop", "start", "is-active", "try-restart"]
    assert len(list((here.parent / "backups").glob("before-upgrade-*.backup"))) == 1
    again = upgraded(place)
    assert again.returncode == 0 and "already" in again.stdout and calls(place)[-1] == "try-restart"


@pytest.mark.parametrize(("breaks", "second"), [("migration", []), ("packages", []), ("start", ["start"])])
def test_what_fails_leaves_program_and_database_as_they_were(place, breaks, second):
    origin, here, _ = place
    was, before = git(here, "rev-parse", "HEAD"), tables(place)
    commit(origin, **{"9998_pacts": GOOD, "9999_more": BAD if breaks == "migration" else GOOD.replace("pact", "more")})
    if breaks == "packages":
        (origin / "bin" / "setup").write_text("#!/bin/sh\nexit 1\n")
        commit(origin)
    if breaks == "start":
        (here.parent / "tools" / "systemctl").write_text(SYSTEMCTL + '[ "$1" != start ] || [ "$(grep -c start "$CALLS")" -gt 1 ]\n')
    done = upgraded(place)
    assert done.returncode == 2 and "former version is back" in done.stderr
    assert git(here, "rev-parse", "HEAD") == was and git(here, "status", "--porcelain", "--untracked-files=no") == ""
    assert tables(place) == before and calls(place) == ["is-active", "stop", *second, "stop", "start", "is-active", "try-restart"]
    migrated = subprocess.run([".venv/bin/flask", "--app", "wsgi", "verify-audit"], cwd=here, env=place[2] | {"AIDTRACKER_INSTANCE": f"{here.parent}/instance"}, capture_output=True, text=True)
    assert migrated.returncode == 0, migrated.stderr


def test_without_a_backup_nothing_is_changed(place):
    origin, here, _ = place
    was = git(here, "rev-parse", "HEAD")
    commit(origin, **{"9999_pacts": GOOD})
    (here.parent / "backups").write_text("no folder")
    done = upgraded(place)
    assert done.returncode == 2 and "nothing was changed" in done.stderr
    assert git(here, "rev-parse", "HEAD") == was and "pact" not in tables(place) and "start" in calls(place)


def test_a_version_is_gone_to_by_its_name(place):
    origin, here, _ = place
    commit(origin, **{"9998_pacts": GOOD})
    git(origin, "tag", "v2")
    commit(origin, **{"9999_more": BAD})
    assert upgraded(place, "v2").returncode == 0
    assert git(here, "rev-parse", "HEAD") == git(origin, "rev-parse", "v2") and "pact" in tables(place)
    lost = upgraded(place)
    assert lost.returncode == 2 and "say which version" in lost.stderr
    assert "no version v9" in upgraded(place, "v9").stderr


def test_what_was_changed_by_hand_is_left_alone(place):
    origin, here, _ = place
    commit(origin, **{"9999_pacts": GOOD})
    (here / "wsgi.py").write_text("# mine\n")
    done = upgraded(place)
    assert done.returncode == 2 and "by hand" in done.stderr
    assert (here / "wsgi.py").read_text() == "# mine\n" and not (here.parent / "calls").exists()


def test_an_older_version_is_no_upgrade(place):
    origin, here, _ = place
    git(origin, "tag", "v1")
    commit(origin, **{"9999_pacts": GOOD})
    assert upgraded(place).returncode == 0
    done = upgraded(place, "v1")
    assert done.returncode == 2 and "docs/operations.md" in done.stderr and "pact" in tables(place)
