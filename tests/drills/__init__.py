"""Drills: what the field does to us, done on purpose. `bin/drill NAME`; each module here with a DRILL is one.

Modules that begin with _ are what several drills share; drill.py, planted.py and __main__.py are the frame.
"""

from pathlib import Path

FRAME = ("drill", "planted")
NAMES = tuple(sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem[0] != "_" and path.stem not in FRAME))
