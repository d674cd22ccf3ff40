"""bin/setup: when it installs, when it has nothing to do, how it says no; and the requirement files that it reads."""

import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
NAMES = ("requirements", "requirements-dev")


@pytest.fixture
def setup(tmp_path):
    """bin/setup as a module, in a checkout of its own whose venv is a picture of one."""
    (tmp_path / "bin").mkdir()
    shutil.copy(CHECKOUT / "bin" / "setup", tmp_path / "bin" / "setup")
    for name in NAMES:
        (tmp_path / f"{name}.txt").write_text("pip\n")
    loader = importlib.machinery.SourceFileLoader("bin_setup", str(tmp_path / "bin" / "setup"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("bin_setup", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def installed(setup):
    """The same, after a whole `bin/setup`."""
    (setup.VENV / "bin").mkdir(parents=True)
    (setup.VENV / "lib" / "python3.11").mkdir(parents=True)
    setup.PYTHON.symlink_to(sys.executable)
    (setup.VENV / "setup-place").write_text(setup.place())
    setup.stamp_of("requirements.txt").write_text(setup.digest_of("requirements.txt"))
    return setup


def run_setup(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    return subprocess.run([folder / "bin" / "setup", *arguments], capture_output=True, text=True, env=os.environ | env, timeout=60)


@pytest.mark.parametrize("name", ["bin/setup", "bin/demo", "bin/practice", "bin/test", ".ci/run"])
def test_a_command_can_be_run_and_its_shell_part_is_well_formed(name):
    path = CHECKOUT / name
    assert os.access(path, os.X_OK)
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"
    shell_part = path.read_text().split("\n'''\n")[0]  # what follows in bin/setup is Python
    assert subprocess.run([shell, "-n"], input=shell_part, text=True, capture_output=True).stderr == ""


def test_practice_knows_nothing_of_the_real_site(tmp_path):
    """Whoever starts it where the real site's settings stand in the environment has the folder of practice all the same."""
    folder = tmp_path / "house"
    (folder / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / "bin" / "practice").write_text((CHECKOUT / "bin" / "practice").read_text())
    (folder / "bin" / "setup").write_text("#!/bin/sh\n")
    (folder / ".venv" / "bin" / "flask").write_text("#!/bin/sh\necho \"$*\"; env\n")
    for name in ("bin/practice", "bin/setup", ".venv/bin/flask"):
        (folder / name).chmod(0o755)
    real = {"DATABASE_URL": "postgresql://site@db/real", "DATABASE_ADMIN_URL": "postgresql://owner@db/real", "AIDTRACKER_INSTANCE": "/var/lib/aidtracker"}
    said = subprocess.run([folder / "bin" / "practice", "--no-serve"], capture_output=True, text=True, env=os.environ | real, timeout=60).stdout
    assert said.startswith("--app wsgi practice --no-serve\n")
    assert f"AIDTRACKER_INSTANCE={folder}/practice\n" in said
    assert "DATABASE_" not in said


def test_setup_is_well_formed_python(setup):
    assert setup.main


def test_without_a_venv_everything_is_outdated(setup):
    assert setup.outdated(["requirements.txt", "requirements-dev.txt"]) == ["requirements.txt", "requirements-dev.txt"]


def test_after_an_install_nothing_is_outdated(installed):
    assert installed.outdated(["requirements.txt"]) == []


def test_the_test_tools_are_outdated_until_they_were_asked_for(installed):
    assert installed.outdated(["requirements.txt", "requirements-dev.txt"]) == ["requirements-dev.txt"]


def test_changed_pins_are_outdated(installed):
    (installed.CHECKOUT / "requirements.txt").write_text("pip==1\n")
    assert installed.outdated(["requirements.txt"]) == ["requirements.txt"]


def test_an_interrupted_install_is_outdated_and_made_anew(installed):
    installed.STARTED.touch()
    assert installed.outdated(["requirements.txt"]) == ["requirements.txt"]


def test_a_venv_that_moved_is_outdated_and_does_not_work(installed):
    (installed.VENV / "setup-place").write_text(f"/elsewhere/.venv {sys.executable} python3.11")
    assert installed.outdated(["requirements.txt"]) == ["requirements.txt"]
    assert not installed.venv_works()


def test_a_venv_whose_python_was_removed_is_outdated(installed):
    installed.PYTHON.unlink()
    assert installed.outdated(["requirements.txt"]) == ["requirements.txt"]
    assert not installed.venv_works()


def test_setup_says_nothing_when_there_is_nothing_to_do(installed):
    done = run_setup(installed.CHECKOUT)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_failed_install_says_one_line_and_leaves_no_stamp_and_the_venv_in_place(installed):
    (installed.CHECKOUT / "requirements.txt").write_text(f"no-such-package @ file://{installed.CHECKOUT}/nowhere.whl\n")
    # The picture of a venv has this interpreter's pip, if any: no-index keeps it from asking anybody.
    done = run_setup(installed.CHECKOUT, PIP_NO_INDEX="1")
    assert done.returncode == 2
    assert "cannot install requirements.txt" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr
    assert installed.outdated(["requirements.txt"]) == ["requirements.txt"]
    assert not installed.STARTED.exists()


def test_an_unknown_argument_is_refused_in_one_line(installed):
    done = run_setup(installed.CHECKOUT, "--fast")
    assert (done.returncode, done.stderr) == (2, "bin/setup: usage: bin/setup [--dev]\n")


def test_a_machine_without_python_is_told_so_in_one_line(installed):
    done = run_setup(installed.CHECKOUT, PATH="/nowhere")
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_says_what_it_is_for(name):
    lines = [line for line in (CHECKOUT / f"{name}.in").read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert [line for line in lines if not re.search(r"\S  +# \S{2,}", line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_pin_has_a_hash_and_names_no_host(name):
    text = (CHECKOUT / f"{name}.txt").read_text()
    pins = re.split(r"\n(?=\S)", text.strip())
    assert [pin.split()[0] for pin in pins if not re.match(r"[a-z0-9-]+==\S+ .*\\\n    --hash=sha256:[0-9a-f]{64}", pin)] == []
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_every_requirement_is_pinned(name):
    asked = re.findall(r"^([a-z0-9-]+)", (CHECKOUT / f"{name}.in").read_text(), re.MULTILINE)
    pinned = re.findall(r"^([a-z0-9-]+)==", (CHECKOUT / f"{name}.txt").read_text(), re.MULTILINE)
    assert set(asked) <= set(pinned)


def test_both_files_pin_the_same_versions():
    runtime, dev = ({m[0]: m[1] for m in re.findall(r"^([a-z0-9-]+)==(\S+)", (CHECKOUT / f"{name}.txt").read_text(), re.MULTILINE)} for name in NAMES)
    assert {name for name in runtime.keys() & dev.keys() if runtime[name] != dev[name]} == set()
