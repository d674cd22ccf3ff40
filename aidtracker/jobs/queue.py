"""The queue that wakes the worker: huey, in `instance/jobs.db` on SQLite and in tables of its own on PostgreSQL.

A message carries the uid of a job and nothing else, as JSON: huey's own pickle would let whoever can write to the
queue run code. A message that is lost is sent again from the row (wake_waiting), one that comes twice finds the job taken.
"""

import json
import logging
import os

import psycopg
from huey import PostgresHuey, SqliteHuey
from huey.api import Huey
from huey.registry import Message
from huey.serializer import Serializer
from huey.storage import PostgresStorage

from aidtracker.config import Settings
from aidtracker.crypto.keyring import unit
from aidtracker.db import database
from aidtracker.jobs import files
from aidtracker.jobs.models import Job
from aidtracker.jobs.running import run_job

TABLES = "job_queue"  # prefix on PostgreSQL
TABLES_LOCK = 7_201_002  # PostgreSQL advisory lock

log = logging.getLogger(__name__)
_settings: Settings | None = None
_hueys: dict[int, Huey] = {}  # by process: a connection must not be carried over a fork
_is_immediate = False


class JsonMessages(Serializer):
    def _serialize(self, message: Message) -> bytes:
        return json.dumps([message.id, message.name, list(message.args)]).encode()

    def _deserialize(self, data: bytes) -> Message:
        task_id, name, args = json.loads(bytes(data))
        return Message(id=task_id, name=name, args=tuple(args))


def configure(settings: Settings) -> None:
    """Called by create_app and by commands; opens nothing yet."""
    global _settings
    _settings = settings
    _hueys.clear()
    files.configure(settings.instance)


def set_immediate(is_immediate: bool) -> None:
    """For tests: a job runs in the same thread as soon as its transaction is committed."""
    global _is_immediate
    _is_immediate = is_immediate


def is_immediate() -> bool:
    return _is_immediate


def wake(uid: str) -> None:
    """Tells a worker of a queued job. Never raises: the row is committed, and the worker looks for rows too."""
    if _is_immediate:
        run_job(uid)
        return
    try:
        the_queue().run_job(uid)
    except Exception as error:
        log.error("job %s waits: the queue cannot be written: %s", uid, type(error).__name__)


def wake_waiting() -> None:
    """Sends a message for every queued row when no messages are left: those rows would wait for ever."""
    huey = the_queue()
    if huey.storage.queue_size() == 0:
        for (uid,) in list(Job.select(Job.uid).where(Job.state == "queued").order_by(Job.id).tuples()):
            wake(uid)


def the_queue() -> Huey:
    """The queue of this process, with its one task: huey.run_job(uid)."""
    if os.getpid() not in _hueys:
        huey = open_queue(_settings)
        huey.run_job = huey.task(name="run_job")(run_connected)
        _hueys[os.getpid()] = huey
    return _hueys[os.getpid()]


def open_queue(settings: Settings | None) -> Huey:
    if settings is None:
        raise RuntimeError("jobs.queue.configure(settings) comes first")
    options = {"results": False, "serializer": JsonMessages()}
    if settings.sqlite_path:
        return SqliteHuey("jobs", filename=str(settings.instance / "jobs.db"), **options)
    if not has_queue_tables(settings.database_url):
        make_queue_tables(settings.database_url)
    return PostgresHuey("jobs", dsn=settings.database_url, table_prefix=TABLES, create_tables=False, **options)


def has_queue_tables(url: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT to_regclass(%s)", (f"{TABLES}_task",)).fetchone() != (None,)


def make_queue_tables(url: str) -> None:
    """Called by `migrate` with the owner's rights; the site's own user need not be allowed to make tables."""
    if not url.startswith("postgresql"):
        return
    statements = PostgresStorage("jobs", dsn=url, table_prefix=TABLES, create_tables=False).ddl
    with psycopg.connect(url) as connection:
        # Several at once: IF NOT EXISTS alone does not keep them from colliding.
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (TABLES_LOCK,))
        for statement in statements:
            connection.execute(statement)


def run_connected(uid: str) -> None:
    with database.connection_context(), unit():
        run_job(uid)
