"""The sign of life of a command, renewed by who waits for it."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path

from journal.recorder import presence
from journal.recorder.background import in_background, joined

_REST_S = 1.0


class SignsOfLife:
    """Renews the sign of life of a session, in a thread, so that a disk that hangs holds nobody up.

    Until the command is there, it is the sign of this process.
    """

    def __init__(self, folder: Path, session: str) -> None:
        self._folder, self._session = folder, session
        self._pid, self._news, self._is_over = os.getpid(), threading.Event(), False
        self._said = threading.Event()
        self._news.set()
        self._thread = in_background(self._renew)

    def wait(self, patience_s: float) -> None:
        """Until the first one is given, or for that long."""
        self._said.wait(patience_s)

    def are_of(self, pid: int) -> None:
        """From now on, it is the sign of the process `pid`."""
        self._pid = pid
        self._news.set()

    def end(self, *, is_told: bool) -> None:
        """Nothing is renewed any more; `is_told` where an event says how the session ended."""
        self._is_over = True
        self._news.set()
        joined(self._thread, _REST_S)
        if is_told:
            joined(in_background(lambda: presence.withdraw(self._folder, self._session)), _REST_S)

    def _renew(self) -> None:
        while not self._is_over:
            if not self._news.wait(presence.BEAT_S):
                presence.beat(self._folder, self._session)
                continue
            self._news.clear()
            if not self._is_over:
                with suppress(OSError):
                    presence.announce(self._folder, self._session, presence.of_process(self._pid, beats=True))
            self._said.set()
