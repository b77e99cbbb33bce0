"""Which lists of arXiv a feed lacks, up to which one it lacks nothing, and how that is said. Pure.

A feed holds one day. Who was away, or whose feed was stale, empty or silent, lacks the lists in between;
they are to be had from the OAI-PMH service.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from importers.arxiv_days import LONGEST_CATCH_UP, due_day, eastern_day, lists_between, newest_list
from journal.types import AnnounceType, Feed, FeedHealth

MOST_IN_FEED = 2000  # of one answer (info.arxiv.org/help/rss): one that holds so many was cut
_MOST_NAMED = 4
_LONGEST_LATE = timedelta(days=14)  # a batch that is older is an archive's, or a mistake
_LOST_IS_TOLD = timedelta(days=7)
_EMPTY = frozenset({FeedHealth.weekend, FeedHealth.holiday, FeedHealth.empty})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a feed stands after an attempt to read it.

    Nothing is missing up to the list of `complete_on`; None where nothing is known yet. After it `lacking`
    is missing, up to `until`. `is_announced`: the feed itself told of a list as late as `until`.
    """

    complete_on: date | None
    lacking: tuple[date, ...] = ()
    until: date | None = None
    is_announced: bool = False


def standing(before: Feed, after: Feed, now: datetime, *, is_cut: bool = False) -> Standing:
    """What `after`, the feed as it was judged at `now`, has and lacks, if `before` is how it was.

    A feed that was never read begins with the batch it holds, however late that is: what came since is
    lacking. `is_cut`: that batch is not whole.
    """
    today, due = eastern_day(now), due_day(now)
    # A date in the future is a mistake, of a clock or a source, and must not hide what comes until then.
    held = min(eastern_day(after.built_at), today) if after.built_at else None
    known = before.complete_on or (eastern_day(before.built_at) if before.built_at else None)
    if known is None and is_cut and held is not None:
        known = newest_list(held - timedelta(days=1))
    if known is None and after.health is FeedHealth.stale and held is not None and due - held <= _LONGEST_LATE:
        known = newest_list(held)
    if known is None:
        return Standing(_beginning(after, held, due))
    known = min(known, today)
    is_announced = after.health is FeedHealth.current and held is not None
    until = max(due, newest_list(held)) if is_announced and held is not None else due
    lacking = tuple(day for day in lists_between(known, until) if day != held or is_cut)
    if not lacking:
        return Standing(max(known, until))
    return Standing(known, lacking, until, is_announced)


def _beginning(after: Feed, held: date | None, due: date) -> date | None:
    if after.health.failed:
        return None
    if held is None or after.health in _EMPTY:
        return due
    # Of an archive's batch only the list that is due is to come: what lies between is before this person's time.
    return newest_list(held) if held >= due else max(newest_list(held), newest_list(due - timedelta(days=1)))


def complete_after(found: Standing, reached: date | None) -> date | None:
    """Up to which list nothing is missing after a whole harvest, which held changes up to `reached`.

    Where nobody has told of the last list, and the harvest holds nothing so late, it may still come.
    """
    if found.until is None or found.is_announced or (reached is not None and reached >= found.until):
        return found.until or found.complete_on
    before = newest_list(found.until - timedelta(days=1))
    return before if found.complete_on is None else max(found.complete_on, before)


def lost_lists(feed: Feed, now: datetime) -> tuple[date, ...]:
    """The lists that nobody catches up with any more, for a week after they were given up."""
    if feed.lost_after is None or feed.lost_before is None:
        return ()
    if eastern_day(now) > feed.lost_before + LONGEST_CATCH_UP + _LOST_IS_TOLD:
        return ()
    return lists_between(feed.lost_after, feed.lost_before - timedelta(days=1))


# ---------------------------------------------------------------- words


def with_lost(feed: Feed, now: datetime) -> Feed:
    """The feed whose message begins with the lists that are missing for good."""
    lost = lost_lists(feed, now)
    if not lost:
        return feed
    until = f" to {_day(lost[-1])} {lost[-1].year} are" if len(lost) > 1 else " is"
    told = (
        f"{len(lost)} list{'' if len(lost) == 1 else 's'} from {_day(lost[0])} {lost[0].year}{until} missing, "
        "too long ago to catch up with"
    )
    return feed if told in feed.message else replace(feed, message=f"{told}; {feed.message}")


def named_lists(days: Sequence[date]) -> str:
    """`the list of 17 Nov`, `the lists of 17 and 18 Nov`, `the 12 lists from 2 to 17 Nov`."""
    if len(days) == 1:
        return f"the list of {_day(days[0])}"
    if len(days) > _MOST_NAMED:
        return f"the {len(days)} lists from {_day(days[0])} to {_day(days[-1])}"
    told = [f"{day.day}" if day.month == after.month else _day(day) for day, after in pairwise(days)]
    return f"the lists of {', '.join(told)} and {_day(days[-1])}"


def with_missing(message: str, days: Sequence[date], why: str = "") -> str:
    """`message` behind what is missing, which matters more, and `why`: a sentence; else the message tells it."""
    missing = f"{named_lists(days)} {'is' if len(days) == 1 else 'are'} missing"
    if why:
        return f"{missing}: {why} {message.rstrip('.')}."
    return f"{missing}: {message}" if message.endswith(".") else f"{missing} so far; {message}"


def announced_counts(types: Iterable[AnnounceType | None]) -> str:
    """`2 new, 1 cross, 3 replaced`, without what there is none of."""
    counts = Counter(types)
    replaced = counts[AnnounceType.replaced] + counts[AnnounceType.replaced_cross]
    parts = (
        (counts[AnnounceType.new], "new"), (counts[AnnounceType.cross], "cross"), (replaced, "replaced"),
        (counts[None], "listed"),
    )  # fmt: skip
    return ", ".join(f"{number} {word}" for number, word in parts if number)


def added(message: str, more: str) -> str:
    """`message` and what is to be said beyond it: as a sentence after a sentence, else behind a semicolon."""
    if not message:
        return more
    if message.endswith("."):
        return f"{message} {more[:1].upper()}{more[1:]}."
    return f"{message}; {more}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"
