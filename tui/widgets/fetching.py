"""Fetching the feeds while the interface is open: each when it is due, or all by key.

In a process of its own, for which a thread waits and nobody else: what came is kept feed by feed, so that
leaving loses nothing.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import closing

from textual.app import App

from journal.clock import Clock
from journal.db import connect
from journal.errors import BeingFetched, JournalError
from journal.paths import Paths
from journal.queries.feeds import feeds_to_fetch, is_due
from journal.types import FeedHealth
from tui.apart import Apart, Brought, Stopped
from tui.formatting import counted, printable
from tui.messages import FetchEnded, Fetching
from tui.widgets.background import sentence

_log = logging.getLogger(__name__)
_FIRST_LOOK_S = 1.0  # after the first paint
_EVERY_S = 60.0


class _Left(Exception):
    """The person leaves: stop at the next chance."""


class Fetcher:
    """One fetch at a time, in a thread; tells the app by `Fetching` and `FetchEnded`."""

    def __init__(self, app: App[None], paths: Paths, clock: Clock) -> None:
        self._app, self._paths, self._clock = app, paths, clock
        self._apart = Apart(paths, clock)
        self._left = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed: frozenset[str] = frozenset()  # the feeds of which it was said that they fail
        self._said = ""  # what kept it from fetching, which is said once

    @property
    def is_running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Fetch what is due, soon and from then on."""
        self._app.set_timer(_FIRST_LOOK_S, self.fetch_due)
        self._app.set_interval(_EVERY_S, self.fetch_due)

    def fetch_due(self) -> None:
        self._run(is_asked=False)

    def fetch_all(self) -> bool:
        """Fetch every feed; False where that is under way."""
        return self._run(is_asked=True)

    def leave(self) -> None:
        self._left.set()
        self._apart.stop()

    def _run(self, *, is_asked: bool) -> bool:
        if self.is_running:
            return False
        self._thread = threading.Thread(target=self._fetch, args=(is_asked,), daemon=True, name="fetching")
        self._thread.start()
        return True

    # ---------------------------------------------------------------- in the thread

    def _fetch(self, is_asked: bool) -> None:
        try:
            ended = self._fetched(is_asked)
        except (_Left, Stopped):
            return
        except BeingFetched as busy:  # what that one brings is seen as it comes
            ended = FetchEnded(f"{busy} {busy.hint}") if is_asked else None
        except Exception as error:  # noqa: BLE001 - whatever it is, the interface lives on and says so
            if not isinstance(error, JournalError):
                _log.exception("fetching")
            told = sentence(error, self._paths)
            ended = FetchEnded(told, is_error=True) if is_asked or told != self._said else FetchEnded()
            self._said = told
        if ended is not None and not self._left.is_set():
            self._app.post_message(ended)

    def _fetched(self, is_asked: bool) -> FetchEnded | None:
        from journal import config

        settings = config.load(self._paths.settings)
        if not is_asked and settings.fetch == config.FETCH_BY_HAND:
            return None
        with closing(connect(self._paths, must_exist=True)) as connection:
            feeds = feeds_to_fetch(connection)
        if not feeds:
            return FetchEnded("No feed is followed. Follow one: journal feed add cs.LG") if is_asked else None
        if not is_asked and not any(is_due(feed, self._clock()) for feed in feeds):
            return None
        reports = self._apart.fetch(only_due=not is_asked, tell=self._tell, tell_caught_up=self._tell_caught_up)
        self._said = ""
        failed = frozenset(report.url for report in reports if report.health.failed)
        has_news = is_asked or bool(failed - self._failed)
        self._failed = (self._failed - {report.url for report in reports}) | failed
        new = sum(report.new for report in reports)
        if not (has_news or new):
            return FetchEnded()
        return FetchEnded(outcome(reports), is_error=bool(failed) and has_news)

    def _tell(self, done: int, of: int) -> None:
        if of:
            self._say(f"fetching {min(done + 1, of)} of {of}")

    def _tell_caught_up(self, _categories: str, papers: int) -> None:
        self._say(f"catching up: {counted(papers, 'paper')}")

    def _say(self, text: str) -> None:
        if self._left.is_set():
            raise _Left
        self._app.post_message(Fetching(text))


def outcome(reports: Sequence[Brought]) -> str:
    """What a fetch brought, and which feeds failed."""
    new = sum(report.new for report in reports)
    told = f"{counted(new, 'new paper')}." if new else "Nothing new."
    failed = [report for report in reports if report.health.failed]
    if not failed:
        reasons = {report.health for report in reports}
        if not new and len(reasons) == 1 and (health := reasons.pop()) is not FeedHealth.unchanged:
            told = f"Nothing new: {printable(str(health).replace('_', ' '))}."
        return told
    first = failed[0]
    named = printable((first.title or first.url)[:60])
    more = f" and {counted(len(failed) - 1, 'more feed')}" if len(failed) > 1 else ""
    return f"{told} {named}{more}: {printable(first.message[:200])} F in Today shows every feed."
