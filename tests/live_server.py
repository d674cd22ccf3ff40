"""The real site under gunicorn in a process of its own, for browser and load tests.

    with live_server({"DATABASE_URL": url, "AIDTRACKER_INSTANCE": str(folder)}) as base_url:
        ...

The database must have been migrated before. What the server wrote is in the report of every test that fails meanwhile.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import die_with_parent

CHECKOUT = Path(__file__).resolve().parent.parent
SERVER = [
    sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4",
    "--graceful-timeout", "2", "--no-control-socket", "--access-logfile", "-", "--access-logformat", "%(t)s %(r)s %(s)s",
]

_logs: list[Path] = []  # of the servers that run now


@contextlib.contextmanager
def live_server(env: dict[str, str] | None = None, *, port: int = 0, workers: int = 1, wsgi: str = "tests.served:app") -> Iterator[str]:
    """Yields http://127.0.0.1:PORT when the site answers. `env` is laid over the environment of the tests; `port` 0 is a free one.
    Give the port of an earlier call to play a server that was restarted."""
    with listening_socket(port) as listener, tempfile.NamedTemporaryFile(prefix="aidtracker-server-", suffix=".log") as log:
        process = subprocess.Popen(
            [*SERVER, "--workers", str(workers), "--bind", f"fd://{listener.fileno()}", wsgi], cwd=CHECKOUT, env=os.environ | {"PYTHONUNBUFFERED": "1"} | (env or {}),
            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL, stdout=log, stderr=log, preexec_fn=die_with_parent,
        )
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.close()  # only the server holds it now: when it dies, a connection is refused and does not hang
        _logs.append(Path(log.name))
        try:
            wait_until_it_answers(base_url, process, Path(log.name))
            yield base_url
        finally:
            _logs.remove(Path(log.name))
            stop(process)


def listening_socket(port: int) -> socket.socket:
    """Opened here and handed over, so that nobody else can take the free port in between."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def wait_until_it_answers(base_url: str, process: subprocess.Popen, log: Path, seconds: float = 30) -> None:
    """Any answer counts, a 404 as well: the page asked for does not exist and leaves no trace in the database."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{base_url}/static/is-the-server-up", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    stop(process)
    raise RuntimeError(f"the site did not start under gunicorn:\n{tail_of(log)}")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail_of(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed:
        for log in _logs:
            report.sections.append((f"live server ({log.name})", tail_of(log)))
    return report
