"""Mirroring the stores that are known while the interface is open, in a process of its own; nobody waits for it."""

from __future__ import annotations

import logging
import sqlite3
import threading
from contextlib import closing

from textual.app import App

from journal import config, db
from journal.clock import Clock
from journal.errors import JournalError
from journal.paths import Paths
from journal.queries.stores import open_runs
from tui.apart import Apart, Stopped
from tui.messages import Said
from tui.widgets.background import sentence

_log = logging.getLogger(__name__)
_FIRST_LOOK_S = 2.0  # after the first paint, and after fetching began
_EVERY_S = 120.0
_OPEN_EVERY_S = 5.0


class Mirrorer:
    """One sync at a time, in a thread. What came is seen as the journal changes; what failed is said once."""

    def __init__(self, app: App[None], paths: Paths, clock: Clock) -> None:
        self._app, self._paths, self._clock = app, paths, clock
        self._apart = Apart(paths, clock)
        self._thread: threading.Thread | None = None
        self._open: threading.Thread | None = None
        self._said: frozenset[str] = frozenset()

    def start(self) -> None:
        """Mirror soon, and from then on."""
        self._app.set_timer(_FIRST_LOOK_S, self.mirror)
        self._app.set_interval(_EVERY_S, self.mirror)
        self._app.set_interval(_OPEN_EVERY_S, self.mirror_open)

    def mirror(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._mirror, daemon=True, name="mirroring")
            self._thread.start()

    def mirror_open(self) -> None:
        """What trains just now, of local stores: so little that it needs no process of its own."""
        if self._open is None or not self._open.is_alive():
            self._open = threading.Thread(target=self._mirror_open, daemon=True, name="mirroring what trains")
            self._open.start()

    def leave(self) -> None:
        self._apart.stop()

    # ---------------------------------------------------------------- in the threads

    def _mirror_open(self) -> None:
        """What cannot be read is told by the sync."""
        try:
            with closing(db.connect(self._paths, must_exist=True)) as connection:
                running = open_runs(connection, self._clock())
                if not running or not db.is_writable(self._paths):
                    return
                from importers.open_runs import mirror_open

                tracking_uri = config.load(self._paths.settings).tracking_uri
                mirror_open(self._paths, connection, running, tracking_uri=tracking_uri, clock=self._clock)
        except (JournalError, sqlite3.Error, OSError) as error:
            _log.info("mirroring what trains: %s", error)

    def _mirror(self) -> None:
        try:
            failures = self._apart.mirror()
        except Stopped:
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
            if not isinstance(error, JournalError):
                _log.exception("mirroring")
            failures = (sentence(error, self._paths),)
        news = [each for each in failures if each not in self._said]
        self._said = frozenset(failures)
        if news:
            more = f" (and {len(news) - 1} more: journal runs sync)" if len(news) > 1 else ""
            self._app.post_message(Said(f"{news[0]}{more}"))
