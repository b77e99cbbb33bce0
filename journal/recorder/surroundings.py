"""What surrounds a command, captured beside it: what is fast before it starts, what is slow while it runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from journal.ids import new_uid
from journal.paths import Paths
from journal.queries.known_data import known_data
from journal.recorder import spool
from journal.recorder.background import in_background, joined
from journal.recorder.capture import capture_after, capture_before
from journal.recorder.capture.data import KnownData
from journal.recorder.events import CapturedEvent, Facts

_BUSY_S = 0.1


class Surroundings:
    """Captures what surrounds a session and spools it, in threads: what is fast before it starts, the rest later."""

    def __init__(self, session: str, paths: Paths, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._session, self._paths = session, paths
        self._command, self._environ = command, environ
        self._before: Facts = {}
        self._known: KnownData = {}
        self._threads = [in_background(self._capture_before)]

    def wait(self, patience_s: float) -> None:
        joined(self._threads[-1], patience_s)

    def look_on(self, pid: int) -> None:
        """Take what is slow, now that the command runs as `pid`."""
        self._threads.append(in_background(lambda: self._capture_after(pid)))

    def _capture_before(self) -> None:
        self._known = _known_data(self._paths)
        self._before = capture_before(self._command, Path.cwd(), self._environ, known_data=self._known)
        self._keep(self._before)

    def _capture_after(self, pid: int) -> None:
        self._keep(
            capture_after(
                self._command, Path.cwd(), self._environ, before=self._before, known_data=self._known, pid=pid
            )
        )

    def _keep(self, facts: Facts) -> None:
        if facts:
            spool.write(self._paths.spool, CapturedEvent(uid=new_uid(), session=self._session, facts=facts))


def _known_data(paths: Paths) -> KnownData:
    """The datasets of the journal; none where it cannot be read at once."""
    try:
        with closing(sqlite3.connect(f"{paths.journal.as_uri()}?mode=ro", uri=True, timeout=_BUSY_S)) as connection:
            return known_data(connection)
    except (sqlite3.Error, ValueError):
        return {}
