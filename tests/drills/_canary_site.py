"""What gunicorn serves in the canary drill: the house, in which one action breaks with what was typed in its message, and the planted bug if any."""

import contextlib
import os

import aidtracker  # every module is imported before anything is planted, so that each gets it
from tests.drills._canary_doors import BREAKS
from tests.drills.drill import drill_named, swapped


def broken(real):
    def create_student(**options):
        if options["values"]["name"].startswith(BREAKS):
            raise ValueError(f"cannot save {options['values']}")
        return real(**options)

    return create_student


planted = contextlib.ExitStack()  # for as long as the process lives
planted.enter_context(swapped("aidtracker.students.actions.create_student", broken))
if named := os.environ.get("DRILL_BUG"):
    drill, _, name = named.partition(":")
    planted.enter_context(next(bug for bug in drill_named(drill).bugs if bug.name == name).plant())
app = aidtracker.create_app()
