"""The database as one file, of one moment while the site works, and back; on either database."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import peewee
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from aidtracker.config import Settings
from aidtracker.db import open_database
from aidtracker.errors import Refused
from aidtracker.operation.migration import FOLDER

HISTORY = "schema_migration"
BINARIES = "AIDTRACKER_PG_BIN"  # folder of pg_dump and pg_restore, where they are not on the PATH
KINDS = {True: "sqlite", False: "postgresql"}


class Contents(dict):
    """{table: rows}"""


def kind_of(settings: Settings) -> str:
    return KINDS[settings.sqlite_path is not None]


def dump(settings: Settings, target: Path) -> Contents:
    """Writes the database to the file, which is there and empty; gives what stands in it."""
    if settings.sqlite_path:
        with contextlib.closing(sqlite3.connect(settings.sqlite_path)) as live:
            live.execute("VACUUM INTO ?", (str(target),))
        return contents_of_file(target)
    return dump_postgresql(settings, target)


def dump_postgresql(settings: Settings, target: Path) -> Contents:
    """Counted in the same snapshot that is written."""
    owner = open_database(settings.admin_database_url)
    with owner.connection_context():
        owner.execute_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        moment = owner.execute_sql("SELECT pg_export_snapshot()").fetchone()[0]
        found = contents_of(owner)
        options = ["--format=custom", "--no-owner", f"--snapshot={moment}", f"--file={target}"]
        if why := failure_of("pg_dump", *options, url=settings.admin_database_url):
            raise Refused("数据库导不出来：%(why)s", why=why)
        owner.execute_sql("ROLLBACK")
    return found


def program(name: str) -> str:
    folder = os.environ.get(BINARIES)
    found = shutil.which(name, path=folder) if folder else shutil.which(name)
    if found is None:
        raise Refused("找不到 %(name)s。请安装 postgresql-client（版本不低于服务器），或用 AIDTRACKER_PG_BIN 指明它在哪个文件夹。", name=name)
    return found


def failure_of(name: str, *options: str, url: str = "") -> str:
    """What the program says is wrong; '' when it went well. Every process may read a command line, so no password stands there."""
    named = conninfo_to_dict(url) if url else {}
    secret = named.pop("password", None)
    command = [program(name), *options, *([f"--dbname={make_conninfo(**named)}"] if named else [])]
    environ = os.environ | ({"PGPASSWORD": secret} if secret else {})
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environ)
    said = " ".join(line for line in done.stderr.split("\n") if "error" in line.lower())[:300]
    return (said or "?") if done.returncode else ""


def contents_of_file(path: Path) -> Contents:
    opened = peewee.SqliteDatabase(str(path))
    with opened.connection_context():
        return contents_of(opened)


def contents_of(opened: peewee.Database) -> Contents:
    names = [name for name in opened.get_tables() if not name.startswith("sqlite_")]
    return Contents({name: opened.execute_sql(f'SELECT COUNT(*) FROM "{name}"').fetchone()[0] for name in sorted(names)})  # noqa: S608 our own names


def contents_of_dump(path: Path) -> Contents:
    """Of a dump of PostgreSQL, all of which is read: its list of contents alone would not show that a row is missing."""
    found, table = Contents(), ""
    with subprocess.Popen([program("pg_restore"), "--data-only", "--file=-", str(path)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        for line in process.stdout or ():
            if table and line != b"\\.\n":
                found[table] += 1
            elif line.startswith(b"COPY "):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                found[table] = 0
            else:
                table = ""
    return Contents() if process.returncode else found


def migrations_in(opened: peewee.Database) -> list[str]:
    return [name for (name,) in opened.execute_sql(f"SELECT name FROM {HISTORY} ORDER BY name").fetchall()]  # noqa: S608


def refuse_newer_migrations(names: list[str]) -> None:
    gone = sorted(set(names) - {path.stem for path in FOLDER.glob("0*.py")})
    if gone:
        raise Refused("这个备份来自更新的版本（%(names)s）。请先升级程序，再恢复。没有改动任何数据。", names="、".join(gone))


def is_empty(settings: Settings) -> bool:
    """Nobody has an account here and no place is known."""
    if settings.sqlite_path and not settings.sqlite_path.exists():
        return True
    opened = open_database(settings.admin_database_url)
    with opened.connection_context():
        tables = {"user_account", "org"} & set(opened.get_tables())
        return not any(opened.execute_sql(f"SELECT 1 FROM {name} LIMIT 1").fetchone() for name in sorted(tables))  # noqa: S608


def refuse_unsound(path: Path, wanted: dict) -> None:
    """A staged SQLite file: whole, and with what the backup says is in it."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as staged:
            sound = staged.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        sound = sound and contents_of_file(path) == wanted
    except (sqlite3.DatabaseError, peewee.DatabaseError):
        sound = False
    if not sound:
        raise Refused("备份里的数据库不完整，不能恢复。没有改动任何数据。")


def put_back(settings: Settings, source: Path) -> None:
    """All of it or nothing: readers and writers of the site see the old database, then the new one."""
    if settings.sqlite_path:
        with contextlib.closing(sqlite3.connect(source)) as staged, contextlib.closing(sqlite3.connect(settings.sqlite_path, timeout=60)) as live:
            staged.backup(live)
        return
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    if why := failure_of("pg_restore", *options, str(source), url=settings.admin_database_url):
        raise Refused("数据库恢复不了，没有改动任何数据：%(why)s", why=why)


@contextlib.contextmanager
def with_owner(settings: Settings) -> Iterator[peewee.Database]:
    opened = open_database(settings.admin_database_url)
    with opened.connection_context():
        yield opened


def refuse_unreadable(settings: Settings, source: Path, wanted: dict) -> None:
    """What a staged dump says of itself, before anything is touched."""
    if settings.sqlite_path:
        refuse_unsound(source, wanted)
    elif contents_of_dump(source) != wanted:
        raise Refused("备份里的数据库不完整，不能恢复。没有改动任何数据。")

