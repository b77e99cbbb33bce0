"""A page of YouTube becomes the address of its feed, or a sentence that says what to look for."""

from __future__ import annotations

import pytest

from importers import youtube
from importers.feed_urls import feed_url
from journal.errors import BadValue, SourceError
from tests.standins import StandIn

CHANNEL = "UCbfYPyITQ-7l4upoX8nvctg"
FEED = f"https://www.youtube.com/feeds/videos.xml?channel_id={CHANNEL}"


@pytest.mark.parametrize(
    "page",
    [
        f"https://www.youtube.com/channel/{CHANNEL}",
        f"http://youtube.com/channel/{CHANNEL}/",
        f"https://m.youtube.com/channel/{CHANNEL}/videos?view=0",
        FEED,
    ],
)
def test_a_youtube_channel_becomes_its_feed(page: str):
    assert feed_url(page) == FEED


def test_a_youtube_playlist_becomes_its_feed():
    page = "https://www.youtube.com/playlist?list=PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ"
    assert feed_url(page) == ("https://www.youtube.com/feeds/videos.xml?playlist_id=PLAqhIrjkxbuWI23v9cThsA9GvCAUhRvKZ")


@pytest.mark.parametrize(
    "page",
    [
        "https://www.youtube.com/@AndrejKarpathy",
        "https://www.youtube.com/c/karpathy",
        "https://www.youtube.com/channel/UCshort",
        "https://www.youtube.com/playlist?list=<x>",
        "https://www.youtube.com/",
    ],
)
def test_a_page_that_only_youtube_can_resolve_says_how_to_find_the_id(page: str):
    with pytest.raises(BadValue, match="does not say which channel") as raised:
        feed_url(page)
    assert "youtube.com/channel/UC" in raised.value.hint


def test_a_users_page_has_a_feed_of_its_own():
    assert feed_url("https://www.youtube.com/user/keeroyz/videos") == (
        "https://www.youtube.com/feeds/videos.xml?user=keeroyz"
    )


def test_a_named_channel_is_looked_up_on_its_page(monkeypatch: pytest.MonkeyPatch):
    other = f"https://www.youtube.com/channel/UC{'x' * 22}"
    page = f'<a href="{other}">friend</a><link rel="canonical" href="https://www.youtube.com/channel/{CHANNEL}">'
    with StandIn() as server:
        server.routes["/@TwoMinutePapers"] = page.encode()
        server.routes["/c/consent"] = b"<title>Before you continue</title>"
        monkeypatch.setattr(youtube, "PAGES", server.url("/").rstrip("/"))
        assert youtube.looked_up("https://youtube.com/@TwoMinutePapers/videos?x=1") == FEED
        assert [request.path for request in server.requests] == ["/@TwoMinutePapers"]
        for path in ("c/consent", "@nobody"):
            with pytest.raises(SourceError) as raised:
                youtube.looked_up(f"https://www.youtube.com/{path}")
            assert "youtube.com/channel/UC" in raised.value.hint
        assert youtube.looked_up("https://blog.example/@x") == "https://blog.example/@x"
        assert len(server.requests) == 3


def test_an_address_that_only_looks_like_youtube_stays():
    assert feed_url("https://youtube.com.evil.example/@x") == "https://youtube.com.evil.example/@x"
