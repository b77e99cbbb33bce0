"""Several things at once, until a moment: what is late is given up, and named."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Result = TypeVar("Result")
LATE = "it took too long"
_MOST_NAMED = 40


class Late(Exception):
    """It was not done in time; it may still go on in its thread."""


def together(tasks: Mapping[str, Callable[[], Result]], deadline: float) -> dict[str, Result | Exception]:
    """What each task returns or raises; `Late` of those not done when `time.monotonic()` is `deadline`.

    The threads do not hold the process up: a file system that hangs must not.
    """
    done: dict[str, Result | Exception] = {}

    def run(name: str, task: Callable[[], Result]) -> None:
        try:
            done[name] = task()
        except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
            done[name] = error

    threads = []
    for name, task in tasks.items():
        thread = threading.Thread(target=run, args=(name, task), name=f"journal-{name}", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads
            run(name, task)
        else:
            threads.append(thread)
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    finished = dict(done)
    return {name: finished.get(name, Late(LATE)) for name in tasks}


def listed(lines: Iterable[str], more: int = 0) -> str:
    """Lines below each other, the first ones named and the others counted, `more` that are not among them too."""
    lines = list(lines)
    more += max(0, len(lines) - _MOST_NAMED)
    return "\n".join([*lines[:_MOST_NAMED], *([f"and {more:,} more"] if more else [])])
