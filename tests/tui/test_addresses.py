"""The addresses of a paper, and that nothing but an address ever becomes one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.types import Kind, Paper, PaperState, Ref
from tests.conftest import NOON
from tui.addresses import AddressKind, addresses_of, chosen, web_address


def paper(**known: Any) -> Paper:
    given: dict[str, Any] = {
        "ref": Ref(Kind.paper, 1), "kind": Kind.paper, "title": "A paper", "created_at": NOON, "updated_at": NOON,
        "arxiv_id": None, "version": None, "doi": None, "url": None, "authors": (), "categories": (),
        "published_at": None, "announced_on": None, "state": PaperState.none, "abstract": "", "comment": "",
        "journal_ref": "", "code_url": None,
    }  # fmt: skip
    return Paper(**{**given, **known})


def told(of: Paper) -> list[tuple[str, str]]:
    return [(str(address.kind), address.url) for address in addresses_of(of)]


def test_an_arxiv_paper_has_its_pages_and_what_its_texts_link_to() -> None:
    known = paper(
        arxiv_id="2601.00001",
        version=2,
        doi="10.1000/xyz",
        abstract="Code at github.com/a/b, weights at https://huggingface.co/a/b.",
        comment="Project page: https://a.github.io/b",
        code_url="https://github.com/a/b",
    )
    assert told(known) == [
        ("abs", "https://arxiv.org/abs/2601.00001v2"),
        ("doi", "https://doi.org/10.1000/xyz"),
        ("page", "https://a.github.io/b"),
        ("html", "https://arxiv.org/html/2601.00001v2"),
        ("pdf", "https://arxiv.org/pdf/2601.00001v2"),
        ("code", "https://github.com/a/b"),
        ("weights", "https://huggingface.co/a/b"),
    ]
    first = chosen(addresses_of(known))
    assert first is not None
    assert first.kind is AddressKind.abs
    code = chosen(addresses_of(known), AddressKind.code)
    assert code is not None
    assert code.url == "https://github.com/a/b"
    assert chosen(addresses_of(known), AddressKind.data) is None


@pytest.mark.parametrize(
    ("known", "first"),
    [
        ({"doi": "10.1000/xyz", "url": "https://example.org/x"}, "https://doi.org/10.1000/xyz"),
        ({"url": "https://example.org/x"}, "https://example.org/x"),
        ({"url": "https://example.org/x.pdf"}, "https://example.org/x.pdf"),
        ({}, None),
    ],
)
def test_what_is_no_arxiv_paper_is_opened_by_its_own_address(known: dict[str, str], first: str | None) -> None:
    address = chosen(addresses_of(paper(**known)))
    assert (address and address.url) == first


def test_the_page_of_a_post_stands_in_for_an_html_page() -> None:
    address = chosen(addresses_of(paper(url="https://example.org/x")), AddressKind.html)
    assert address is not None
    assert address.url == "https://example.org/x"


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://example.org/x", "--help", "-rf", "",
        "/etc/passwd", "example.org", "https://", "https://[::1", "https://a:b/", "https://example.org:99999/",
        "http://-dash.org/", "https://exa mple.org/", "https://example.org/\x1b]0;owned\x07", "https://example.org/\n-x",
        "https://example.org/\x9b31m", "https://example.org/\x00", "https://exam\u202eple.org/", "https://" + "a" * 70 + ".org/",
        "https://example.org/" + "x" * 5000, "view-source:https://example.org/", "https:example.org",
    ],
)  # fmt: skip
def test_what_is_no_safe_address_is_none(text: str) -> None:
    assert web_address(text) is None
    known = addresses_of(paper(url=text, doi=text, code_url=text, abstract=f"Code: {text}", comment=text))
    assert all(web_address(address.url) == address.url for address in known)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("HTTPS://Example.ORG/Post?x=1#y", "https://example.org/Post?x=1#y"),
        ("https://me:secret@example.org/x", "https://example.org/x"),
        ("https://example.org/'\"`<>\\|{}^", "https://example.org/%27%22%60%3C%3E%5C%7C%7B%7D%5E"),
        ("https://example.org/gr\u00fc\u00df\u202e", "https://example.org/gr%C3%BC%C3%9F%E2%80%AE"),
        ("https://b\u00fccher.example/x", "https://xn--bcher-kva.example/x"),
        ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("https://example.org/100%25/x", "https://example.org/100%25/x"),
    ],
)
def test_an_address_is_made_one_word_of_visible_ascii(text: str, expected: str) -> None:
    assert web_address(text) == expected


def test_half_a_character_makes_no_address() -> None:
    assert web_address("https://example.org/\ud800") is None


@given(st.text().map(lambda tail: f"https://example.org/{tail}"))
def test_whatever_an_address_holds_nothing_of_it_steers_a_terminal_or_a_shell_word(text: str) -> None:
    address = web_address(text)
    assert address is None or re.fullmatch(r"https://example\.org/?[!$%&()*+,\-./0-9:;=?@A-Z_a-z~#]*", address)
