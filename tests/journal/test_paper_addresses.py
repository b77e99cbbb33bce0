"""A paper's pages have their right addresses, and its file a name that every system takes and no other paper has."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journal.paper_addresses import PaperAddresses, paper_addresses, pdf_file_name

ANY_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=0x10FFFF), max_size=300)


def test_an_arxiv_paper_has_all_three_and_keeps_its_version():
    assert paper_addresses(arxiv_id="1706.03762", version=7, doi="10.48550/arxiv.1706.03762") == PaperAddresses(
        "https://arxiv.org/abs/1706.03762v7",
        "https://arxiv.org/html/1706.03762v7",
        "https://arxiv.org/pdf/1706.03762v7",
    )
    assert paper_addresses(arxiv_id="math/0611800").pdf == "https://arxiv.org/pdf/math/0611800"


@pytest.mark.parametrize(
    ("known_by", "addresses"),
    [
        ({"doi": "10.1000/a<b#c"}, PaperAddresses(abs="https://doi.org/10.1000/a%3Cb%23c")),
        (
            {"url": "https://openreview.net/forum?id=abc"},
            PaperAddresses("https://openreview.net/forum?id=abc", "https://openreview.net/forum?id=abc", "https://openreview.net/pdf?id=abc"),
        ),
        (
            {"url": "https://aclanthology.org/2024.acl-long.1/"},
            PaperAddresses("https://aclanthology.org/2024.acl-long.1", "https://aclanthology.org/2024.acl-long.1", "https://aclanthology.org/2024.acl-long.1.pdf"),
        ),
        ({"url": "https://example.org/paper.PDF"}, PaperAddresses(pdf="https://example.org/paper.PDF")),
        ({"url": "https://example.org/post"}, PaperAddresses("https://example.org/post", "https://example.org/post")),
        ({"url": "javascript:alert(1)"}, PaperAddresses()),
        ({}, PaperAddresses()),
    ],
)  # fmt: skip
def test_other_papers_have_what_can_be_known(known_by: dict[str, Any], addresses: PaperAddresses):
    assert paper_addresses(**known_by) == addresses
    assert addresses.first in {addresses.abs, addresses.pdf}


@pytest.mark.parametrize(
    ("title", "authors", "year", "known_by", "name"),
    [
        (
            "Attention Is All You Need", ["Ashish Vaswani", "Noam Shazeer"], 2017, {"arxiv_id": "1706.03762", "version": 7},
            "2017 Vaswani - Attention Is All You Need (1706.03762v7).pdf",
        ),
        ("Titans: Learning / to <Memorize>?", ["Ali Behrouz"], 2025, {"arxiv_id": "2501.00663"}, "2025 Behrouz - Titans - Learning to Memorize (2501.00663).pdf"),
        ("On $\\mathbb{R}^d$", ["Müller, Jürgen"], None, {"arxiv_id": "math/0611800"}, "Müller - On R d (math_0611800).pdf"),
        ("", [], None, {"arxiv_id": "1706.03762"}, "(1706.03762).pdf"),
        ("Con", [], None, {"arxiv_id": "1706.03762"}, "_Con (1706.03762).pdf"),
        ("The falcon", [], None, {"arxiv_id": "1706.03762"}, "The falcon (1706.03762).pdf"),
        ("../../etc/passwd", [], None, {"arxiv_id": "1706.03762"}, "etc passwd (1706.03762).pdf"),
    ],
)  # fmt: skip
def test_a_file_is_named_as_people_name_papers(
    title: str, authors: list[str], year: int | None, known_by: dict[str, Any], name: str
):
    assert pdf_file_name(title, authors, year=year, **known_by) == name


@given(ANY_TEXT, st.lists(ANY_TEXT, max_size=2), st.none() | st.integers(0, 3000), ANY_TEXT.filter(bool))
@example("-", [], None, "0")
def test_any_name_is_safe_short_and_never_empty(title: str, authors: list[str], year: int | None, url: str):
    known: list[dict[str, Any]] = [{"arxiv_id": "1706.03762"}, {"doi": url}, {"url": url}, {"arxiv_id": url}]
    for known_by in known:
        name = pdf_file_name(title, authors, year=year, **known_by)
        assert len(name.encode()) <= 180
        assert name.endswith(".pdf")
        assert len(name) > len(".pdf")
        assert not set(name) & set('/\\:*?"<>|')
        assert name[0] not in " .-"
        assert not any(unicodedata.category(character)[0] == "C" for character in name)
        assert name == name.strip()


@given(ANY_TEXT, ANY_TEXT.filter(bool), ANY_TEXT.filter(bool))
def test_two_papers_never_share_a_name_not_even_without_case(title: str, one: str, other: str):
    if one != other:
        names = [pdf_file_name(title, [], url=url).lower() for url in (one, other)]
        assert names[0] != names[1]


def test_two_versions_and_two_ids_that_look_alike_have_their_own_names():
    names = {
        pdf_file_name("T", [], **known_by)
        for known_by in (
            {"arxiv_id": "1706.03762", "version": 1}, {"arxiv_id": "1706.03762", "version": 2}, {"arxiv_id": "math/0611800"},
            {"doi": "10.1000/a_b"}, {"doi": "10.1000/a/b"}, {"url": "https://example.org/a/b"}, {"url": "http://example.org/a/b"},
        )
    }  # fmt: skip
    assert len(names) == 7


def test_a_name_holds_letters_digits_blanks_and_hyphens_alone():
    name = pdf_file_name("[red]bold[/red] [@click=app.quit]R&D, {x}; $(rm)!", ["[@click=app.quit]Eve[/]"], year=2026,
                         arxiv_id="2611.00001")  # fmt: skip
    assert name == "2026 Eve - red bold red click app.quit R and D, x rm (2611.00001).pdf"
    assert pdf_file_name("Größe—注意's", ["Łukasz Kaiser"], arxiv_id="1").startswith("Kaiser - Größe—注意's")


@given(ANY_TEXT, ANY_TEXT, ANY_TEXT.filter(bool))
def test_no_mark_that_a_shell_reads_gets_into_a_name(title: str, author: str, url: str):
    assert not set(pdf_file_name(title, [author], url=url)) & set('[]{}@$;&!#%^~`=*?<>|\\/:"')


def test_a_long_title_is_cut_at_a_word_and_fills_the_name():
    name = pdf_file_name("attention and " * 40, ["Ashish Vaswani"], year=2017, arxiv_id="1706.03762")
    assert 160 < len(name.encode()) <= 180
    assert name.endswith((" and (1706.03762).pdf", " attention (1706.03762).pdf"))
    wide = pdf_file_name("注意" * 200, [], arxiv_id="1706.03762")
    assert 170 < len(wide.encode()) <= 180


def test_a_paper_without_any_name_cannot_have_a_file():
    with pytest.raises(ValueError, match="arXiv id"):
        pdf_file_name("T", [])
