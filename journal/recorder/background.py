"""Threads beside a command that we wait for: what hangs in one, such as a dead network disk, holds nobody up."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress


def in_background(work: Callable[[], object]) -> threading.Thread:
    """Do it in a thread, which ends with the process."""
    thread = threading.Thread(target=work, name="journal-run", daemon=True)
    with suppress(RuntimeError):  # no more threads: then without
        thread.start()
    return thread


def joined(thread: threading.Thread, patience_s: float) -> None:
    """Wait for it, for that long."""
    if thread.ident is not None:
        thread.join(patience_s)
