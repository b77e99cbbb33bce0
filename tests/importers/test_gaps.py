"""What a feed lacks is known to the day, and nothing is called complete that nobody has read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.arxiv_days import EASTERN, announces, due_day
from importers.gaps import Standing, added, announced_counts, complete_after, named_lists, standing, with_missing
from journal.types import AnnounceType, Feed, FeedHealth
from tests.importers.test_feed_health import NEVER_READ


def november(day: int, hour: int = 9) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=EASTERN).astimezone(UTC)


def feed(health: FeedHealth, held: int | None = None, complete_on: date | None = None) -> Feed:
    built_at = None if held is None else november(held, 0)
    return replace(NEVER_READ, health=health, built_at=built_at, complete_on=complete_on)


def days(*numbers: int) -> tuple[date, ...]:
    return tuple(date(2026, 11, number) for number in numbers)


@pytest.mark.parametrize(
    ("after", "now", "begins_on"),
    [
        (feed(FeedHealth.current, 19), november(19), 19),
        (feed(FeedHealth.current, 20), november(21), 20),
        (feed(FeedHealth.weekend), november(22), 20),  # Monday's list is the first to be read
        (feed(FeedHealth.stale, 2), november(20), 19),  # an archive's: the one that is due is still to come
        (feed(FeedHealth.unreachable), november(20), None),
    ],
)
def test_a_feed_begins_with_what_it_holds_when_it_is_first_read(
    after: Feed, now: datetime, begins_on: int | None
) -> None:
    assert standing(NEVER_READ, after, now) == Standing(days(begins_on)[0] if begins_on else None)


def test_a_feed_that_is_behind_when_it_is_first_read_lacks_what_came_since() -> None:
    found = standing(NEVER_READ, feed(FeedHealth.stale, 17), november(20))
    assert (found.complete_on, found.lacking) == (date(2026, 11, 17), days(18, 19, 20))
    assert complete_after(found, date(2026, 11, 19)) == date(2026, 11, 19)


def test_the_lists_between_the_last_one_read_and_the_batch_are_lacking() -> None:
    before = feed(FeedHealth.current, 12, date(2026, 11, 12))
    found = standing(before, feed(FeedHealth.current, 18), november(18))
    assert (found.complete_on, found.lacking) == (date(2026, 11, 12), days(13, 16, 17))
    assert complete_after(found, None) == date(2026, 11, 18), "the feed itself has told of the last"


def test_a_feed_of_an_older_journal_is_complete_up_to_its_last_batch() -> None:
    found = standing(feed(FeedHealth.current, 12), feed(FeedHealth.current, 16), november(16))
    assert found.lacking == days(13)


def test_a_batch_that_was_cut_is_lacking_itself() -> None:
    before = feed(FeedHealth.current, 17, date(2026, 11, 17))
    assert standing(before, feed(FeedHealth.current, 18), november(18), is_cut=True).lacking == days(18)
    assert standing(NEVER_READ, feed(FeedHealth.current, 18), november(18), is_cut=True).lacking == days(18)


def test_a_date_in_the_future_hides_nothing_of_what_comes() -> None:
    before = feed(FeedHealth.current, 28, date(2027, 3, 1))
    found = standing(before, feed(FeedHealth.current, 18), november(18))
    assert found.complete_on == date(2026, 11, 18)


def test_of_the_last_list_somebody_must_have_told() -> None:
    before = feed(FeedHealth.current, 18, date(2026, 11, 18))
    found = standing(before, feed(FeedHealth.unreachable, 18), november(20))
    assert found.lacking == days(19, 20)
    assert complete_after(found, date(2026, 11, 20)) == date(2026, 11, 20)
    assert complete_after(found, date(2026, 11, 19)) == date(2026, 11, 19)
    assert complete_after(found, None) == date(2026, 11, 19)


@given(
    known=st.dates(date(2026, 9, 1), date(2026, 12, 30)),
    now=st.integers(0, 24 * 130).map(lambda hours: datetime(2026, 9, 1, tzinfo=UTC) + timedelta(hours=hours)),
    health=st.sampled_from(list(FeedHealth)),
)
def test_whatever_it_said_each_list_that_is_due_is_read_or_lacking(
    known: date, now: datetime, health: FeedHealth
) -> None:
    before = replace(NEVER_READ, complete_on=known)
    found = standing(before, replace(before, health=health), now)
    assert found.complete_on is not None
    unread = {date.fromordinal(n) for n in range(known.toordinal() + 1, due_day(now).toordinal() + 1)}
    assert set(found.lacking) == {day for day in unread if announces(day)}
    if found.lacking:
        assert found.complete_on == known


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("lists", "named"),
    [
        (days(17), "the list of 17 Nov"),
        (days(17, 18), "the lists of 17 and 18 Nov"),
        ((date(2026, 10, 30), *days(2, 3)), "the lists of 30 Oct, 2 and 3 Nov"),
        (days(13, 16, 17, 18, 19), "the 5 lists from 13 Nov to 19 Nov"),
    ],
)
def test_lists_are_named_by_their_days(lists: tuple[date, ...], named: str) -> None:
    assert named_lists(lists) == named


def test_what_is_missing_comes_first_with_its_reason() -> None:
    assert with_missing("Fri batch: 2 new", days(17)) == "the list of 17 Nov is missing so far; Fri batch: 2 new"
    assert (
        with_missing("It did not answer.", days(17, 18)) == "the lists of 17 and 18 Nov are missing: It did not answer."
    )
    assert with_missing("Fri batch: 2 new", days(17), "503.") == "the list of 17 Nov is missing: 503. Fri batch: 2 new."
    assert added("A sentence.", "caught up") == "A sentence. Caught up."
    assert added("", "caught up") == "caught up"


def test_announcements_are_counted_by_kind() -> None:
    kinds = [AnnounceType.new, AnnounceType.cross, AnnounceType.replaced, AnnounceType.replaced_cross, None]
    assert announced_counts(kinds) == "1 new, 1 cross, 2 replaced, 1 listed"
