"""The database, BaseModel, transaction(), utcnow(), one connection per request."""

import datetime
import fcntl
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, unquote, urlparse

import peewee
import psycopg

from aidtracker.config import Settings
from aidtracker.errors import CannotStart

PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",  # an acknowledged roll must outlive a power cut: the phone deletes its copy
    "foreign_keys": 1,
    "busy_timeout": 10000,
    "secure_delete": 1,
    "temp_store": "memory",
    "trusted_schema": 0,
    "cell_size_check": 1,
    "cache_size": -32000,
}
CHINA = datetime.timedelta(hours=8)
CHUNK = 900  # parameters of one statement

database = peewee.DatabaseProxy()


class BaseModel(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False


class WriterQueue:
    """The fair queue of SQLite's writers: threads by a lock, processes by flock."""

    def __init__(self, path: str | None):
        self.path, self.threads, self.holder = path, threading.Lock(), None

    @contextmanager
    def held(self):
        # What runs after a commit (database.after_commit) still stands inside, and may write.
        if self.path is None or self.holder == threading.get_ident():
            yield
            return
        with self.threads:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                self.holder = threading.get_ident()
                yield
            finally:
                self.holder = None
                os.close(descriptor)


_writers = WriterQueue(None)
_url = ""


def init_database(settings: Settings) -> peewee.Database:
    """Binds the proxy to the database that DATABASE_URL names. Connects to nothing yet."""
    global _writers, _url
    _url = settings.database_url
    opened = open_database(_url)
    path = str(settings.sqlite_path) + ".writers" if settings.sqlite_path else None
    _writers = WriterQueue(path)
    database.initialize(opened)
    return opened


def open_database(url: str) -> peewee.Database:
    if url.startswith("sqlite:"):
        return peewee.SqliteDatabase(url.removeprefix("sqlite:///"), pragmas=PRAGMAS, lock_type="IMMEDIATE", timeout=10)
    return peewee.PostgresqlDatabase(**postgresql_parameters(url))


def postgresql_parameters(url: str) -> dict:
    """ClientCursor: with server-side parameters, GROUP BY on an expression with a parameter fails."""
    parts = urlparse(url)
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    found = {"host": parts.hostname, "port": parts.port, "user": parts.username, "password": parts.password}
    named = {name: unquote(str(value)) for name, value in found.items() if value}
    return {
        "database": unquote(parts.path.lstrip("/")),
        "prefer_psycopg3": True,
        "cursor_factory": psycopg.ClientCursor,
        **named,
        **given,
    }


def is_sqlite() -> bool:
    return isinstance(database.obj, peewee.SqliteDatabase)


@contextmanager
def transaction():
    """The only way to write: immediate, one at a time on SQLite; inside an open one it joins it.

    Abort it by raising. No hashing, reading of workbooks or network inside.
    """
    if database.in_transaction():
        yield
        return
    with _writers.held(), database.atomic():
        yield


def lock(*names) -> None:
    """Until the transaction ends nobody else passes here with the same names: what is looked up behind it stays so.

    SQLite needs none: it has one writer at a time. Whoever takes several takes them in one order.
    """
    if not is_sqlite():
        database.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (" ".join(str(name) for name in names),))


@contextmanager
def snapshot() -> Iterator[Callable]:
    """Reads of one moment, however long they take: yields execute_sql(text, values) of a connection of its own.

    SQLite: a read transaction of the WAL; PostgreSQL: REPEATABLE READ. It sees what is committed, holds no lock that a
    writer waits for, and cannot write; the thread's own connection goes on writing beside it.
    """
    opened = open_database(_url)
    with opened.connection_context():
        if isinstance(opened, peewee.SqliteDatabase):
            opened.execute_sql("PRAGMA query_only = 1")
            opened.execute_sql("BEGIN DEFERRED")
        else:
            opened.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield opened.execute_sql
        finally:
            opened.execute_sql("ROLLBACK")


@contextmanager
def connected_at_start() -> Iterator[None]:
    """What is looked up before the site serves. Closed again if opened here: a connection must not be carried over a fork.

    Refused: nothing can be opened there. Why is said without the address, which holds a password.
    """
    if not database.is_closed():
        yield
        return
    try:
        database.connect()
    except peewee.DatabaseError as error:
        why = " ".join(str(error).split())[:200]
        raise CannotStart(f"The database cannot be opened. Look at DATABASE_URL, and whether its server runs: {why}") from error
    try:
        yield
    finally:
        database.close()


def connect_again_if_broken() -> None:
    """The thread's connection, opened when there is none and anew when the database was restarted meanwhile."""
    if not database.is_closed() and not database.is_connection_usable():
        database.close()
    database.connect(reuse_if_open=True)


def reserve_ids(model: type[BaseModel], count: int) -> range | list[int]:
    """Ids for rows to be inserted at once; inside the transaction that inserts them. For tables never deleted from."""
    table = model._meta.table_name
    if is_sqlite():
        last = database.execute_sql(f"SELECT max(id) FROM {table}").fetchone()[0] or 0  # noqa: S608 our own name
        return range(last + 1, last + 1 + count)
    taken = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    return [row[0] for row in database.execute_sql(taken, (table, count)).fetchall()]


def insert_rows(model: type[BaseModel], columns: tuple[str, ...], rows: list[tuple]) -> None:
    """Many rows by one prepared statement: five times faster than insert_many. Values as the driver wants them."""
    if not rows:
        return
    mark = "?" if is_sqlite() else "%s"
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    cursor = database.cursor()
    cursor.executemany(f"INSERT INTO {model._meta.table_name} ({names}) VALUES ({marks})", rows)  # noqa: S608


def run_sql(text: str, values=()):
    """Runs SQL that is written out, ? for each value, on either database; returns the cursor.

    For what runs at every request: composing a query costs peewee ten times what running it does.
    Times come back as text on SQLite: see as_time().
    """
    return database.execute_sql(text if is_sqlite() else text.replace("?", "%s"), values)


def run_many(text: str, rows: list[tuple]) -> int:
    """The same statement for each row; returns how many rows they wrote."""
    if not rows:
        return 0
    cursor = database.cursor()
    with peewee.__exception_wrapper__:
        cursor.executemany(text if is_sqlite() else text.replace("?", "%s"), rows)
    return cursor.rowcount


def chunks_of(values: list, columns: int = 1) -> Iterator[list]:
    """At most 900 parameters at a time, so many of every value: that many every SQLite takes in one statement."""
    size = max(1, CHUNK // columns)
    return (values[start : start + size] for start in range(0, len(values), size))


def marks_for(values) -> str:
    """(?, ?, ?), one for each value: what stands after IN."""
    return f"({', '.join('?' * len(values))})"


def loaded(model: type[BaseModel], values: dict):
    """An object of a row read by run_sql(), as a select would give it: {field name: value}."""
    made = model.__new__(model)
    made.__data__, made.__rel__, made._dirty = values, {}, set()
    return made


def as_time(value) -> datetime.datetime:
    """A time read by run_sql()."""
    return datetime.datetime.fromisoformat(value) if isinstance(value, str) else value


def as_day(value) -> datetime.date:
    return datetime.date.fromisoformat(value) if isinstance(value, str) else value


def utcnow() -> datetime.datetime:
    """Now, as the naive UTC that every `..._at` column holds."""
    return datetime.datetime.now(datetime.UTC).replace(tzinfo=None)


def today_in_china() -> datetime.date:
    """The day that the county's wall calendar shows."""
    return china_time(utcnow()).date()


def china_time(moment_utc: datetime.datetime) -> datetime.datetime:
    """What the clock on the county's wall shows, naive too; China knows no summer time."""
    return moment_utc + CHINA


def new_uid() -> str:
    """Opaque id of a row: in URLs of files, in the seals of its columns, in the audit trail."""
    return secrets.token_hex(16)
