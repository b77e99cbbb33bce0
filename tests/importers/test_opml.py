"""A list of feeds comes in with its folders, says what it left out, and goes out the same every time."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers import opml
from importers.opml import FollowedFeed, read_feed_list, read_opml, write_opml
from journal.errors import TooLarge, Unreadable
from journal.paths import bundled_data


def document(body: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><head><title>t</title></head><body>{body}</body></opml>'


def test_nested_folders_become_a_path():
    found = read_opml(
        document(
            '<outline text="papers"><outline text="vision/images"><outline type="rss" text="cs.CV" xmlUrl="https://a.example/cv"/>'
            '</outline><outline text="T" xmlUrl="https://a.example/t"/></outline><outline xmlUrl="https://a.example/top"/>'
        )
    )
    assert found.feeds == (
        FollowedFeed("https://a.example/cv", "cs.CV", "papers/vision-images"),
        FollowedFeed("https://a.example/t", "T", "papers"),
        FollowedFeed("https://a.example/top"),
    )


def test_names_of_elements_and_attributes_count_in_any_case():
    found = read_opml('<OPML><Body><OUTLINE TEXT="T" XMLURL="https://a.example/x"/></Body></OPML>')
    assert found.feeds == (FollowedFeed("https://a.example/x", "T"),)


def test_a_feed_that_is_listed_twice_is_followed_once():
    found = read_opml(
        document('<outline xmlUrl="https://a.example/x" text="1"/><outline xmlUrl="https://A.example/x/" text="2"/>')
    )
    assert found.feeds == (FollowedFeed("https://a.example/x", "1"),)


def test_what_cannot_be_followed_is_said_and_what_is_no_feed_is_counted():
    found = read_opml(
        document(
            '<outline text="Evil" xmlUrl="javascript:alert(1)"/><outline text="Files" xmlUrl="file:///etc/passwd"/>'
            '<outline text="Odd" xmlUrl="somewhere"/><outline type="link" text="page" url="https://a.example/"/>'
            '<outline text="Good" xmlUrl="https://a.example/x"/>'
        )
    )
    assert found.refused == (
        "item 1 (Evil): its address is a 'javascript:' address",
        "item 2 (Files): its address is a 'file:' address",
        "item 3 (Odd): its address is no web address",
    )
    assert found.without_address == 1
    assert [feed.title for feed in found.feeds] == ["Good"]


def test_a_damaged_list_gives_the_feeds_behind_the_damage_too():
    found = read_opml(
        '<opml><body><outline text="A"><outline text="1" xmlUrl="https://a.example/1"/></body>'
        '<outline text="2 &amp; 3" xmlUrl="https://a.example/2"/><outline text="bad" xmlUrl="javascript:x"/>'
    )
    assert found.feeds == (
        FollowedFeed("https://a.example/1", "1", "A"),
        FollowedFeed("https://a.example/2", "2 & 3"),
    )
    assert found.damage == "mismatched tag in line 1"
    assert len(found.refused) == 1


def test_bare_ampersands_and_entities_of_html_are_understood():
    found = read_opml(
        document('<outline text="arch&aelig;ology &amp; R&D &nope; &#230;" xmlUrl="https://a.example/?a=1&b=2"/>')
    )
    assert found.feeds == (FollowedFeed("https://a.example/?a=1&b=2", "archæology & R&D &nope; æ"),)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml><body>&b;</body></opml>',
        '<!DOCTYPE opml SYSTEM "file:///etc/passwd"><opml/>',
    ],
)
def test_a_document_type_is_refused_before_it_is_read(text: str):
    with pytest.raises(Unreadable, match="document type"):
        read_opml(text)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"<html><body>no</body></html>", "no OPML"),
        (b"<rss version='2.0'/>", "no OPML"),
        (b"just words", "no address"),
        (document("<outline text='x'>" * 200 + "</outline>" * 200).encode(), "more than 100 folders"),
    ],
)
def test_what_is_no_list_gets_one_sentence(content: bytes, message: str):
    with pytest.raises(Unreadable, match=message):
        read_feed_list(content)


def test_a_list_has_bounds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(opml, "MOST_FEEDS", 2)
    feeds = "".join(f'<outline xmlUrl="https://a.example/{number}"/>' for number in range(5))
    found = read_opml(document(feeds))
    assert len(found.feeds) == 2
    assert found.refused == ("item 3 and those behind it: a list may have 2 feeds",)
    monkeypatch.setattr(opml, "LARGEST_LIST", 10)
    with pytest.raises(TooLarge):
        read_feed_list(document(feeds).encode())


@pytest.mark.parametrize(
    "encoded",
    [
        document('<outline text="Ä" xmlUrl="https://a.example/x"/>').encode(),
        b"\xef\xbb\xbf" + document('<outline text="Ä" xmlUrl="https://a.example/x"/>').encode(),
        document('<outline text="Ä" xmlUrl="https://a.example/x"/>').encode("utf-16"),
        document('<outline text="Ä" xmlUrl="https://a.example/x"/>').encode("latin-1"),
        document('<outline text="Ä" xmlUrl="https://a.example/x"/>')
        .replace('"1.0"', '"1.0" encoding="ISO-8859-1"')
        .encode("latin-1"),
        document('<outline text="Ä" xmlUrl="https://a.example/x"/>')
        .replace('"1.0"', '"1.0" encoding="punycode"')
        .encode(),
    ],
)
def test_a_list_is_read_in_the_encoding_that_it_has(encoded: bytes):
    assert read_feed_list(encoded).feeds == (FollowedFeed("https://a.example/x", "Ä"),)


def test_nothing_that_acts_survives():
    hostile = "a&#x9b;2J&#x202e;b"
    found = read_opml(
        document(
            f'<outline text="{hostile}"><outline text="{hostile}" xmlUrl="https://a.example/{hostile}"/></outline>'
        )
    )
    assert not set("\x9b\u202e\x1b") & set(repr(found))


@pytest.mark.parametrize("piece", ["<outline ", '<outline text="', "<outline a='", "&", "&a", "<!--", "<", '"', "&#"])
def test_no_damage_takes_more_than_one_pass(piece: str):
    """A test that hangs is one that fails."""
    with suppress(Unreadable):
        read_opml("<opml><body>" + piece * (400_000 // len(piece)))


def test_newsboats_file_gives_titles_and_the_first_tag_as_folder():
    found = read_feed_list(
        b'# comment\nhttps://a.example/rss papers "cool stuff" "~My Title"\n\nhttps://b.example/x "!hidden" "two words"\n'
        b'"query:unread:unread = \\"yes\\""\nexec:~/bin/feed\nfile:///etc/passwd\nhttps://c.example/y "~Say \\"x\\""\n'
    )
    assert found.feeds == (
        FollowedFeed("https://a.example/rss", "My Title", "papers"),
        FollowedFeed("https://b.example/x", "", "two words"),
        FollowedFeed("https://c.example/y", 'Say "x"'),
    )
    assert [reason.rpartition(": ")[2] for reason in found.refused] == [
        "its address is a 'query:' address", "its address is a 'exec:' address", "its address is a 'file:' address",
    ]  # fmt: skip


_TITLES = st.text("aB ä&<>\"'/;#王", max_size=8).map(lambda text: " ".join(text.split()))
_FEEDS = st.lists(
    st.builds(
        FollowedFeed,
        st.integers(0, 9).map(lambda number: f"https://a.example/?a={number}&b=<'>"),
        _TITLES,
        st.lists(_TITLES.map(lambda text: " ".join(text.replace("/", "").split())).filter(bool), max_size=3).map(
            "/".join
        ),
    ),
    max_size=8,
    unique_by=lambda feed: feed.url,
)


@given(_FEEDS, st.randoms())
def test_what_is_written_is_read_back_and_the_same_in_any_order(feeds: list[FollowedFeed], random):
    written = write_opml(feeds)
    assert set(read_opml(written).feeds) == set(feeds)
    random.shuffle(feeds)
    assert write_opml(feeds) == written
    assert write_opml(read_opml(written).feeds) == written


def test_real_lists_come_back_whole(shared_data: Path):
    feeds = 0
    for file in sorted((shared_data / "opml").rglob("*.*ml")):
        if "rdf" in file.parts or "namespace" in file.name:
            with pytest.raises(Unreadable, match="no OPML"):
                read_feed_list(file.read_bytes())
            continue
        found = read_feed_list(file.read_bytes())
        assert set(read_opml(write_opml(found.feeds)).feeds) == set(found.feeds)
        feeds += len(found.feeds)
    assert feeds > 400


def test_damaged_real_lists_lose_no_feed(shared_data: Path):
    for file in sorted((shared_data / "opml" / "listparser" / "malformed").iterdir()):
        content = file.read_bytes()
        assert len(read_feed_list(content).feeds) == content.count(b"<outline") - content.count(b'text="node"'), file


def test_the_starter_feeds_are_read_whole():
    found = read_feed_list((bundled_data() / "feeds.opml").read_bytes())
    assert (found.refused, found.damage, found.without_address) == ((), "", 0)
    assert {
        "https://rss.arxiv.org/rss/cs.LG",
        "https://rss.arxiv.org/rss/cs.CL",
        "https://rss.arxiv.org/rss/cs.AI",
    } <= {feed.url for feed in found.feeds}
    assert all(feed.title and feed.folder for feed in found.feeds)
