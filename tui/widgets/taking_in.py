"""What others leave for the journal while the interface is open: noticed in a thread, taken in behind the changes."""

from __future__ import annotations

import threading
from collections.abc import Callable

from textual.app import App
from textual.worker import get_current_worker

from journal.paths import Paths
from tui.messages import EventsArrived, JournalMoved
from tui.widgets.bars import StatusLine
from tui.widgets.writing import Writer


class Intake:
    """Tells the app that the journal moved, or that events arrived; takes those in when it is asked to."""

    def __init__(
        self, app: App[None], paths: Paths, writer: Writer, status: StatusLine, moved: Callable[[], None]
    ) -> None:
        """`moved` is called once what arrived is in the journal."""
        self._app, self._paths = app, paths
        self._writer, self._status, self._moved = writer, status, moved
        self._failed = threading.Event()

    def start(self) -> None:
        """Look about from now on."""
        self._app.run_worker(self._watch, group="watch", thread=True, exit_on_error=False)

    def _watch(self) -> None:
        from tui.widgets.watching import Watch

        watch = Watch(self._paths, get_current_worker().cancelled_event, self._failed)
        watch.run(lambda: self._app.post_message(JournalMoved()), lambda: self._app.post_message(EventsArrived()))

    def take_in(self) -> None:
        """Bring what was recorded into the journal."""

        def job() -> int:
            from journal.store.intake import take_in_spool
            from journal.store.vanishing import settle_vanished

            refused = take_in_spool(self._paths)
            settle_vanished(self._paths)
            return refused

        def done(refused: int) -> None:
            if refused:
                self._status.say(f"{refused} recorded events could not be read; they are kept.", is_error=True)
            self._moved()

        def failed(sentence: str) -> None:
            self._failed.set()
            self._status.say(sentence, is_error=True)

        self._writer.run(job, done, failed)
