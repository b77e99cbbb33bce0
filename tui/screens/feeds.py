"""Every feed with its health, in front of the room: the worst first."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from journal.clock import Clock
from journal.paths import Paths
from journal.queries.feeds import list_feeds, waiting_papers
from journal.types import Feed
from tui.documents import Block, Document, Facts, Prose, Title
from tui.feed_words import named, role_of, said, worst_first
from tui.formatting import ago, counted, next_try
from tui.keymap import Where, bindings
from tui.messages import Failed
from tui.widgets.background import read
from tui.widgets.detail import DetailPane
from tui.widgets.feed_lines import MARKS

_READ_AGAIN_S = 2.0


class FeedsScreen(ModalScreen[None]):
    """How each feed is, read again while it is open: a fetch may be under way."""

    BINDINGS = bindings(Where.feeds, Where.dialog)
    DEFAULT_CSS = """
    FeedsScreen { align: center middle; }
    FeedsScreen > Vertical {
        width: 92%; max-width: 100; height: 90%; background: $background;
        border: round $primary; border-title-color: $text-primary;
    }
    """

    def __init__(self, paths: Paths, clock: Clock) -> None:
        super().__init__()
        self._paths, self._clock = paths, clock
        self.detail = DetailPane()

    def compose(self) -> ComposeResult:
        with Vertical() as panel:
            yield self.detail
        panel.border_title = Content("Feeds · a follows another")

    def on_mount(self) -> None:
        self._read()
        self.set_interval(_READ_AGAIN_S, self._read)

    def _read(self) -> None:
        def job(connection: sqlite3.Connection) -> Document:
            return feeds_document(list_feeds(connection), waiting_papers(connection), self._clock())

        read(self, self._paths, job, self._show, group="feeds")

    def _show(self, document: Document) -> None:
        if document != self.detail.document:
            top = self.detail.top
            self.detail.show(document)
            self.detail.scroll_to_line(top)

    def action_follow(self) -> None:
        from tui.screens.following import FollowScreen

        def done(has_followed: bool | None) -> None:
            self._read()
            if has_followed:
                self.app.call_later(self.app.run_action, "fetch")

        self.app.push_screen(FollowScreen(self._paths), done)

    def on_failed(self, message: Failed) -> None:
        self.dismiss(None)  # the sentence goes on to the bottom line

    def action_close(self) -> None:
        self.dismiss(None)


def feeds_document(feeds: Sequence[Feed], waiting: Mapping[int, int], now: datetime) -> Document:
    """Every feed with its message, when it was read and is read again, how many of its papers wait undecided.

    What its last batch brought is in the message.
    """
    if not feeds:
        return Document(None, (Prose("", "No feed is followed yet: a follows arXiv categories, blogs and channels."),))
    counts = Counter(said(feed) for feed in worst_first(feeds))
    blocks: list[Block] = [
        Facts(((counted(len(feeds), "feed"), "strong"), *((f"{count} {name}", "") for name, count in counts.items())))
    ]
    for feed in worst_first(feeds):
        role = role_of(feed)
        blocks += [
            Title(named(feed.title, feed.url)),
            Facts((
                (f"{MARKS[role]} {said(feed)}", role),
                (f"{waiting.get(feed.id, 0):,} undecided", "strong" if waiting.get(feed.id) else "dim"),
                (f"read {ago(feed.fetched_at, now)}" if feed.fetched_at else "", "dim"),
                (f"next try {next_try(feed.next_try_at, now)}", "dim"),
                (feed.folder, "dim"),
            )),
            Facts(((feed.message, role if role in {"bad", "warn"} else ""),)),
            Facts(((feed.url if named(feed.title, feed.url) != feed.url else "", "dim"),)),
        ]  # fmt: skip
    return Document(None, tuple(blocks))
