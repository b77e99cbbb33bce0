"""Whatever a server sends is read or refused in one clear sentence, in little time and little memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.feeds import read_feed
from importers.long_words import CUT, LONGEST_WORD, without_long_words
from importers.parsed_feed import ParsedFeed
from journal.errors import Unreadable
from tests.importers.recorded import reply

URL = "https://blog.example/feed.xml"
GOOD = b"<title>Post</title><link>https://blog.example/p</link>"


def refusal_of(content: bytes, content_type: str = "") -> str:
    with pytest.raises(Unreadable) as caught:
        read_feed(content, url=URL, content_type=content_type)
    message = str(caught.value)
    assert message.startswith("blog.example ")
    assert message.endswith(".")
    assert "\n" not in message
    return message


def read_or_refusal(content: bytes) -> ParsedFeed | str:
    """For input of which either is fine, as long as it is one of the two."""
    try:
        return read_feed(content, url=URL)
    except Unreadable as error:
        return str(error)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing at all"),
        (b" \r\n\t ", "nothing at all"),
        (b"<!DOCTYPE html><html><body>Hello</body></html>", "a web page"),
        (b"\n\n<HTML><head></head></HTML>", "a web page"),
        (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "a list of feeds"),
        (b"Not found", "not a feed"),
        (b"<note>hello</note>", "not a feed"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a feed"),
        (b"%PDF-1.7", "not a feed"),
        (b'{"error": "gone"}', "no JSON Feed"),
        (b'{"items": [', "damaged JSON"),
        (b"[" * 100_000, "damaged JSON"),
        (b'<?xml version="1.0"?><rss version="2.0"><channel><title>Cut o', "damaged feed"),
    ],
)
def test_what_is_no_feed_is_named(content: bytes, said: str):
    assert said in refusal_of(content)


def test_a_damaged_feed_gives_what_can_be_read_and_says_so():
    content = reply("arxiv_rss.xml")
    feed = read_feed(content[: content.index(b"<description>arXiv:2611.00002")], url=URL)
    assert feed.arrived[0].draft.arxiv_id == "2611.00001"
    assert feed.damage


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "iso-8859-1", "windows-1252"])
def test_a_feed_may_be_written_in_any_character_set_it_names(encoding: str):
    head = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le")}"?>'
    text = f'{head}<rss version="2.0"><channel><item><title>Müller</title><link>https://a.example/</link></item></channel></rss>'
    content = text.encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert read_feed(content, url=URL).arrived[0].draft.title == "Müller"


def test_the_header_names_the_character_set_where_the_feed_does_not():
    text = '<rss version="2.0"><channel><item><title>Жук</title><link>https://a.example/</link></item></channel></rss>'
    feed = read_feed(text.encode("koi8-r"), url=URL, content_type="application/xml; charset=KOI8-R")
    assert feed.arrived[0].draft.title == "Жук"


@pytest.mark.parametrize("name", ["punycode", "idna", "undefined", "unicode_escape", "zlib", "utf-7", "no-such"])
def test_a_character_set_that_is_none_is_no_way_in(name: str):
    content = f'<?xml version="1.0" encoding="{name}"?><rss version="2.0"><channel><item>'.encode() + GOOD
    result = read_or_refusal(content + b"</item></channel></rss>")
    assert "character set" in result if isinstance(result, str) else result.arrived[0].draft.title == "Post"


def document(prolog: str, body: str) -> bytes:
    return (
        f'<?xml version="1.0"?>{prolog}<rss version="2.0"><channel><item><title>T</title>'
        f"<link>https://a.example/</link><description>{body}</description></item></channel></rss>"
    ).encode()


def chain_of_entities(levels: int, times: int) -> str:
    """Each names the one after it, so that the first cannot be measured before all are."""
    links = (f'<!ENTITY lol{level} "{f"&lol{level - 1};" * times}">' for level in range(levels, 0, -1))
    return f'<!DOCTYPE rss [<!ENTITY lol0 "lol">{"".join(links)}]>'


@pytest.mark.parametrize(("levels", "times"), [(9, 10), (30, 2), (400, 1)], ids=["wide", "doubling", "deep"])
def test_a_billion_laughs_are_refused_before_a_parser_counts_them(levels: int, times: int):
    assert "swell" in refusal_of(document(chain_of_entities(levels, times), f"&lol{levels};"))


def test_entities_that_name_each_other_are_refused():
    assert "swell" in refusal_of(document('<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"))


def test_one_long_entity_named_often_is_refused():
    bomb = document(f'<!DOCTYPE rss [<!ENTITY a "{"x" * 10_000}">]>', "&a;" * 20_000)
    assert "swell" in refusal_of(bomb)


def test_a_quotation_mark_in_an_entity_hides_nothing():
    bomb = document(f'<!DOCTYPE rss [<!ENTITY a "\'{"x" * 10_000}">]>', "&a;" * 20_000)
    assert "swell" in refusal_of(bomb)


def test_one_long_entity_in_another_character_set_is_refused_too():
    bomb = document(f'<!DOCTYPE rss [<!ENTITY a "{"x" * 10_000}">]>', "&a;" * 20_000)
    assert "swell" in refusal_of(bomb.decode().replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"))


def test_a_harmless_entity_still_works():
    feed = read_feed(document('<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>', "one&nbsp;two"), url=URL)
    assert feed.arrived[0].draft.abstract == "one two"


def test_an_external_entity_is_never_opened(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    feed = read_feed(document(f'<!DOCTYPE rss [<!ENTITY s SYSTEM "{secret.as_uri()}">]>', "a&s;b"), url=URL)
    assert "s3cret" not in repr(feed)


def test_bytes_are_a_document_and_never_the_name_of_a_file(tmp_path: Path):
    file = tmp_path / "feed.xml"
    file.write_bytes(reply("blog_rss.xml"))
    refusal_of(str(file).encode())


def test_a_number_too_long_to_be_one_is_survived():
    content = b'<rss version="2.0"><channel><item>' + GOOD + b"<description>&#" + b"9" * 5000 + b";"
    feed = read_feed(content, url=URL)
    assert (feed.arrived[0].draft.title, bool(feed.damage)) == ("Post", True)


@pytest.mark.parametrize(
    "piece",
    [
        b"<!--",
        b"<a ",
        b'<a b="',
        b"<![CDATA[",
        b"<?",
        b"<!",
        b"</",
        b"&",
        b"<item>",
        b"<a/>",
        b"\n",
        b"<x:y xmlns:x='u'>",
    ],
)
def test_pathological_markup_is_read_in_one_pass(piece: bytes):
    """Takes a second where the time grows with the size, hours where it grows with its square."""
    content = b'<rss version="2.0"><channel><item>' + GOOD + b"<description>" + piece * (80_000 // len(piece))
    result = read_or_refusal(content)
    assert isinstance(result, ParsedFeed) or result.startswith("blog.example ")


def item(number: int, description: bytes = b"", link: bytes = b"", author: bytes = b"") -> bytes:
    link = link or b"https://blog.example/%d" % number
    return b"<item><title>Post %d</title><link>%s</link><description>%s</description><author>%s</author></item>" % (
        number, link, description, author,
    )  # fmt: skip


def channel(*items: bytes) -> bytes:
    return b'<rss version="2.0"><channel>' + b"".join(items) + b"</channel></rss>"


@pytest.mark.parametrize(
    "description",
    [
        b"&lt;img src='data:image/png;base64," + b"A" * 30_000 + b"'/&gt; The text.",
        b"<![CDATA[<img src='data:image/png;base64," + b"A" * 30_000 + b"'/> The text.]]>",
        b"<![CDATA[The text.<pre>" + b"0123456789abcdef" * 2_000 + b"</pre>]]>",
        b"The text. " + b"a.b-c_d+" * 100_000,
    ],
    ids=["picture", "picture in CDATA", "digits", "word"],
)
def test_a_word_of_absurd_length_costs_no_post(description: bytes):
    feed = read_feed(channel(item(1), item(2, description), item(3)), url=URL)
    assert [arrival.draft.url for arrival in feed.arrived] == [f"https://blog.example/{n}" for n in (1, 2, 3)]
    assert "The text." in feed.arrived[1].draft.abstract
    assert len(feed.arrived[1].draft.abstract) < 500
    assert not feed.damage


def test_a_link_of_absurd_length_costs_its_own_post_alone():
    """A link that was cut would lead elsewhere."""
    links = [b"https://blog.example/" + b"x" * length for length in (1_900, 2_001, 30_000)]
    feed = read_feed(channel(item(1), *(item(2, link=link) for link in links), item(3)), url=URL)
    assert [arrival.draft.url for arrival in feed.arrived] == [
        "https://blog.example/1", links[0].decode(), "https://blog.example/3",
    ]  # fmt: skip
    assert feed.refused == tuple(f"item {n} (Post 2): its link is too long or no web address" for n in (3, 4))


def test_an_author_of_a_million_letters_takes_no_time_and_stays_well_formed():
    """feedparser looks for an e-mail address in authors, in quadratic time: this would take hours."""
    name = b"w" * 5_000
    feed = read_feed(
        channel(item(1, author=b"a" * 1_000_000), *(item(n, author=b"b" * 1_500) for n in range(2, 2_000)))
        .replace(b"<channel>", b"<channel><" + name + b" " + name + b"='1'>x</" + name + b">"),
        url=URL,
    )  # fmt: skip
    assert len(feed.arrived) == 1_999
    assert not feed.damage
    assert feed.arrived[0].draft.authors[0].startswith("aaa")


@given(st.lists(st.tuples(st.sampled_from([b"a", b"9.", b"b+-_"]), st.integers(1, 3_000), st.sampled_from([b" ", b"<", b"/"])), max_size=8))  # fmt: skip
def test_only_words_above_the_limit_are_cut(parts: list[tuple[bytes, int, bytes]]):
    words = [(letters * count)[:count] for letters, count, _ in parts]
    gaps = [gap for _, _, gap in parts]
    expected = [word[:250] + CUT.encode() if len(word) > LONGEST_WORD else word for word in words]
    joined = [b"".join(x for pair in zip(some, gaps, strict=True) for x in pair) for some in (words, expected)]
    assert without_long_words(joined[0]) == joined[1]


def test_an_endless_prolog_is_refused():
    assert "not a feed" in refusal_of(b"<?xml version='1.0'?>" + b"\n" * 1_000_000 + b"<rss version='2.0'/>")


@given(st.binary(max_size=400))
def test_no_bytes_at_all_break_the_reader(content: bytes):
    result = read_or_refusal(content)
    assert isinstance(result, ParsedFeed) or result.startswith("blog.example ")


@given(st.sampled_from(["arxiv_rss.xml", "blog_rss.xml", "blog_atom.xml", "arxiv_rdf.xml", "blog.json"]), st.data())
def test_no_damage_to_a_good_feed_breaks_the_reader(name: str, data: st.DataObject):
    content = bytearray(reply(name))
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(content) - 1))
        content[start : start + data.draw(st.integers(0, 40))] = data.draw(
            st.one_of(st.binary(max_size=8), st.sampled_from([b"<", b"&", b"]]>", b"<item>", b"&#0;", b"\x00", b'"']))
        )
    result = read_or_refusal(bytes(content))
    for arrival in result.arrived if isinstance(result, ParsedFeed) else ():
        assert arrival.draft.title
        assert arrival.draft.identifiers
        arrival.draft.abstract.encode()


# ---------------------------------------------------------------- the real ones

REFUSED = {
    "feeds/ml_blogs/jmamath-distill.lab_blog_article.html": "a web page",
    "feeds/netnewswire/Subs.opml": "a list of feeds",
    "feeds/netnewswire/SubsNoTitleAttributes.opml": "a list of feeds",
    "feeds/netnewswire/ScriptingNews.json": "no JSON Feed",
    "feeds/netnewswire/allthis-partial.json": "damaged JSON",
    "arxiv/physbiblio/sampleFeed1.xml": "damaged feed",
    "arxiv/arxiv.py/id_abc_s0_m100_b79c8dcf6bc3.atom.xml": "incorrect id format for abc",
}


def test_every_real_feed_is_read_or_refused_with_the_right_reason(shared_data: Path):
    files = [file for folder in ("arxiv", "feeds") for file in (shared_data / folder).rglob("*") if file.is_file()]
    files = [file for file in files if "arxiv.py" not in file.parts or file.suffix == ".xml"]
    assert len(files) > 80
    for file in files:
        name = str(file.relative_to(shared_data))
        result = read_or_refusal(file.read_bytes())
        if name in REFUSED or isinstance(result, str):
            assert isinstance(result, str)
            assert REFUSED.get(name, "was to be read") in result, name
            continue
        assert result.is_arxiv == name.startswith("arxiv/"), name
        for arrival in result.arrived:
            assert arrival.guid
            assert arrival.draft.title.isprintable() or "\u200d" in arrival.draft.title, name
            assert "<p>" not in arrival.draft.abstract[:3], name


def test_every_real_post_is_kept_or_refused(shared_data: Path):
    for file in (shared_data / "feeds" / "ml_blogs").glob("*.xml"):
        content = file.read_bytes()
        feed = read_feed(content, url=URL)
        assert len(feed.arrived) + len(feed.refused) == content.count(b"<item>") + content.count(b"<item ")
        assert feed.refused == ()
