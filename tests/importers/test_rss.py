"""Posts of blogs, journals and channels are known by what identifies them, and hold plain text only."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from importers.feeds import read_feed
from importers.parsed_feed import ParsedFeed
from tests.importers.recorded import reply

URL = "https://blog.example/feed.xml"


def read(name: str) -> ParsedFeed:
    return read_feed(reply(name), url=URL)


def item(xml: str) -> ParsedFeed:
    return read_feed(
        f'<rss version="2.0"><channel><title>T</title><item>{xml}</item></channel></rss>'.encode(), url=URL
    )


def test_a_post_is_plain_text_under_a_clean_address():
    feed = read("blog_rss.xml")
    post = feed.arrived[0]
    assert not feed.is_arxiv
    assert feed.title == "A Toy Blog & more"
    assert post.draft.title == "How not to train"
    assert post.draft.abstract == "Never <skip> warm-up.\nEver."
    assert post.draft.url == "https://blog.example/how-not"
    assert post.draft.authors == ("Ada Ampere",)
    assert post.draft.published_at == datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    assert post.draft.announced_on == date(2026, 11, 18)
    assert (post.guid, post.announce_type) == ("blog-1", None)


def test_a_post_without_a_title_is_named_by_its_first_words():
    assert read("blog_rss.xml").arrived[1].draft.title.startswith("A short note that has no title")


def test_a_post_without_title_and_text_is_named_by_its_address():
    assert item("<link>https://blog.example/x</link>").arrived[0].draft.title == "https://blog.example/x"


def test_a_link_to_a_paper_is_that_paper():
    arrived = read("blog_rss.xml").arrived
    assert arrived[2].draft.identifiers == (("arxiv", "2611.00001"),)
    assert arrived[2].draft.version is None  # the blog's words are no version of the paper
    assert ("arxiv", "2611.00002") in arrived[3].draft.identifiers


def test_a_journal_article_is_known_by_its_doi_and_its_authors_come_apart():
    draft = read("blog_rss.xml").arrived[4].draft
    assert draft.identifiers == (("doi", "10.1000/example.7"), ("url", "https://journal.example/articles/7"))
    assert draft.authors == ("A. Ampere", "B. C. Berg")


def test_links_that_act_or_read_files_are_refused_with_the_reason():
    refused = read("blog_rss.xml").refused
    assert refused == (
        "item 6 (Click me): its link is a 'javascript:' address",
        "item 7 (Your files): its link is a 'file:' address",
        "item 8 (Nowhere): it has no link",
    )


def test_a_permalink_or_a_relative_link_is_enough():
    urls = [one.draft.url for one in read("blog_rss.xml").arrived[-2:]]
    assert urls == ["https://blog.example/by-guid", "https://blog.example/relative/path"]


def test_atom_says_itself_what_is_html():
    first, second = read("blog_atom.xml").arrived
    assert first.draft.title == "Loss < 1 at last"
    assert first.draft.abstract == "Plain text with a <b> in it."
    assert second.draft.abstract == "First.\nSecond."


def test_json_feed_is_read_too():
    feed = read("blog.json")
    one, two = feed.arrived
    assert feed.title == "A JSON Blog"
    assert one.draft.abstract == "First & only"
    assert one.draft.authors == ("Ada Ampere", "Eve Example")
    assert one.draft.published_at == datetime(2026, 11, 18, 7, 0, tzinfo=UTC)
    assert two.draft.identifiers == (("arxiv", "2611.00001"),)
    assert two.draft.title == "Read this"
    assert len(feed.refused) == 2


@pytest.mark.parametrize("field", ["title", "link", "description", "guid", "author", "dc:creator"])
def test_nothing_that_acts_survives_in_any_field(field: str):
    hostile = "https://blog.example/&#x9b;2J&#x202e;&#x200b;&#xad;x"
    feed = item(f"<title>t</title><link>https://blog.example/p</link><{field}>{hostile}</{field}>")
    assert "\u202e" not in repr(feed)
    assert not set("\x9b\u202e\u200b\xad\x1b\x00") & set("".join(map(str, _texts(feed))))


def _texts(feed: ParsedFeed) -> list[object]:
    texts: list[object] = [feed.title, *feed.refused]
    for arrival in feed.arrived:
        draft = arrival.draft
        texts += [arrival.guid, draft.title, draft.abstract, draft.url, draft.doi, *draft.authors]
    return texts


def test_an_endless_post_is_cut_and_says_so():
    draft = item(f"<link>https://blog.example/p</link><description>{'word ' * 5000}</description>").arrived[0].draft
    assert len(draft.abstract) <= 4000
    assert draft.abstract.endswith("…")


def test_a_bare_number_is_no_arxiv_id():
    draft = item("<title>t</title><link>https://blog.example/p</link><guid>2011.12345</guid>").arrived[0].draft
    assert draft.arxiv_id is None


@pytest.mark.parametrize("day", ["Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "yesterday", ""])
def test_a_date_that_cannot_be_meant_is_none(day: str):
    draft = item(f"<link>https://blog.example/p</link><pubDate>{day}</pubDate>").arrived[0].draft
    assert (draft.published_at, draft.announced_on) == (None, None)


def test_markup_in_a_name_is_taken_out_as_in_a_title() -> None:
    document = (
        b'<rss version="2.0"><channel><title>A blog</title><item><title>A post</title><link>https://b.test/1</link>'
        b"<author>&lt;b&gt;Ada&lt;/b&gt; Ampere</author></item></channel></rss>"
    )
    (arrived,) = read_feed(document, url="https://b.test/feed", content_type="application/rss+xml").arrived
    assert arrived.draft.authors == ("Ada Ampere",)
