"""CPU time of two things in turn, A B A B: the ratio holds when the machine's speed drifts."""

import gc
import resource
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Measure(NamedTuple):
    target: float  # the ratio is not to exceed it
    what: str
    take: Callable  # (house) -> ratio


def cpu_of(do: Callable, times: int) -> float:
    """Seconds of CPU per call: this process, its threads, and the processes that it waited for."""
    started = _cpu()
    for _ in range(times):
        do()
    return (_cpu() - started) / times


def _cpu() -> float:
    waited_for = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + waited_for.ru_utime + waited_for.ru_stime


def ratio(one: Callable, other: Callable, *, rounds: int = 9, times: int = 20, other_times: int | None = None) -> float:
    """Median over the rounds of CPU(one) / CPU(other)."""
    cpu_of(one, 3)
    cpu_of(other, 3)
    gc.collect()
    found = [cpu_of(one, times) / cpu_of(other, other_times or times) for _ in range(rounds)]
    return statistics.median(found)
