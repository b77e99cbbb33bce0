"""Mirroring the stores that are known while the interface is open, in a process of its own; nobody waits for it."""

from __future__ import annotations

import logging
import threading

from textual.app import App

from journal.clock import Clock
from journal.errors import JournalError
from journal.paths import Paths
from tui.apart import Apart, Stopped
from tui.messages import Said
from tui.widgets.background import sentence

_log = logging.getLogger(__name__)
_FIRST_LOOK_S = 2.0  # after the first paint, and after fetching began
_EVERY_S = 120.0


class Mirrorer:
    """One sync at a time, in a thread. What came is seen as the journal changes; what failed is said once."""

    def __init__(self, app: App[None], paths: Paths, clock: Clock) -> None:
        self._app, self._paths = app, paths
        self._apart = Apart(paths, clock)
        self._thread: threading.Thread | None = None
        self._said: frozenset[str] = frozenset()

    def start(self) -> None:
        """Mirror soon, and from then on."""
        self._app.set_timer(_FIRST_LOOK_S, self.mirror)
        self._app.set_interval(_EVERY_S, self.mirror)

    def mirror(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._mirror, daemon=True, name="mirroring")
            self._thread.start()

    def leave(self) -> None:
        self._apart.stop()

    # ---------------------------------------------------------------- in the thread

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
