"""Copies of a database for one test after another: given back, a copy is made like its template again, which is a tenth of making a new one.

What a test left is found by the server's own count of rows written per table, which is complete once nobody is connected any more.
A copy whose tables themselves were changed, or that somebody still uses, is dropped.
"""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.postgres import create_database, drop_database

USES = 60  # what is deleted stays in the files
TABLES = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
WRITTEN = """SELECT oid::regclass::text, pg_stat_get_tuples_inserted(oid) + pg_stat_get_tuples_updated(oid) + pg_stat_get_tuples_deleted(oid)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"""
SEQUENCES = "SELECT format('setval(%L, %s, %L)', sequencename, coalesce(last_value, start_value), last_value IS NOT NULL) FROM pg_sequences"
SHAPES = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")
SHAPE = " UNION ALL ".join(f"SELECT count(*), max(xmin::text::bigint) FROM {name}" for name in SHAPES)  # what the tables themselves are
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@dataclass
class Copy:
    url: str
    connection: psycopg.Connection
    written: dict[str, int]  # rows per table, whoever wrote them
    uses: int = 0


@dataclass
class Template:
    """What a copy is made like."""

    name: str
    shape: list[tuple] = field(default_factory=list)
    rows: dict[str, bytes] = field(default_factory=dict)
    sequences: str = ""
    spare: list[Future] = field(default_factory=list)


_templates: dict[str, Template] = {}
_lent: dict[str, tuple[Template, Copy]] = {}
_ahead: ThreadPoolExecutor | None = None


def lend(template: str) -> str:
    """A database like the template (a URL), to which nobody may be connected; two take turns, so that one is made ready while the other is used."""
    like = _templates.setdefault(template, Template(template))
    if not like.spare:
        like.spare.append(ahead().submit(made, like))
    copy = like.spare.pop(0).result()
    if not like.spare:
        like.spare.append(ahead().submit(made, like))
    _lent[copy.url] = like, copy
    return copy.url


def give_back(url: str) -> None:
    like, copy = _lent.pop(url)
    like.spare.append(ahead().submit(made_ready, like, copy))


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Before the server goes."""
    global _ahead
    if _ahead:
        _ahead.shutdown()
        _ahead = None
    _templates.clear()
    _lent.clear()


def ahead() -> ThreadPoolExecutor:
    global _ahead
    _ahead = _ahead or ThreadPoolExecutor(max_workers=1, thread_name_prefix="databases-ahead")
    return _ahead


def made(like: Template) -> Copy:
    url = create_database(like.name)
    connection = psycopg.connect(url)
    with connection.transaction():
        if not like.shape:
            learn(like, connection)
        return Copy(url, connection, written(connection))


def learn(like: Template, connection: psycopg.Connection) -> None:
    for (name,) in connection.execute(TABLES):
        with connection.cursor().copy(f"COPY {name} TO STDOUT") as rows:
            like.rows[name] = b"".join(bytes(part) for part in rows)
    like.sequences = "SELECT " + ", ".join(call for (call,) in connection.execute(SEQUENCES))
    like.shape = connection.execute(SHAPE).fetchall()


def written(connection: psycopg.Connection) -> dict[str, int]:
    return dict(connection.execute(WRITTEN, prepare=True).fetchall())


def made_ready(like: Template, copy: Copy) -> Copy:
    """The same one as new, or a new one."""
    copy.uses += 1
    try:
        if copy.uses < USES and restored(like, copy):
            return copy
    except psycopg.Error:
        pass  # whatever a test did to it: there are others
    copy.connection.close()
    drop_database(copy.url)
    return made(like)


def restored(like: Template, copy: Copy) -> bool:
    connection = copy.connection
    if not is_alone(connection):
        return False
    with connection.transaction():
        if connection.execute(SHAPE, prepare=True).fetchall() != like.shape:
            return False
        changed = [name for name, rows in written(connection).items() if rows != copy.written[name]]
        connection.execute("SET LOCAL session_replication_role = replica")  # neither keys nor triggers
        for name in changed:
            connection.execute(f"DELETE FROM {name}")
            if like.rows[name]:
                with connection.cursor().copy(f"COPY {name} FROM STDIN") as rows:
                    rows.write(like.rows[name])
        connection.execute(like.sequences, prepare=True)
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.commit()
    copy.written = written(connection)
    connection.commit()
    return True


def is_alone(connection: psycopg.Connection) -> bool:
    """A connection that was closed may be seen a moment longer."""
    for _ in range(50):
        with connection.transaction():
            if connection.execute(OTHERS).fetchone() == (0,):
                return True
            connection.execute("SELECT pg_sleep(0.002)")
    return False
