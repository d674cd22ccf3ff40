"""Mistakes that somebody might make when a database moves, and the drill of it must find."""

import contextlib

import psycopg

from tests.drills.drill import swapped

ROOM = "aidtracker.operation.actions_moving"


@contextlib.contextmanager
def uncompared():
    with swapped(f"{ROOM}.compare", lambda real: lambda source, other, table: 0):
        yield


@contextlib.contextmanager
def unlike_unseen():
    def changed(real):
        def copied(source, other, table):
            yield from real(source, other, table)
            if table == "student":
                other.execute("UPDATE student SET name = name || ' ' WHERE id = (SELECT MIN(id) FROM student)")

        return copied

    with uncompared(), swapped(f"{ROOM}.copied", changed):
        yield


@contextlib.contextmanager
def last_row_lost():
    def short(real):
        def read(source, table, columns):
            for rows in real(source, table, columns):
                yield rows[:-1] if table == "absence" else rows

        return read

    with uncompared(), swapped(f"{ROOM}.read", short):
        yield


def table_by_table():
    def kept(real):
        def copied(source, other, table):
            yield from real(source, other, table)
            other.execute("COMMIT")
            other.execute("BEGIN")

        return copied

    return swapped(f"{ROOM}.copied", kept)


def old_numbers():
    def other(real):
        def copied(source, target, table):
            yield from real(source, target, table)
            with contextlib.suppress(psycopg.Error), target.transaction():
                target.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), 1, false)", (table,))

        return copied

    return swapped(f"{ROOM}.copied", other)
