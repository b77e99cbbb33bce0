"""Noticing that somebody else wrote to the journal, or left something for it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing

from journal.db import connect
from journal.errors import JournalError
from journal.paths import Paths
from journal.recorder import metric_file, spool
from journal.store import vanishing

_log = logging.getLogger(__name__)
_EVERY_S = 1.0
_LOOKS_A_POINT = 5  # a training logs at every step, and each time that is taken in every screen reads again

Call = Callable[[], object]


class Watch:
    """Looks about every second, in a thread, until `stop` is set.

    `PRAGMA data_version` costs microseconds: it compares a counter in shared memory and reads no page
    (sqlite.org/pragma.html#pragma_data_version). A file that was put in the journal's place, as
    restoring a backup does, is opened anew. While the journal cannot be opened, it is tried again;
    what the person then reads or writes says what is wrong.
    """

    def __init__(
        self, paths: Paths, stop: threading.Event, intake_failed: threading.Event, *, every_s: float = _EVERY_S
    ) -> None:
        """`intake_failed`, set from outside, makes it call `arrived` once more for what still waits."""
        self._paths, self._stop, self._intake_failed, self._every_s = paths, stop, intake_failed, every_s
        self._waiting: frozenset[str] = frozenset()
        self._looks = 0

    def run(self, moved: Call, arrived: Call) -> None:
        """Call `moved` after commits of other connections, `arrived` when there is more in the spool."""
        is_first = True
        while not self._stop.is_set():
            try:
                opened = self._inode()
                with closing(connect(self._paths, must_exist=True)) as connection:
                    if self._inode() != opened:  # replaced just now: which of the two is open, nobody knows
                        continue
                    if not is_first:
                        moved()
                    is_first = False
                    self._watch_file(connection, opened, moved, arrived)
            except (JournalError, sqlite3.Error, OSError) as error:
                _log.info("watching the journal: %s", error)
                self._stop.wait(self._every_s)

    def _inode(self) -> int | None:
        """Which file is in the journal's place; None where there is none."""
        try:
            return self._paths.journal.stat().st_ino
        except FileNotFoundError:
            return None

    def _watch_file(self, connection: sqlite3.Connection, opened: int | None, moved: Call, arrived: Call) -> None:
        """Until another file is in the place of the one that is open."""
        (seen,) = connection.execute("PRAGMA data_version").fetchone()
        while True:
            if self._has_more_waiting():
                arrived()
            if self._stop.wait(self._every_s) or self._inode() != opened:
                return
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                moved()

    def _has_more_waiting(self) -> bool:
        """Whether the spool holds an event that it did not hold before, or a process is gone; some events wait."""
        if self._intake_failed.is_set():
            self._intake_failed.clear()
            self._waiting = frozenset()
        before = self._waiting
        if self._looks % _LOOKS_A_POINT == 0:
            points = metric_file.growth_for_journal(self._paths.spool)
        else:
            points = frozenset(name for name in before if " " in name)
        self._looks += 1
        gone = {f"gone-{uid}" for uid in vanishing.vanished(self._paths)}
        self._waiting = points | gone | {path.name for path in spool.pending(self._paths.spool)}
        return bool(self._waiting - before)
