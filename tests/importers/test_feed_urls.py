"""One feed has one address, however it was typed, and what is no category of arXiv is not taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importers.arxiv_taxonomy import CATEGORIES, category
from importers.feed_urls import asked_at, feed_url, followed_urls, one_spelling
from importers.jsonl import read_papers
from journal.config import Settings
from journal.errors import BadValue, NotFound
from journal.types import PaperDraft

MIRROR = Settings(arxiv_rss_url="https://mirror.local/arxiv/")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://h/good", "http://h/good"),
        ("HTTP://H/good", "http://h/good"),
        (" http://h:80/good#x ", "http://h/good"),
        ("https://h:443", "https://h/"),
        ("http://h:443/", "http://h:443/"),
        ("https://h/Feed/?Page=1&utm_source=x", "https://h/Feed/?Page=1&utm_source=x"),
        ("https://Me:Se%40cret@H/f", "https://Me:Se%40cret@h/f"),
        ("http://[::1]:8080/f", "http://[::1]:8080/f"),
        ("cs.LG", "https://rss.arxiv.org/rss/cs.LG"),
        ("CS.lg+stat.ML", "https://rss.arxiv.org/rss/cs.LG+stat.ML"),
        ("cond-mat.dis-nn", "https://rss.arxiv.org/rss/cond-mat.dis-nn"),
        ("cs", "https://rss.arxiv.org/rss/cs"),
        ("arXiv:cs.LG", "https://rss.arxiv.org/rss/cs.LG"),
        ("http://rss.arxiv.org/rss/cs.LG/", "https://rss.arxiv.org/rss/cs.LG"),
        ("https://rss.arxiv.org/atom/cs.LG+stat.ML", "https://rss.arxiv.org/rss/cs.LG+stat.ML"),
        ("http://export.arxiv.org/rss/cs.lg", "https://rss.arxiv.org/rss/cs.LG"),
        ("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
        ("https://arxiv.org/list/nothing/recent", "https://arxiv.org/list/nothing/recent"),
    ],
)
def test_what_is_typed_has_one_spelling(typed: str, kept: str) -> None:
    assert feed_url(typed) == kept
    assert one_spelling(kept) == kept


@pytest.mark.parametrize(
    ("typed", "said", "hint"),
    [
        ("foo", "arXiv has no category 'foo'.", "such as cs.LG"),
        ("notacat", "arXiv has no category 'notacat'.", "such as cs.LG"),
        ("cs.LGG", "arXiv has no category 'cs.LGG'.", "Did you mean cs.LG?"),
        ("css.LG", "arXiv has no category 'css.LG'.", "Did you mean cs.LG?"),
        ("cs.LG+stats.ML", "arXiv has no category 'stats.ML'.", "Did you mean stat.ML?"),
        ("hepth", "arXiv has no category 'hepth'.", "Did you mean hep-th?"),
        ("cs.LG,cs.CL", "'cs.LG,cs.CL' is no feed.", "such as cs.LG"),
        ("", "'' is no feed.", "such as cs.LG"),
        ("ftp://me:secret@h/f", "'ftp://me@h/f' is no feed.", "http or https"),
        ("http://x y/z", "'http://x y/z' is no feed.", "http or https"),
        ("http://h:99999999/f", "'http://h:99999999/f' is no feed.", "http or https"),
    ],
)
def test_what_is_no_feed_is_refused_with_what_may_be_meant(typed: str, said: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        feed_url(typed)
    assert str(caught.value) == said
    assert hint in caught.value.hint


def test_a_mirror_stands_in_for_arxiv_whenever_it_is_set() -> None:
    assert asked_at(feed_url("cs.LG"), MIRROR) == "https://mirror.local/arxiv/rss/cs.LG"
    assert asked_at(feed_url("cs.LG"), Settings()) == "https://rss.arxiv.org/rss/cs.LG"
    assert asked_at("https://blog.example/rss", MIRROR) == "https://blog.example/rss"


@given(st.text())
def test_any_text_is_a_feed_or_refused(text: str) -> None:
    for typed in (text, f"https://{text}"):
        try:
            url = feed_url(typed)
        except BadValue:
            continue
        assert one_spelling(url) == url


def test_a_feed_that_was_followed_under_another_spelling_is_the_same() -> None:
    followed = ["HTTP://H/good", "https://me:secret@h/f", "https://me:other@h/f", "https://h/f"]
    assert feed_url("http://h/good#x", followed) == "HTTP://H/good"
    assert followed_urls("http://h/good", followed) == ("HTTP://H/good",)
    assert followed_urls("https://me:secret@H/f", followed) == ("https://me:secret@h/f",)
    assert followed_urls("https://me@h/f", followed) == tuple(followed[1:3])
    assert followed_urls("https://h/f", followed) == ("https://h/f",)
    with pytest.raises(NotFound, match=r"^https://you@h/f is not followed"):
        followed_urls("https://you:secret@h/f", followed)


def test_every_category_of_real_papers_is_known(shared_data: Path) -> None:
    assert len(CATEGORIES) == 155 + 11  # arXiv counts 155, and eleven archives with classes have a feed as well
    seen: set[str] = set()
    for number, record in read_papers(shared_data / "papers" / "papers_60k.jsonl.gz"):
        assert isinstance(record, PaperDraft)
        seen.update(record.categories)
        if number >= 5000:
            break
    assert {name for name in seen if category(name) != name} == set()
