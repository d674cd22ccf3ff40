"""From SQLite to PostgreSQL, for a county that has outgrown it: every row copied in one transaction, then compared one by one."""

import datetime
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace

import peewee
import psycopg
from playhouse.migrations import Runner
from psycopg import sql

from aidtracker.config import Settings, refuse_strange_url
from aidtracker.db import open_database, transaction
from aidtracker.errors import Refused
from aidtracker.jobs.queue import make_queue_tables
from aidtracker.operation.dumps import is_empty
from aidtracker.operation.migration import FOLDER
from aidtracker.practice import is_practice

ROWS = 5000  # read at a time
UPWARDS = {"org": "parent_id", "user_account": "created_by_id"}  # rows that name others of their own table
Progress = Callable[[int, int], None]
TYPES = "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position"


def move_to_postgresql(*, url: str, settings: Settings, models, progress: Progress = lambda done, total: None) -> dict[str, int]:
    """{table: rows} that stand in both and are equal. Nobody writes here meanwhile; this database stays as it was.

    Refused: this is no SQLite, the other is not empty, or a row differs. A move that was cut off left nothing: give it again.
    """
    if settings.sqlite_path is None:
        raise Refused("现在用的就是 PostgreSQL，不用搬。")
    if is_practice():
        raise Refused("练习站留在自己的文件夹里，不搬到 PostgreSQL。")
    refuse_strange_url(url)
    target = replace(settings, database_url=url, admin_database_url=url)
    if target.sqlite_path is not None:
        raise Refused("请给出 PostgreSQL 的地址，像这样：postgresql://用户@主机:5432/库名")
    refuse_full(target)
    owner = open_database(url)
    with owner.connection_context():
        Runner(owner, str(FOLDER)).up()
    make_queue_tables(url)
    tables = [model._meta.table_name for model in models]
    with transaction(), closing(sqlite3.connect(settings.sqlite_path)) as source, closing(psycopg.connect(url)) as other:
        total, done, found = sum(count(source, table) for table in tables), 0, {}
        with other.transaction():
            for table in tables:
                for rows in copied(source, other, table):
                    done += rows
                    progress(done, 2 * total)
        for table in tables:
            found[table] = compare(source, other, table)
            done += found[table]
            progress(done, 2 * total)
    return found


def refuse_full(target: Settings) -> None:
    try:
        if is_empty(target):
            return
    except peewee.DatabaseError as error:
        raise Refused("PostgreSQL 打不开：%(why)s", why=" ".join(str(error).split())[:200]) from None
    raise Refused("那个 PostgreSQL 数据库里已有数据，没有搬。请建一个空的数据库再试。")


def count(source: sqlite3.Connection, table: str) -> int:
    return int(source.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608 our own names


def types_of(other: psycopg.Connection, table: str) -> dict[str, str]:
    return dict(other.execute(TYPES, (table,)).fetchall())


def copied(source: sqlite3.Connection, other: psycopg.Connection, table: str) -> Iterator[int]:
    """Copies one table; yields how many rows each time."""
    kinds, name = types_of(other, table), sql.Identifier(table)
    columns = sql.SQL(", ").join(map(sql.Identifier, kinds))
    bools = [kind == "boolean" for kind in kinds.values()]
    with other.cursor() as cursor, cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(name, columns)) as copy:
        for rows in read(source, table, list(kinds)):
            for row in rows:
                copy.write_row([bool(value) if is_bool and value is not None else value for value, is_bool in zip(row, bools, strict=True)])
            yield len(rows)
    if "id" in kinds:
        sequence = other.execute("SELECT pg_get_serial_sequence(%s, 'id')", (table,)).fetchone()
        if sequence and sequence[0]:
            other.execute(sql.SQL("SELECT setval(%s, COALESCE((SELECT MAX(id) FROM {}), 1))").format(name), (sequence[0],))


def read(source: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[list[tuple]]:
    listed = ", ".join(f'"{column}"' for column in columns)
    cursor = source.execute(f"SELECT {listed} FROM {table} ORDER BY {order_of(columns)}")  # noqa: S608 our own names
    if table in UPWARDS:
        yield above_first(cursor.fetchall(), columns.index("id"), columns.index(UPWARDS[table]))
        return
    while rows := cursor.fetchmany(ROWS):
        yield rows


def order_of(columns: list[str]) -> str:
    return "id" if "id" in columns else ", ".join(f'"{column}"' for column in columns)


def above_first(rows: list[tuple], own: int, above: int) -> list[tuple]:
    """Whatever names another row of the table comes after it."""
    there: set = {None}
    found: list[tuple] = []
    while rows:
        ready = [row for row in rows if row[above] in there]
        if not ready:
            raise Refused("有单位或账号互为上级，搬不过去。")
        found += ready
        there |= {row[own] for row in ready}
        rows = [row for row in rows if row[own] not in there]
    return found


def compare(source: sqlite3.Connection, other: psycopg.Connection, table: str) -> int:
    """Every value of every row; gives how many rows. Refused at the first that differs."""
    kinds, number = types_of(other, table), 0
    columns = list(kinds)
    order = sql.SQL(", ").join(map(sql.Identifier, ["id"] if "id" in kinds else columns))
    asked = sql.SQL("SELECT {} FROM {} ORDER BY {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table), order)
    listed = ", ".join(f'"{column}"' for column in columns)
    here = source.execute(f"SELECT {listed} FROM {table} ORDER BY {order_of(columns)}")  # noqa: S608
    with other.cursor(name="compared") as there:
        there.itersize = ROWS
        there.execute(asked)
        while True:
            mine, theirs = here.fetchmany(ROWS), there.fetchmany(ROWS)
            for left, right in zip(mine, theirs, strict=False):
                if alike(left, kinds) != alike(right, kinds):
                    raise Refused("%(table)s 第 %(row)s 行搬过去以后不一样，请不要启用那个数据库。", table=table, row=str(left[0]))
            if len(mine) != len(theirs):
                raise Refused("%(table)s 的行数搬过去以后不一样，请不要启用那个数据库。", table=table)
            if not mine:
                return number
            number += len(mine)


def alike(row: tuple, kinds: dict[str, str]) -> list:
    """One form for what both say."""
    return [plain(value, kind) for value, kind in zip(row, kinds.values(), strict=True)]


def plain(value, kind: str):
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    if kind == "bytea":
        return bytes(value)
    if kind.startswith("json"):
        return json.loads(value) if isinstance(value, str) else value
    if kind.startswith("timestamp"):
        return value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(value)
    if kind == "date":
        return value.isoformat() if isinstance(value, datetime.date) else value[:10]
    return value

