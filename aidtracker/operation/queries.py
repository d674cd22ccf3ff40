"""What kind of installation this is, and whether it lives."""

import peewee

from aidtracker.db import database, run_sql


def is_demo() -> bool:
    """Made by `demo`: invented people, known passwords."""
    try:
        row = run_sql("SELECT is_demo FROM installation").fetchone()  # written out: every page asks it
    except peewee.DatabaseError:  # not migrated yet
        return False
    return bool(row and row[0])


def is_alive() -> bool:
    """The database answers."""
    try:
        database.execute_sql("SELECT 1")
    except peewee.DatabaseError:
        return False
    return True
