"""What gunicorn and flask run: app. An installation that must not start says why in one line."""

import os
import sys

from aidtracker import create_app
from aidtracker.errors import CannotStart

LOADED_BY_GUNICORN = "gunicorn.arbiter" in sys.modules

try:
    app = create_app()
except CannotStart as refusal:
    print(refusal, file=sys.stderr)
    sys.exit(4 if LOADED_BY_GUNICORN else 2)  # 4: gunicorn ends, and does not try again for ever
if LOADED_BY_GUNICORN and os.geteuid() == 0:
    print("Warning: the site runs as root. Give it a user of its own: whoever breaks into it then gets that user's files only.", file=sys.stderr)
