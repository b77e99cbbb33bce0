"""The gate to arXiv: one request at a time and three seconds apart, counted over all of a user's processes.

arXiv's terms ask for it "for all machines under your control" (info.arxiv.org/help/api/tou): the
interface, a cron job and a shell are three processes on one, so they take turns by a lock on a file.
"""

from __future__ import annotations

import fcntl
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from journal.errors import SourceError
from journal.paths import made

_LONGEST_STAMP = 64  # bytes; a longer file is no stamp of ours


class ArxivGate:
    """Held while one request to arXiv runs; entering waits until `interval_s` after the last one ended.

    `path` is `Paths.arxiv_gate`. Threads of one process may share a gate. Where the file system knows
    no locks, the file's time stamp alone keeps the distance.
    """

    def __init__(
        self,
        path: Path,
        interval_s: float,
        *,
        time_s: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._interval_s = interval_s
        self._time_s = time_s  # wall clock: the only one that all processes share and a restart keeps
        self._sleep = sleep
        self._turn = threading.Lock()
        self._file = -1

    def __enter__(self) -> ArxivGate:
        self._turn.acquire()
        try:
            self._file = self._locked()
            self._sleep_what_is_left()
            # Also before the request, so that one that is killed half-way counts.
            self._stamp()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._stamp()
        finally:
            self._leave()

    def _locked(self) -> int:
        try:
            made(self._path.parent)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise SourceError(
                f"{self._path} cannot be used to take turns in asking arXiv: {error.strerror}.",
                hint="Check the folder's permissions, or name another by XDG_STATE_HOME.",
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:
            pass  # no locks on this file system
        except BaseException:
            os.close(file)
            raise
        return file

    def _sleep_what_is_left(self) -> None:
        last = self._last()
        if last is None:
            return
        now = self._time_s()
        # A stamp from the future means that the clock was set back: wait once in full, not for hours.
        left_s = min(last + self._interval_s - now, self._interval_s)
        if left_s > 0:
            self._sleep(left_s)

    def _last(self) -> float | None:
        """When the last request ended. What cannot be read counts as just now, an empty file as never."""
        text = os.pread(self._file, _LONGEST_STAMP, 0)
        if not text:
            return None
        try:
            last = float(text)
        except ValueError:
            return self._time_s()
        return last if math.isfinite(last) else self._time_s()

    def _stamp(self) -> None:
        stamp = f"{self._time_s():.3f}\n".encode()
        try:
            os.pwrite(self._file, stamp, 0)
            os.ftruncate(self._file, len(stamp))
        except OSError as error:
            raise SourceError(
                f"{self._path} cannot be written, so the distance between two requests to arXiv cannot be kept: "
                f"{error.strerror}."
            ) from error

    def _leave(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)  # which also gives the lock back
        self._turn.release()
