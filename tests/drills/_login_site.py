"""What gunicorn serves in the drill of logins: the house, with its bug, and a tally of the passwords that are really compared."""

import importlib
import os

from aidtracker.accounts import passwords

app = importlib.import_module("tests.drills.planted" if "DRILL_BUG" in os.environ else "wsgi").app


class Tallied:
    """The hasher, which leaves a line when a comparison begins and one when it ends: the process, and how many more there are."""

    def __init__(self, hasher):
        self.hasher = hasher
        self.file = os.open(os.environ["DRILL_TALLY"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def __getattr__(self, name):
        return getattr(self.hasher, name)

    def verify(self, *given):
        self.note(1)
        try:
            return self.hasher.verify(*given)
        finally:
            self.note(-1)

    def note(self, more: int) -> None:
        os.write(self.file, f"{os.getpid()} {more}\n".encode())


passwords._hasher = Tallied(passwords._hasher)
