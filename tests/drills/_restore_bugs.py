"""Mistakes that somebody might make with backups, and the restore drill must find."""

import contextlib
import shutil
import sqlite3

from aidtracker.accounts.models import UserSession
from aidtracker.db import utcnow
from aidtracker.operation.models import Installation
from tests.drills.drill import swapped

ROOM = "aidtracker.operation"


def copied_file():
    def other(real):
        def dump(settings, target):
            shutil.copyfile(settings.sqlite_path, target)
            return real.__globals__["contents_of_file"](target)

        return dump

    return swapped(f"{ROOM}.dumps.dump", other)


@contextlib.contextmanager
def table_left_out():
    def emptied(real):
        def dump(settings, target):
            found = real(settings, target)
            if settings.sqlite_path:
                with contextlib.closing(sqlite3.connect(target)) as copy, copy:
                    copy.execute("DELETE FROM absence")
                found["absence"] = 0
            return found

        return dump

    def without(real):
        def failure_of(name, *options, url=""):
            return real(name, *options, *(["--exclude-table-data=absence"] if name == "pg_dump" else []), url=url)

        return failure_of

    with swapped(f"{ROOM}.dumps.dump", emptied), swapped(f"{ROOM}.dumps.failure_of", without):
        yield


def newer_accepted():
    return swapped(f"{ROOM}.dumps.refuse_newer_migrations", lambda real: lambda names: None)


@contextlib.contextmanager
def label_believed():
    """Neither what is in it nor how much of it there is."""

    unlooked = swapped(f"{ROOM}.dumps.refuse_unreadable", lambda real: lambda settings, source, wanted: None)
    with unlooked, swapped(f"{ROOM}.dumps.kind_of", lambda real: lambda settings: Anything(real(settings))):
        yield


class Anything(str):
    """Equal to whatever it is compared with."""

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


def replaced_unasked():
    return swapped(f"{ROOM}.dumps.is_empty", lambda real: lambda settings: True)


def still_signed_in():
    def other(_real):
        return lambda *, generation, contents, by: Installation.update(generation=generation + 1).execute()

    return swapped(f"{ROOM}.actions_backup.begin_anew", other)


def same_generation():
    def other(_real):
        return lambda *, generation, contents, by: UserSession.update(ended_at=utcnow()).where(UserSession.ended_at.is_null()).execute()

    return swapped(f"{ROOM}.actions_backup.begin_anew", other)
