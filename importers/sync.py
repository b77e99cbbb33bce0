"""Fetch the feeds that are followed: each is fetched, parsed, decided about and kept by itself.

One failing source never stops the rest: what it came to is its health. Servers are asked side by side,
arXiv one request at a time through the gate, in the feeds' order; what answers is parsed and kept at once,
a transaction a feed, so that a slow server holds back nobody and an interruption loses nothing that came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from queue import SimpleQueue
from urllib.parse import urlsplit

from importers.decide import decide_announced, is_archived, names_of
from importers.feed_health import judge
from importers.feed_urls import asked_at, one_spelling
from importers.feeds import read_feed
from importers.gate import ArxivGate
from importers.http import Answer, Client, Limits, own_user_agent
from importers.parsed_feed import ParsedFeed
from journal.clock import Clock, now
from journal.config import Settings
from journal.db import connect
from journal.errors import SourceError
from journal.paths import Paths
from journal.queries.feeds import brought_before, brought_first, feeds_to_fetch
from journal.queries.papers import stored_papers
from journal.store import feeds as feed_store
from journal.store import papers
from journal.store.changes import program_change
from journal.store.rankings import rank_new
from journal.store.triage import mute_new
from journal.tracking_uris import without_password
from journal.types import Feed, FeedHealth

_SIDE_BY_SIDE = 8
_NEWS = timedelta(days=14)  # of a feed that was just followed


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What fetching one feed came to. `refused` counts items that could not be read."""

    url: str
    title: str
    health: FeedHealth
    new: int
    updated: int
    refused: int
    message: str
    next_try_at: datetime | None


def fetch_feeds(
    paths: Paths,
    settings: Settings,
    *,
    tell: Callable[[int, int], None] = lambda kept, of: None,
    clock: Clock = now,
    limits: Limits | None = None,
) -> tuple[FeedReport, ...]:
    """Fetch every feed that is followed, and keep each as it answers; a report for each, in the feeds' order.

    `tell` hears how many of how many are kept, at the start and after each. A feed whose server asked us
    to wait is not asked before that time. Raises JournalUnusable where the journal cannot be written.
    """
    with closing(connect(paths)) as connection:
        feeds = feeds_to_fetch(connection)
    reports: dict[int, FeedReport] = {}
    tell(0, len(feeds))
    with _fetching(paths, settings, feeds, clock(), limits) as fetched:
        for feed, outcome in fetched:
            reports[feed.id] = _keep(paths, settings, feed, outcome, clock)
            tell(len(reports), len(feeds))
    mute_new(paths, clock=clock)
    rank_new(paths, clock=clock)
    return tuple(reports[feed.id] for feed in feeds)


def is_arxiv(url: str, settings: Settings) -> bool:
    """Whether `url` is one of arXiv's services, or of the mirror that stands in for them."""
    url, mirror = one_spelling(url), one_spelling(settings.arxiv_rss_url).rstrip("/")
    host = urlsplit(url).hostname or ""
    return host == "arxiv.org" or host.endswith(".arxiv.org") or url.startswith((f"{mirror}/rss/", f"{mirror}/atom/"))


Outcome = Callable[[], Answer]


@contextmanager
def _fetching(
    paths: Paths, settings: Settings, feeds: tuple[Feed, ...], moment: datetime, limits: Limits | None
) -> Iterator[Iterator[tuple[Feed, Outcome | None]]]:
    """Each feed as its answer comes, or None where its server asked us to wait longer."""
    gate = ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
    # arXiv has a thread of its own: an interrupted fetch then waits for one request at the most.
    pools = {True: ThreadPoolExecutor(1), False: ThreadPoolExecutor(_SIDE_BY_SIDE)}
    answered: SimpleQueue[tuple[Feed, Outcome | None]] = SimpleQueue()

    def ask(feed: Feed) -> None:
        of_arxiv = is_arxiv(feed.url, settings)
        future: Future[Answer] = pools[of_arxiv].submit(
            client.get,
            asked_at(feed.url, settings),
            etag=feed.etag,
            last_modified=feed.last_modified,
            gate=gate if of_arxiv else None,
        )
        future.add_done_callback(lambda done: answered.put((feed, done.result)))

    with Client(limits=limits, user_agent=own_user_agent(settings.contact)) as client:
        try:
            for feed in feeds:
                if _must_wait(feed, moment):
                    answered.put((feed, None))
                else:
                    ask(feed)
            yield (answered.get() for _ in feeds)
        finally:
            for pool in pools.values():
                pool.shutdown(wait=False, cancel_futures=True)


def _must_wait(feed: Feed, moment: datetime) -> bool:
    return feed.health is FeedHealth.rate_limited and feed.next_try_at is not None and moment < feed.next_try_at


def _keep(paths: Paths, settings: Settings, feed: Feed, outcome: Outcome | None, clock: Clock) -> FeedReport:
    if outcome is None:
        return _report(feed)
    answer: Answer | None = None
    result: ParsedFeed | SourceError | None
    try:
        answer = outcome()
        result = (
            None if answer.not_modified else read_feed(answer.content, url=answer.url, content_type=answer.content_type)
        )
    except SourceError as error:
        result = error
    after = judge(
        feed,
        result,
        clock(),
        is_arxiv=is_arxiv(feed.url, settings),
        etag=answer.etag if answer else None,
        last_modified=answer.last_modified if answer else None,
    )
    new = updated = 0
    is_first = feed.succeeded_at is None
    news_since = (clock() - _NEWS).date() if is_first else None
    with program_change(paths, clock=clock) as change:
        if isinstance(result, ParsedFeed) and result.arrived:
            arrived = result.arrived[::-1]  # what a feed lists first shall be first in a list of the newest
            names = names_of(arrival.draft for arrival in arrived)
            known = stored_papers(change.connection, names)
            decision = decide_announced(
                known,
                arrived,
                brought_before=brought_before(change.connection, feed.id),
                brought_first=brought_first(change.connection, feed.id, [paper.item_id for paper in known]),
                news_since=news_since,
            )
            placed = papers.apply(change, decision)
            feed_store.keep_arrivals(change, feed.id, zip(placed, arrived, strict=True))
            new, updated = len(decision.inserts), len(decision.updates)
            if archived := sum(is_archived(arrival, news_since) for arrival in arrived):
                after = replace(after, message=f"{after.message}; {archived} from before {news_since} are no news")
        if updated and after.health is FeedHealth.unchanged:  # the same posts, and yet not the same
            after = replace(after, health=FeedHealth.current, message=f"{updated} of its posts changed")
        feed_store.keep_health(change, after)
    refused = len(result.refused) if isinstance(result, ParsedFeed) else 0
    return _report(after, new=new, updated=updated, refused=refused)


def _report(feed: Feed, *, new: int = 0, updated: int = 0, refused: int = 0) -> FeedReport:
    return FeedReport(
        url=without_password(feed.url),
        title=feed.title,
        health=feed.health,
        new=new,
        updated=updated,
        refused=refused,
        message=feed.message,
        next_try_at=feed.next_try_at,
    )
