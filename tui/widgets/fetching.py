"""Fetching the feeds while the interface is open: each when it is due, or all by key.

In a process of its own, for which a thread waits and nobody else: what came is kept feed by feed, so that
leaving loses nothing.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from itertools import groupby

from textual.app import App

from journal.clock import Clock
from journal.db import connect
from journal.errors import BeingFetched, JournalError
from journal.paths import Paths
from journal.queries.feeds import feeds_to_fetch, is_due
from journal.types import FeedHealth
from tui.apart import Apart, Brought, Stopped
from tui.feed_words import named
from tui.formatting import clipped, counted, next_try, printable
from tui.messages import FetchEnded, Fetching
from tui.widgets.background import sentence

_log = logging.getLogger(__name__)
_FIRST_LOOK_S = 1.0  # after the first paint
_EVERY_S = 60.0
_MOST_NAMED, _LONGEST_NAME = 3, 30  # feeds, cells
_WHY_NOTHING = {
    FeedHealth.current: "brought only what is there already",
    FeedHealth.unchanged: "unchanged",
    FeedHealth.weekend: "empty at the weekend",
    FeedHealth.holiday: "empty on a holiday of arXiv's",
    FeedHealth.empty: "empty without a reason",
}


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
            return FetchEnded("No feed is followed yet: F in Today, then a, follows some.") if is_asked else None
        if not is_asked and not any(is_due(feed, self._clock()) for feed in feeds):
            return None
        reports = self._apart.fetch(only_due=not is_asked, tell=self._tell, tell_caught_up=self._tell_caught_up)
        self._said = ""
        failed = frozenset(report.url for report in reports if report.failed)
        has_news = is_asked or bool(failed - self._failed)
        self._failed = (self._failed - {report.url for report in reports}) | failed
        new = sum(report.new for report in reports)
        if not (has_news or new):
            return FetchEnded()
        return FetchEnded(outcome(reports, self._clock()), is_error=bool(failed) and has_news)

    def _tell(self, done: int, of: int) -> None:
        if of:
            self._say(f"fetching {min(done + 1, of)} of {of}")

    def _tell_caught_up(self, _categories: str, papers: int) -> None:
        self._say(f"catching up: {counted(papers, 'paper')}")

    def _say(self, text: str) -> None:
        if self._left.is_set():
            raise _Left
        self._app.post_message(Fetching(text))


def outcome(reports: Sequence[Brought], now: datetime) -> str:
    """What came and from where, or why nothing is new; then which feeds failed, and when they are tried again."""
    told = [_what_came(reports), *_waiting(reports, now), _not_read(reports, now)]
    return " ".join(sentence for sentence in told if sentence)


def _what_came(reports: Sequence[Brought]) -> str:
    new = sum(report.new for report in reports)
    sources = sorted((report for report in reports if report.new), key=lambda report: -report.new)
    if new:
        return f"{counted(new, 'new paper')} from {_listed(sources)}."
    read = Counter(report.health for report in reports if not report.failed)
    reasons = [_WHY_NOTHING.get(health, str(health).replace("_", " ")) for health in read]
    counts = [counted(count, "feed") for count in read.values()]
    why = ", ".join(f"{count} {reason}" for count, reason in zip(counts, reasons, strict=True))
    return f"Nothing new: {why}." if why else "Nothing new."


def _waiting(reports: Sequence[Brought], now: datetime) -> Iterator[str]:
    limited = [report for report in reports if report.health is FeedHealth.rate_limited]
    limited.sort(key=lambda report: report.next_try_at or now)
    for when, alike in groupby(limited, key=lambda report: next_try(report.next_try_at, now)):
        yield f"Rate limited until {when}: {_listed(list(alike))}."


def _not_read(reports: Sequence[Brought], now: datetime) -> str:
    """The others that failed: one with its reason, some by name below their health, many as a number."""
    failed = [report for report in reports if report.failed and report.health is not FeedHealth.rate_limited]
    if len(failed) == 1:
        (only,) = failed
        again = f" Next try {next_try(only.next_try_at, now)}." if only.next_try_at else ""
        why = printable(only.message[:200]).rstrip(".")
        return f"{str(only.health).capitalize()}: {_listed(failed)} ({why}).{again}"
    if len(failed) > _MOST_NAMED:
        healths = Counter(report.health for report in failed)
        return (
            f"Not read: {len(failed)} feeds, {', '.join(f'{count} {health}' for health, count in healths.items())} (F)."
        )
    failed.sort(key=lambda report: report.health)
    groups = groupby(failed, key=lambda report: report.health)
    return " ".join(f"{str(health).capitalize()}: {_listed(list(alike))}." for health, alike in groups)


def _listed(reports: Sequence[Brought]) -> str:
    """`cs.LG, A blog and 3 more feeds`"""
    names = [clipped(named(report.title, report.url), _LONGEST_NAME) for report in reports[:_MOST_NAMED]]
    more = len(reports) - len(names)
    return ", ".join(names) + (f" and {counted(more, 'more feed')}" if more else "")
