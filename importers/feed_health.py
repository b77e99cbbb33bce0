"""What one attempt to read a feed came to: its health, a message that tells why, and when to try again.

Silence is never taken for "nothing new": arXiv's feeds are empty on weekends and holidays, and now and
then serve yesterday's batch with today's date (ZJU-REAL/Polaris#414). Pure.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from importers.arxiv_days import HOLIDAYS, due_day, eastern_day, holiday_of, next_batch, was_due
from importers.arxiv_rss import SKIP_DAYS
from importers.gaps import announced_counts, with_missing
from importers.parsed_feed import ParsedFeed
from journal.errors import RateLimited, SourceError, Unreachable
from journal.types import ArrivedPaper, Feed, FeedHealth

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_BLOG_RHYTHM = timedelta(hours=1)
_STALE_RHYTHM = timedelta(hours=1)
_FIRST_RETRY = timedelta(minutes=15)
_LONGEST_RETRY = timedelta(hours=6)
# What was in the batch, as it was said when that was read: to be said as long as it is the current one.
_TOLD = re.compile(r" batch(?:: | \()(\d+ [a-z]+(?:, \d+ [a-z]+)*)")
_EMPTY = frozenset({FeedHealth.weekend, FeedHealth.holiday, FeedHealth.empty})


def batch_digest(arrived: Iterable[ArrivedPaper]) -> str:
    """A digest of which items a feed holds, whatever their order."""
    guids = "\n".join(sorted(arrival.guid for arrival in arrived))
    return hashlib.sha256(guids.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def judge(
    feed: Feed,
    outcome: ParsedFeed | SourceError | None,
    now: datetime,
    *,
    is_arxiv: bool = False,
    etag: str | None = None,
    last_modified: str | None = None,
) -> Feed:
    """`feed` as it stands after an attempt at `now`: parsed, failed, or None for "not modified" (304).

    `is_arxiv` says it of the address, for the answers that hold no document; `etag` and `last_modified`
    came with the answer. `batch` and `built_at` stay those of the last batch that held anything, so
    that an empty weekend does not hide a Monday that repeats Friday. Papers are to be decided about
    even where the health is `unchanged`: a post may change under the same guid.
    """
    if isinstance(outcome, SourceError):
        return _failed(feed, outcome, now)
    if outcome is None:
        after = replace(feed, etag=etag or feed.etag, last_modified=last_modified or feed.last_modified)
        return _not_modified(after, now, is_arxiv=is_arxiv)
    after = replace(feed, title=outcome.title or feed.title, etag=etag, last_modified=last_modified)
    is_arxiv = is_arxiv or outcome.is_arxiv
    if (outcome.damage and is_arxiv) or (outcome.refused and not outcome.arrived):
        # Without the validators the next attempt gets the whole feed again, never "not modified".
        return _unreadable(replace(after, etag=None, last_modified=None), _damage_message(outcome), now)
    if not outcome.arrived:
        return _empty(after, now, outcome.skip_days if is_arxiv else (), is_arxiv=is_arxiv, built_at=outcome.built_at)
    return _read(after, outcome, now, is_arxiv=is_arxiv)


def _read(feed: Feed, parsed: ParsedFeed, now: datetime, *, is_arxiv: bool) -> Feed:
    digest = batch_digest(parsed.arrived)
    built_at = parsed.built_at
    notes = _notes(parsed)
    before = feed.built_at
    late = _late(before, built_at, now) if is_arxiv else ""
    if digest != feed.batch:
        after = replace(feed, batch=digest, built_at=built_at)
        if late:
            return _succeeded(after, FeedHealth.stale, late + notes, now, now + _STALE_RHYTHM)
        message = _contents(parsed, now, is_arxiv=is_arxiv) + notes
        return _succeeded(
            after, FeedHealth.current, message, now, _next_batch(now, is_arxiv=is_arxiv, built_at=built_at)
        )
    after = replace(feed, built_at=built_at or before)
    if is_arxiv and was_due(before, built_at):
        count = len(parsed.arrived)
        same = "the same paper" if count == 1 else f"the same {count} papers"
        message = f"stale: {same} as the {_day(before, now)} batch, under a new date"
        # The date of the batch as it was first seen is the one that later builds are compared with.
        after = replace(after, built_at=before)
        return _succeeded(after, FeedHealth.stale, message + notes, now, now + _STALE_RHYTHM)
    if is_arxiv and feed.health is FeedHealth.stale:
        return _succeeded(after, FeedHealth.stale, late + notes if late else feed.message, now, now + _STALE_RHYTHM)
    return _same(after, now, is_arxiv=is_arxiv, notes=notes)


def _late(before: datetime | None, built_at: datetime | None, now: datetime) -> str:
    """Why a batch is stale although its papers are others than last time; empty where it is not.

    An archive's feed, or a cache of last week's, brings papers that nobody saw yet, and still not the day's.
    """
    if built_at is None:
        return ""
    day, due = eastern_day(built_at), due_day(now)
    if day < due:
        return f"stale: the newest batch is of {_day(built_at, now)}, though {_DAYS[due.weekday()][:3]}'s was due"
    if before is not None and day < eastern_day(before) and before <= now:
        return f"stale: the newest batch is of {_day(built_at, now)}, older than that of {_day(before, now)}"
    return ""


def _not_modified(feed: Feed, now: datetime, *, is_arxiv: bool) -> Feed:
    """A 304 says that what was said last still holds: nothing, an old batch, or the current one."""
    if feed.health in _EMPTY:
        return _empty(feed, now, SKIP_DAYS if is_arxiv else (), is_arxiv=is_arxiv)
    if feed.health is FeedHealth.stale:
        return _succeeded(feed, FeedHealth.stale, feed.message, now, now + _STALE_RHYTHM)
    return _same(feed, now, is_arxiv=is_arxiv)


def _same(feed: Feed, now: datetime, *, is_arxiv: bool, notes: str = "") -> Feed:
    message = "unchanged"
    if is_arxiv and feed.built_at is not None:
        told = _TOLD.search(feed.message)
        message = f"unchanged since the {_day(feed.built_at, now)} batch{f' ({told[1]})' if told else ''}"
        if eastern_day(feed.built_at) < due_day(now):
            message += "; a newer one was due"
            return _succeeded(feed, FeedHealth.unchanged, message + notes, now, now + _STALE_RHYTHM)
    return _succeeded(
        feed, FeedHealth.unchanged, message + notes, now, _next_batch(now, is_arxiv=is_arxiv, built_at=feed.built_at)
    )


def _empty(
    feed: Feed, now: datetime, skip_days: tuple[str, ...], *, is_arxiv: bool, built_at: datetime | None = None
) -> Feed:
    """Empty, with the reason where there is one."""
    days = [eastern_day(now)]
    # Fetched just after midnight, it may still be the feed of the day before.
    if built_at is not None and timedelta(0) <= now - built_at < timedelta(hours=26):
        days.append(eastern_day(built_at))
    next_try_at = _next_batch(now, is_arxiv=is_arxiv, built_at=built_at)
    for day in days:
        if _DAYS[day.weekday()] in skip_days:
            message = f"empty: arXiv announces nothing on a {_DAYS[day.weekday()]}"
            return _succeeded(feed, FeedHealth.weekend, message, now, next_try_at)
    for day in days:
        holiday = day if day in HOLIDAYS else holiday_of(day)
        if is_arxiv and holiday is not None:
            message = f"empty: arXiv holiday of {holiday.day} {holiday:%b}"
            return _succeeded(feed, FeedHealth.holiday, message, now, next_try_at)
    return _succeeded(feed, FeedHealth.empty, "empty, no reason given", now, now + _STALE_RHYTHM)


def _succeeded(feed: Feed, health: FeedHealth, message: str, now: datetime, next_try_at: datetime) -> Feed:
    return replace(feed, health=health, message=message, fetched_at=now, succeeded_at=now, next_try_at=next_try_at)


def _unreadable(feed: Feed, message: str, now: datetime) -> Feed:
    return replace(
        feed, health=FeedHealth.unreadable, message=message, fetched_at=now, next_try_at=now + _retry_after(feed)
    )


def not_caught_up(before: Feed, after: Feed, error: SourceError, lacking: Sequence[date], now: datetime) -> Feed:
    """`after`, as its own address left it, when `error` broke off the harvest of the lists that it lacks.

    It waits as long as any of the two asks for. A stale feed stays so, since it was read; any other's health
    is that of the harvest, whatever its own address said.
    """
    failed = _failed(before, error, now)
    next_try_at = failed.next_try_at
    if after.health.failed and after.next_try_at is not None and next_try_at is not None:
        next_try_at = max(next_try_at, after.next_try_at)
    says_more = after.health.failed or after.health is FeedHealth.stale
    keeps = says_more and failed.health is not FeedHealth.rate_limited
    why = "" if str(error) in after.message else str(error)  # both services may say the same
    return replace(
        after,
        health=after.health if keeps else failed.health,
        message=with_missing(after.message, lacking, why),
        next_try_at=next_try_at,
    )


def _failed(feed: Feed, error: SourceError, now: datetime) -> Feed:
    """What is known of the feed stays; the message is the error's sentence."""
    if isinstance(error, RateLimited):
        health = FeedHealth.rate_limited
    elif isinstance(error, Unreachable):
        health = FeedHealth.unreachable
    else:
        health = FeedHealth.unreadable
    wait = _retry_after(feed)
    if isinstance(error, RateLimited) and error.retry_after_s is not None:
        wait = max(timedelta(seconds=error.retry_after_s), timedelta(seconds=1))
    return replace(feed, health=health, message=str(error), fetched_at=now, next_try_at=now + wait)


def _retry_after(feed: Feed) -> timedelta:
    """A quarter of an hour, and twice as long after each failure, to six hours."""
    if not feed.health.failed or feed.next_try_at is None or feed.fetched_at is None:
        return _FIRST_RETRY
    return min(max(2 * (feed.next_try_at - feed.fetched_at), _FIRST_RETRY), _LONGEST_RETRY)


def _next_batch(now: datetime, *, is_arxiv: bool, built_at: datetime | None = None) -> datetime:
    """When there may be something new: of arXiv with the batch after that of `built_at`, elsewhere in an hour."""
    return next_batch(now, eastern_day(built_at) if built_at else None) if is_arxiv else now + _BLOG_RHYTHM


# ---------------------------------------------------------------- messages


def _contents(parsed: ParsedFeed, now: datetime, *, is_arxiv: bool) -> str:
    count = len(parsed.arrived)
    if not is_arxiv:
        return f"{count} post" + ("" if count == 1 else "s")
    told = announced_counts(arrival.announce_type for arrival in parsed.arrived)
    return f"{_day(parsed.built_at, now)} batch: {told}"


def _notes(parsed: ParsedFeed) -> str:
    notes = ""
    if parsed.refused:
        notes += f"; {len(parsed.refused)} could not be read, such as {parsed.refused[0]}"
    if parsed.damage:
        notes += f"; the feed is damaged ({parsed.damage}), so some may be missing"
    return notes


def _damage_message(parsed: ParsedFeed) -> str:
    if parsed.damage:
        return f"damaged ({parsed.damage}): only {len(parsed.arrived)} papers could be read, others may be missing"
    return f"none of its {len(parsed.refused)} items could be read, such as {parsed.refused[0]}"


def _day(moment: datetime | None, now: datetime) -> str:
    """`Thu` for the last days, else the date too."""
    if moment is None:
        return "undated"
    day = eastern_day(moment)
    is_recent = timedelta(0) <= eastern_day(now) - day < timedelta(days=6)
    weekday = _DAYS[day.weekday()][:3]
    return weekday if is_recent else f"{weekday} {day.day} {day:%b %Y}"
