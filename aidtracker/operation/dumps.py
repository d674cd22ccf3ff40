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
from aidtracker.db import open_database, utcnow
from aidtracker.errors import Refused
from aidtracker.operation.migration import FOLDER

HISTORY = "schema_migration"
BINARIES = "AIDTRACKER_PG_BIN"  # folder of pg_dump and pg_restore, where they are not on the PATH
KINDS = {True: "sqlite", False: "postgresql"}
# Routines, tables and types of the schema in use, but those of extensions; what hangs on them goes with them.
CLEAR = """DO $$ DECLARE each text; BEGIN
FOREACH each IN ARRAY ARRAY(
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc p
    WHERE pronamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND deptype = 'e')
    UNION ALL SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class c
    WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND deptype = 'e')
    UNION ALL SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) FROM pg_type t
    WHERE typtype = 'e' AND typnamespace = current_schema()::regnamespace AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = t.oid AND deptype = 'e')
) LOOP EXECUTE each; END LOOP; END $$;"""


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


def failure_of(name: str, *options: str, url: str) -> str:
    """What the program says is wrong; '' when it went well."""
    address, secret = without_password(url)
    command = [program(name), *options, f"--dbname={address}"]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ | secret)
    return errors_in(done.stderr) if done.returncode else ""


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
    """Nobody has an account here and no place is known. What cannot be read any more is not nothing."""
    if settings.sqlite_path and not settings.sqlite_path.exists():
        return True
    if settings.sqlite_path and is_damaged(settings.sqlite_path):
        return False
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
        set_aside_if_damaged(settings.sqlite_path)
        with contextlib.closing(sqlite3.connect(source)) as staged, contextlib.closing(sqlite3.connect(settings.sqlite_path, timeout=60)) as live:
            staged.backup(live)
    elif why := why_not_put_back(settings, source):
        raise Refused("数据库恢复不了，没有改动任何数据：%(why)s", why=why)


def marks_of(path: Path) -> tuple | None:
    """(is_demo, is_practice) of a SQLite file; None where it does not say."""
    try:
        with contextlib.closing(sqlite3.connect(path)) as opened:
            return opened.execute("SELECT is_demo, is_practice FROM installation").fetchone()
    except sqlite3.DatabaseError:
        return None


def set_aside_if_damaged(path: Path) -> None:
    """A file that is no database any more is kept under another name, for whoever can still read something in it."""
    if path.exists() and is_damaged(path):
        for each in (path, *(path.with_name(path.name + more) for more in ("-wal", "-shm"))):
            if each.exists():
                each.rename(f"{each}.damaged-{utcnow():%Y%m%dT%H%M%S}")


def is_damaged(path: Path) -> bool:
    """Not so much as its list of tables can be read."""
    try:
        with contextlib.closing(sqlite3.connect(path, timeout=60)) as opened:
            opened.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:  # busy, or not ours to read: somebody else's message
        return False
    except sqlite3.DatabaseError:
        return True
    return False


def why_not_put_back(settings: Settings, source: Path) -> str:
    """'' when it went well. In one transaction that ends only after pg_restore has said all of it: first whatever stands there goes,
    for a newer version may have made what the dump does not know and what would hold on to what it knows."""
    url, secret = without_password(settings.admin_database_url)
    command = [program("psql"), "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1", f"--dbname={url}"]
    read = [program("pg_restore"), "--no-owner", "--clean", "--if-exists", "--exit-on-error", "--file=-", str(source)]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | secret) as into,
        subprocess.Popen(read, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as out,
    ):
        with contextlib.suppress(BrokenPipeError):  # psql has stopped, and says why
            into.stdin.write(f"BEGIN;\n{CLEAR}\n".encode())
            shutil.copyfileobj(out.stdout, into.stdin)
            if out.wait() == 0:
                into.stdin.write(b"COMMIT;\n")
        out.stdout.close()
        said = into.communicate()[1].decode(errors="replace")
    return "" if (into.returncode, out.returncode) == (0, 0) else errors_in(said)


def errors_in(said: str) -> str:
    return " ".join(line for line in said.split("\n") if "error" in line.lower())[:300] or "?"


def without_password(url: str) -> tuple[str, dict[str, str]]:
    """The address, and the environment that carries its password: every process may read a command line."""
    named = conninfo_to_dict(url)
    secret = named.pop("password", None)
    return make_conninfo(**named), {"PGPASSWORD": secret} if secret else {}


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
