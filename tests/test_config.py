"""Settings from the environment: an unsafe installation does not start, and says what to do."""

import os
import stat
import subprocess
import sys

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
    ],
)
def test_a_setting_that_means_nothing_is_refused(environ, words):
    with pytest.raises(CannotStart, match=words):
        load_settings(environ)


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


def test_a_secret_is_made_once_and_refused_when_others_can_read_it_or_it_is_cut(settings):
    prepare_instance(settings)
    made, path = secret_file(settings, "secret_key"), settings.instance / "secret_key"
    assert secret_file(settings, "secret_key") == made
    assert (len(made), stat.S_IMODE(path.stat().st_mode)) == (64, 0o600)
    path.chmod(0o644)
    with pytest.raises(CannotStart, match="chmod 600"):
        secret_file(settings, "secret_key")
    path.chmod(0o600)
    path.write_text("short")
    with pytest.raises(CannotStart, match="damaged"):
        secret_file(settings, "secret_key")


@pytest.mark.parametrize(("environment", "is_debug"), [("production", "False"), ("development", "True")])
def test_only_development_switches_debug_pages_on(tmp_path, environment, is_debug):
    instance = tmp_path / "instance"
    environ = {"PATH": os.environ["PATH"], "AIDTRACKER_INSTANCE": str(instance), "AIDTRACKER_ENV": environment}
    command = [sys.executable, "-c", "from aidtracker import create_app; print(create_app().debug)"]
    root = os.path.dirname(os.path.dirname(os.path.abspath(config.__file__)))
    assert subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=True).stdout.strip() == is_debug
