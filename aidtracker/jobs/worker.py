"""The worker: one thread inside one web process, the leader; when that process dies another takes over.

create_app calls `work_in_web(app, settings)`, once. The worker starts with the first request of each process, that is
after the web server has forked, and never in commands or in the immediate mode of the tests; AIDTRACKER_JOBS=off leaves it to
a process of its own, `Worker(settings).run()`. The leader is whoever holds `instance/jobs.lock`; on PostgreSQL with
several hosts each host has one, and the queue gives each message to one of them.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from huey.consumer import Consumer

from aidtracker.audit.anchors import note_daily
from aidtracker.config import Settings
from aidtracker.db import database, today_in_china
from aidtracker.jobs.files import purge_expired
from aidtracker.jobs.queue import is_immediate, the_queue, wake_waiting
from aidtracker.jobs.running import rescue_stale, without_data
from aidtracker.receipts.actions import forget_old_keys

CANDIDATE_SECONDS = 3
LOOK_SECONDS = 30
POLL_SECONDS = 1.0  # SQLite is asked, PostgreSQL tells

log = logging.getLogger(__name__)
# What rooms below do now and then; create_app fills it. Each writes only when there is something to do.
when_the_server_looks: list[Callable[[], object]] = []
_workers: dict[int, "Worker"] = {}
_starting = threading.Lock()


def work_in_web(app, settings: Settings) -> None:
    if not settings.jobs_in_web:
        return

    @app.before_request
    def start_with_the_first_request():
        if os.getpid() not in _workers and not is_immediate():
            start_worker(settings)


def start_worker(settings: Settings) -> "Worker":
    """Starts the worker thread of this process, once; after a fork the child starts its own."""
    with _starting:
        if os.getpid() not in _workers:
            _workers.clear()
            _workers[os.getpid()] = Worker(settings)
            _workers[os.getpid()].start()
        return _workers[os.getpid()]


class QuietConsumer(Consumer):
    """Lives in a thread of the web server, which keeps its own signal handlers."""

    def _set_signal_handlers(self):
        pass


class Worker:
    def __init__(self, settings: Settings):
        self.instance = settings.instance
        self.lock_file = settings.instance / "jobs.lock"
        self.over = threading.Event()
        self.is_leader = threading.Event()
        self.thread = threading.Thread(target=self.run, name="job-worker", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self, seconds: float | None = None) -> None:
        """Waits for the job in hand."""
        self.over.set()
        if self.thread.is_alive():
            self.thread.join(seconds)

    def run(self) -> None:
        while not self.over.is_set():
            try:
                with leadership(self.lock_file) as is_mine:
                    if is_mine:
                        self.lead()
            except Exception as error:
                log.error("job worker: %s", without_data(error))
            self.over.wait(CANDIDATE_SECONDS)

    def lead(self) -> None:
        consumer = QuietConsumer(
            the_queue(),
            workers=1,
            periodic=False,
            max_delay=POLL_SECONDS,
            scheduler_interval=60,
            check_worker_health=False,
        )
        consumer.start()
        self.is_leader.set()
        try:
            while True:
                look_after_jobs()
                look_after_the_trail(self.instance)
                look_after_the_rooms()
                if self.over.wait(LOOK_SECONDS):
                    return
                consumer.check_worker_health()
        finally:
            self.is_leader.clear()
            consumer.stop(graceful=True)


def look_after_jobs() -> None:
    """What the leader does twice a minute: dead runs, lost messages, expired files, old keys of receipts."""
    try:
        with database.connection_context():
            rescue_stale()
            wake_waiting()
            purge_expired()
            forget_old_keys()
    except Exception as error:
        log.error("looking after the jobs: %s", without_data(error))


def look_after_the_trail(instance: Path) -> None:
    """The head of the audit chain, noted once a day."""
    try:
        with database.connection_context():
            note_daily(instance, today_in_china())
    except Exception as error:
        log.error("noting the head of the trail: %s", without_data(error))


def look_after_the_rooms() -> None:
    for look in when_the_server_looks:
        try:
            with database.connection_context():
                look()
        except Exception as error:
            log.error("looking after %s: %s", look.__name__, without_data(error))


@contextmanager
def leadership(path) -> Iterator[bool]:
    """True for one process at a time; the kernel lets go of the lock when that process dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)
