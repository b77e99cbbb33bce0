"""Writing to the journal off the UI thread, one change after the other, none lost by quitting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from textual.app import App
from textual.worker import Worker

from journal.db import require
from journal.errors import JournalError
from journal.paths import Paths
from tui.widgets.background import sentence

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Writer:
    """Does jobs in the order in which they were asked for, each in a thread."""

    def __init__(self, app: App[None], paths: Paths) -> None:
        self._app, self._paths = app, paths
        self._turn = asyncio.Lock()  # first come, first served
        self._waiting = 0

    @property
    def is_idle(self) -> bool:
        return self._waiting == 0

    def run(
        self, job: Callable[[], _Result], done: Callable[[_Result], None], failed: Callable[[str], None]
    ) -> Worker[None]:
        """Do `job`; then `done` with its result, or `failed` with a sentence, on the UI thread."""

        async def running() -> None:
            try:
                async with self._turn:
                    result = await asyncio.to_thread(self._do, job)
            except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
                if not isinstance(error, JournalError):
                    _log.exception("a change")
                outcome: Callable[[], None] = partial(failed, sentence(error, self._paths))
            else:
                outcome = partial(done, result)
            finally:
                self._waiting -= 1
            outcome()

        self._waiting += 1
        return self._app.run_worker(running, group="writes", exit_on_error=False)

    def _do(self, job: Callable[[], _Result]) -> _Result:
        """A change shall not make a new journal where the person has just moved theirs away."""
        require(self._paths)
        return job()

    def afterwards(self, done: Callable[[], None]) -> None:
        """Call `done` once everything asked for so far is written, or could not be."""
        self.run(lambda: None, lambda _: done(), lambda _: done())
