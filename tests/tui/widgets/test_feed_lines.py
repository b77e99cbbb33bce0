"""The health of the feeds, below the list of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from journal.types import Feed, FeedHealth
from tests.conftest import NOON
from tui.widgets.feed_lines import feed_lines


def feed(number: int, health: FeedHealth, message: str = "") -> Feed:
    return Feed(
        id=number,
        url=f"https://feeds.test/{number}",
        title=f"Feed {number}",
        health=health,
        message=message,
        etag=None,
        last_modified=None,
        batch=None,
        built_at=None,
        fetched_at=NOON - timedelta(hours=2) if health is not FeedHealth.unread else None,
        succeeded_at=None,
        next_try_at=None,
    )


def texts(*feeds: Feed, most: int = 4) -> list[str]:
    return [" ".join("".join(span.text for span in line).split()) for line in feed_lines(feeds, NOON, most)]


def test_a_line_for_each_feed_the_worst_first_with_its_message() -> None:
    assert texts(
        feed(1, FeedHealth.current, "12 new"),
        feed(2, FeedHealth.unread),
        feed(3, FeedHealth.unreachable, "no answer within 20 s"),
        feed(4, FeedHealth.stale, "the same as yesterday"),
    ) == [
        "✗ Feed 3 2 h 00 ago no answer within 20 s",
        "▲ Feed 4 2 h 00 ago the same as yesterday",
        "○ Feed 2 unread",
        "● Feed 1 2 h 00 ago 12 new",
    ]


def test_what_does_not_fit_is_counted_by_its_health() -> None:
    feeds = [feed(n, FeedHealth.current) for n in range(1, 9)] + [feed(9, FeedHealth.rate_limited, "asked to wait")]
    assert texts(*feeds, most=2) == ["▲ Feed 9 2 h 00 ago asked to wait", "and 8 more: 8 current"]


def test_one_line_for_all_names_the_worst_and_counts_the_others() -> None:
    failing = replace(feed(3, FeedHealth.unreachable, "No answer."), next_try_at=NOON + timedelta(hours=1))
    feeds = [feed(1, FeedHealth.current), feed(2, FeedHealth.weekend), failing]
    when = f"{(NOON + timedelta(hours=1)).astimezone():%H:%M}"
    assert texts(*feeds, most=1) == [f"✗ Feed 3 +1 weekend, 1 current No answer. Next try {when}."]
    assert texts(feed(1, FeedHealth.current, "12 new"), most=1) == ["● Feed 1 2 h 00 ago 12 new"]


def test_a_feed_that_lacks_lists_since_catching_up_was_interrupted_is_no_good_one() -> None:
    read_at = NOON - timedelta(hours=2)
    broken_off = replace(feed(1, FeedHealth.current, "the list of 17 Nov is missing so far; …"), next_try_at=read_at)
    feeds = [feed(2, FeedHealth.current), broken_off]
    assert texts(*feeds, most=4)[0].startswith("▲ Feed 1")
    assert texts(feed(3, FeedHealth.unreachable), *feeds, most=2)[1] == "and 2 more: 1 incomplete, 1 current"


def test_every_health_has_a_line() -> None:
    for health in FeedHealth:
        (line,) = texts(feed(1, health))
        assert line.endswith(health.replace("_", " "))


def test_escape_sequences_of_a_feed_never_reach_the_terminal() -> None:
    (line,) = texts(feed(1, FeedHealth.unreadable, "\x1b]0;x\x07bad \x1b[31mnews\n[bold]"))
    assert line.endswith("bad news [bold]")
