"""Fetch the feeds that are followed: each is fetched, parsed, decided about and kept by itself.

One failing source never stops the rest: what it came to is its health. Servers are asked side by side,
arXiv one request at a time through the gate, in the feeds' order; what answers is parsed and kept at once,
a transaction a feed, so that a slow server holds back nobody and an interruption loses nothing that came.
Then the lists that a feed of arXiv lacks are caught up with.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from queue import SimpleQueue
from urllib.parse import urlsplit

from importers.catching_up import Asking, catch_up, listed_categories
from importers.decide import is_archived
from importers.feed_health import judge
from importers.feed_urls import asked_at, one_spelling
from importers.feeds import read_feed
from importers.fetch_lock import only_fetch
from importers.gaps import MOST_IN_FEED, Standing, lost_lists, standing, with_lost, with_missing
from importers.gate import ArxivGate
from importers.http import Answer, Client, Limits, own_user_agent
from importers.keeping import Kept, keep_arrived
from importers.parsed_feed import ParsedFeed
from journal.clock import Clock, now
from journal.config import Settings
from journal.db import connect
from journal.errors import RateLimited, SourceError
from journal.paths import Paths
from journal.queries.feeds import feeds_to_fetch, is_due
from journal.store import feeds as feed_store
from journal.store.changes import program_change
from journal.store.rankings import rank_new
from journal.store.triage import mute_new
from journal.tracking_uris import without_password
from journal.types import Feed, FeedHealth

_SIDE_BY_SIDE = 8
_NEWS = timedelta(days=14)  # of a feed that was just followed


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What fetching one feed came to.

    `new` counts what waits in Today, `not_news` what was kept without: first seen as a replacement, or from
    before a blog was followed; `refused` the items that could not be read. `missing` are lists that the journal
    lacks, also those that were given up some days ago. `failed` is whether somebody should look.
    """

    url: str
    title: str
    health: FeedHealth
    failed: bool
    new: int
    not_news: int
    updated: int
    refused: int
    message: str
    next_try_at: datetime | None
    missing: tuple[date, ...] = ()


def fetch_feeds(
    paths: Paths,
    settings: Settings,
    *,
    only_due: bool = False,
    tell: Callable[[int, int], None] = lambda kept, of: None,
    tell_caught_up: Callable[[str, int], None] = lambda categories, papers: None,
    clock: Clock = now,
    limits: Limits | None = None,
) -> tuple[FeedReport, ...]:
    """Fetch the feeds that are followed, and keep each as it answers; a report for each, in the feeds' order.

    `only_due` leaves out those that can hold nothing new yet. `tell` hears how many of how many are kept,
    at the start and after each; then, for each list of arXiv that has a gap, `tell_caught_up` hears its
    categories and how many papers came. Both may raise, to stop. A feed whose server asked us to wait is
    not asked before that time. Raises JournalUnusable where the journal cannot be written, and BeingFetched
    where somebody else fetches.
    """
    with only_fetch(paths.fetching):
        with closing(connect(paths)) as connection:
            feeds = tuple(feed for feed in feeds_to_fetch(connection) if not only_due or is_due(feed, clock()))
        kept: dict[int, _Kept] = {}
        tell(0, len(feeds))
        gate = ArxivGate(paths.arxiv_gate, settings.arxiv_interval_s)
        with Client(limits=limits, user_agent=own_user_agent(settings.contact)) as client:
            with _fetching(client, gate, settings, feeds, clock()) as fetched:
                for feed, outcome in fetched:
                    kept[feed.id] = _keep(paths, settings, feed, outcome, clock)
                    tell(len(kept), len(feeds))
            asking = Asking(client, gate, settings, limits, clock, tell_caught_up)
            _close_gaps(paths, asking, kept, [feed.id for feed in feeds])
        mute_new(paths, clock=clock)
        rank_new(paths, clock=clock)
    return tuple(kept[feed.id].report for feed in feeds)


def is_arxiv(url: str, settings: Settings) -> bool:
    """Whether `url` is one of arXiv's services, or of the mirror that stands in for them."""
    url, mirror = one_spelling(url), one_spelling(settings.arxiv_rss_url).rstrip("/")
    host = urlsplit(url).hostname or ""
    return host == "arxiv.org" or host.endswith(".arxiv.org") or url.startswith((f"{mirror}/rss/", f"{mirror}/atom/"))


Outcome = Callable[[], Answer]


@contextmanager
def _fetching(
    client: Client, gate: ArxivGate, settings: Settings, feeds: tuple[Feed, ...], moment: datetime
) -> Iterator[Iterator[tuple[Feed, Outcome | None]]]:
    """Each feed as its answer comes, or None where its server asked us to wait longer.

    No more answers are asked for, or wait, than there are threads: each may be as large as one is let be.
    The threads are daemons: who leaves does not wait for a server that is silent.
    """
    answered: SimpleQueue[tuple[Feed, Outcome | None]] = SimpleQueue()
    waiting: dict[bool, deque[Feed]] = {True: deque(), False: deque()}  # arXiv takes one request at a time
    room = threading.Semaphore(_SIDE_BY_SIDE + 1)

    def ask_in_turn(queue: deque[Feed], gate: ArxivGate | None) -> None:
        while True:
            room.acquire()
            try:
                feed = queue.popleft()
            except IndexError:
                room.release()
                return
            answered.put((feed, _outcome(client, settings, feed, gate)))

    def as_they_come() -> Iterator[tuple[Feed, Outcome | None]]:
        for _ in feeds:
            feed, outcome = answered.get()
            yield feed, outcome
            if outcome is not None:
                room.release()

    for feed in feeds:
        if _must_wait(feed, moment):
            answered.put((feed, None))
        else:
            waiting[is_arxiv(feed.url, settings)].append(feed)
    for of_arxiv, most in ((True, 1), (False, _SIDE_BY_SIDE)):
        for _ in range(min(most, len(waiting[of_arxiv]))):
            arguments = (waiting[of_arxiv], gate if of_arxiv else None)
            threading.Thread(target=ask_in_turn, args=arguments, daemon=True, name="feeds").start()
    try:
        yield as_they_come()
    finally:
        for queue in waiting.values():
            queue.clear()
        room.release(_SIDE_BY_SIDE + 1)  # whoever waits sees that nothing is left to be asked


def _outcome(client: Client, settings: Settings, feed: Feed, gate: ArxivGate | None) -> Outcome:
    """What asking came to: gives the answer, or raises what went wrong."""
    try:
        answer = client.get(asked_at(feed.url, settings), etag=feed.etag, last_modified=feed.last_modified, gate=gate)
    except BaseException as error:  # noqa: BLE001 - raised again where the feed is kept
        failure = error

        def fail() -> Answer:
            raise failure

        return fail
    return lambda: answer


def _must_wait(feed: Feed, moment: datetime) -> bool:
    return feed.health is FeedHealth.rate_limited and feed.next_try_at is not None and moment < feed.next_try_at


@dataclass(frozen=True, slots=True)
class _Kept:
    """A feed before and after it was asked, what is reported of it, and which lists it lacks."""

    before: Feed
    after: Feed
    report: FeedReport
    found: Standing | None = None


def _keep(paths: Paths, settings: Settings, feed: Feed, outcome: Outcome | None, clock: Clock) -> _Kept:
    of_arxiv = is_arxiv(feed.url, settings)
    is_list = of_arxiv and listed_categories(feed.url) is not None
    if outcome is None:
        lacking = standing(feed, feed, clock()).lacking if is_list else ()
        return _Kept(feed, feed, _report(feed, missing=(*lost_lists(feed, clock()), *lacking)))
    answer: Answer | None = None
    result: ParsedFeed | SourceError | None
    try:
        answer = outcome()
        result = (
            None if answer.not_modified else read_feed(answer.content, url=answer.url, content_type=answer.content_type)
        )
    except SourceError as error:
        result = error
    moment = clock()
    after = judge(
        feed,
        result,
        moment,
        is_arxiv=of_arxiv,
        etag=answer.etag if answer else None,
        last_modified=answer.last_modified if answer else None,
    )
    found: Standing | None = None
    if is_list:
        is_cut = isinstance(result, ParsedFeed) and len(result.arrived) >= MOST_IN_FEED
        found = standing(feed, after, moment, is_cut=is_cut)
        if (
            is_cut and found.lacking
        ):  # until it is caught up with, the next attempt shall get it again, and see that it is cut
            after = replace(after, etag=None, last_modified=None, batch=feed.batch)
        after = replace(after, complete_on=found.complete_on)
    brought = Kept()
    news_since = (moment - _NEWS).date() if feed.succeeded_at is None else None
    with program_change(paths, clock=clock) as change:
        if isinstance(result, ParsedFeed) and result.arrived:
            arrived = result.arrived[::-1]  # what a feed lists first shall be first in a list of the newest
            brought = keep_arrived(change, feed.id, arrived, news_since=news_since)
            if archived := sum(is_archived(arrival, news_since) for arrival in arrived):
                after = replace(after, message=f"{after.message}; {archived} from before {news_since} are no news")
        if brought.updated and after.health is FeedHealth.unchanged:  # the same posts, and yet not the same
            after = replace(after, health=FeedHealth.current, message=f"{brought.updated} of its posts changed")
        after = with_lost(after, moment)
        lacking = found.lacking if found is not None else ()
        kept = after if not lacking else _while_lacking(after, lacking, moment)
        feed_store.keep_health(change, kept)
    refused = len(result.refused) if isinstance(result, ParsedFeed) else 0
    is_asked_to_wait = isinstance(result, RateLimited) and feed.health is not FeedHealth.rate_limited
    return _Kept(
        feed,
        after,
        _report(kept, brought, refused=refused, missing=(*lost_lists(after, moment), *lacking)),
        found if lacking and not is_asked_to_wait else None,
    )


def _while_lacking(after: Feed, lacking: tuple[date, ...], moment: datetime) -> Feed:
    """The feed until its gap is closed: interrupted before that, it is due again at once."""
    next_try_at = after.next_try_at if after.health.failed else moment
    return replace(after, message=with_missing(after.message, lacking), next_try_at=next_try_at)


def _close_gaps(paths: Paths, asking: Asking, kept: dict[int, _Kept], order: Sequence[int]) -> None:
    """Catch up with what the feeds lack, one after the other; once arXiv asks us to wait, none is asked any more."""
    asked_to_wait: RateLimited | None = None
    for feed_id in order:
        one = kept[feed_id]
        if one.found is None:
            continue
        caught_up = catch_up(paths, asking, one.before, one.after, one.found, asked_to_wait=asked_to_wait)
        if isinstance(caught_up.error, RateLimited):
            asked_to_wait = caught_up.error
        report = _report(
            caught_up.feed,
            Kept(one.report.new, one.report.not_news, one.report.updated) + caught_up.kept,
            refused=one.report.refused + caught_up.refused,
            missing=caught_up.lacking,
            failed=caught_up.error is not None or caught_up.has_given_up,
        )
        kept[feed_id] = replace(one, report=report)


def _report(
    feed: Feed,
    brought: Kept = Kept(),
    *,
    refused: int = 0,
    missing: tuple[date, ...] = (),
    failed: bool = False,
) -> FeedReport:
    return FeedReport(
        url=without_password(feed.url),
        title=feed.title,
        health=feed.health,
        failed=failed or feed.health.failed,
        new=brought.new,
        not_news=brought.not_news,
        updated=brought.updated,
        refused=refused,
        message=feed.message,
        next_try_at=feed.next_try_at,
        missing=missing,
    )
