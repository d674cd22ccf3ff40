"""Installations that must not start, each with what the one line has to say; through gunicorn and through a command."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

from flask.cli import main as flask_main
from playhouse.migrations import Runner

from aidtracker.db import open_database
from aidtracker.operation.migration import FOLDER

NEWER = "9999_of_the_future"


def as_command(*arguments: str) -> None:
    """What the shell does with `flask --app wsgi ...`, in this process."""
    sys.path.insert(0, ".")
    sys.argv = ["flask", "--app", "wsgi", *arguments]
    flask_main()


def as_worker():
    """The site as gunicorn's worker loads it, in this process."""
    sys.path.insert(0, ".")
    sys.modules.setdefault("gunicorn.arbiter", sys)
    return importlib.import_module("wsgi").app


def write(path: Path, content: bytes, mode: int = 0o600) -> None:
    path.write_bytes(content)
    path.chmod(mode)


def newer(_instance: Path, environ: dict) -> None:
    opened = open_database(environ["DATABASE_URL"])
    with opened.connection_context():
        Runner(opened, str(FOLDER)).History.create(name=NEWER)


def is_older(environ: dict) -> None:
    """Undoes newer()."""
    opened = open_database(environ["DATABASE_URL"])
    with opened.connection_context():
        opened.execute_sql(f"DELETE FROM schema_migration WHERE name = '{NEWER}'")


def set_to(**values: str) -> Callable[[Path, dict], None]:
    return lambda _instance, environ: environ.update(values)


def on_a_network_disk(_instance: Path, environ: dict) -> None:
    place = Path(environ["DATABASE_URL"].removeprefix("sqlite:///")).parent.resolve()
    environ["DRILL_MOUNTS"] = f"/dev/vda1 / ext4 rw 0 0\nserver:/x {place} nfs4 rw 0 0\n"


def with_mounts(environ: dict) -> None:
    """In the process that starts: the kernel's table of mounts says what the drill says."""
    if table := environ.get("DRILL_MOUNTS"):
        real = Path.read_text
        Path.read_text = lambda path, *given, **named: table if str(path) == "/proc/mounts" else real(path, *given, **named)


REFUSALS: dict[str, tuple[Callable[[Path, dict], object], str]] = {
    "folder open to others": (lambda instance, _: instance.chmod(0o755), "chmod 700"),
    "key file open to others": (lambda instance, _: (instance / "kek").chmod(0o644), "chmod 600"),
    "secret open to others": (lambda instance, _: (instance / "secret_key").chmod(0o640), "chmod 600"),
    "secret cut short": (lambda instance, _: write(instance / "secret_key", b"3f2a91c04d"), "damaged"),
    "secret empty": (lambda instance, _: write(instance / "secret_key", b""), "damaged"),
    "secret of nothing": (lambda instance, _: write(instance / "secret_key", b"0" * 64), "damaged"),
    "key file cut short": (lambda instance, _: write(instance / "kek", b"x" * 31), "damaged"),
    "key file of nothing": (lambda instance, _: write(instance / "kek", bytes(32)), "damaged"),
    "key file of another": (lambda instance, _: write(instance / "kek", bytes(range(32))), "does not fit"),
    "key file missing": (lambda instance, _: (instance / "kek").unlink(), "is missing"),
    "unknown environment": (set_to(AIDTRACKER_ENV="staging"), "production or development"),
    "debug in production": (set_to(FLASK_DEBUG="1"), "FLASK_DEBUG"),
    "database of another kind": (set_to(DATABASE_URL="mysql://site@db/x"), "sqlite:/// or postgresql://"),
    "database nowhere": (set_to(DATABASE_URL="sqlite:////no/such/folder/aid.db"), "cannot be opened"),
    "server nowhere": (set_to(DATABASE_URL="postgresql://site:hunter2@/x?host=/no/such/folder"), "cannot be opened"),
    "database in no file": (set_to(DATABASE_URL="sqlite:///"), "names no file"),
    "proxies in words": (set_to(AIDTRACKER_TRUSTED_PROXIES="yes"), "whole number"),
    "newer schema": (newer, NEWER),
    "network disk": (on_a_network_disk, "network disk"),
}
ONLY_SQLITE = ("network disk",)
