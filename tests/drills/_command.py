"""Commands of the site as an operator gives them, with the drill's bug in it: python -m tests.drills._command MODULE backup FILE

Several, with THEN between them, run in one process.
"""

import importlib
import os
import subprocess
import sys

from flask.cli import FlaskGroup

from tests.live_server import CHECKOUT

THEN = "--then"


def asked_of(given, *words: str) -> list[str]:
    return [sys.executable, "-m", "tests.drills._command", given.wsgi.partition(":")[0], *words]


def commanded(given, environ: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(asked_of(given, *words), cwd=CHECKOUT, env=environ, capture_output=True, text=True, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    os.umask(0o077)
    module, *words = sys.argv[1:]
    app = importlib.import_module(module).app
    site = FlaskGroup(create_app=lambda: app, add_default_commands=False, load_dotenv=False)
    while words:
        end = words.index(THEN) if THEN in words else len(words)
        given, words = words[:end], words[end + 1 :]
        site.main(args=given, prog_name="flask", standalone_mode=not words)
