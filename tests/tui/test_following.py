"""Following feeds without leaving the interface."""

from __future__ import annotations

from contextlib import closing

import pytest

from journal import db
from journal.paths import Paths
from journal.queries.feeds import list_feeds
from tests.tui.driving import opened, press, screen_text, settle


def followed(paths: Paths) -> list[tuple[str, str]]:
    with closing(db.connect(paths)) as connection:
        return [(feed.url, feed.folder) for feed in list_feeds(connection)]


async def test_a_newcomer_is_told_how_to_get_the_first_papers_and_gets_there_by_keys(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", "http://127.0.0.1:9")  # nothing listens there
    async with opened(paths, size=(80, 24)) as (app, pilot):
        assert "Press F, then a" in " ".join(screen_text(app).split())
        await press(pilot, "F", "a")
        assert "arXiv cs.LG: Machine Learning" in screen_text(app)
        await press(pilot, "j", "enter", "escape")
        assert followed(paths) == [("https://rss.arxiv.org/rss/cs.LG", "arXiv")]


async def test_what_is_typed_is_followed_and_what_is_no_feed_is_said(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", "http://127.0.0.1:9")
    async with opened(paths, size=(100, 30)) as (app, pilot):
        await press(pilot, "F", "a", "enter")
        await pilot.press(*"not-a-feed", "enter")
        await settle(pilot)
        assert "not-a-feed" in screen_text(app) and not followed(paths)
        await pilot.press("ctrl+u", "home", *["delete"] * 12)
        await pilot.press(*"stat.ML", "enter")
        await settle(pilot)
        assert [url for url, _ in followed(paths)] == ["https://rss.arxiv.org/rss/stat.ML"]


async def test_following_is_taken_back_by_undo(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABJOURNAL_FETCH", "by hand")
    monkeypatch.setenv("LABJOURNAL_ARXIV_RSS", "http://127.0.0.1:9")
    async with opened(paths, size=(100, 30)) as (_, pilot):
        await press(pilot, "F", "a", "j", "enter", "escape", "escape", "u")
        assert followed(paths) == []
