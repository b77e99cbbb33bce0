"""Threads beside a command that we wait for: what hangs in one, such as a dead network disk, holds nobody up."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")
_LOOK_EVERY_S = 0.1


def in_background(work: Callable[[], object]) -> threading.Thread:
    """Do it in a thread, which ends with the process."""
    thread = threading.Thread(target=work, name="journal-run", daemon=True)
    with suppress(RuntimeError):  # no more threads: then without
        thread.start()
    return thread


def joined(thread: threading.Thread, patience_s: float | None) -> None:
    """Wait for it, for that long; None is for as long as it takes."""
    if thread.ident is not None:
        thread.join(patience_s)


def in_time(work: Callable[[], Result], patience_s: float, *, goes_on: Callable[[], bool] = lambda: False) -> Result:
    """What `work` returns or raises; TimeoutError where it takes longer, and is left alone in its thread.

    While `goes_on`, no time passes. The thread hears no signals: they are for who waits.
    """
    results: list[Result] = []
    errors: list[BaseException] = []
    is_done = threading.Event()

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)
        is_done.set()

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        thread = in_background(run)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    if thread.ident is None:
        run()
    deadline = time.monotonic() + patience_s
    while not is_done.wait(_LOOK_EVERY_S):
        if goes_on():
            deadline = time.monotonic() + patience_s
        elif time.monotonic() > deadline:
            raise TimeoutError
    if errors:
        raise errors[0]
    return results[0]
