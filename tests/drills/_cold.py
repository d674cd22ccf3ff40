"""Processes that start cold and all at the same moment: forked from this one, which has everything loaded and nothing open."""

import datetime
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from typing import NamedTuple

from tests.drills.drill import swapped
from tests.live_server import CHECKOUT
from tests.postgres import die_with_parent

SECONDS = 120  # after which a process that hangs is ended


class Done(NamedTuple):
    code: int
    out: str
    error: str


def start_together(tasks: list[Callable[[], int | None]]) -> list[Done]:
    """Each task in a process of its own; they stand at the line until the last one is there."""
    waiting, gate = os.pipe()
    started = []
    for task in tasks:
        files = [tempfile.TemporaryFile("w+", encoding="utf-8") for _ in range(2)]
        process = os.fork()
        if process == 0:
            os.close(gate)
            run_and_leave(task, waiting, files)
        started.append((process, files))
    os.close(waiting)
    os.close(gate)
    return [finished(*each) for each in started]


def run_and_leave(task, waiting: int, files) -> None:
    code = 70  # an error that nobody caught
    try:
        die_with_parent()
        signal.alarm(SECONDS)
        for number, file in enumerate(files, 1):
            os.dup2(file.fileno(), number)
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
        os.chdir(CHECKOUT)
        os.read(waiting, 1)
        code = task() or 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
        print("" if isinstance(ended.code, int) else ended.code, file=sys.stderr, end="")
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def finished(process: int, files) -> Done:
    _, status = os.waitpid(process, 0)
    said = []
    for file in files:
        file.seek(0)
        said.append(file.read())
        file.close()
    return Done(os.waitstatus_to_exitcode(status), *said)


def set_clock(seconds: float) -> None:
    """For the rest of this process: so much ahead of the true time, or behind it. The server stands in Los Angeles, too."""
    os.environ["TZ"] = "America/Los_Angeles"
    time.tzset()
    real, real_ns, by = time.time, time.time_ns, round(seconds * 1_000_000_000)
    time.time, time.time_ns = lambda: real() + seconds, lambda: real_ns() + by
    ahead = swapped("aidtracker.db.utcnow", lambda now: lambda: now() + datetime.timedelta(seconds=seconds))
    ahead.__enter__()
    _kept.append(ahead)


_kept: list = []  # what nobody holds would be taken out again
