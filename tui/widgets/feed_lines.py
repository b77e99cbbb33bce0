"""The health of each feed, below the list of the day: what failed first, and never "0 new" without the reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from journal.types import Feed
from tui.feed_words import (
    batch_of,
    is_arxiv_list,
    next_try_of,
    role_of,
    said,
    sentence_of,
    short_name,
    with_next_try,
    worst_first,
)
from tui.formatting import ago
from tui.widgets.rows import Span, fitted

_MOST_LINES = 4
MARKS = {"good": "●", "dim": "○", "warn": "▲", "bad": "✗"}
_STYLES = {"good": "$text-success", "dim": "$foreground 60%", "warn": "$text-warning", "bad": "bold $text-error"}
_SUMMED_UP = {"bad": "failing", "warn": "in doubt", "dim": "quiet", "good": "current"}

_Line = tuple[Span, ...]


def feed_lines(feeds: Sequence[Feed], now: datetime, most: int = _MOST_LINES, width: int = 80) -> list[_Line]:
    """At most `most` lines of `width` cells that tell of every feed, worst first.

    A line for each: mark, name, health, when it was read or is tried again, what its source said. Where there
    are more feeds than lines, one line tells of all the others.
    """
    ranked = worst_first(feeds)
    alone = ranked if len(ranked) <= most and most > 1 else ranked[: most - 1]
    rest = ranked[len(alone) :]
    names = max((cell_len(short_name(feed)) for feed in alone), default=0)
    lines = [_line(feed, now, names) for feed in alone]
    return [*lines, one_line(rest, now, width)] if rest else lines


def _line(feed: Feed, now: datetime, name_width: int) -> _Line:
    role = role_of(feed)
    read_at = "" if feed.fetched_at is None else f" {ago(feed.fetched_at, now)}"
    when = next_try_of(feed, now) or read_at
    told = sentence_of(feed)
    return (
        Span(f"{MARKS[role]} ", role),
        Span(fitted(short_name(feed), name_width) + "  "),
        Span(said(feed), role),
        Span(f"{when}: " if told else when, "dim"),
        Span(told, role if role in {"bad", "warn"} else "dim"),
    )


# ---------------------------------------------------------------- one line for many feeds

_Part = tuple[_Line, bool]  # and whether it only counts feeds


def one_line(feeds: Sequence[Feed], now: datetime, width: int) -> _Line:
    """All of `feeds` in `width` cells: arXiv's lists by name, for the day is made of them; the rest is counted.

    The fullest wording that fits is taken, so that nothing is cut in the middle.
    """
    ranked = sorted(worst_first(feeds), key=lambda feed: not is_arxiv_list(feed))
    for parts in _wordings(ranked, now):
        line = _joined(parts)
        taken = sum(cell_len(span.text) for span in line)
        if taken <= width:
            more = any(is_count for _, is_count in parts) and taken + 3 <= width
            return (*line, Span(": F", "dim")) if more else line
    return tuple(Span(MARKS[role], role) for role in _SUMMED_UP if any(role_of(feed) == role for feed in feeds))


def _wordings(ranked: Sequence[Feed], now: datetime) -> Iterator[list[_Part]]:
    """From the fullest on: first fewer other feeds are named, then less is told of lists, then fewer are named."""
    lists = max(1, sum(map(is_arxiv_list, ranked)))
    failing = sum(is_arxiv_list(feed) or role_of(feed) in {"bad", "warn"} for feed in ranked)
    for count in dict.fromkeys((len(ranked), *range(failing, lists, -1))):
        yield [_named(feed, now, 2) for feed in ranked[:count]] + _by_health(ranked[count:], now)
    if not failing:  # nor any list: there is no one to name before the others
        yield _by_health(ranked)
    for keeps_next_try in (True, False):
        for count in range(min(lists, len(ranked)), 0, -1):
            rest = ranked[count:]
            for counts in ((_by_health(rest, now), _by_health(rest), _by_role(rest)), (_bare(rest),)):
                for details in _details(count):
                    each = zip(ranked, details, strict=False)
                    shown = [_named(feed, now, detail, keeps_next_try=keeps_next_try) for feed, detail in each]
                    yield from (shown + counted for counted in counts)
    yield from (_by_health(ranked), _by_role(ranked), _bare(ranked))


def _details(count: int) -> Iterator[list[int]]:
    """How much to tell of each of so many, from 2 for all to 0 for all; the last lose first."""
    for detail in (2, 1):
        for fuller in range(count, 0, -1):
            yield [detail] * fuller + [detail - 1] * (count - fuller)
    yield [0] * count


def _named(feed: Feed, now: datetime, detail: int, *, keeps_next_try: bool = True) -> _Part:
    role, told = role_of(feed), with_next_try(feed, now) if keeps_next_try else said(feed)
    batch = batch_of(feed)
    if role == "good" and batch is not None:
        day, counts = batch
        new = [count for count in counts if not count.endswith("replaced")] or list(counts)
        told = " ".join([day, *new] if detail == 2 else new[:1])
    if role == "good" and not detail:
        told = ""
    return (Span(f"{MARKS[role]} ", role), Span(short_name(feed)), Span(f" {told}" if told else "", role)), False


def _by_health(feeds: Sequence[Feed], now: datetime | None = None) -> list[_Part]:
    """`✗ 2 unreachable, next try 14:05`: how many of each health; with `now` also when the first is tried again."""
    parts = []
    for word, count in Counter(map(said, feeds)).items():
        alike = [feed for feed in feeds if said(feed) == word]
        next_one = min(alike, key=lambda feed: feed.next_try_at or datetime.max.replace(tzinfo=UTC))
        parts.append(_count(role_of(alike[0]), f"{count} {word}{next_try_of(next_one, now) if now else ''}"))
    return parts


def _by_role(feeds: Sequence[Feed]) -> list[_Part]:
    parts = []
    for role, alike in _roles(feeds):
        words = set(map(said, alike))
        parts.append(_count(role, f"{len(alike)} {words.pop() if len(words) == 1 else _SUMMED_UP[role]}"))
    return parts


def _bare(feeds: Sequence[Feed]) -> list[_Part]:
    """`✗7 ●18`"""
    spans: list[Span] = []
    for role, alike in _roles(feeds):
        spans.append(Span(f"{' ' if spans else ''}{MARKS[role]}{len(alike)}", role))
    return [(tuple(spans), True)] if spans else []


def _roles(feeds: Sequence[Feed]) -> Iterator[tuple[str, list[Feed]]]:
    for role in _SUMMED_UP:
        if alike := [feed for feed in feeds if role_of(feed) == role]:
            yield role, alike


def _count(role: str, told: str) -> _Part:
    return (Span(f"{MARKS[role]} ", role), Span(told, role)), True


def _joined(parts: Sequence[_Part]) -> _Line:
    spans: list[Span] = []
    for part, _ in parts:
        spans += [Span(" · ", "dim"), *part] if spans else part
    return tuple(spans)


class FeedLines(Widget):
    """The lines of `feed_lines`; takes no space while there are no feeds."""

    DEFAULT_CSS = """
    FeedLines { height: auto; padding: 0 1; display: none; }
    FeedLines.-filled { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._feeds: Sequence[Feed] = ()
        self._now: datetime | None = None
        self._most = _MOST_LINES

    def show(self, feeds: Sequence[Feed], now: datetime, most: int = _MOST_LINES) -> None:
        self._feeds, self._now = feeds, now
        self.fit(most)

    def fit(self, most: int) -> None:
        """Show what was read in at most so many lines."""
        self._most = most
        self.set_class(bool(self._feeds and most), "-filled")
        self.refresh(layout=True)

    def on_resize(self) -> None:
        self.refresh()

    def render(self) -> Content:
        width = max(1, self.content_size.width)
        lines = feed_lines(self._feeds, self._now, self._most, width) if self._now and self._most else []
        return Content("\n").join(self._content(spans, width) for spans in lines)

    def _content(self, spans: Sequence[Span], width: int) -> Content:
        parts = []
        for span in spans:
            parts.append((fitted(span.text, min(width, cell_len(span.text))), _STYLES.get(span.role, "")))
            width -= min(width, cell_len(span.text))
        return Content.assemble(*parts)
