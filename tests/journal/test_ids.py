"""Identifiers in every form people paste, and ULIDs that only rise."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.ids import ArxivId, UlidSource, canonical_url, is_uid, new_uid, parse_arxiv_id, parse_doi, work_name
from journal.types import PaperDraft


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1608.03983", ArxivId("1608.03983")),
        (" 1608.03983v2 ", ArxivId("1608.03983", 2)),
        ("0704.0001", ArxivId("0704.0001")),
        ("2601.15124", ArxivId("2601.15124")),
        ("arXiv:1608.03983v1", ArxivId("1608.03983", 1)),
        ("ARXIV: 1608.03983", ArxivId("1608.03983")),
        ("oai:arXiv.org:2203.01250v3", ArxivId("2203.01250", 3)),
        ("https://arxiv.org/abs/1608.03983v5", ArxivId("1608.03983", 5)),
        ("http://arxiv.org/pdf/1608.03983v5.pdf", ArxivId("1608.03983", 5)),
        ("https://www.arxiv.org/pdf/1608.03983", ArxivId("1608.03983")),
        ("https://export.arxiv.org/html/1608.03983v1", ArxivId("1608.03983", 1)),
        ("arxiv.org/src/1608.03983", ArxivId("1608.03983")),
        ("https://arxiv.org/abs/1608.03983?context=cs#top", ArxivId("1608.03983")),
        ("10.48550/arXiv.1608.03983", ArxivId("1608.03983")),
        ("https://doi.org/10.48550/arXiv.1608.03983", ArxivId("1608.03983")),
        ("math.CA/0611800v2", ArxivId("math/0611800", 2)),
        ("hep-th/9901001", ArxivId("hep-th/9901001")),
        ("https://arxiv.org/abs/quant-ph/0201082v1", ArxivId("quant-ph/0201082", 1)),
    ],
)
def test_an_arxiv_id_is_known_in_every_form(text: str, expected: ArxivId) -> None:
    assert parse_arxiv_id(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1608", "1613.03983", "1608.039833", "1608.03983v0", "1608.03983 v2", "https://example.org/abs/1608.03983",
     "https://notarxiv.org/abs/1608.03983", "https://arxiv.org/list/cs.LG/new", "10.1109/5.726791", "cs.LG",
     "١٦٠٨.٠٣٩٨٣", "https://[broken/abs/1608.03983"],
)  # fmt: skip
def test_what_is_no_arxiv_id_is_none(text: str) -> None:
    assert parse_arxiv_id(text) is None


@given(st.text(max_size=60))
def test_parsing_any_text_never_fails(text: str) -> None:
    parse_arxiv_id(text)
    parse_arxiv_id(f"https://{text}")
    parse_doi(f"https://{text}")
    parse_arxiv_id(f"https://arxiv.org/abs/{text}")
    parse_doi(text)
    parse_doi(f"https://doi.org/{text}")
    canonical_url(text)
    canonical_url(f"https://{text}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1109/5.726791", "10.1109/5.726791"),
        ("doi:10.1038/NATURE14539", "10.1038/nature14539"),
        ("https://doi.org/10.1109/5.726791", "10.1109/5.726791"),
        ("https://dx.doi.org/10.1000/a%3Cb", "10.1000/a<b"),
        ("https://example.org/10.1109/5.726791", None),
        ("5.726791", None),
        ("10.1/short", None),
    ],
)
def test_a_doi_is_known_in_every_form(text: str, expected: str | None) -> None:
    assert parse_doi(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTPS://Example.org/a/b/?utm_source=x&id=3#part", "https://example.org/a/b?id=3"),
        ("http://example.org:80/", "http://example.org"),
        ("http://example.org:8080/x", "http://example.org:8080/x"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("javascript:alert(1)", None),
        ("file:///etc/passwd", None),
        ("https://", None),
        ("http://example.org:99999/", None),
        ("no address", None),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str | None) -> None:
    assert canonical_url(text) == expected


def test_uids_rise_also_within_one_millisecond() -> None:
    uids = [new_uid() for _ in range(5_000)]
    assert uids == sorted(set(uids))
    assert all(is_uid(uid) for uid in uids)


def test_uids_rise_when_the_clock_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    source = UlidSource()
    first = source()
    monkeypatch.setattr("time.time_ns", lambda: 1)
    assert first < source() < source()


def test_uids_of_many_threads_differ() -> None:
    source = UlidSource()
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.extend(source() for _ in range(500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4_000


@pytest.mark.parametrize("text", ["", "0" * 25, "0" * 27, "u" * 26, "A" * 26])
def test_what_is_no_uid_is_told(text: str) -> None:
    assert not is_uid(text)


@pytest.mark.parametrize(
    ("title", "author", "year"),
    [
        ("The TeXbook", "Knuth", 1984),
        ("THE  TEXBOOK.", "knuth", 1984),
        ("The T\u0117Xbook", "Kn\u00fcth", 1984),
    ],
)
def test_a_work_has_one_name_whatever_its_case_accents_and_punctuation(title: str, author: str, year: int) -> None:
    assert work_name(title, author, year) == "knuth 1984 the texbook"


def test_the_name_of_a_work_tells_editions_and_authors_apart() -> None:
    names = {work_name("Introduction", "Knuth", 1984), work_name("Introduction", "Knuth", 1986),
             work_name("Introduction", "Lamport", 1984), work_name("Introduction", "", None)}  # fmt: skip
    assert len(names) == 4


def test_a_paper_known_by_nothing_but_its_name_is_known_by_that() -> None:
    assert PaperDraft(title="The TeXbook", work="knuth 1984 the texbook").identifiers == (
        ("work", "knuth 1984 the texbook"),
    )
    with pytest.raises(ValueError, match="name of the work"):
        PaperDraft(title="The TeXbook")
