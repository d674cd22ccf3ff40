"""The real site under gunicorn, which a drill kills and starts again on the same port.

The listening socket is the drill's: while nobody serves, whoever connects waits instead of being refused.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.drills.drill import Given
from tests.live_server import CHECKOUT, listening_socket, tail_of, wait_until_it_answers
from tests.postgres import die_with_parent

# Loaded before the fork: a worker is back in milliseconds, and most kills hit one that is at work.
SERVER = "-m gunicorn --preload --worker-class gthread --no-control-socket --graceful-timeout 5".split()


class Site:
    """Must be started by the main thread: the kernel ends the server when the thread that started it ends."""

    def __init__(self, given: Given, environ: dict[str, str], workers: int = 2, threads: int = 4):
        self.environ, self.log = environ, given.folder / "site.log"
        self.listener = listening_socket(0)
        self.port = self.listener.getsockname()[1]
        size = ["--workers", str(workers), "--threads", str(threads)]
        self.command = [sys.executable, *SERVER, *size, "--bind", f"fd://{self.listener.fileno()}", given.wsgi]

    def start(self) -> None:
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.command, cwd=CHECKOUT, env=self.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=[self.listener.fileno()], preexec_fn=die_with_parent, start_new_session=True,
            )  # fmt: skip

    def wait(self) -> None:
        wait_until_it_answers(f"http://127.0.0.1:{self.port}", self.process, self.log)

    def workers(self) -> list[int]:
        master = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def kill_workers(self, random, many: int) -> None:
        found = self.workers()
        for pid in random.sample(found, min(many, len(found))):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def kill_all(self) -> None:
        """The master and its workers at one blow."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """As an administrator does: what is under way is finished."""
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill_all()

    def last_words(self) -> str:
        return tail_of(self.log, 20)


@contextlib.contextmanager
def running(site: Site) -> Iterator[Site]:
    site.start()
    try:
        site.wait()
        yield site
    finally:
        if site.process.poll() is None:
            site.stop()
        site.listener.close()
