"""Templates are compiled once for all processes of a run: in the folder $COMPILED_TEMPLATES, which bin/test makes anew each time."""

import os

from jinja2 import FileSystemBytecodeCache


def keep_compiled(app):
    """Without such a folder, as in the real site, each process compiles what it shows."""
    if folder := os.environ.get("COMPILED_TEMPLATES"):
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(folder)
    return app
