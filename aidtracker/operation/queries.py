"""What kind of installation this is, and whether it lives."""

import peewee

from aidtracker.db import database
from aidtracker.operation.models import Installation


def is_demo() -> bool:
    """Made by `demo`: invented people, known passwords."""
    try:
        return bool(Installation.select(Installation.is_demo).scalar())
    except peewee.DatabaseError:  # not migrated yet
        return False


def is_alive() -> bool:
    """The database answers."""
    try:
        database.execute_sql("SELECT 1")
    except peewee.DatabaseError:
        return False
    return True
