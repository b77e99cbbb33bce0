"""What a morning says of each feed: never "0 new" without the reason, and what is missing when something is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from importers.sync import fetch_feeds
from journal.paths import Paths
from journal.store import feeds
from journal.store.changes import change
from tests.arxiv_service import BUSY, EASTERN, RATE_EXCEEDED, ArxivService, Paper
from tests.standins import Reply
from tests.tui.commands.conftest import Run

TODAY = datetime.now(UTC)


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=EASTERN).astimezone(UTC)


@pytest.fixture
def arxiv(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[ArxivService]:
    """cs.LG as it was on the Thursday before Thanksgiving, followed and read."""
    papers = [Paper(f"2611.000{day}", (eastern(f"2026-11-{day} 12:00"),)) for day in (18, 19, 24, 25)]
    with ArxivService(papers, eastern("2026-11-19 09:00")) as service:
        for name, value in (("RSS", service.url("").rstrip("/")), ("OAI", service.url("/oai")), ("INTERVAL", "0")):
            monkeypatch.setenv(f"LABJOURNAL_ARXIV_{name}", value)
        with change(paths, "feed add") as opened:
            feeds.add(opened, service.url("/rss/cs.LG"))
        fetch_feeds(paths, service.settings(), clock=lambda: service.now)
        yield service


RSS_WITH_A_BAD_ITEM = (
    b'<rss version="2.0"><channel><title>cs.LG updates on arXiv.org</title>'
    b"<lastBuildDate>Fri, 20 Nov 2026 05:00:00 +0000</lastBuildDate>"
    b"<item><title>Good</title><guid>oai:arXiv.org:2611.00020v1</guid></item><item><title>Bad</title></item>"
    b"</channel></rss>"
)


@pytest.mark.parametrize(
    ("moment", "instead", "health", "message"),
    [
        ("2026-11-20 09:00", [], "current", "Fri batch: 1 new"),
        ("2026-11-19 10:00", [], "unchanged", "unchanged since the Thu batch"),
        ("2026-11-20 09:00", [Reply(RSS_WITH_A_BAD_ITEM)], "current", "1 could not be read, such as item 2 (Bad): it has no arXiv id"),
        ("2026-11-21 09:00", [], "weekend", "empty: arXiv announces nothing on a Saturday"),
        ("2026-11-27 09:00", [], "holiday", "empty: arXiv holiday of 26 Nov"),
        ("2026-11-20 09:00", [RATE_EXCEEDED], "rate_limited", "the list of 20 Nov is missing: 127.0.0.1"),
        ("2026-11-19 12:00", [BUSY], "rate_limited", "asks us to wait"),
        ("2026-11-19 12:00", [Reply(b"x" * 50, breaks_off_after=10)], "unreachable", "broke off its answer."),
        ("2026-11-19 12:00", [Reply(b"", status=502)], "unreachable", "answered 502 Bad Gateway."),
        ("2026-11-19 12:00", [Reply(b"", status=403)], "unreadable", "answered 403 Forbidden."),
        ("2026-11-19 12:00", [Reply(b"<html>", content_type="text/html")], "unreadable", "127.0.0.1"),
    ],
)  # fmt: skip
def test_each_state_is_told_with_its_reason(
    run: Run, paths: Paths, arxiv: ArxivService, moment: str, instead: list[Reply], health: str, message: str
) -> None:
    arxiv.now = eastern(moment)
    arxiv.instead.extend(instead)
    (report,) = fetch_feeds(paths, arxiv.settings(), clock=lambda: arxiv.now)
    assert report.health == health
    (listed,) = run("feed", "list", "--json").json
    assert listed["health"] == health
    assert message in listed["message"]
    assert health in run("feed", "list").out
    today = run("today").err
    assert message in today
    if report.health.failed:
        assert ", next try " in today


def test_a_stale_list_is_named_stale_whoever_asks(run: Run, paths: Paths, arxiv: ArxivService) -> None:
    arxiv.now = eastern("2026-11-20 09:00")
    arxiv.stale["cs.LG"] = date(2026, 11, 19)
    fetch_feeds(paths, arxiv.settings(), clock=lambda: arxiv.now)
    assert "stale: the same paper as the Thu batch" in run("today").err
    (listed,) = run("feed", "list", "--json").json
    assert (listed["health"], listed["complete_on"], listed["folder"]) == ("stale", "2026-11-20", "")
    assert listed["next_try_at"] == "2026-11-20T15:00:00Z"


def test_what_is_missing_fails_the_fetch_and_is_told_with_the_next_try(
    run: Run, paths: Paths, arxiv: ArxivService
) -> None:
    arxiv.now = TODAY
    with change(paths, "as if read long ago") as opened:
        long_ago = (TODAY - timedelta(days=10)).date().isoformat()
        opened.connection.execute("UPDATE feed SET complete_on = ?", (long_ago,))
    empty = arxiv_reply_of_today(arxiv)
    arxiv.instead.extend([empty, BUSY])
    ran = run("feed", "fetch", "--json")
    assert ran.code == 1
    (report,) = ran.json
    assert len(report["missing"]) >= 3
    assert report["health"] == "rate_limited"
    again = run("feed", "fetch", "--quiet")
    assert (again.code, again.out) == (1, "")
    assert " missing: 127.0.0.1" in again.err
    assert "Next try " in again.err


def arxiv_reply_of_today(arxiv: ArxivService) -> Reply:
    return arxiv._feed("cs.LG", is_atom=False)


def test_folders_are_shown_where_there_are_any(run: Run, paths: Paths) -> None:
    with change(paths, "feed add") as opened:
        feeds.add(opened, "https://a.example/feed", "A")
        feeds.add(opened, "https://b.example/feed", "B")
    assert "folder" not in run("feed", "list").out
    with change(paths, "sort") as opened:
        opened.connection.execute("UPDATE feed SET folder = 'Blogs/Labs' WHERE title = 'B'")
    assert "Blogs/Labs" in run("feed", "list").out
    assert [feed["folder"] for feed in run("feed", "list", "--json").json] == ["", "Blogs/Labs"]
