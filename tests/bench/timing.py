"""Timing whole processes in pairs: ours, its floor, ours, its floor, so that a drifting machine hits both."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds on the wall, seconds of CPU, MiB at its peak."""

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Medians of ours and the floor, and the median of the ratios taken pair by pair."""

    ours: Cost
    floor: Cost
    wall_ratio: float
    cpu_ratio: float


def cost_of(command: Sequence[str], env: Mapping[str, str] | None = None, *, limit_s: float = 600) -> Cost:
    """Run `command` once. Raises RuntimeError where it fails or takes too long: a failed run is no measurement."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    end = threading.Timer(limit_s, process.kill)
    end.daemon = True
    end.start()
    try:
        said = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        end.cancel()
        process.stderr.close()
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}: {said.decode(errors='replace')[-500:]}")
    return cost(wall, usage)


def cost(wall_s: float, usage: resource.struct_rusage) -> Cost:
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024  # of ru_maxrss
    return Cost(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall_s for cost in costs),
        statistics.median(cost.cpu_s for cost in costs),
        statistics.median(cost.peak_mib for cost in costs),
    )


def pair(ours: Sequence[str], floor: Sequence[str], env: Mapping[str, str] | None = None, *, rounds: int = 7) -> Pair:
    """`rounds` pairs after one of each that is not counted."""
    cost_of(ours, env)
    cost_of(floor, env)
    costs = [(cost_of(ours, env), cost_of(floor, env)) for _ in range(rounds)]
    return Pair(
        median([one for one, _ in costs]),
        median([other for _, other in costs]),
        statistics.median(one.wall_s / other.wall_s for one, other in costs),
        statistics.median(one.cpu_s / other.cpu_s for one, other in costs),
    )
