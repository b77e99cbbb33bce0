"""How a feed is named, and how its health is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from importers.arxiv_taxonomy import category
from journal.types import Feed, FeedHealth
from tui.formatting import clipped, counted, next_try, printable

ROLES_OF_HEALTH = {
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
_WORST_FIRST = ("bad", "warn", "dim", "good")
_LONGEST_NAME = 30  # cells
_MOST_NAMED = 3
_OF_ARXIV = re.compile(r"(\S+) updates on (?:the )?arXiv\.org")
_LIST = re.compile(r"/(?:rss|atom)/([A-Za-z.+-]+?)/?")
# What the message of arXiv's lists says of their batch: `Fri batch: 194 new, 106 cross`, `the Fri batch (194 new)`.
_BATCH = re.compile(r"\b([A-Z][a-z]{2}(?: \d+ [A-Z][a-z]{2} \d{4})?) batch(?:: | \()(\d+ [a-z]+(?:, \d+ [a-z]+)*)")


def arxiv_list(title: str, url: str) -> str:
    """`cs.LG`, `cs.LG+stat.ML`: which of arXiv's lists a feed is; '' where it is none."""
    titled = _OF_ARXIV.fullmatch(title[:300].strip())
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    listed = _LIST.fullmatch(parts.path)
    for match in (titled, listed):
        names = [category(name) for name in match[1].split("+")] if match else []
        # A blog may be at /rss/math: elsewhere only a name that nobody else would have is one of arXiv's.
        if names and (match is titled or (parts.hostname or "").endswith("arxiv.org") or "." in (names[0] or "")):
            return "+".join(name for name in names if name)
    return ""


def named(title: str, url: str) -> str:
    """What a person calls a feed: arXiv's lists by their category, another by its title, else by its host."""
    if found := arxiv_list(title, url):
        return found
    shown = printable(title[:300])
    if not shown:
        try:
            parts = urlsplit(url)
            shown = printable((parts.netloc.rpartition("@")[2] + parts.path)[:300].rstrip("/")) or printable(url[:300])
        except ValueError:
            shown = printable(url[:300])
    return shown


def short_name(feed: Feed) -> str:
    """The same in at most 30 cells."""
    return clipped(named(feed.title, feed.url), _LONGEST_NAME)


def is_arxiv_list(feed: Feed) -> bool:
    return bool(arxiv_list(feed.title, feed.url))


def role_of(feed: Feed) -> str:
    return "warn" if is_broken_off(feed) else ROLES_OF_HEALTH[feed.health]


def is_broken_off(feed: Feed) -> bool:
    """Whether catching up with it was interrupted: it was read, and is due again at once, for what is missing."""
    return not feed.health.failed and feed.next_try_at is not None and feed.next_try_at == feed.fetched_at


def said(feed: Feed) -> str:
    """The health in a word or two."""
    return "incomplete" if is_broken_off(feed) else str(feed.health).replace("_", " ")


def worst_first(feeds: Sequence[Feed]) -> list[Feed]:
    """Those that could not be read, then by how bad it is; among equals arXiv's lists come first."""

    def rank(feed: Feed) -> tuple[bool, int, bool]:
        role = 0 if feed.health.failed else _WORST_FIRST.index(role_of(feed))
        return (not feed.health.failed, role, not is_arxiv_list(feed))

    return sorted(feeds, key=rank)


def next_try_of(feed: Feed, now: datetime) -> str:
    """` until 14:05` of one that asked us to wait, `, next try 14:05` of another that could not be read, else ''."""
    if not feed.health.failed or feed.next_try_at is None:
        return ""
    is_asked = feed.health is FeedHealth.rate_limited and feed.next_try_at > now
    return f"{' until' if is_asked else ', next try'} {next_try(feed.next_try_at, now)}"


def with_next_try(feed: Feed, now: datetime) -> str:
    """`rate limited until 14:05`: the health, and when a feed that could not be read is tried again."""
    return said(feed) + next_try_of(feed, now)


def batch_of(feed: Feed) -> tuple[str, tuple[str, ...]] | None:
    """(`Fri`, (`194 new`, `106 cross`)): the batch of arXiv's that a feed was last seen to hold."""
    found = _BATCH.search(feed.message[:2_000])
    return (found[1], tuple(found[2].split(", "))) if found else None


def sentence_of(feed: Feed) -> str:
    """Its message, without the health word that stands before it."""
    message = printable(feed.message[:300])
    for word in dict.fromkeys((said(feed), str(feed.health), "empty")):
        message = message.removeprefix(f"{word}: ")
    return "" if message == said(feed) else message


def failing_words(feeds: Sequence[Feed], now: datetime) -> str:
    """`cs.LG unreachable (next try 14:05), A blog unreadable, 5 more feeds`: the worst by name, the others counted."""
    told = [_failing(feed, now) for feed in worst_first(feeds)[:_MOST_NAMED]]
    more = len(feeds) - len(told)
    return ", ".join([*told, counted(more, "more feed")] if more else told)


def _failing(feed: Feed, now: datetime) -> str:
    when = next_try_of(feed, now).removeprefix(", ").strip()
    return f"{short_name(feed)} {said(feed)}" + (f" ({when})" if when else "")
