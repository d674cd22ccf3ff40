"""What gunicorn and flask run: app. An installation that must not start says why in one line."""

import gc
import os
import sys

gc.disable()  # what is loaded now stays for good: looking through it for waste again and again takes a fifth of a start

from aidtracker import create_app  # noqa: E402 after the line above
from aidtracker.errors import CannotStart  # noqa: E402

LOADED_BY_GUNICORN = "gunicorn.arbiter" in sys.modules

try:
    app = create_app()
except CannotStart as refusal:
    print(refusal, file=sys.stderr)
    sys.exit(4 if LOADED_BY_GUNICORN else 2)  # 4: gunicorn ends, and does not try again for ever
gc.enable()
gc.freeze()
if LOADED_BY_GUNICORN and os.geteuid() == 0:
    print("Warning: the site runs as root. Give it a user of its own: whoever breaks into it then gets that user's files only.", file=sys.stderr)
