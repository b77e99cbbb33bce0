"""Catch up with the lists that a feed of arXiv lacks, from its OAI-PMH service.

What a page brings is kept at once, in short transactions, so that an interruption loses nothing that
came and whoever decides about papers meanwhile hardly waits. Only a harvest that was read whole moves
`complete_on`: begun again in the middle, it would take a paper with a second version for an old one.
The exception is one of more pages than are read at a time, which would never end.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from urllib.parse import urlsplit

from importers.arxiv_days import eastern_day, harvest_from, newest_list
from importers.arxiv_oai import LIMITS, harvest
from importers.arxiv_taxonomy import category
from importers.feed_health import not_caught_up
from importers.gaps import Standing, added, announced_counts, complete_after, lost_lists, named_lists, with_lost
from importers.http import Client, Limits
from importers.keeping import Kept, keep_arrived
from journal.clock import Clock
from journal.config import Settings
from journal.errors import RateLimited, SourceError, TooLarge
from journal.paths import Paths
from journal.store import feeds as feed_store
from journal.store.changes import program_change
from journal.types import AnnounceType, Feed

_AT_ONCE = 200  # papers of one transaction
_LIST = re.compile(r"/(?:rss|atom)/(?P<categories>[\w.+-]+)/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The feed after its harvest, whole or broken off, and what that brought."""

    feed: Feed
    kept: Kept
    refused: int
    lacking: tuple[date, ...]
    error: SourceError | None = None
    has_given_up: bool = False  # on lists that are too long ago; they are in `lacking`


@dataclass(frozen=True, slots=True)
class Asking:
    """How arXiv is asked. `tell` hears the feed's categories and how many papers came so far."""

    client: Client
    gate: AbstractContextManager[object]
    settings: Settings
    limits: Limits | None
    clock: Clock
    tell: Callable[[str, int], None]


def listed_categories(url: str) -> str | None:
    """`cs.LG+stat.ML` of the address of an arXiv feed of these categories; None for any other."""
    try:
        match = _LIST.search(urlsplit(url).path)
    except ValueError:
        return None
    names = [category(name) for name in match["categories"].split("+")] if match else []
    return "+".join(name for name in names if name) if names and all(names) else None


def catch_up(
    paths: Paths,
    asking: Asking,
    before: Feed,
    after: Feed,
    found: Standing,
    *,
    asked_to_wait: RateLimited | None = None,
) -> CaughtUp:
    """Harvest what `found` says that the feed lacks; `after` is the feed as its own address left it.

    `asked_to_wait` is what the service said just now, which holds for this feed too. What goes wrong is in
    the answer, and in the health of the feed, which is kept.
    """
    assert found.complete_on is not None
    categories = listed_categories(after.url)
    assert categories is not None
    since = harvest_from(found.complete_on, eastern_day(asking.clock()))
    lacking = found.lacking
    brought = _Brought()
    lost: tuple[date, ...] = ()
    try:
        if asked_to_wait is not None:
            raise asked_to_wait
        _harvest(paths, asking, after, categories, since, brought)
    except SourceError as error:
        brought.error = error
        if isinstance(error, TooLarge) and brought.reached is not None and "+" not in categories:
            # Else the next harvest would end where this one did. The service answers in the order of days.
            complete_on = max(found.complete_on, newest_list(brought.reached - timedelta(days=1)))
            after = replace(after, complete_on=complete_on)
            lacking = tuple(day for day in lacking if day > complete_on) or lacking
        kept = not_caught_up(before, after, error, lacking, asking.clock())
    else:
        now = asking.clock()
        if lost := tuple(day for day in lacking if day < since):
            after = replace(after, lost_after=found.complete_on, lost_before=since)
        kept = with_lost(_caught_up(after, found, lacking[len(lost) :], brought), now)
        lacking = lost_lists(kept, now)
    with program_change(paths, clock=asking.clock) as change:
        feed_store.keep_health(change, kept)
    return CaughtUp(kept, brought.kept, len(brought.refused), lacking, brought.error, bool(lost))


@dataclass(slots=True)
class _Brought:
    """What the pages of a harvest have brought so far."""

    kept: Kept = field(default_factory=Kept)
    announced: list[tuple[date | None, AnnounceType | None]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    reached: date | None = None
    error: SourceError | None = None


def _harvest(paths: Paths, asking: Asking, feed: Feed, categories: str, since: date, brought: _Brought) -> None:
    """Keep page after page, and note what came in `brought`. Raises SourceError."""
    asking.tell(categories, 0)
    limits = asking.limits or LIMITS
    for page in harvest(categories, since, asking.settings, client=asking.client, gate=asking.gate, limits=limits):
        for start in range(0, len(page.arrived), _AT_ONCE):
            with program_change(paths, clock=asking.clock) as change:
                kept = keep_arrived(change, feed.id, page.arrived[start : start + _AT_ONCE])
            brought.kept += kept
        brought.announced += [(one.draft.announced_on, one.announce_type) for one in page.arrived]
        brought.refused += page.refused
        brought.reached = max(filter(None, (brought.reached, page.reached)), default=None)
        asking.tell(categories, len(brought.announced))


def _caught_up(after: Feed, found: Standing, lacking: tuple[date, ...], brought: _Brought) -> Feed:
    """The feed after a whole harvest, which says what that brought of the lists that were lacking."""
    complete_on = complete_after(found, brought.reached)
    not_there = tuple(day for day in lacking if complete_on is None or day > complete_on)
    there = lacking[: len(lacking) - len(not_there)]
    message = after.message
    if there:
        told = announced_counts(kind for day, kind in brought.announced if day in there) or "nothing new"
        message = added(message, f"caught up by OAI-PMH with {named_lists(there)}: {told}")
    if not_there:
        message = added(message, f"OAI-PMH has nothing of {named_lists(not_there)} either")
    if brought.refused:
        message = added(message, f"{len(brought.refused)} could not be read, such as {brought.refused[0]}")
    return replace(after, message=message, complete_on=complete_on)
