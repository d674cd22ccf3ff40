"""What a process that looks at a foreign file (apart.py) takes on itself first. Imports little: it is paid for with every file."""

import ctypes
import os
import resource
import signal
import sys

PR_SET_PDEATHSIG = 1


def bind(memory: int, seconds: int, parent: int) -> None:
    """In the process: no more memory and time than this, no core, no file written, no further process; and the end when the parent ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before
        sys.exit(1)
    for what, most in (
        (resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_NOFILE, 16), (resource.RLIMIT_NPROC, 0),
    ):  # fmt: skip
        resource.setrlimit(what, (most, most))
