"""A process that is killed with SIGKILL when it comes to a certain call: a fork of the test, with a connection of its own."""

import importlib
import os
import signal
import threading
import traceback
import warnings

from aidtracker import db
from aidtracker.crypto import keyring


def killed_at(module: str, name: str, do, settings, nth: int = 1) -> None:
    """Runs do() in a process that dies at the n-th call of `name` as `module` knows it."""

    def until_then():
        die_at(module, name, nth)
        do()

    assert died(until_then, settings), f"{module}.{name} was not called"


def killed_within(seconds: float, do, settings) -> bool:
    """Runs do() in a process that dies after so long; whether it came to that."""

    def while_it_lasts():
        threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL)).start()
        do()

    return died(while_it_lasts, settings)


def died(do, settings) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads: this child ends without cleaning up
        child = os.fork()
    if child == 0:
        try:
            db.init_database(settings)
            with db.database.connection_context():
                keyring.load_keyring(settings)
                do()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at(module: str, name: str, nth: int) -> None:
    holder = importlib.import_module(module)
    *path, name = name.split(".")
    for part in path:
        holder = getattr(holder, part)
    real, calls = getattr(holder, name), []

    def last(*arguments, **options):
        calls.append(name)
        if len(calls) == nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)

    setattr(holder, name, last)
