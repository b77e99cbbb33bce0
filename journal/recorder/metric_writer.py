"""Writes the lines of one logger to its file, so that no disk can hold the training.

On a local disk each line is written at once, by the caller: 5 microseconds, and the kernel has it, whatever
becomes of the process. Where a write cannot be trusted to return (file systems that other machines serve,
a disk that was slow or full a moment ago), lines wait in memory, and a thread writes them four times a
second (`metric_worker`). What is for MLflow, and cannot be written in the spool, is written below the
system's temporary folder.
"""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import perf_counter

from journal.file_systems import is_on_shared_file_system
from journal.ids import new_uid
from journal.paths import made
from journal.recorder import metric_file, spool
from journal.recorder.metric_file import Owner

_ROTATE_AT = 16 << 20
_SLOW_S = 1.0  # much more than a process waits for its turn on a busy machine
_MOST_WAITING = 100_000  # lines; then the oldest are given up


class Writer:
    """One logger's file, or files one after the other. Made and used by one process alone.

    `append` never raises, and never waits longer than one write to a local disk takes. Of `folders`, the
    next one is written to when one cannot be.
    """

    def __init__(self, folders: Sequence[Path], owner: Owner) -> None:
        self._folders, self._owner = folders, owner
        self._at = 0  # the folder that is written to
        self._file: int | None = None
        self._size = 0
        self._waiting: deque[bytes] = deque(maxlen=_MOST_WAITING)
        self._direct = False
        self._lock = threading.RLock()  # re-entrant: a signal's handler may log, too
        self.paths: list[Path] = []
        """The files made so far, the oldest first."""
        self.is_closed = False

    def append(self, line: bytes) -> None:
        if not self._direct or not self._lock.acquire(timeout=_SLOW_S):
            self._waiting.append(line)
            return
        try:
            began = perf_counter()
            self._write(line)
            if perf_counter() - began > _SLOW_S:
                self._direct = False
        except Exception as error:  # noqa: BLE001 - whatever it is, the training goes on
            self._direct = False
            self._complain(error)
        finally:
            self._lock.release()

    @property
    def is_behind(self) -> bool:
        """Whether lines wait, or will: somebody has to call `catch_up` from time to time."""
        return not self._direct and not self.is_closed

    @property
    def is_waiting(self) -> bool:
        """Whether lines wait that are in no file yet."""
        return bool(self._waiting)

    def catch_up(self) -> None:
        """Write what waits. May hang for as long as the file system does; never raises."""
        if not self._lock.acquire(timeout=_SLOW_S):  # another thread hangs in it
            return
        try:
            began = perf_counter()
            if self._file is None:
                self._open()
            while self._waiting:
                self._write(b"".join([self._waiting.popleft() for _ in range(len(self._waiting))]))
            self._direct = perf_counter() - began < _SLOW_S and self._is_local()
        except Exception as error:  # noqa: BLE001 - it is tried again
            self._complain(error)
            self._at = (self._at + 1) % len(self._folders)
        finally:
            self._lock.release()

    def close(self) -> None:
        """Say in the file that nothing follows. What could not be written stays unwritten; may hang."""
        self.catch_up()
        if not self._lock.acquire(timeout=_SLOW_S):
            return
        try:
            self.is_closed, self._direct = True, False
            with suppress(Exception):
                self._finish()
        finally:
            self._lock.release()

    # ------------------------------------------------------------ the file itself

    def _write(self, content: bytes) -> None:
        """Write whole lines; what was not written waits. Raises what the file system raises."""
        done = 0
        try:
            if self._file is None or self._size >= _ROTATE_AT:
                self._open()
            assert self._file is not None
            written = os.write(self._file, content)
            self._size += written
            done = written if written == len(content) else content.rfind(b"\n", 0, written) + 1
        finally:
            if rest := content[done:]:
                self._waiting.appendleft(rest)
        if rest:  # the disk is full in the middle of a line, which must not spoil the next one
            self._finish(b"\n")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _open(self) -> None:
        self._finish()
        folder = self._folders[self._at]
        made(folder.parent)
        owner = replace(self._owner, uid=new_uid())
        path = made(folder) / f"{owner.uid}.jsonl"
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        head = metric_file.header(owner)
        try:
            if os.write(file, head) < len(head):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except BaseException:
            os.close(file)
            metric_file.remove(path)
            raise
        self.paths.append(path)
        self._file, self._size = file, len(head)

    def _finish(self, before: bytes = b"") -> None:
        file, self._file = self._file, None
        if file is not None:
            try:
                os.write(file, before + metric_file.CLOSED)
            finally:
                os.close(file)

    def _is_local(self) -> bool:
        return not is_on_shared_file_system(self._folders[self._at].resolve())

    def _complain(self, error: Exception) -> None:
        spool.warn_once(self._folders[0], getattr(error, "strerror", None) or str(error))


def folders(spool: Path, *, also_temporary: bool) -> tuple[Path, ...]:
    """Where to write: in the spool, and where that cannot be written, where only this process will look."""
    if not also_temporary:
        return (metric_file.folder_of(spool),)
    return metric_file.folder_of(spool), temporary_folder()


def temporary_folder() -> Path:
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return Path(tempfile.gettempdir()) / f"labjournal-{user}" / "metrics"
