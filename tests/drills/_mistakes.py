"""Mistakes in how a write is kept, as they are made in the field: what is planted for the drills of killed processes and cut power.

PAUSE is what a slow disk or a busy county takes between the two halves of each; without it a few kills might all miss the gap.
"""

import threading
import time

from aidtracker.db import database, transaction, utcnow
from aidtracker.receipts import actions as receipts
from tests.drills.drill import swapped

PAUSE = 0.02  # seconds


def committed_before(place: str):
    """What was written so far is committed before `place` goes on: two transactions where one was meant."""

    def broken(real):
        def later(*args, **kwargs):
            database.commit()
            time.sleep(PAUSE)
            database.begin()
            return real(*args, **kwargs)

        return later

    return lambda: swapped(place, broken)


def after_the_commit(place: str):
    """`place` runs in a transaction of its own, once that of the change is committed."""

    def broken(real):
        def later(*args, **kwargs):
            def do():
                time.sleep(PAUSE)
                with transaction():
                    real(*args, **kwargs)

            database.after_commit(do)

        return later

    return lambda: swapped(place, broken)


def receipt_after_the_commit():
    """The change is committed, then its receipt: who asks again in between is not known."""

    def broken(real):
        def first_time(by, key, kind, digest, do, number):
            result = do()

            def keep():
                time.sleep(PAUSE)
                with transaction():
                    real(by, key, kind, digest, lambda: result, number)

            database.after_commit(keep)
            return receipts.receipt_of(by, key, 0, kind, digest, number, result, utcnow())

        return first_time

    return swapped("aidtracker.receipts.actions.first_time", broken)


def answer_before_the_commit():
    """A roll is answered at once and written behind the answer's back."""

    def broken(real):
        def once(*, kind, **asked):
            if kind != "attendance.submit_roll_call":
                return real(kind=kind, **asked)
            threading.Thread(target=write, args=({"kind": kind, **asked},)).start()
            return None

        def write(asked):
            time.sleep(PAUSE)
            with database.connection_context():
                real(**asked)

        return once

    return swapped("aidtracker.receipts.actions.once", broken)


def unsynced(_real):
    """As a file is usually written: it is on the disk some seconds later."""

    def make_once(path, content):
        path.touch(mode=0o600)
        path.write_bytes(content)

    return make_once
