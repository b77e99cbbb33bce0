"""The health of the feeds, below the list of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from journal.types import Feed, FeedHealth
from tests.conftest import NOON
from tui.feed_words import role_of, short_name
from tui.widgets.feed_lines import MARKS, feed_lines


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


def arxiv(number: int, category: str, health: FeedHealth, message: str = "") -> Feed:
    return replace(
        feed(number, health, message),
        url=f"https://rss.arxiv.org/rss/{category}",
        title=f"{category} updates on arXiv.org",
    )


NEXT_TRY = NOON + timedelta(hours=1)
WHEN = f"{NEXT_TRY.astimezone():%H:%M}"
LG = arxiv(101, "cs.LG", FeedHealth.current, "Fri batch: 194 new, 106 cross, 80 replaced")
CL = replace(
    arxiv(102, "cs.CL", FeedHealth.rate_limited, "rss.arxiv.org asks us to wait (status 429)."), next_try_at=NEXT_TRY
)
STALE = arxiv(103, "cs.CV", FeedHealth.stale, "stale: the same 300 papers as the Thu batch, under a new date")
BLOGS = tuple(
    replace(feed(n, FeedHealth.unreachable, f"127.0.0.1:{n} did not answer."), next_try_at=NEXT_TRY)
    for n in range(1, 8)
)
FINE = tuple(feed(n, FeedHealth.current, "3 posts") for n in range(20, 38))


def texts(*feeds: Feed, most: int = 4, width: int = 78) -> list[str]:
    lines = feed_lines(feeds, NOON, most, width)
    return [" ".join("".join(span.text for span in line).split()) for line in lines]


def test_a_line_for_each_feed_the_worst_first_its_health_before_its_message() -> None:
    assert texts(
        feed(1, FeedHealth.current, "12 posts"),
        feed(2, FeedHealth.unread),
        feed(3, FeedHealth.unreachable, "no answer within 20 s"),
        STALE,
    ) == [
        "✗ Feed 3 unreachable 2 h 00 ago: no answer within 20 s",
        "▲ cs.CV stale 2 h 00 ago: the same 300 papers as the Thu batch, under a new date",
        "○ Feed 2 unread",
        "● Feed 1 current 2 h 00 ago: 12 posts",
    ]


def test_the_next_try_stands_before_the_message_which_may_be_cut() -> None:
    assert texts(CL, FINE[0])[0] == (f"▲ cs.CL rate limited until {WHEN}: rss.arxiv.org asks us to wait (status 429).")


def test_among_those_that_fail_arxiv_comes_first_whatever_else_is_dead() -> None:
    first, *_, last = texts(*BLOGS, *FINE, CL, most=8)
    assert first.startswith("▲ cs.CL rate limited")
    assert last == f"✗ Feed 7 unreachable, next try {WHEN} · ● 18 current: F"


def test_one_line_names_the_lists_of_arxiv_with_their_counts_and_counts_the_others() -> None:
    assert texts(*FINE, *BLOGS[:2], LG, STALE, most=1, width=90) == [
        "▲ cs.CV stale · ● cs.LG Fri 194 new 106 cross · ✗ 2 unreachable · ● 18 current: F"
    ]
    assert texts(*FINE, *BLOGS, LG, CL, most=1) == [
        f"▲ cs.CL rate limited until {WHEN} · ● cs.LG · ✗ 7 unreachable · ● 18 current: F"
    ]
    assert texts(*FINE, *BLOGS, LG, CL, most=1, width=38) == ["▲ cs.CL rate limited · ✗7 ●19: F"]
    assert texts(*FINE[:1], most=1) == ["● Feed 20 current"]
    assert texts(*BLOGS[:1], *FINE, most=1) == [f"✗ Feed 1 unreachable, next try {WHEN} · ● 18 current: F"]


@given(
    st.lists(st.sampled_from([LG, CL, STALE, *BLOGS, *FINE]), min_size=1, max_size=27, unique_by=lambda one: one.id),
    st.integers(1, 8),
    st.integers(18, 140),
)
def test_every_kind_of_health_is_seen_at_every_size_and_one_line_is_never_cut(
    feeds: list[Feed], most: int, width: int
) -> None:
    lines = feed_lines(feeds, NOON, most, width)
    assert len(lines) == min(len(feeds), most)
    told = ["".join(span.text for span in line) for line in lines]
    assert {MARKS[role_of(one)] for one in feeds} == {mark for mark in MARKS.values() if any(mark in t for t in told)}
    if len(feeds) > most or most == 1:
        assert cell_len(told[-1]) <= width


def test_a_list_of_arxiv_is_called_by_its_category() -> None:
    assert short_name(LG) == "cs.LG"
    assert short_name(replace(LG, title="", url="http://127.0.0.1:3398/rss/cs.LG+stat.ML")) == "cs.LG+stat.ML"
    assert short_name(replace(LG, title="Sums", url="https://blog.test/rss/math")) == "Sums"
    assert short_name(replace(LG, title="", url="https://blog.test/feed.xml")) == "blog.test/feed.xml"


def test_a_feed_that_lacks_lists_since_catching_up_was_interrupted_is_no_good_one() -> None:
    read_at = NOON - timedelta(hours=2)
    broken_off = replace(feed(1, FeedHealth.current, "the list of 17 Nov is missing so far; …"), next_try_at=read_at)
    feeds = [feed(2, FeedHealth.current), broken_off]
    assert texts(*feeds, most=4)[0].startswith("▲ Feed 1 incomplete")
    assert "▲ Feed 1 incomplete" in texts(feed(3, FeedHealth.unreachable), *feeds, most=2)[1]


def test_every_health_has_a_line() -> None:
    for health in FeedHealth:
        (line,) = texts(feed(1, health))
        assert f" {health.replace('_', ' ')}" in line


def test_escape_sequences_of_a_feed_never_reach_the_terminal() -> None:
    (line,) = texts(feed(1, FeedHealth.unreadable, "\x1b]0;x\x07bad \x1b[31mnews\n[bold]"))
    assert line.endswith("bad news [bold]")
