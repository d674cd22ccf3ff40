"""Settings from the environment: an unsafe installation does not start, and says what to do."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aidtracker import config
from aidtracker.config import load_settings, prepare_instance, secret_file
from aidtracker.errors import CannotStart


@pytest.fixture
def settings(tmp_path):
    before = os.umask(0o022)  # prepare_instance() sets one for the whole process
    yield load_settings({"AIDTRACKER_INSTANCE": str(tmp_path / "instance")})
    os.umask(before)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"AIDTRACKER_ENV": "staging"}, "production or development"),
        ({"DATABASE_URL": "mysql://site@db/x"}, "sqlite:/// or postgresql://"),
        ({"DATABASE_URL": "sqlite:aid.db"}, "sqlite:/// or postgresql://"),
        ({"DATABASE_URL": "sqlite:///"}, "names no file"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "names no file"),
        ({"DATABASE_URL": "postgresql://site:se/cr:et@db:5432/x"}, "its port must be a number"),
        ({"DATABASE_ADMIN_URL": "postgresql://site@db:port/x"}, "its port must be a number"),
        ({"AIDTRACKER_TRUSTED_PROXIES": "yes"}, "whole number"),
        ({"AIDTRACKER_ARGON2_KIB": "-1"}, "whole number"),
        *[
            ({"AIDTRACKER_PRACTICE_URL": url}, "https://practice.example.cn")
            for url in ("practice", "http://practice.example.cn", "https://", "https://x y", "javascript:alert(1)", "https://a@b.cn", "https://@b.cn", "https://b.cn/practice", "https://b.cn/?q", "https://b.cn:x")
        ],
    ],
)
def test_a_setting_that_means_nothing_is_refused(environ, words):
    with pytest.raises(CannotStart, match=words):
        load_settings(environ)


@pytest.mark.parametrize("url", ["https://practice.example.cn", "https://practice.example.cn:8443", "http://127.0.0.1:8001", ""])
def test_the_practice_site_is_found_by_its_address(url):
    assert load_settings({"AIDTRACKER_PRACTICE_URL": f"{url}/" if url else ""}).practice_url == url


def test_a_password_hash_is_never_made_cheaper():
    assert load_settings({"AIDTRACKER_ARGON2_KIB": "8"}).argon2_memory_kib == 19456
    assert load_settings({"AIDTRACKER_ARGON2_KIB": "65536"}).argon2_memory_kib == 65536


def test_the_instance_folder_is_its_owners_alone(settings):
    prepare_instance(settings)
    assert stat.S_IMODE(settings.instance.stat().st_mode) == 0o700
    settings.instance.chmod(0o750)
    with pytest.raises(CannotStart, match="chmod 700"):
        prepare_instance(settings)


def test_sqlite_on_a_network_disk_is_refused(settings, monkeypatch):
    monkeypatch.setattr(config, "file_system_of", lambda folder: "nfs4")
    with pytest.raises(CannotStart, match="network disk"):
        prepare_instance(settings)


MOUNTS = """/dev/vda1 / ext4 rw 0 0
/etc/auto.data /data autofs rw 0 0
server:/data /data nfs4 rw 0 0
//server/office /mnt/school\\040office cifs rw 0 0
/dev/vdb1 /database ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/data/site", "nfs4"), ("/data", "nfs4"), ("/database", "ext4"), ("/mnt/school office/site", "cifs"), ("/var", "ext4")],
)
def test_the_file_system_is_the_one_that_is_seen_there(monkeypatch, folder, kind):
    """Of two that are mounted at one point the later one; a blank in its name is written as its number."""
    monkeypatch.setattr(Path, "read_text", lambda path: MOUNTS)
    assert config.file_system_of(Path(folder)) == kind


@pytest.mark.parametrize("what", ["instance", "instance/aidtracker.db", "instance/aidtracker.db-wal"])
def test_files_of_another_user_are_refused_by_name(settings, monkeypatch, what):
    prepare_instance(settings)
    settings.sqlite_path.touch()
    Path(f"{settings.sqlite_path}-wal").touch()
    monkeypatch.setattr(os, "access", lambda path, how: not str(path).endswith(what))
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(CannotStart, match=f"{what} belongs to another user"):
        prepare_instance(settings)


def test_files_that_come_and_go_meanwhile_are_nobody_elses(settings, monkeypatch):
    """Whoever closes SQLite last removes -wal and -shm between two looks of one who starts."""
    prepare_instance(settings)
    settings.sqlite_path.touch(0o600)
    monkeypatch.setattr(os, "access", lambda path, how: path == settings.instance)
    prepare_instance(settings)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setattr(Path, "exists", lambda path: False)
    prepare_instance(settings)


def test_debug_pages_in_production_are_refused(settings):
    config.refuse_debugging(settings, False)
    with pytest.raises(CannotStart, match="FLASK_DEBUG or --debug"):
        config.refuse_debugging(settings, True)
    config.refuse_debugging(load_settings({"AIDTRACKER_ENV": "development"}), True)


def test_a_secret_is_made_once_and_refused_when_others_can_read_it_or_it_is_cut(settings):
    prepare_instance(settings)
    made, path = secret_file(settings, "secret_key"), settings.instance / "secret_key"
    assert secret_file(settings, "secret_key") == made
    assert (len(made), stat.S_IMODE(path.stat().st_mode)) == (64, 0o600)
    path.chmod(0o644)
    with pytest.raises(CannotStart, match="chmod 600"):
        secret_file(settings, "secret_key")
    path.chmod(0o600)
    for weak in ("short", "", "0" * 64, made[:63]):
        path.write_text(weak)
        with pytest.raises(CannotStart, match="damaged"):
            secret_file(settings, "secret_key")


def test_a_secret_is_on_the_disk_before_it_has_a_name_and_its_name_before_it_is_used(settings, monkeypatch):
    prepare_instance(settings)
    path, synced = settings.instance / "secret_key", []

    def sync(descriptor):
        place = os.readlink(f"/proc/self/fd/{descriptor}")
        synced.append((place == str(settings.instance), path.exists(), os.fstat(descriptor).st_size))

    monkeypatch.setattr(os, "fsync", sync)
    secret_file(settings, "secret_key")
    (of_folder, has_name, size), (then_of_folder, then_has_name, _) = synced
    assert (of_folder, has_name, size) == (False, False, 64)
    assert (then_of_folder, then_has_name) == (True, True)


@pytest.mark.parametrize(("environment", "is_debug"), [("production", "False"), ("development", "True")])
def test_only_development_switches_debug_pages_on(tmp_path, environment, is_debug):
    instance = tmp_path / "instance"
    environ = {"PATH": os.environ["PATH"], "AIDTRACKER_INSTANCE": str(instance), "AIDTRACKER_ENV": environment}
    command = [sys.executable, "-c", "from aidtracker import create_app; print(create_app().debug)"]
    root = os.path.dirname(os.path.dirname(os.path.abspath(config.__file__)))
    assert subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=True).stdout.strip() == is_debug
