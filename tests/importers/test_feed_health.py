"""A feed's health says what happened, so that "nothing new" is never a failure in disguise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from importers.arxiv_days import EASTERN
from importers.feed_health import batch_digest, judge
from importers.parsed_feed import ParsedFeed
from journal.errors import RateLimited, SourceError, TooLarge, Unreachable, Unreadable
from journal.types import AnnounceType, ArrivedPaper, Feed, FeedHealth, PaperDraft

SKIP = ("Saturday", "Sunday")


def eastern(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=EASTERN).astimezone(UTC)


THURSDAY = eastern("2026-11-19")
FRIDAY = eastern("2026-11-20")
SATURDAY = eastern("2026-11-21")
MONDAY = eastern("2026-11-23")

NEVER_READ = Feed(
    id=1,
    url="https://rss.arxiv.org/rss/cs.LG",
    title="",
    health=FeedHealth.unread,
    message="",
    etag=None,
    last_modified=None,
    batch=None,
    built_at=None,
    fetched_at=None,
    succeeded_at=None,
    next_try_at=None,
)


def papers(*ids: str, how: AnnounceType | None = AnnounceType.new) -> tuple[ArrivedPaper, ...]:
    return tuple(
        ArrivedPaper(draft=PaperDraft(title="T", arxiv_id=one), guid=f"oai:arXiv.org:{one}v1", announce_type=how)
        for one in ids
    )


def batch(built_at: datetime, *ids: str) -> ParsedFeed:
    return ParsedFeed(
        title="cs.LG updates on arXiv.org", is_arxiv=True, built_at=built_at, skip_days=SKIP, arrived=papers(*ids)
    )


def built(now: datetime) -> datetime:
    """Just after midnight Eastern of that day."""
    return now.astimezone(EASTERN).replace(hour=0, minute=5).astimezone(UTC)


def read_on(feed: Feed, now: datetime, *ids: str) -> Feed:
    return judge(feed, batch(built(now), *ids), now, etag='"e"')


def test_a_new_batch_is_current_and_counted_by_kind():
    feed = ParsedFeed(
        title="cs.LG updates on arXiv.org",
        is_arxiv=True,
        built_at=built(THURSDAY),
        skip_days=SKIP,
        arrived=papers("2611.00001", "2611.00002")
        + papers("2611.00003", how=AnnounceType.cross)
        + papers("2611.00004", how=AnnounceType.replaced)
        + papers("2611.00005", how=AnnounceType.replaced_cross),
    )
    after = judge(NEVER_READ, feed, THURSDAY, etag='"e"', last_modified="d")
    assert after.health is FeedHealth.current
    assert after.message == "Thu batch: 2 new, 1 cross, 2 replaced"
    assert (after.title, after.etag, after.last_modified) == ("cs.LG updates on arXiv.org", '"e"', "d")
    assert (after.fetched_at, after.succeeded_at) == (THURSDAY, THURSDAY)
    assert after.batch == batch_digest(feed.arrived)


ARCHIVED = eastern("2024-02-23")


def test_a_batch_older_than_the_one_that_is_due_is_stale_and_named_with_its_date():
    after = judge(NEVER_READ, batch(built(ARCHIVED), "2402.00001"), FRIDAY)
    assert after.health is FeedHealth.stale
    assert after.message == "stale: the newest batch is of Fri 23 Feb 2024, though Fri's was due"
    assert after.next_try_at == FRIDAY + timedelta(hours=1)
    assert after.batch == batch_digest(papers("2402.00001"))
    again = judge(after, batch(built(ARCHIVED), "2402.00001"), FRIDAY + timedelta(hours=1))
    assert (again.health, again.message) == (after.health, after.message)


def test_before_the_batch_of_the_day_can_be_there_that_of_the_day_before_is_current():
    early = eastern("2026-11-20", 1)
    assert judge(NEVER_READ, batch(built(THURSDAY), "2611.00001"), early).health is FeedHealth.current
    late = judge(NEVER_READ, batch(built(THURSDAY) - timedelta(days=1), "2611.00001"), early)
    assert late.message == "stale: the newest batch is of Wed, though Thu's was due"


@pytest.mark.parametrize("day", ["2026-11-21", "2026-11-22"])
def test_on_a_weekend_the_batch_of_friday_is_current(day: str):
    assert judge(NEVER_READ, batch(built(FRIDAY), "2611.00001"), eastern(day)).health is FeedHealth.current


def test_over_a_holiday_the_batch_before_it_is_current():
    wednesday, thursday, friday = eastern("2026-11-25"), eastern("2026-11-26"), eastern("2026-11-27")
    assert judge(NEVER_READ, batch(built(thursday), "2611.00001"), friday).health is FeedHealth.current
    assert judge(NEVER_READ, batch(built(wednesday), "2611.00001"), friday).health is FeedHealth.stale


def test_a_feed_that_goes_back_in_time_is_not_current():
    recent = read_on(NEVER_READ, FRIDAY, "2611.00001")
    assert judge(recent, batch(built(ARCHIVED), "2402.00001"), FRIDAY).health is FeedHealth.stale
    saturday = read_on(recent, SATURDAY, "2611.00001")
    back = judge(saturday, batch(built(FRIDAY), "2611.00002"), SATURDAY)
    assert back.health is FeedHealth.stale
    assert back.message == "stale: the newest batch is of Fri, older than that of Sat"
    assert judge(back, batch(built(FRIDAY), "2611.00002"), SATURDAY).health is FeedHealth.stale
    assert read_on(back, MONDAY, "2611.00003").health is FeedHealth.current


def test_a_date_from_the_future_makes_nothing_after_it_stale():
    future = judge(NEVER_READ, batch(built(THURSDAY) + timedelta(days=900), "2611.00001"), THURSDAY)
    assert read_on(future, FRIDAY, "2611.00002").health is FeedHealth.current


def test_a_blog_may_be_as_old_as_it_likes():
    posts = (ArrivedPaper(draft=PaperDraft(title="P", url="https://a.example/1"), guid="1"),)
    blog = ParsedFeed(title="Blog", is_arxiv=False, built_at=ARCHIVED, arrived=posts)
    assert judge(NEVER_READ, blog, FRIDAY).health is FeedHealth.current


def test_the_next_batch_is_awaited_after_the_next_midnight_that_brings_one():
    after = read_on(NEVER_READ, FRIDAY, "2611.00001")
    assert after.next_try_at == eastern("2026-11-23", 0) + timedelta(minutes=30)


def test_the_same_batch_again_is_unchanged():
    again = judge(read_on(NEVER_READ, THURSDAY, "2611.00001"), batch(built(THURSDAY), "2611.00001"), THURSDAY)
    assert again.health is FeedHealth.unchanged
    assert again.message == "unchanged since the Thu batch (1 new)"


def test_not_modified_is_unchanged_and_keeps_what_the_next_fetch_needs():
    again = judge(read_on(NEVER_READ, THURSDAY, "2611.00001"), None, THURSDAY, is_arxiv=True)
    assert again.health is FeedHealth.unchanged
    assert again.etag == '"e"'
    assert again.succeeded_at == THURSDAY


def test_not_modified_although_a_batch_was_due_says_so():
    after = judge(read_on(NEVER_READ, THURSDAY, "2611.00001"), None, FRIDAY, is_arxiv=True)
    assert after.message == "unchanged since the Thu batch (1 new); a newer one was due"
    assert after.next_try_at == FRIDAY + timedelta(hours=1)


def test_in_the_first_hours_of_a_day_no_batch_is_overdue():
    early = eastern("2026-11-20", 1)
    after = judge(read_on(NEVER_READ, THURSDAY, "2611.00001"), None, early, is_arxiv=True)
    assert after.message == "unchanged since the Thu batch (1 new)"
    later = judge(after, None, eastern("2026-11-20", 2), is_arxiv=True)
    assert later.message.endswith("a newer one was due")


def test_not_modified_without_validators_keeps_the_ones_it_had():
    before = judge(NEVER_READ, batch(built(THURSDAY), "2611.00001"), THURSDAY, etag='"e"', last_modified="d")
    kept = judge(before, None, THURSDAY, is_arxiv=True)
    assert (kept.etag, kept.last_modified) == ('"e"', "d")
    fresh = judge(before, None, THURSDAY, is_arxiv=True, etag='"f"', last_modified="g")
    assert (fresh.etag, fresh.last_modified) == ('"f"', "g")


def test_a_feed_without_dates_is_never_called_stale():
    undated = replace(batch(THURSDAY, "2611.00001"), built_at=None)
    first = judge(NEVER_READ, undated, THURSDAY)
    assert first.message == "undated batch: 1 new"
    again = judge(first, undated, FRIDAY)
    assert (again.health, again.message) == (FeedHealth.unchanged, "unchanged")
    assert judge(first, batch(built(FRIDAY), "2611.00001"), FRIDAY).built_at == built(FRIDAY)


def test_a_feed_that_lost_its_date_keeps_the_known_one():
    before = read_on(NEVER_READ, THURSDAY, "2611.00001")
    after = judge(before, replace(batch(THURSDAY, "2611.00001"), built_at=None), THURSDAY)
    assert (after.health, after.built_at) == (FeedHealth.unchanged, built(THURSDAY))


def test_a_batch_that_comes_back_after_weeks_is_stale():
    after = read_on(read_on(NEVER_READ, THURSDAY, "2611.00001"), THURSDAY + timedelta(days=200), "2611.00001")
    assert after.health is FeedHealth.stale


def test_a_batch_of_a_week_ago_is_not_called_by_its_weekday():
    week_later = THURSDAY + timedelta(days=7)
    assert "of Thu 19 Nov 2026," in judge(NEVER_READ, batch(built(THURSDAY), "2611.00001"), week_later).message


def test_a_friday_repeated_on_the_weekend_is_no_fault():
    weekend = judge(read_on(NEVER_READ, FRIDAY, "2611.00001"), batch(built(SATURDAY), "2611.00001"), SATURDAY)
    assert weekend.health is FeedHealth.unchanged


def test_a_damaged_blog_is_read_as_far_as_it_goes_and_says_so():
    post = ArrivedPaper(draft=PaperDraft(title="P", url="https://a.example/1"), guid="1")
    damaged = ParsedFeed(title="Blog", is_arxiv=False, arrived=(post,), damage="undefined entity in line 3")
    after = judge(NEVER_READ, damaged, THURSDAY)
    assert after.health is FeedHealth.current
    assert after.message == "1 post; the feed is damaged (undefined entity in line 3), so some may be missing"


def test_yesterdays_papers_under_todays_date_are_stale():
    stale = read_on(read_on(NEVER_READ, THURSDAY, "2611.00001", "2611.00002"), FRIDAY, "2611.00002", "2611.00001")
    assert stale.health is FeedHealth.stale
    assert stale.message == "stale: the same 2 papers as the Thu batch, under a new date"
    assert stale.next_try_at == FRIDAY + timedelta(hours=1)


def test_stale_stays_stale_until_something_new_comes():
    stale = read_on(read_on(NEVER_READ, THURSDAY, "2611.00001"), FRIDAY, "2611.00001")
    later = FRIDAY + timedelta(hours=1)
    assert judge(stale, None, later, is_arxiv=True).health is FeedHealth.stale
    assert judge(stale, batch(built(FRIDAY), "2611.00001"), later).health is FeedHealth.stale
    assert judge(stale, batch(built(FRIDAY), "2611.00009"), later).health is FeedHealth.current


def test_a_batch_rebuilt_within_its_day_is_not_stale():
    first = judge(NEVER_READ, batch(built(THURSDAY), "2611.00001"), THURSDAY)
    again = judge(first, batch(built(THURSDAY) + timedelta(hours=4), "2611.00001"), THURSDAY)
    assert again.health is FeedHealth.unchanged


def test_an_empty_weekend_does_not_hide_a_stale_monday():
    weekend = read_on(read_on(NEVER_READ, FRIDAY, "2611.00001"), SATURDAY)
    assert weekend.health is FeedHealth.weekend
    assert read_on(weekend, MONDAY, "2611.00001").health is FeedHealth.stale


@pytest.mark.parametrize("how", ["document", "not modified"])
def test_an_empty_weekend_is_explained(how: str):
    before = read_on(NEVER_READ, SATURDAY)
    after = judge(before, None if how == "not modified" else batch(built(SATURDAY)), SATURDAY, is_arxiv=True)
    assert after.health is FeedHealth.weekend
    assert after.message == "empty: arXiv announces nothing on a Saturday"
    assert not after.health.failed
    assert after.next_try_at == eastern("2026-11-23", 0) + timedelta(minutes=30)


def test_the_weekend_is_that_of_arxiv_not_of_the_reader():
    sunday_evening_there = eastern("2026-11-22", 23)  # Monday in Europe
    assert read_on(NEVER_READ, sunday_evening_there).health is FeedHealth.weekend


def test_a_feed_of_sunday_fetched_just_after_midnight_is_explained():
    just_after = eastern("2026-11-23", 0) + timedelta(minutes=5)
    after = judge(NEVER_READ, batch(built(eastern("2026-11-22"))), just_after)
    assert after.health is FeedHealth.weekend


@pytest.mark.parametrize("day", ["2026-11-26", "2026-11-27"])
def test_an_empty_holiday_is_explained(day: str):
    after = read_on(NEVER_READ, eastern(day))
    assert after.health is FeedHealth.holiday
    assert after.message == "empty: arXiv holiday of 26 Nov"
    assert after.next_try_at == eastern("2026-11-30", 0) + timedelta(minutes=30)


def test_an_empty_workday_is_no_plain_success():
    after = read_on(NEVER_READ, THURSDAY)
    assert after.health is FeedHealth.empty
    assert after.message == "empty, no reason given"
    assert after.next_try_at == THURSDAY + timedelta(hours=1)
    assert judge(after, None, THURSDAY, is_arxiv=True).health is FeedHealth.empty


def test_an_empty_weekend_that_lasts_into_monday_is_no_weekend():
    weekend = read_on(NEVER_READ, SATURDAY)
    assert judge(weekend, None, MONDAY, is_arxiv=True).health is FeedHealth.empty


def test_an_empty_blog_has_no_weekend():
    blog = ParsedFeed(title="Blog", is_arxiv=False, skip_days=SKIP)
    assert judge(NEVER_READ, blog, SATURDAY).message == "empty, no reason given"


@pytest.mark.parametrize(("count", "message"), [(1, "1 post"), (3, "3 posts")])
def test_a_blog_is_asked_every_hour(count: int, message: str):
    posts = tuple(
        ArrivedPaper(draft=PaperDraft(title="P", url=f"https://a.example/{n}"), guid=str(n)) for n in range(count)
    )
    after = judge(NEVER_READ, ParsedFeed(title="Blog", is_arxiv=False, arrived=posts), SATURDAY)
    assert (after.health, after.message) == (FeedHealth.current, message)
    assert after.next_try_at == SATURDAY + timedelta(hours=1)
    assert judge(after, None, SATURDAY).message == "unchanged"


@pytest.mark.parametrize(
    ("error", "health"),
    [
        (RateLimited("rss.arxiv.org asks us to wait."), FeedHealth.rate_limited),
        (Unreachable("rss.arxiv.org cannot be reached."), FeedHealth.unreachable),
        (Unreadable("rss.arxiv.org answered with a web page."), FeedHealth.unreadable),
        (TooLarge("rss.arxiv.org sends more than 16 MiB."), FeedHealth.unreadable),
    ],
)
def test_a_failure_is_named_and_takes_nothing_away(error: SourceError, health: FeedHealth):
    before = read_on(NEVER_READ, THURSDAY, "2611.00001")
    after = judge(before, error, FRIDAY)
    assert (after.health, after.message) == (health, str(error))
    assert after.health.failed
    assert (after.etag, after.batch, after.built_at, after.title) == (
        before.etag,
        before.batch,
        before.built_at,
        before.title,
    )
    assert (after.fetched_at, after.succeeded_at) == (FRIDAY, THURSDAY)
    assert after.next_try_at == FRIDAY + timedelta(minutes=15)


def test_when_asked_to_wait_the_time_is_the_servers():
    after = judge(NEVER_READ, RateLimited("Wait.", retry_after_s=7200), FRIDAY)
    assert after.next_try_at == FRIDAY + timedelta(hours=2)


def test_each_failure_doubles_the_wait_to_six_hours_and_success_ends_it():
    feed, now, waits = NEVER_READ, FRIDAY, []
    for _ in range(8):
        feed = judge(feed, Unreachable("Dead."), now)
        assert feed.next_try_at is not None
        waits.append((feed.next_try_at - now) / timedelta(minutes=1))
        now = feed.next_try_at
    assert waits == [15, 30, 60, 120, 240, 360, 360, 360]
    feed = judge(read_on(feed, now, "2611.00001"), Unreachable("Dead."), now)
    assert feed.next_try_at == now + timedelta(minutes=15)


def test_a_damaged_batch_is_no_success_and_is_fetched_whole_the_next_time():
    damaged = replace(batch(built(THURSDAY), "2611.00001"), damage="no element found in line 9")
    after = judge(NEVER_READ, damaged, THURSDAY, etag='"e"', last_modified="d")
    assert after.health is FeedHealth.unreadable
    assert after.message == "damaged (no element found in line 9): only 1 papers could be read, others may be missing"
    assert (after.etag, after.last_modified, after.batch) == (None, None, None)


def test_a_feed_of_which_nothing_could_be_read_is_no_success():
    refused = ParsedFeed(title="Blog", is_arxiv=False, refused=("item 1: it has no link",))
    after = judge(NEVER_READ, refused, THURSDAY)
    assert after.health is FeedHealth.unreadable
    assert "item 1: it has no link" in after.message


def test_what_was_refused_beside_the_rest_is_said():
    partly = replace(batch(built(THURSDAY), "2611.00001"), refused=("item 2: it has no arXiv id",))
    after = judge(NEVER_READ, partly, THURSDAY)
    assert after.health is FeedHealth.current
    assert after.message == "Thu batch: 1 new; 1 could not be read, such as item 2: it has no arXiv id"


def test_the_digest_knows_the_set_and_not_the_order():
    one, two = papers("2611.00001", "2611.00002")
    assert batch_digest([one, two]) == batch_digest([two, one])
    assert batch_digest([one]) != batch_digest([one, two])
