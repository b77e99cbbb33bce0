"""One fetch at a time: the interface, a shell and cron shall not ask for the same things side by side."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journal.errors import BeingFetched, SourceError
from journal.paths import made


@contextmanager
def only_fetch(path: Path) -> Iterator[None]:
    """Hold the lock on `path`, which is `Paths.fetching`; it ends with the process, however that ends.

    Raises BeingFetched where another process, or another thread, holds it. Where the file system knows
    no locks, the gate to arXiv is all that keeps two apart.
    """
    try:
        made(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise SourceError(
            f"{path} cannot be used to tell who is fetching: {error.strerror}.", hint="Check the folder's permissions."
        ) from error
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BeingFetched(
                "The feeds are being fetched by another process.", hint="What it brings is in the journal at once."
            ) from None
        except OSError:
            pass  # no locks on this file system
        yield
    finally:
        os.close(file)
