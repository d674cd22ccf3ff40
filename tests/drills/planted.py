"""What gunicorn serves in a drill with a bug: the house with DRILL_BUG=drill:bug planted in it. The real wsgi.py knows no such switch."""

import os

import aidtracker  # every module is imported before the bug is planted, so that each gets it
from tests.compiled import keep_compiled
from tests.drills.drill import drill_named

_drill, _, _name = os.environ["DRILL_BUG"].partition(":")
_bug = next(bug for bug in drill_named(_drill).bugs if bug.name == _name)
_planted = _bug.plant()  # kept: a context that nobody holds ends at once
_planted.__enter__()  # for as long as the process lives
app = keep_compiled(aidtracker.create_app())
