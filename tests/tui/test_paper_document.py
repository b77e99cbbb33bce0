"""What a skimmer needs of a paper stands first, is readable, and is never more than text."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.marks import MarkRole
from journal.types import Kind, LinkKind, Paper, PaperLink, PaperState, Ref
from tests.conftest import NOON
from tui.addresses import addresses_of
from tui.documents import Abstract, Document, Facts, InShort, Names, Passage, Title
from tui.paper_document import paper_document, web_links
from tui.widgets.document import lines_of

ABSTRACT = (
    "Large models are slow. In this paper, we propose Foo, a method that prunes heads. It is simple. "
    "On ImageNet, Foo reduces latency from 12.5 to 4.1 ms and outperforms BERT by 3.2%. "
    "We also present a dataset. Code is at https://github.com/a/b."
)
PAPER = Paper(
    ref=Ref(Kind.paper, 1),
    kind=Kind.paper,
    title="Pruning heads",
    created_at=NOON,
    updated_at=NOON,
    arxiv_id="2601.00001",
    version=1,
    doi=None,
    url=None,
    authors=("Ada Lovelace", "Alan Turing"),
    categories=("cs.LG",),
    published_at=None,
    announced_on=NOON.date(),
    state=PaperState.new,
    abstract=ABSTRACT,
    comment="",
    journal_ref="",
    code_url=None,
)  # fmt: skip


def told(paper: Paper, width: int = 80, height: int = 0) -> str:
    lines = lines_of(paper_document(paper), width, height)
    return "\n".join("".join(span.text for span in line.spans).rstrip() for line in lines)


def passage(paper: Paper, kind: type[Title | Names | Abstract], **how: object) -> Passage:
    """One block of the document with its marks."""
    block = next(block for block in paper_document(paper, **how).blocks if isinstance(block, kind))  # type: ignore[arg-type]
    if isinstance(block, Title):
        return Passage(block.text, block.marks)
    return block.names if isinstance(block, Names) else block.passage


def in_role(found: Passage, role: MarkRole) -> list[str]:
    return [found.text[mark.start : mark.end] for mark in found.marks if mark.role is role]


def gist(paper: Paper) -> list[str]:
    return [
        sentence.text
        for block in paper_document(paper).blocks
        if isinstance(block, InShort)
        for sentence in block.sentences
    ]


def test_title_reasons_and_contribution_are_in_view_on_a_small_terminal() -> None:
    blocks = paper_document(replace(PAPER, abstract="Background. " * 80 + ABSTRACT), (("prune", 1.2),))
    lines = ["".join(span.text for span in line.spans).rstrip() for line in lines_of(blocks, 78, 11)]
    assert lines[0] == "Pruning heads"
    assert "because: prune +1.2" in lines[:5]
    assert any(line.startswith("▌  In this paper, we propose Foo") for line in lines[:11])


def test_the_gist_is_the_surest_contribution_and_the_results_word_for_word() -> None:
    assert gist(PAPER) == [
        "In this paper, we propose Foo, a method that prunes heads.",
        "On ImageNet, Foo reduces latency from 12.5 to 4.1 ms and outperforms BERT by 3.2%.",
    ]
    assert gist(replace(PAPER, abstract="")) == []


def test_the_whole_abstract_is_there_in_its_own_order() -> None:
    assert passage(PAPER, Abstract).text == ABSTRACT
    assert in_role(passage(PAPER, Abstract), MarkRole.number) == ["12.5", "4.1 ms", "3.2%"]


def test_an_empty_abstract_takes_no_space() -> None:
    assert told(replace(PAPER, abstract=" \n\n ")) == (
        "Pruning heads\nAda Lovelace, Alan Turing\np1 · new · arXiv:2601.00001v1 · cs.LG · 2026-11-20\n\n"
        "page  https://arxiv.org/abs/2601.00001"
    )


def test_tex_is_readable_and_marks_stay_on_their_words() -> None:
    paper = replace(
        PAPER,
        title=r"$\alpha$-pruning of \emph{many} heads",
        authors=(r"The \emph{Foo} Team",),
        abstract=r"We propose $\ell_2$-Foo with $\alpha$ heads. Then $x^2$ distillation follows.",
        comment=r"5 pages, $O(n^2)$",
    )
    shown = told(paper)
    for part in ("α-pruning of many heads", "The Foo Team", "ℓ₂-Foo with α heads", "x² distillation", "O(n²)"):
        assert part in shown
    found = passage(paper, Abstract, search="distilled")
    assert in_role(found, MarkRole.match) == ["distillation"]
    assert in_role(found, MarkRole.contribution) == ["We propose ℓ₂-Foo with α heads."]


def test_words_of_a_search_are_marked_in_title_abstract_and_names() -> None:
    how = {"search": "head lovel"}
    assert in_role(passage(PAPER, Title, **how), MarkRole.match) == ["heads"]
    assert in_role(passage(PAPER, Abstract, **how), MarkRole.match) == ["heads"]
    assert in_role(passage(PAPER, Names, **how), MarkRole.match) == ["Lovelace"]
    assert in_role(passage(PAPER, Abstract, search="-heads cat:cs.LG"), MarkRole.match) == []


def test_words_of_the_reasons_for_it_are_marked_and_not_those_against() -> None:
    how = {"because": (("+pruning", 2.0), ("latency", -0.5), ("au:Alan Turing", 0.3), ("-cat:cs.LG", -1.0))}
    assert in_role(passage(PAPER, Title, **how), MarkRole.ranking) == ["Pruning"]
    assert in_role(passage(PAPER, Abstract, **how), MarkRole.ranking) == ["prunes"]
    assert in_role(passage(PAPER, Names, **how), MarkRole.ranking) == ["Alan Turing"]


def test_of_many_authors_the_first_the_last_and_the_marked_are_named_and_all_stand_below() -> None:
    names = tuple(f"Author N{number}" for number in range(1, 41))
    paper = replace(PAPER, authors=names)
    found = passage(paper, Names, because=(("au:author n30", 0.4),))
    assert found.text == "Author N1, Author N2, Author N3, Author N4 … Author N30 … Author N40 (40 authors)"
    assert in_role(found, MarkRole.ranking) == ["Author N30"]
    assert all(name in " ".join(told(paper, 200).split()) for name in names)


def test_code_and_weights_are_named_for_what_they_are_each_once() -> None:
    paper = replace(
        PAPER,
        comment="Weights: huggingface.co/a/foo, page: https://foo.github.io",
        code_url="https://github.com/A/b.git",
    )
    shown = told(paper)
    assert "· has code and weights" in shown
    assert "code     https://github.com/A/b\n" in shown
    assert "weights  https://huggingface.co/a/foo\n" in shown
    assert "project  https://foo.github.io\n" in shown
    assert len(web_links(paper)) == 3


def test_what_its_page_names_stands_apart_and_each_once() -> None:
    in_page = (
        PaperLink("https://github.com/A/B/tree/dev", LinkKind.code),  # as the abstract says
        PaperLink("https://huggingface.co/a/w", LinkKind.weights),
        PaperLink("https://a.github.io", LinkKind.page),
    )
    paper = replace(PAPER, page_links=in_page, page_read_at=NOON)
    named = ["https://github.com/a/b", "https://huggingface.co/a/w", "https://a.github.io"]
    assert [link.url for link in web_links(paper)] == named
    assert set(named) < {address.url for address in addresses_of(paper)}
    shown = told(paper)
    assert "has code and weights" in shown
    _, _, below = shown.partition("Found in its page")
    assert [line.split() for line in below.split("\n") if line] == [["weights", named[1]], ["project", named[2]]]


def test_a_page_that_named_nothing_is_said() -> None:
    shown = told(replace(PAPER, page_read_at=NOON))
    assert "nothing found in it on 2026-11-20" in shown
    assert "Found in" not in shown
    assert "nothing found" not in told(PAPER)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "https:///x", "\x1b"])
def test_only_the_web_is_an_address(url: str) -> None:
    paper = replace(PAPER, abstract=url, code_url=url, url=url, comment=url)
    assert web_links(paper) == ()
    assert "\npage" not in told(paper) and "\ncode" not in told(paper)


def test_an_address_is_shown_as_it_leads() -> None:
    paper = replace(
        PAPER, abstract="", url="https://evil.test/\u202ecod.exe\x1b[2J", code_url="https://\u0430rxiv.org/a/b"
    )
    shown = told(paper)
    assert "https://evil.test/%E2%80%AEcod.exe%1B[2J" in shown
    assert "https://xn--rxiv-43d.org/a/b" in shown


HOSTILE = '\x1b]8;;http://evil\x07[bold]x[/]\x1b[2J\u202e\u2066\x9b31m\x00\t$\\alpha \r\n\r\n {{{ \\"{ e\u0301 漢字 We propose 3.2% better'


@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("field", ["title", "abstract", "comment", "journal_ref", "url", "code_url", "doi"])
def test_no_field_reaches_the_terminal_raw(field: str, width: int) -> None:
    _is_only_text(replace(PAPER, **{field: HOSTILE * 20}), width)  # type: ignore[arg-type]


@pytest.mark.parametrize("field", ["authors", "categories", "feeds", "tags"])
def test_no_list_reaches_the_terminal_raw(field: str) -> None:
    _is_only_text(replace(PAPER, **{field: (HOSTILE,) * 9}), 40)  # type: ignore[arg-type]


@given(st.text(), st.text(), st.text(max_size=30), st.integers(20, 200))
def test_any_text_in_any_field_is_shown_as_text(text: str, other: str, search: str, width: int) -> None:
    paper = replace(
        PAPER, title=text, abstract=other, comment=text, authors=(text, other) * 4, url=text, code_url=other
    )
    _is_only_text(paper, width, search)


def _is_only_text(paper: Paper, width: int, search: str = "propose") -> None:
    document = paper_document(paper, ((paper.title, 1.0), (f"au:{paper.title}", -1.0)), search)
    for line in lines_of(document, width, 11):
        for span in line.spans:
            unseen = {c for c in span.text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
            assert unseen <= {"\u200d"}


def test_a_paper_that_chance_put_there_says_so() -> None:
    document = paper_document(PAPER, (("latency", 0.3),), is_chance=True)
    assert "because: by chance, latency +0.3" in [text for block in facts(document) for text, _ in block.facts]


def facts(document: Document) -> list[Facts]:
    return [block for block in document.blocks if isinstance(block, Facts)]
