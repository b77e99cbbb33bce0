"""The interface keeps itself current: it fetches what is due, says so, and never makes anybody wait."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from textual.pilot import Pilot

from importers.fetch_lock import only_fetch
from journal import db
from journal.paths import Paths
from journal.queries.feeds import feeds_to_fetch, list_feeds
from journal.store import feeds
from journal.store.changes import program_change
from journal.types import FeedHealth, Kind, Ref
from tests.arxiv_service import ArxivService, Paper
from tests.conftest import NOON
from tests.standins import Reply
from tests.tui.driving import opened, press, screen_text, settle
from tui.apart import Brought
from tui.app import JournalApp
from tui.widgets.fetching import outcome


@pytest.fixture
def arxiv(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivService]:
    """arXiv with one paper of today, and the journal following its list alone."""
    papers = [Paper("2611.00001", (NOON - timedelta(hours=20),), title="Fresh from arXiv")]
    with ArxivService(papers, NOON) as service:
        monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", service.url("").rstrip("/"))
        monkeypatch.setenv("LABJOURNAL_ARXIV_OAI", service.url("/oai"))
        monkeypatch.setenv("LABJOURNAL_ARXIV_INTERVAL", "0")
        with program_change(lab) as change:
            for feed in feeds_to_fetch(change.connection):
                feeds.remove(change, feed.url)
            feeds.add(change, service.url("/rss/cs.LG"))
        yield service


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the interface go on until this holds; the test's own time limit ends a wait in vain."""
    for _ in range(2000):
        if condition():
            await settle(pilot)
            return
        await pilot.pause(0.01)
    raise AssertionError("it never came")


@asynccontextmanager
async def fetched(lab: Paths, key: str = "") -> AsyncIterator[tuple[JournalApp, Pilot[None]]]:
    """The interface after it fetched what was due, or all by this key."""
    async with opened(lab) as (app, pilot):
        if key:
            await press(pilot, key)
        else:
            app.fetcher.fetch_due()
        await until(pilot, lambda: not app.fetcher.is_running)
        yield app, pilot


async def test_what_is_due_is_fetched_and_enters_the_list_without_moving_the_cursor(
    lab: Paths, arxiv: ArxivService
) -> None:
    with program_change(lab) as change:
        feeds.add(change, arxiv.url("/rss/stat.ML"))
        feeds.keep_health(change, replace(feeds_to_fetch(change.connection)[1], next_try_at=NOON + timedelta(hours=1)))
    async with opened(lab) as (app, pilot):
        await press(pilot, "j", "j")
        chosen = app.room.list.selected_ref
        app.fetcher.fetch_due()
        await until(pilot, lambda: app.room.list.count == 11)
        assert app.room.list.selected_ref == chosen == Ref(Kind.paper, 28)
        assert "1 new paper from cs.LG." in app.status.shown_text
        await press(pilot, "g")
        assert "Fresh from arXiv" in screen_text(app)
        assert [visit.path for visit in arxiv.visits] == ["/rss/cs.LG"]
        asked = len(arxiv.visits)
        app.fetcher.fetch_due()
        await until(pilot, lambda: not app.fetcher.is_running)
        assert len(arxiv.visits) == asked, "the next list is due on Monday"


async def test_while_it_fetches_the_header_says_so_and_decisions_are_written(lab: Paths, arxiv: ArxivService) -> None:
    may_answer = threading.Event()
    answer = arxiv._visited
    arxiv._server.routes["/rss/*"] = lambda request: (may_answer.wait(20), answer(request))[1]
    async with opened(lab) as (app, pilot):
        await press(pilot, "R")
        await until(pilot, lambda: "fetching 1 of 1" in screen_text(app).splitlines()[0])
        await press(pilot, "s")
        assert app.room.list.count == 9
        await press(pilot, "R")
        assert "being fetched already" in app.status.shown_text
        may_answer.set()
        await until(pilot, lambda: app.room.list.count == 10)
        await until(pilot, lambda: "fetching" not in screen_text(app).splitlines()[0])


async def test_leaving_does_not_wait_for_a_server_that_is_silent(lab: Paths, arxiv: ArxivService) -> None:
    is_asked, may_answer = threading.Event(), threading.Event()

    def silent(_: object) -> Reply:
        is_asked.set()
        may_answer.wait(20)
        return Reply(b"")

    arxiv._server.routes["/rss/*"] = silent
    with program_change(lab) as change:
        (feed,) = feeds_to_fetch(change.connection)
        feeds.keep_health(change, replace(feed, complete_on=(NOON - timedelta(days=7)).date()))
    async with opened(lab) as (app, pilot):
        await press(pilot, "R")
        await until(pilot, is_asked.is_set)
        (process,) = app.fetcher._apart.running
        await press(pilot, "q")
        assert app._exit
    assert not may_answer.is_set()
    assert process.wait(10) != 0, "it was ended, and did not get to its end"
    may_answer.set()
    for thread in threading.enumerate():
        if thread.name == "fetching":
            assert thread.daemon
            thread.join(10)
    assert [visit.path for visit in arxiv.visits] == [], "what was left is not caught up with behind one's back"


async def test_a_feed_that_fails_is_said_with_its_reason_once(lab: Paths, arxiv: ArxivService) -> None:
    arxiv.instead.append(Reply(b"", status=500))
    async with fetched(lab, "R") as (app, pilot):
        assert app.status.is_error
        assert "127.0.0.1" in app.status.shown_text
        assert "500 Internal Server Error" in app.status.shown_text
        app.status.clear()
        with program_change(lab) as change:
            (feed,) = feeds_to_fetch(change.connection)
            feeds.keep_health(change, replace(feed, next_try_at=NOON))
        arxiv.instead.append(Reply(b"", status=500))
        app.fetcher.fetch_due()
        await until(pilot, lambda: not app.fetcher.is_running)
        assert not app.status.is_error, "what was said is not said every quarter of an hour"


async def test_who_wants_to_fetch_by_hand_is_left_alone(
    lab: Paths, arxiv: ArxivService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABJOURNAL_FETCH", "by hand")
    async with fetched(lab) as (app, pilot):
        assert arxiv.visits == []
        await press(pilot, "R")
        await until(pilot, lambda: app.room.list.count == 11)


async def test_while_another_process_fetches_the_key_says_so(lab: Paths, arxiv: ArxivService) -> None:
    with only_fetch(lab.fetching):
        async with fetched(lab, "R") as (app, _):
            assert "being fetched by another process" in app.status.shown_text
    assert arxiv.visits == []


async def test_without_a_feed_the_key_says_what_to_do(paths: Paths) -> None:
    async with fetched(paths, "R") as (app, _):
        assert "No feed is followed yet: F in Today" in app.status.shown_text


async def test_a_setting_that_is_wrong_is_told(lab: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABJOURNAL_FETCH", "never")
    async with fetched(lab) as (app, _):
        assert "LABJOURNAL_FETCH must be 'by itself' or 'by hand', not 'never'." in app.status.shown_text


# ---------------------------------------------------------------- what a fetch came to

LATER = NOON + timedelta(minutes=65)
AT = f"{LATER.astimezone():%H:%M}"


def brought(name: str, health: FeedHealth, new: int = 0, why: str = "", at: datetime | None = None) -> Brought:
    is_list = name.startswith("cs.")
    url = f"https://rss.arxiv.org/rss/{name}" if is_list else f"https://{name}.test/feed"
    return Brought(url, f"{name} updates on arXiv.org" if is_list else name, health, health.failed, new, why, at)


LIMITED = [brought(name, FeedHealth.rate_limited, why="asks us to wait", at=LATER) for name in ("cs.CL", "cs.LG")]
REFUSED = [brought(f"b{number}", FeedHealth.unreachable, why="No answer.", at=LATER) for number in range(5)]


def test_the_outcome_says_what_came_from_where_and_what_failed_by_its_health() -> None:
    came = [brought("cs.CV", FeedHealth.current, 9), brought("A", FeedHealth.current, 3)]
    assert outcome([*came, *LIMITED], NOON) == f"12 new papers from cs.CV, A. Rate limited until {AT}: cs.CL, cs.LG."
    many = [*REFUSED, brought("c", FeedHealth.unreadable), *LIMITED, *came]
    assert outcome(many, NOON) == (
        f"12 new papers from cs.CV, A. Rate limited until {AT}: cs.CL, cs.LG. "
        "Not read: 6 feeds, 5 unreachable, 1 unreadable (F)."
    )
    two = [REFUSED[0], brought("c", FeedHealth.unreadable)]
    assert outcome(two, NOON) == "Nothing new. Unreachable: b0. Unreadable: c."
    assert outcome(REFUSED[:1], NOON) == f"Nothing new. Unreachable: b0 (No answer). Next try {AT}."


def test_that_nothing_is_new_is_said_with_its_reason() -> None:
    assert outcome([brought("cs.CV", FeedHealth.current), brought("cs.CL", FeedHealth.current)], NOON) == (
        "Nothing new: 2 feeds brought only what is there already."
    )
    mixed = [brought("cs.CV", FeedHealth.weekend), brought("A", FeedHealth.unchanged), brought("B", FeedHealth.stale)]
    assert outcome(mixed, NOON) == "Nothing new: 1 feed empty at the weekend, 1 feed unchanged, 1 feed stale."


@pytest.mark.parametrize("key", ["F", "escape", "j", "2", "question_mark"])
async def test_what_a_fetch_came_to_leaves_with_the_next_key(lab: Paths, arxiv: ArxivService, key: str) -> None:
    arxiv.instead.append(Reply(b"", status=500))
    async with fetched(lab, "R") as (app, pilot):
        assert "500 Internal Server Error" in app.status.shown_text
        await press(pilot, key)
        assert "500 Internal" not in app.status.shown_text


# ---------------------------------------------------------------- the health of the feeds


@pytest.mark.parametrize("size", [(80, 24), (140, 40), (60, 12), (40, 12)])
async def test_the_health_of_every_feed_is_seen_at_every_size(lab: Paths, size: tuple[int, int]) -> None:
    with program_change(lab) as change:
        feeds.add(change, "https://third.test/feed", "Third")
    async with opened(lab, size=size) as (app, _):
        text = screen_text(app)
        assert "● cs.LG" in text
        assert any(told in text for told in ("✗ A blog unreachable", "✗ A blog  unreachable", "✗ 1 unreachable"))
        assert any(told in text for told in ("○ Third unread", "○ Third   unread", "○ 1 unread"))


async def test_every_feed_has_its_health_in_front_of_today(lab: Paths) -> None:
    with program_change(lab) as change:
        for number in range(12):
            feeds.add(change, f"https://{number}.test/feed", f"Feed \x1b[31mnumber {number}")
        failing = next(feed for feed in feeds_to_fetch(change.connection) if feed.health is FeedHealth.unreachable)
        feeds.keep_health(change, replace(failing, next_try_at=NOON + timedelta(minutes=5)))
    with closing(db.connect(lab)) as connection:
        first = list_feeds(connection)[0]
    with program_change(lab) as change:
        change.connection.execute(
            "INSERT INTO paper_feed (item_id, feed_id, guid, seen_at) SELECT item_id, ?, item_id, '2026-11-20 00:00:00.000000' "
            "FROM paper WHERE state = 'new' LIMIT 3", (first.id,),
        )  # fmt: skip
    async with opened(lab, size=(80, 24)) as (app, pilot):
        await press(pilot, "F")
        text = screen_text(app)
        assert "14 feeds · 1 unreachable · 12 unread · 1 current" in text
        assert text.index("A blog") < text.index("Feed number 0")
        assert f"next try {NOON.astimezone() + timedelta(minutes=5):%H:%M}" in text
        assert "blog.test did not answer" in text
        assert "number 11" not in text
        await press(pilot, "G")
        assert "● current · 3 undecided · read 2 h 00 ago" in screen_text(app)
        assert "10 new" in screen_text(app), "what its last batch brought"
        await press(pilot, "escape")
        assert app.room.list.has_focus


async def test_what_was_never_read_is_named_with_its_health_and_its_next_try(paths: Paths) -> None:
    tried_at = NOON + timedelta(minutes=5)
    with program_change(paths) as change:
        feeds.add(change, "https://rss.arxiv.org/rss/cs.LG")
        (feed,) = feeds_to_fetch(change.connection)
        feeds.keep_health(
            change,
            replace(feed, health=FeedHealth.unreachable, message="No answer.", fetched_at=NOON, next_try_at=tried_at),
        )
    async with opened(paths, size=(80, 24)) as (app, _):
        assert f"Nothing was read yet: cs.LG unreachable (next try {tried_at.astimezone():%H:%M})" in screen_text(app)
