"""A practice installation: the small demo county beside a real site, in a database of its own, built anew every night.

The new beginning is built aside, in a process of its own and in another file, with the data keys of the one that serves; then it takes
that one's place as a restored backup does: readers see the old county, then the new one. Sessions, passwords and whatever was
typed are gone with the old one, the audit trail too.
"""

import datetime
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from aidtracker.audit.anchors import FILE as ANCHORS
from aidtracker.config import Settings
from aidtracker.crypto.drafts import forget_drafts, plain_draft
from aidtracker.crypto.keyring import load_keyring
from aidtracker.crypto.models import KeyringKey
from aidtracker.db import database, init_database, transaction, utcnow
from aidtracker.demo.actions import build_demo, open_demo, silent
from aidtracker.demo.nightly import is_due
from aidtracker.demo.serving import CHECKOUT
from aidtracker.errors import Refused
from aidtracker.operation.dumps import put_back
from aidtracker.operation.locks import the_only_one
from aidtracker.operation.migration import migrate
from aidtracker.operation.models import Installation
from aidtracker.practice import is_practice

TIMEOUT = 900  # seconds
FILES = ("uploads", "results")  # folders of what was brought in and taken out
KEYS = (KeyringKey.purpose, KeyringKey.kid, KeyringKey.wrapped, KeyringKey.state, KeyringKey.created_at)

log = logging.getLogger(__name__)
settings_here: list[Settings] = []  # create_app fills it
_failed_at: list[datetime.datetime] = []  # of this process


def configure(settings: Settings) -> None:
    settings_here[:] = [settings]


def open_practice(*, settings: Settings, on: datetime.date, progress: Callable = silent) -> bool:
    """For the operator: builds it in an empty database, or anew where its hour has passed; False when it stands as it should."""
    refuse_server(settings)
    if open_demo(settings=settings, on=on, small=True, kind="practice", progress=progress):
        return True
    with database.connection_context():
        due = is_due_now()
    if due:
        reset_practice(settings=settings, on=on, progress=progress)
    return due


def refuse_server(settings: Settings) -> None:
    """A database server may hold real pupils next door; a file in a folder of its own does not."""
    if settings.sqlite_path is None:
        raise Refused("练习站要有自己的文件夹和 SQLite 数据库，不放在 PostgreSQL 里。请用 bin/practice，或去掉 DATABASE_URL 再运行 practice。")


def reset_practice(*, settings: Settings, on: datetime.date, progress: Callable = silent) -> None:
    """Back to the beginning, as of that day; everybody signs in again. Refused where the database is not for practice."""
    refuse_server(settings)
    with the_only_one(settings.instance, "restore", Refused("正在清空，请等它结束。")):
        with database.connection_context():
            if not is_practice():
                raise Refused("这里不是练习站，没有改动任何数据。")
            keys, generation = list(KeyringKey.select(*KEYS).tuples()), Installation.get_by_id(1).generation
        forget_drafts(settings.instance)
        with plain_draft(settings.instance) as draft:
            try:
                build_aside(settings, draft, keys, generation + 1, on, progress)
            finally:
                init_database(settings)
                load_keyring(settings)
                draft.with_name(f"{draft.name}.writers").unlink(missing_ok=True)
            put_back(settings, draft)
        (settings.instance / ANCHORS).unlink(missing_ok=True)  # they are of the trail that is gone
        for path in [path for name in FILES for path in (settings.instance / name).glob("*")]:
            path.unlink(missing_ok=True)


def build_aside(settings: Settings, draft: Path, keys: list[tuple], generation: int, on: datetime.date, progress: Callable) -> None:
    url = f"sqlite:///{draft}"
    aside = replace(settings, database_url=url, admin_database_url=url)
    init_database(aside)
    migrate(aside)
    with database.connection_context():
        with transaction():
            KeyringKey.delete().execute()
            KeyringKey.insert_many(keys, fields=KEYS).execute()
        load_keyring(aside)
        build_demo(on=on, by=None, small=True, kind="practice", progress=progress)
        with transaction():
            Installation.update(generation=generation, created_at=utcnow()).execute()


def is_due_now() -> bool:
    here = Installation.get_by_id(1)
    return is_due(utcnow(), here.created_at, here.reset_wanted_at, _failed_at[-1] if _failed_at else None)


def reset_when_due() -> None:
    """What the server of a practice installation does twice a minute: almost always nothing."""
    if not is_practice() or not is_due_now():
        return
    [settings] = settings_here
    own = {"AIDTRACKER_INSTANCE": str(settings.instance), "DATABASE_URL": settings.database_url, "DATABASE_ADMIN_URL": settings.database_url}
    command = [sys.executable, "-m", "flask", "--app", str(CHECKOUT / "wsgi.py"), "practice", "--reset", "--json"]
    _failed_at[:] = [utcnow()]  # until it has gone well
    done = subprocess.run(command, env=os.environ | own, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=TIMEOUT)
    if done.returncode == 0:
        _failed_at.clear()
    else:
        log.error("practice was not reset: %s", " ".join(done.stderr.split())[-300:])
