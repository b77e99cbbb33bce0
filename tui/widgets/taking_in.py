"""What others leave for the journal while the interface is open: noticed in a thread, taken in behind the changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from textual.app import App
from textual.worker import get_current_worker

from journal.paths import Paths
from tui.messages import EventsArrived, JournalMoved
from tui.widgets.bars import StatusLine
from tui.widgets.writing import Writer

_TURN_S = 0.3
_PAUSE_S = 0.05


class Intake:
    """Tells the app that the journal moved, or that events arrived; takes those in when it is asked to."""

    def __init__(
        self, app: App[None], paths: Paths, writer: Writer, status: StatusLine, moved: Callable[[], None]
    ) -> None:
        """`moved` is called once what arrived is in the journal."""
        self._app, self._paths = app, paths
        self._writer, self._status, self._moved = writer, status, moved
        self._failed = threading.Event()
        self._goes_on = self._arrived_meanwhile = self._told = False

    def start(self) -> None:
        """Look about from now on."""
        self._app.run_worker(self._watch, group="watch", thread=True, exit_on_error=False)

    def _watch(self) -> None:
        from tui.widgets.watching import Watch

        watch = Watch(self._paths, get_current_worker().cancelled_event, self._failed)
        watch.run(lambda: self._app.post_message(JournalMoved()), lambda: self._app.post_message(EventsArrived()))

    def take_in(self) -> None:
        """Bring what was recorded into the journal; many points in turns, between which others write."""
        if self._goes_on:
            self._arrived_meanwhile = True
            return
        self._goes_on = True

        def job() -> tuple[int, int]:
            from journal.recorder import metric_file
            from journal.store.intake import take_in_spool
            from journal.store.vanishing import settle_vanished

            began = time.monotonic()
            refused = take_in_spool(self._paths, points_for_s=_TURN_S)
            is_cut = time.monotonic() >= began + _TURN_S
            left = metric_file.about_waiting(self._paths.spool) if is_cut else 0
            if not left:
                settle_vanished(self._paths)
            return refused, left

        def done(result: tuple[int, int]) -> None:
            refused, left = result
            self._goes_on = False
            if refused:
                self._status.say(f"{refused} recorded events could not be read; they are kept.", is_error=True)
            elif left and not self._status.is_error:
                self._status.say(f"Taking in about {left:,} logged points.")
            elif self._told:
                self._status.say("The logged points are taken in.")
            self._told = bool(left)
            if left:
                self._again()
            else:
                self._moved()
                if self._arrived_meanwhile:
                    self._arrived_meanwhile = False
                    self.take_in()

        def failed(sentence: str) -> None:
            self._goes_on = False
            self._failed.set()
            self._status.say(sentence, is_error=True)

        self._writer.run(job, done, failed)

    def _again(self) -> None:
        """Go on once nobody else writes: whoever changed something sees that first."""
        self._app.set_timer(_PAUSE_S, lambda: self.take_in() if self._writer.is_idle else self._again())
