"""The health of each feed, below the list of the day: what failed first, and never "0 new" without the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from journal.types import Feed, FeedHealth
from tui.formatting import ago, next_try, printable
from tui.widgets.rows import Span, fitted

_MOST_LINES = 4
_ROLES_OF_HEALTH = {
    FeedHealth.unread: "dim",
    FeedHealth.current: "good",
    FeedHealth.unchanged: "good",
    FeedHealth.empty: "warn",
    FeedHealth.weekend: "dim",
    FeedHealth.holiday: "dim",
    FeedHealth.stale: "warn",
    FeedHealth.rate_limited: "warn",
    FeedHealth.unreachable: "bad",
    FeedHealth.unreadable: "bad",
}
MARKS = {"good": "●", "dim": "○", "warn": "▲", "bad": "✗"}
_STYLES = {"good": "$text-success", "dim": "$foreground 60%", "warn": "$text-warning", "bad": "bold $text-error"}
_WORST_FIRST = ("bad", "warn", "dim", "good")


def role_of(feed: Feed) -> str:
    return "warn" if _is_broken_off(feed) else _ROLES_OF_HEALTH[feed.health]


def _is_broken_off(feed: Feed) -> bool:
    """Whether catching up with it was interrupted: it was read, and is due again at once, for what is missing."""
    return not feed.health.failed and feed.next_try_at is not None and feed.next_try_at == feed.fetched_at


def worst_first(feeds: Sequence[Feed]) -> list[Feed]:
    return sorted(feeds, key=lambda feed: _WORST_FIRST.index(role_of(feed)))


def said(feed: Feed) -> str:
    """The health as words."""
    return "incomplete" if _is_broken_off(feed) else str(feed.health).replace("_", " ")


def feed_lines(feeds: Sequence[Feed], now: datetime, most: int = _MOST_LINES) -> list[tuple[Span, ...]]:
    """A line for each feed, worst first: mark, name, what its source said, when. What does not fit is counted.

    Where there is one line for all, it counts the others behind the name of the worst.
    """
    ranked = worst_first(feeds)
    shown = ranked if len(ranked) <= most else ranked[: max(1, most - 1)]
    rest = ranked[len(shown) :]
    if rest and most == 1:
        return [_line(shown[0], now, f"+{_counted(rest)}")]
    lines = [_line(feed, now) for feed in shown]
    if rest:
        lines.append((Span(f"and {len(rest)} more: {_counted(rest)}", "dim"),))
    return lines


def _counted(feeds: Sequence[Feed]) -> str:
    return ", ".join(f"{count} {health}" for health, count in Counter(map(said, feeds)).items())


def _line(feed: Feed, now: datetime, others: str = "") -> tuple[Span, ...]:
    role = role_of(feed)
    told = printable(feed.message[:300]) or said(feed)
    if feed.health.failed and feed.next_try_at is not None:
        told += f" Next try {next_try(feed.next_try_at, now)}."
    name = printable((feed.title or feed.url)[:300])
    read_at = "" if feed.fetched_at is None else ago(feed.fetched_at, now)
    between = Span(f"{others}  " if others else f"{read_at:<10}  ", "dim")
    name = fitted(name, min(22, cell_len(name))) if others else fitted(name, 22)
    return (
        Span(f"{MARKS[role]} ", role),
        Span(name + "  "),
        between,
        Span(told, role if role in {"bad", "warn"} else "dim"),
    )


class FeedLines(Widget):
    """The lines of `feed_lines`; takes no space while there are no feeds."""

    DEFAULT_CSS = """
    FeedLines { height: auto; padding: 0 1; display: none; }
    FeedLines.-filled { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[tuple[Span, ...]] = []
        self._feeds: Sequence[Feed] = ()
        self._now: datetime | None = None

    def show(self, feeds: Sequence[Feed], now: datetime, most: int = _MOST_LINES) -> None:
        self._feeds, self._now = feeds, now
        self.fit(most)

    def fit(self, most: int) -> None:
        """Show what was read in at most so many lines."""
        self.lines = feed_lines(self._feeds, self._now, most) if self._now and most else []
        self.set_class(bool(self.lines), "-filled")
        self.refresh(layout=True)

    def render(self) -> Content:
        width = max(1, self.size.width)
        return Content("\n").join(self._content(spans, width) for spans in self.lines)

    def _content(self, spans: Sequence[Span], width: int) -> Content:
        parts = []
        for span in spans:
            parts.append((fitted(span.text, min(width, cell_len(span.text))), _STYLES.get(span.role, "")))
            width -= min(width, cell_len(span.text))
        return Content.assemble(*parts)
