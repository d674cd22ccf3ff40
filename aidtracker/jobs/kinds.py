"""The registry of what can be done at length: `@job_kind("imports.check", "检查导入文件")` above a function.

The function is called as `fn(job, **args)` in the worker, outside any transaction, and returns None or a dict
of figures for the page. Two entries of the dict are known: `message`, shown to the person, and `url`, where
to go on. It may be started a second time when the first was killed, so it must be harmless to repeat. A Refused
that it raises ends the job with its message.
"""

from collections.abc import Callable
from typing import NamedTuple


class Kind(NamedTuple):
    function: Callable
    title: str  # on the page of the job
    unit: str  # what is counted


KINDS: dict[str, Kind] = {}


def job_kind(name: str, title: str, unit: str = "行"):
    """`title` stands on the page of the job, `unit` says what its progress counts."""

    def registered(function):
        if name in KINDS:
            raise ValueError(f"two functions for jobs of kind {name!r}")
        KINDS[name] = Kind(function, title, unit)
        return function

    return registered
